// SPDX-License-Identifier: Apache-2.0
#include "eval/bootstrap.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>

namespace kith::eval {
namespace {

// The mean of the numbers 0..n-1 that were drawn.
std::vector<double> mean(std::span<const std::uint32_t> weights) {
  double sum = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) sum += weights[i] * static_cast<double>(i);
  return {sum / static_cast<double>(weights.size())};
}

TEST(Bootstrap, TheSameSeedGivesTheSameInterval) {
  const Interval one = bootstrap95(50, mean).front();
  const Interval again = bootstrap95(50, mean).front();
  EXPECT_EQ(one.low, again.low);
  EXPECT_EQ(one.high, again.high);
  const Interval other = bootstrap95(50, mean, {.seed = 2}).front();
  EXPECT_NE(one.low, other.low);
}

TEST(Bootstrap, EachDrawHasAsManyUnitsAsThereAre) {
  int draws = 0;
  const auto count = [&](std::span<const std::uint32_t> weights) {
    ++draws;
    EXPECT_EQ(std::accumulate(weights.begin(), weights.end(), 0U), 17U);
    return std::vector{0.0};
  };
  (void)bootstrap95(17, count, {.draws = 100});
  EXPECT_EQ(draws, 100);
}

TEST(Bootstrap, OfAMeanIsAsWideAsTheoryHasIt) {
  constexpr std::size_t n = 400;
  const Interval interval = bootstrap95(n, mean, {.draws = 4000}).front();
  // The standard error of the mean of 0..n-1: sqrt((n^2 - 1) / 12 / n).
  const double error = std::sqrt((n * n - 1) / 12.0 / n);
  EXPECT_NEAR(interval.low, (n - 1) / 2.0 - 1.96 * error, 0.15 * error);
  EXPECT_NEAR(interval.high, (n - 1) / 2.0 + 1.96 * error, 0.15 * error);
}

TEST(Bootstrap, WhatADrawDoesNotHaveIsLeftOut) {
  int draw = 0;
  const std::vector<Interval> intervals = bootstrap95(5, [&](std::span<const std::uint32_t>) {
    const double odd = draw++ % 2 == 0 ? std::numeric_limits<double>::quiet_NaN() : 3.0;
    return std::vector{odd, std::numeric_limits<double>::infinity()};
  });
  ASSERT_EQ(intervals.size(), 2U);
  EXPECT_EQ(intervals[0].low, 3);
  EXPECT_EQ(intervals[0].high, 3);
  EXPECT_EQ(intervals[1].high, 0) << "never there";
}

TEST(Bootstrap, WithoutUnitsThereIsNothingToDraw) {
  const std::vector<Interval> intervals = bootstrap95(0, [](std::span<const std::uint32_t> weights) {
    EXPECT_TRUE(weights.empty());
    return std::vector{1.0};
  });
  EXPECT_EQ(intervals.front().low, 1);
}

}  // namespace
}  // namespace kith::eval
