// SPDX-License-Identifier: Apache-2.0
// Plots as SVG text: curves and histograms with labelled axes, plain data in, a string out.
//
// The colours, and what changes in the dark or on paper, are classes of plot_style(): a page states it once,
// a file of its own carries it. Series differ in colour (Okabe and Ito, "Color universal design", 2008: told
// apart by the colour-blind) and, for a print without colour, in their dashes.
//
// Thread rule: pure functions; the same plot gives the same text.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace kith::report {

enum class Scale { linear, logarithmic };

struct Axis {
  std::string label;  // with its unit
  Scale scale = Scale::linear;
  // Where it begins and ends; absent: where the series do, on a linear axis rounded outwards to its marks.
  std::optional<double> low = std::nullopt;
  std::optional<double> high = std::nullopt;
};

struct Series {
  std::string name;  // in the legend; empty: not there
  // As many of one as of the other, in the order to draw them in. Points outside of the axes are cut off; one
  // that is not finite, or not above 0 on a logarithmic axis, is left out and interrupts the line.
  std::vector<double> x;
  std::vector<double> y;
  bool filled = false;  // the area down to the axis too, as of a histogram
  std::optional<int> colour =
      std::nullopt;  // which of the colours, from 0; absent: the one of its place among the series
};

// A straight line across the plot, such as a threshold.
struct Guide {
  std::string label;
  double x = 0;
  std::optional<int> colour = std::nullopt;  // as of a series; absent: grey
};

struct Plot {
  std::string title;  // for who cannot see it; the caption is the page's
  Axis x;
  Axis y;
  std::vector<Series> series;
  std::vector<Guide> guides;
};

// An <svg> element for a page with plot_style(). Text is escaped. A plot without any point shows its axes.
[[nodiscard]] std::string svg(const Plot& plot);

// An SVG file.
[[nodiscard]] std::string svg_file(const Plot& plot);

// CSS.
[[nodiscard]] std::string plot_style();

// Points for a series that is a histogram: the share of `values` in each of `bins` equal bins from `low` to
// `high`, as steps. What lies outside counts in the outermost bin. Requires bins > 0, low < high, values that
// are finite.
[[nodiscard]] Series histogram(std::string name, const std::vector<float>& values, double low, double high,
                               int bins);

// Where an axis from `low` to `high` is marked: at multiples of 1, 2 or 5 times a power of ten, a handful of
// them; on a logarithmic one at powers of ten, or where it has fewer than two of these at 1, 2 and 5 times
// them. Requires low < high; low > 0 on a logarithmic one.
[[nodiscard]] std::vector<double> axis_marks(double low, double high, Scale scale);

// A mark as it is read: "0.25", "10⁻³". `step` is the distance between the marks of a linear axis.
[[nodiscard]] std::string mark_text(double value, double step, Scale scale);

}  // namespace kith::report
