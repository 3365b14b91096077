// SPDX-License-Identifier: Apache-2.0
#include "report/plot.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <cstdio>
#include <iterator>
#include <string_view>

#include "report/escape.h"

namespace kith::report {
namespace {

// Units of the drawing; a page scales it.
constexpr double width = 640;
constexpr double height = 400;
constexpr double left = 76;
constexpr double right = 18;
constexpr double top = 14;
constexpr double bottom = 54;
constexpr double legend_line = 20;

constexpr int colours = 6;

struct Range {
  double low = 0;
  double high = 1;
};

// One axis: values to units of the drawing.
struct Ruler {
  Range range;
  Scale scale = Scale::linear;
  double from = 0;  // where range.low is drawn
  double to = 1;    // where range.high is

  [[nodiscard]] bool holds(double value) const {
    return std::isfinite(value) && (scale == Scale::linear || value > 0);
  }
  [[nodiscard]] double at(double value) const {
    const auto linear = [&](double v) { return scale == Scale::linear ? v : std::log10(v); };
    const double part = (linear(value) - linear(range.low)) / (linear(range.high) - linear(range.low));
    // Far outside is as good as outside, and a number that every reader of SVG can take.
    return from + std::clamp(part, -10.0, 11.0) * (to - from);
  }
};

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", value);
  return text;
}

// name="value" for each.
std::string attributes(std::initializer_list<std::pair<std::string_view, double>> given) {
  std::string text;
  for (const auto& [name, value] : given) text += " " + std::string(name) + "=\"" + number(value) + "\"";
  return text;
}

std::string label(double x, double y, std::string_view anchor, std::string_view text,
                  std::string_view more = {}) {
  return "<text" + attributes({{"x", x}, {"y", y}}) + " text-anchor=\"" + std::string(anchor) + "\"" +
         std::string(more) + ">" + escaped(text) + "</text>\n";
}

std::string line(std::string_view kind, double x1, double y1, double x2, double y2) {
  return "<line class=\"" + std::string(kind) + "\"" +
         attributes({{"x1", x1}, {"y1", y1}, {"x2", x2}, {"y2", y2}}) + "/>\n";
}

double linear_step(double low, double high) {
  const double rough = (high - low) / 5;
  const double power = std::pow(10, std::floor(std::log10(rough)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= rough * 0.999) return factor * power;
  }
  return 10 * power;
}

// The range that an axis shows: what it asks for, else that of the data, with marks at its ends.
Range range_of(const Axis& axis, const std::vector<Series>& series, std::vector<double> Series::*values) {
  std::vector<double> usable;
  for (const Series& one : series) {
    std::ranges::copy_if(one.*values, std::back_inserter(usable), [&](double value) {
      return std::isfinite(value) && (axis.scale == Scale::linear || value > 0);
    });
  }
  const auto [least, most] =
      usable.empty() ? std::ranges::minmax_result<double>{0.1, 1} : std::ranges::minmax(usable);
  Range range{axis.low.value_or(least), axis.high.value_or(most)};
  if (!(range.low < range.high)) {
    const double around = axis.scale == Scale::linear ? std::max(std::abs(range.low) * 0.1, 0.5) : 0;
    if (!axis.low) range.low = around > 0 ? range.low - around : range.low / 10;
    if (!axis.high) range.high = around > 0 ? range.high + around : range.high * 10;
    if (!(range.low < range.high)) range.high = range.low + std::max(1.0, std::abs(range.low));
  }
  if (axis.scale == Scale::linear) {
    const double step = linear_step(range.low, range.high);
    if (!axis.low) range.low = std::floor(range.low / step + 1e-9) * step;
    if (!axis.high) range.high = std::ceil(range.high / step - 1e-9) * step;
  }
  return range;
}

std::string x_axis(const Axis& axis, const Ruler& x, const Ruler& y) {
  std::string text;
  const std::vector<double> marks = axis_marks(x.range.low, x.range.high, x.scale);
  const double step = linear_step(x.range.low, x.range.high);
  for (const double mark : marks) {
    text += line("grid", x.at(mark), y.from, x.at(mark), y.to);
    text += label(x.at(mark), y.from + 19, "middle", mark_text(mark, step, x.scale));
  }
  text += line("axis", x.from, y.from, x.to, y.from);
  return text + label((x.from + x.to) / 2, y.from + 43, "middle", axis.label, " class=\"name\"");
}

std::string y_axis(const Axis& axis, const Ruler& x, const Ruler& y) {
  std::string text;
  const std::vector<double> marks = axis_marks(y.range.low, y.range.high, y.scale);
  const double step = linear_step(y.range.low, y.range.high);
  for (const double mark : marks) {
    text += line("grid", x.from, y.at(mark), x.to, y.at(mark));
    text += label(x.from - 8, y.at(mark) + 4.5, "end", mark_text(mark, step, y.scale));
  }
  text += line("axis", x.from, y.from, x.from, y.to);
  const double middle = (y.from + y.to) / 2;
  return text + label(18, middle, "middle", axis.label,
                      " class=\"name\" transform=\"rotate(-90 18 " + number(middle) + ")\"");
}

int colour_of(std::optional<int> chosen, std::size_t place) {
  return (chosen ? std::max(0, *chosen) : static_cast<int>(place % colours)) % colours;
}

// Runs of points that can be drawn, as the commands of a path.
std::string curve(const Series& series, const Ruler& x, const Ruler& y, bool closed) {
  assert(series.x.size() == series.y.size());
  std::string path;
  std::string run;
  double first = 0;
  double last = 0;
  const auto end_run = [&] {
    if (!run.empty()) {
      path += run;
      if (closed)
        path += "L" + number(last) + " " + number(y.from) + "L" + number(first) + " " + number(y.from) + "Z";
    }
    run.clear();
  };
  std::string previous;
  for (std::size_t i = 0; i < series.x.size(); ++i) {
    if (!x.holds(series.x[i]) || !y.holds(series.y[i])) {
      end_run();
      continue;
    }
    last = x.at(series.x[i]);
    const std::string point = number(last) + " " + number(y.at(series.y[i]));
    if (run.empty()) {
      first = last;
    } else if (point == previous) {
      continue;  // thousands of points fall on one
    }
    run += (run.empty() ? "M" : "L") + point;
    previous = point;
  }
  end_run();
  return path;
}

std::string drawn(const Series& series, int colour, const Ruler& x, const Ruler& y) {
  std::string text;
  const std::string chosen = std::to_string(colour);
  if (series.filled) {
    if (const std::string area = curve(series, x, y, true); !area.empty())
      text += "<path class=\"area c" + chosen + "\" d=\"" + area + "\"/>\n";
  }
  if (const std::string path = curve(series, x, y, false); !path.empty())
    text += "<path class=\"line c" + chosen + "\" d=\"" + path + "\"/>\n";
  return text;
}

std::string legend(const std::vector<Series>& series, const std::vector<Guide>& guides) {
  std::string text;
  double y = top + 14;
  const auto entry = [&](const std::string& name, const std::string& kind) {
    if (name.empty()) return;
    text += line(kind, left + 14, y - 4, left + 44, y - 4) + label(left + 52, y, "start", name);
    y += legend_line;
  };
  for (std::size_t i = 0; i < series.size(); ++i)
    entry(series[i].name, "line c" + std::to_string(colour_of(series[i].colour, i)));
  for (const Guide& guide : guides)
    entry(guide.label, "guide" + (guide.colour ? " c" + std::to_string(colour_of(guide.colour, 0)) : ""));
  return text;
}

std::size_t legend_entries(const Plot& plot) {
  return static_cast<std::size_t>(
      std::ranges::count_if(plot.series, [](const Series& one) { return !one.name.empty(); }) +
      std::ranges::count_if(plot.guides, [](const Guide& one) { return !one.label.empty(); }));
}

}  // namespace

std::vector<double> axis_marks(double low, double high, Scale scale) {
  assert(low < high && (scale == Scale::linear || low > 0));
  std::vector<double> marks;
  if (scale == Scale::linear) {
    const double step = linear_step(low, high);
    // Counted, not added up: ten times 0.1 is not 1.
    for (double i = std::ceil(low / step - 1e-9); i * step <= high + step * 1e-9; ++i)
      marks.push_back(i == 0 ? 0 : i * step);
    return marks;
  }
  const double first = std::floor(std::log10(low) + 1e-9);
  const double last = std::ceil(std::log10(high) - 1e-9);
  const auto add = [&](double value) {
    if (value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9)) marks.push_back(value);
  };
  const double every = std::max(1.0, std::ceil((last - first) / 8));
  for (double exponent = first; exponent <= last; exponent += every) add(std::pow(10, exponent));
  if (marks.size() >= 2) return marks;
  marks.clear();
  for (double exponent = first; exponent <= last; ++exponent) {
    for (const double factor : {1.0, 2.0, 5.0}) add(factor * std::pow(10, exponent));
  }
  return marks;
}

std::string mark_text(double value, double step, Scale scale) {
  char text[64];
  if (scale == Scale::linear) {
    const bool plain = std::abs(value) < 1e6 && step >= 1e-5;
    const int decimals = std::max(0, static_cast<int>(std::ceil(-std::log10(step) - 1e-9)));
    std::snprintf(text, sizeof text, plain ? "%.*f" : "%.*g", plain ? decimals : 4, value);
    return text;
  }
  const double exponent = std::log10(value);
  if (const auto whole = std::lround(exponent); std::abs(exponent - static_cast<double>(whole)) < 1e-6) {
    if (whole >= 0 && whole <= 3) return std::to_string(std::lround(value));
    constexpr std::array<std::string_view, 10> raised{"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
    std::string result = whole < 0 ? "10⁻" : "10";
    for (const char digit : std::to_string(std::abs(whole)))
      result += raised[static_cast<std::size_t>(digit - '0')];
    return result;
  }
  std::snprintf(text, sizeof text, "%g", value);
  return text;
}

Series histogram(std::string name, const std::vector<float>& values, double low, double high, int bins) {
  assert(bins > 0 && low < high);
  std::vector<double> counts(static_cast<std::size_t>(bins), 0);
  const double step = (high - low) / bins;
  for (const float value : values) {
    const double bin = std::clamp(std::floor((value - low) / step), 0.0, static_cast<double>(bins - 1));
    ++counts[static_cast<std::size_t>(bin)];
  }
  Series series{.name = std::move(name), .x = {low}, .y = {0}, .filled = true};
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const double share = values.empty() ? 0 : counts[i] / static_cast<double>(values.size());
    const double from = low + static_cast<double>(i) * step;
    series.x.insert(series.x.end(), {from, from + step});
    series.y.insert(series.y.end(), {share, share});
  }
  series.x.push_back(high);
  series.y.push_back(0);
  return series;
}

std::string svg(const Plot& plot) {
  // The legend stands above the drawing: nothing is ever drawn over.
  const double above = static_cast<double>(legend_entries(plot)) * legend_line;
  const double whole = height + above;
  const Ruler x{range_of(plot.x, plot.series, &Series::x), plot.x.scale, left, width - right};
  const Ruler y{range_of(plot.y, plot.series, &Series::y), plot.y.scale, whole - bottom, top + above};

  std::string text = "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"plot\" role=\"img\" viewBox=\"0 0 " +
                     number(width) + " " + number(whole) + "\">\n<title>" + escaped(plot.title) +
                     "</title>\n";
  text += x_axis(plot.x, x, y) + y_axis(plot.y, x, y);
  // A viewport of its own cuts off what lies outside of the axes, without an id that a second plot would
  // repeat.
  text += "<svg class=\"inside\"" +
          attributes({{"x", x.from}, {"y", y.to}, {"width", x.to - x.from}, {"height", y.from - y.to}}) +
          " viewBox=\"" + number(x.from) + " " + number(y.to) + " " + number(x.to - x.from) + " " +
          number(y.from - y.to) + "\">\n";
  for (std::size_t i = 0; i < plot.series.size(); ++i)
    text += drawn(plot.series[i], colour_of(plot.series[i].colour, i), x, y);
  for (const Guide& guide : plot.guides) {
    const std::string colour = guide.colour ? " c" + std::to_string(colour_of(guide.colour, 0)) : "";
    if (x.holds(guide.x)) text += line("guide" + colour, x.at(guide.x), y.from, x.at(guide.x), y.to);
  }
  return text + "</svg>\n" + legend(plot.series, plot.guides) + "</svg>\n";
}

std::string plot_style() {
  return R"(.plot { display: block; width: 100%; height: auto; font: 13px system-ui, "DejaVu Sans", sans-serif;
  --c0: #0072b2; --c1: #c84e00; --c2: #008a63; --c3: #a8457f; --c4: #8a6d00; --c5: #2f8fcf;
  --ink: #1d2329; --faint: #e3e6ea; --middling: #69717a; }
.plot text { fill: var(--middling); }
.plot .name { fill: var(--ink); font-weight: 600; }
.plot .grid { stroke: var(--faint); stroke-width: 1; }
.plot .axis { stroke: var(--middling); stroke-width: 1; }
.plot .guide { stroke: var(--middling); }
.plot .c0 { stroke: var(--c0); fill: var(--c0); }
.plot .c1 { stroke: var(--c1); fill: var(--c1); }
.plot .c2 { stroke: var(--c2); fill: var(--c2); }
.plot .c3 { stroke: var(--c3); fill: var(--c3); }
.plot .c4 { stroke: var(--c4); fill: var(--c4); }
.plot .c5 { stroke: var(--c5); fill: var(--c5); }
.plot .line.c1 { stroke-dasharray: 9 4; }
.plot .line.c2 { stroke-dasharray: 3 3; }
.plot .line.c3 { stroke-dasharray: 12 3 3 3; }
.plot .line.c4 { stroke-dasharray: 6 6; }
.plot .line.c5 { stroke-dasharray: 1 3; }
.plot .line { fill: none; stroke-width: 2.2; stroke-linejoin: round; }
.plot .area { stroke: none; fill-opacity: 0.18; }
.plot .guide { stroke-width: 1.5; stroke-dasharray: 2 4; }
@media (prefers-color-scheme: dark) {
  .plot { --c0: #56b4e9; --c1: #f0924e; --c2: #35c79a; --c3: #e29bc7; --c4: #e3c84d; --c5: #9ad0f5;
    --ink: #e6e9ec; --faint: #30363d; --middling: #9aa4ae; }
}
@media print {
  .plot { --c0: #0072b2; --c1: #c84e00; --c2: #008a63; --c3: #a8457f; --c4: #8a6d00; --c5: #2f8fcf;
    --ink: #000; --faint: #ddd; --middling: #444; }
}
)";
}

std::string svg_file(const Plot& plot) {
  std::string text = svg(plot);
  const std::size_t inside = text.find('\n') + 1;
  // What follows the page's colours elsewhere stands on its own paper here.
  const std::string style = "<style>\n" + plot_style() +
                            "svg.plot { background: #fff; }\n@media (prefers-color-scheme: dark) { svg.plot "
                            "{ background: #14181c; } }\n"
                            "</style>\n";
  text.insert(inside, style);
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + text;
}

}  // namespace kith::report
