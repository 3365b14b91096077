// SPDX-License-Identifier: Apache-2.0
#include "eval/metrics.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace kith::eval {
namespace {

// ---- wilson95

TEST(Wilson95, AgreesWithPublishedValues) {
  // Newcombe, "Two-sided confidence intervals for the single proportion", 1998, table I, method 3.
  const Interval many = wilson95(81, 263);
  EXPECT_NEAR(many.low, 0.2553, 5e-5);
  EXPECT_NEAR(many.high, 0.3662, 5e-5);
  const Interval few = wilson95(15, 148);
  EXPECT_NEAR(few.low, 0.0624, 5e-5);
  EXPECT_NEAR(few.high, 0.1605, 5e-5);
  const Interval none = wilson95(0, 20);
  EXPECT_NEAR(none.low, 0.0000, 5e-5);
  EXPECT_NEAR(none.high, 0.1611, 5e-5);
  const Interval one = wilson95(1, 29);
  EXPECT_NEAR(one.low, 0.0061, 5e-5);
  EXPECT_NEAR(one.high, 0.1718, 5e-5);
}

TEST(Wilson95, IsSymmetricAndWithinZeroAndOne) {
  const Interval low = wilson95(3, 50);
  const Interval high = wilson95(47, 50);
  EXPECT_NEAR(low.low, 1 - high.high, 1e-12);
  EXPECT_NEAR(low.high, 1 - high.low, 1e-12);
  EXPECT_LE(wilson95(20, 20).high, 1);
  EXPECT_GT(wilson95(20, 20).high, 0.999);
  EXPECT_EQ(wilson95(0, 0).low, 0);
  EXPECT_EQ(wilson95(0, 0).high, 1);
}

// ---- decisions

std::size_t cross_validated_count(const std::vector<Pair>& pairs) {
  return static_cast<std::size_t>(std::ranges::count(cross_validated(pairs).right, true));
}

TEST(CrossValidated, DecidesSeparablePairsRightly) {
  std::vector<Pair> pairs;
  for (int i = 0; i < 100; ++i) {
    pairs.push_back({0.6F + 0.003F * static_cast<float>(i), true, i % 10});
    pairs.push_back({0.4F - 0.003F * static_cast<float>(i), false, i % 10});
  }
  EXPECT_EQ(cross_validated_count(pairs), 200U);
}

TEST(CrossValidated, IsAtChanceOnScoresThatMeanNothing) {
  std::mt19937 random(7);
  std::uniform_real_distribution<float> score(-1, 1);
  std::vector<Pair> pairs;
  for (int i = 0; i < 4000; ++i) pairs.push_back({score(random), i % 2 == 0, i / 400});
  // Five standard deviations of a fair coin.
  EXPECT_NEAR(static_cast<double>(cross_validated_count(pairs)), 2000, 5 * std::sqrt(4000 * 0.25));
}

TEST(CrossValidated, AFoldsOwnPairsDoNotChooseItsThreshold) {
  // Each fold is separable, and where the one has its same pairs the other has its different ones.
  const std::vector<Pair> pairs{{0.1F, false, 0}, {0.2F, true, 0}, {0.2F, false, 1}, {0.3F, true, 1}};
  // The threshold 0.25 of fold 1 calls all of fold 0 different; that of fold 0, 0.15, all of fold 1 same.
  EXPECT_EQ(cross_validated_count(pairs), 2U);
}

TEST(CrossValidated, TheThresholdLiesInTheMiddleOfTheGap) {
  const std::vector<Pair> pairs{{0.0F, false, 0}, {1.0F, true, 0}, {0.49F, false, 1}, {0.51F, true, 1}};
  EXPECT_EQ(cross_validated_count(pairs), 4U);
}

TEST(CrossValidated, TheThresholdIsABestOneWhereTheBestAreApart) {
  // On either fold two thresholds are best, with one error; the one half-way between them has two errors
  // there and on the other fold. Whichever of the best is taken, the other fold has one error too.
  const std::vector<Pair> pairs{{0.1F, false, 0},  {0.2F, true, 0},  {0.3F, false, 0},  {0.4F, true, 0},
                                {0.05F, false, 1}, {0.22F, true, 1}, {0.28F, false, 1}, {0.5F, true, 1}};
  EXPECT_EQ(cross_validated_count(pairs), 6U);
}

TEST(CrossValidated, AllPairsOfOneKindAreDecidedRightly) {
  std::vector<Pair> same;
  std::vector<Pair> different;
  for (int i = 0; i < 10; ++i) {
    same.push_back({0.1F * static_cast<float>(i), true, 0});
    same.push_back({0.1F * static_cast<float>(i), true, 1});
    different.push_back({0.1F * static_cast<float>(i), false, 0});
    different.push_back({0.1F * static_cast<float>(i), false, 1});
  }
  EXPECT_EQ(cross_validated_count(same), 20U);
  EXPECT_EQ(cross_validated_count(different), 20U);
}

TEST(CrossValidated, EqualScoresCannotBeToldApart) {
  std::vector<Pair> pairs;
  for (int fold = 0; fold < 2; ++fold) {
    for (int i = 0; i < 3; ++i) pairs.push_back({0.5F, false, fold});
    for (int i = 0; i < 4; ++i) pairs.push_back({0.5F, true, fold});
  }
  EXPECT_EQ(cross_validated_count(pairs), 8U) << "all of them called same";
}

TEST(CrossValidated, TellsWhichPairAndByWhichThreshold) {
  const std::vector<Pair> pairs{{0.0F, false, 0}, {1.0F, true, 0}, {0.2F, false, 1}, {0.6F, true, 1}};
  const Decisions decisions = cross_validated(pairs);
  EXPECT_EQ(decisions.right, (std::vector{true, true, true, true}));
  EXPECT_FLOAT_EQ(decisions.threshold[0], 0.4F) << "of fold 1";
  EXPECT_FLOAT_EQ(decisions.threshold[2], 0.5F) << "of fold 0";
}

TEST(Decided, ByAThresholdThatIsGiven) {
  const std::vector<Pair> pairs{{0.3F, true}, {0.3F, false}, {0.5F, true}, {0.5F, false}};
  EXPECT_EQ(decided(pairs, 0.3F).right, (std::vector{false, true, true, false})) << "above, not at it";
}

TEST(Decided, APairWithoutAFaceIsWrongAtAnyThreshold) {
  const std::vector<Pair> pairs{{-1, true, 0, false}, {1, false, 0, false}};
  for (const float threshold : {-2.0F, 0.0F, 2.0F})
    EXPECT_EQ(decided(pairs, threshold).right, (std::vector{false, false}));
}

TEST(BestThreshold, APairWithoutAFaceHasNoSay) {
  EXPECT_FLOAT_EQ(best_threshold({{0.7F, true}, {0.1F, false}, {1, false, 0, false}, {-1, true, 0, false}}),
                  0.4F);
  EXPECT_EQ(best_threshold({{-1, true, 0, false}}), 0);
}

// ---- rates at a threshold

TEST(TrueAcceptRate, AtAFalseAcceptRate) {
  std::vector<Pair> pairs;
  for (int i = 0; i < 100; ++i) pairs.push_back({0.01F * static_cast<float>(i), false, 0});
  for (int i = 0; i < 10; ++i) pairs.push_back({0.905F + 0.01F * static_cast<float>(i), true, 0});
  EXPECT_DOUBLE_EQ(true_accept_rate(pairs, 0.1), 1) << "ten may pass: the threshold is 0.89";
  EXPECT_DOUBLE_EQ(true_accept_rate(pairs, 0.05), 0.6) << "five: 0.94";
  EXPECT_DOUBLE_EQ(true_accept_rate(pairs, 0.001), 0.1) << "none: 0.99";
  EXPECT_DOUBLE_EQ(true_accept_rate(pairs, 1), 1);
}

TEST(TrueAcceptRate, WithoutPairsOfAKind) {
  const std::vector<Pair> same{{0.5F, true, 0}};
  const std::vector<Pair> different{{0.5F, false, 0}};
  EXPECT_DOUBLE_EQ(true_accept_rate(same, 0.01), 1);
  EXPECT_DOUBLE_EQ(true_accept_rate(different, 0.01), 0);
  EXPECT_DOUBLE_EQ(true_accept_rate({}, 0.01), 0);
}

TEST(DetectedAndIdentified, NeedsTheRightPersonAboveTheThreshold) {
  std::vector<Probe> probes;
  for (int i = 0; i < 10; ++i) probes.push_back({0.1F * static_cast<float>(i), false, false});
  probes.push_back({0.95F, true, true});
  probes.push_back({0.95F, true, false});  // somebody else came closest
  probes.push_back({0.85F, true, true});
  probes.push_back({0.2F, true, true});
  EXPECT_EQ(detected_and_identified(probes, 0.0), (std::vector{true, false, false, false}))
      << "the threshold is 0.9";
  EXPECT_EQ(detected_and_identified(probes, 0.1), (std::vector{true, false, true, false})) << "0.8";
  EXPECT_EQ(detected_and_identified(probes, 1.0), (std::vector{true, false, true, true}));
}

// ---- calibration

TEST(FitCalibration, RecoversALogistic) {
  // Two normals of equal width: ln of their ratio is (m1 - m0) / v * s - (m1^2 - m0^2) / (2 v).
  std::mt19937 random(3);
  std::normal_distribution<float> alike(0.6F, 0.15F);
  std::normal_distribution<float> unlike(0.1F, 0.15F);
  std::vector<float> same(20000);
  std::vector<float> different(60000);
  for (float& score : same) score = alike(random);
  for (float& score : different) score = unlike(random);
  const Calibration fitted = fit_calibration(same, different);
  const float slope = 0.5F / (0.15F * 0.15F);
  EXPECT_NEAR(fitted.slope, slope, 0.05F * slope);
  EXPECT_NEAR(fitted.intercept, -slope * 0.35F, 0.05F * slope * 0.35F);
}

TEST(FitCalibration, RecoversATail) {
  // The quantiles of a distribution whose tail is the parabola -0.5 - 3 s - 4 s^2, exactly.
  std::vector<float> different;
  constexpr int count = 100000;
  for (int i = 0; i < count; ++i) {
    const double exponent = std::log10((i + 0.5) / count);
    const double inside = 9 - 16 * (0.5 + exponent);
    different.push_back(inside < 0 ? -1.0F : static_cast<float>((-3 + std::sqrt(inside)) / 8));
  }
  const std::vector<float> same(100, 0.9F);
  const Calibration fitted = fit_calibration(same, different);
  EXPECT_NEAR(fitted.tail[0], -0.5F, 0.02F);
  EXPECT_NEAR(fitted.tail[1], -3, 0.1F);
  EXPECT_NEAR(fitted.tail[2], -4, 0.1F);
  // And what it is for: one in a thousand strangers reaches the threshold.
  Calibration by_the_tail = fitted;
  by_the_tail.min_similarity = 0;
  const float threshold = similarity_threshold(by_the_tail, 1e-3, 1);
  const auto above = std::ranges::count_if(different, [&](float score) { return score >= threshold; });
  EXPECT_NEAR(static_cast<double>(above), count * 1e-3, 5);
  // One in ten thousand the similarity below which nobody is named.
  const auto named =
      std::ranges::count_if(different, [&](float score) { return score >= fitted.min_similarity; });
  EXPECT_NEAR(static_cast<double>(named), count * 1e-4, 2);
}

TEST(FitCalibration, StaysFiniteWhereTheKindsDoNotOverlap) {
  std::vector<float> different;
  for (int i = 0; i < 2000; ++i) different.push_back(-0.1F + 0.0001F * static_cast<float>(i));
  const std::vector<float> same{0.7F, 0.8F, 0.9F};
  const Calibration fitted = fit_calibration(same, different);
  EXPECT_TRUE(std::isfinite(fitted.slope));
  EXPECT_TRUE(std::isfinite(fitted.intercept));
  EXPECT_GT(fitted.slope, 0);
}

}  // namespace
}  // namespace kith::eval
