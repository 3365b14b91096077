// SPDX-License-Identifier: Apache-2.0
#include "report/plot.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace kith::report {
namespace {

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

// The points of the first line that is drawn, in units of the drawing.
std::vector<std::pair<double, double>> first_line(const std::string& svg) {
  std::vector<std::pair<double, double>> points;
  const std::size_t line = svg.find("class=\"line c");
  if (line == std::string::npos) return points;
  const std::size_t begin = svg.find(" d=\"", line) + 4;
  std::string commands = svg.substr(begin, svg.find('"', begin) - begin);
  std::ranges::replace_if(
      commands, [](char letter) { return letter == 'M' || letter == 'L'; }, ' ');
  std::istringstream numbers(commands);
  for (double x = 0, y = 0; numbers >> x >> y;) points.emplace_back(x, y);
  return points;
}

Plot plot_of(std::vector<double> x, std::vector<double> y) {
  return {.title = "t",
          .x = {.label = "x"},
          .y = {.label = "y"},
          .series = {{.name = "s", .x = std::move(x), .y = std::move(y)}}};
}

// ---- marks

TEST(AxisMarks, AreRoundNumbers) {
  EXPECT_EQ(axis_marks(0, 1, Scale::linear).size(), 6U);
  const std::vector<double> marks = axis_marks(0.13, 0.87, Scale::linear);
  ASSERT_EQ(marks.size(), 4U);
  EXPECT_DOUBLE_EQ(marks.front(), 0.2);
  EXPECT_DOUBLE_EQ(marks.back(), 0.8);
  EXPECT_EQ(axis_marks(-1, 1, Scale::linear), (std::vector<double>{-1, -0.5, 0, 0.5, 1}));
}

TEST(AxisMarks, OfALogarithmicAxisArePowersOfTen) {
  const std::vector<double> marks = axis_marks(1e-4, 1, Scale::logarithmic);
  ASSERT_EQ(marks.size(), 5U);
  EXPECT_NEAR(marks[1], 1e-3, 1e-12);
  EXPECT_EQ(axis_marks(0.15, 0.6, Scale::logarithmic).size(), 2U) << "0.2 and 0.5";
  EXPECT_LE(axis_marks(1e-100, 1e100, Scale::logarithmic).size(), 10U);
}

TEST(MarkText, IsAsShortAsTheStepAllows) {
  EXPECT_EQ(mark_text(0.25, 0.05, Scale::linear), "0.25");
  EXPECT_EQ(mark_text(0.2 * 3, 0.2, Scale::linear), "0.6");
  EXPECT_EQ(mark_text(100, 20, Scale::linear), "100");
  EXPECT_EQ(mark_text(0.99, 0.002, Scale::linear), "0.990");
  EXPECT_EQ(mark_text(1e-3, 0, Scale::logarithmic), "10⁻³");
  EXPECT_EQ(mark_text(1e12, 0, Scale::logarithmic), "10¹²");
  EXPECT_EQ(mark_text(1, 0, Scale::logarithmic), "1");
  EXPECT_EQ(mark_text(0.05, 0, Scale::logarithmic), "0.05");
}

// ---- curves

TEST(Svg, DrawsPointsWhereTheAxesSay) {
  Plot plot = plot_of({0, 1, 2}, {0, 10, 20});
  const auto points = first_line(svg(plot));
  ASSERT_EQ(points.size(), 3U);
  EXPECT_NEAR(points[1].first, (points[0].first + points[2].first) / 2, 0.01) << "half-way";
  EXPECT_NEAR(points[1].second, (points[0].second + points[2].second) / 2, 0.01);
  EXPECT_LT(points[2].second, points[0].second) << "more is higher up";
}

TEST(Svg, ALogarithmicAxisGivesEachDecadeTheSameRoom) {
  Plot plot = plot_of({0.001, 0.01, 0.1, 1}, {0, 1, 2, 3});
  plot.x.scale = Scale::logarithmic;
  const auto points = first_line(svg(plot));
  ASSERT_EQ(points.size(), 4U);
  EXPECT_NEAR(points[1].first - points[0].first, points[3].first - points[2].first, 0.02);
}

TEST(Svg, WhatCannotBeDrawnInterruptsTheLine) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinite = std::numeric_limits<double>::infinity();
  const std::string text = svg(plot_of({0, 1, 2, 3, 4, 5}, {0, 1, nan, 3, infinite, 5}));
  EXPECT_EQ(first_line(text).size(), 4U);
  EXPECT_EQ(text.find("nan"), std::string::npos);
  EXPECT_EQ(text.find("inf"), std::string::npos);
  Plot logarithmic = plot_of({0, 0.1, 1}, {1, 2, 3});
  logarithmic.x.scale = Scale::logarithmic;
  EXPECT_EQ(first_line(svg(logarithmic)).size(), 2U) << "0 has no logarithm";
}

TEST(Svg, OfNothingOrOnePointHasAxes) {
  for (const Scale scale : {Scale::linear, Scale::logarithmic}) {
    for (const std::vector<double>& values : {std::vector<double>{}, {0}, {3}, {-2}, {1e300}, {1e-300}}) {
      Plot plot = plot_of(values, values);
      plot.x.scale = plot.y.scale = scale;
      const std::string text = svg(plot);
      EXPECT_GE(count(text, "class=\"grid\""), 2U) << values.size();
      EXPECT_EQ(text.find("nan"), std::string::npos);
    }
  }
}

TEST(Svg, TextIsEscaped) {
  Plot plot = plot_of({0, 1}, {0, 1});
  plot.title = plot.x.label = plot.series.front().name = "</svg><script>&\"";
  plot.guides.push_back({.label = "<b>", .x = 0.5});
  const std::string text = svg(plot);
  EXPECT_EQ(text.find("<script"), std::string::npos);
  EXPECT_EQ(text.find("<b>"), std::string::npos);
  EXPECT_EQ(count(text, "&lt;/svg&gt;&lt;script&gt;&amp;&quot;"), 3U);
}

TEST(Svg, TheSamePlotGivesTheSameText) {
  EXPECT_EQ(svg(plot_of({0, 1}, {2, 3})), svg(plot_of({0, 1}, {2, 3})));
}

TEST(Svg, SeriesAndGuidesStandInTheLegend) {
  Plot plot = plot_of({0, 1}, {0, 1});
  plot.series.push_back({.name = "", .x = {0, 1}, .y = {1, 0}});
  plot.guides.push_back({.label = "threshold", .x = 0.5, .colour = 3});
  const std::string text = svg(plot);
  EXPECT_EQ(count(text, "text-anchor=\"start\""), 2U) << "the one without a name is not there";
  EXPECT_EQ(count(text, "class=\"guide c3\""), 2U) << "in the plot and in the legend";
}

TEST(SvgFile, CarriesItsStyle) {
  const std::string text = svg_file(plot_of({0, 1}, {0, 1}));
  EXPECT_TRUE(text.starts_with("<?xml"));
  EXPECT_NE(text.find(".plot .line.c0"), std::string::npos);
  EXPECT_NE(text.find("prefers-color-scheme: dark"), std::string::npos);
}

// ---- histogram

TEST(Histogram, IsTheShareOfTheValuesInEachBin) {
  const Series series = histogram("h", {0.1F, 0.3F, 0.35F, 0.9F}, 0, 1, 4);
  // From the axis, four bins as steps of two points, back to the axis.
  ASSERT_EQ(series.x.size(), 10U);
  EXPECT_DOUBLE_EQ(series.y[1], 0.25);
  EXPECT_DOUBLE_EQ(series.y[3], 0.5);
  EXPECT_DOUBLE_EQ(series.y[5], 0);
  EXPECT_DOUBLE_EQ(series.y[7], 0.25);
  EXPECT_DOUBLE_EQ(series.x[3], 0.25);
  EXPECT_DOUBLE_EQ(series.x[4], 0.5);
}

TEST(Histogram, WhatLiesOutsideCountsAtTheEnds) {
  const Series series = histogram("h", {-5, 5, 1}, 0, 1, 2);
  EXPECT_NEAR(series.y[1], 1.0 / 3, 1e-12);
  EXPECT_NEAR(series.y[3], 2.0 / 3, 1e-12);
  const Series empty = histogram("h", {}, 0, 1, 2);
  EXPECT_DOUBLE_EQ(std::accumulate(empty.y.begin(), empty.y.end(), 0.0), 0);
}

}  // namespace
}  // namespace kith::report
