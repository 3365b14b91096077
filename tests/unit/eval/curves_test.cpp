// SPDX-License-Identifier: Apache-2.0
#include "eval/curves.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace kith::eval {
namespace {

const std::vector<Pair> mixed{{0.9F, true}, {0.8F, true},  {0.7F, false},
                              {0.6F, true}, {0.4F, false}, {0.2F, false}};

TEST(Roc, IsByHand) {
  const Curve curve = roc(mixed);
  EXPECT_EQ(curve.x, (std::vector<double>{0, 0, 0, 1.0 / 3, 1.0 / 3, 2.0 / 3, 1}));
  EXPECT_EQ(curve.y, (std::vector<double>{0, 1.0 / 3, 2.0 / 3, 2.0 / 3, 1, 1, 1}));
}

TEST(Roc, EqualSimilaritiesAreOnePoint) {
  const Curve curve = roc(std::vector<Pair>{{0.5F, true}, {0.5F, false}, {0.1F, true}, {0.1F, false}});
  EXPECT_EQ(curve.x, (std::vector<double>{0, 0.5, 1}));
  EXPECT_EQ(curve.y, (std::vector<double>{0, 0.5, 1}));
}

TEST(Roc, NeedsPairsOfBothKinds) {
  EXPECT_TRUE(roc(std::vector<Pair>{{0.5F, true}}).x.empty());
  EXPECT_TRUE(roc(std::vector<Pair>{{0.5F, false}}).x.empty());
  EXPECT_TRUE(roc({}).x.empty());
}

TEST(Roc, RisesWhateverTheScores) {
  std::mt19937 random(3);
  std::vector<Pair> pairs;
  for (int i = 0; i < 500; ++i) pairs.push_back({static_cast<float>(random() % 50) / 50, random() % 3 == 0});
  const Curve curve = roc(pairs);
  EXPECT_TRUE(std::ranges::is_sorted(curve.x));
  EXPECT_TRUE(std::ranges::is_sorted(curve.y));
  EXPECT_EQ(curve.x.back(), 1);
  EXPECT_EQ(curve.y.back(), 1);
}

TEST(Det, IsWhatIsRejected) {
  const Curve curve = det(roc(mixed));
  EXPECT_EQ(curve.y.front(), 1);
  EXPECT_NEAR(curve.y[2], 1.0 / 3, 1e-12);
  EXPECT_EQ(curve.y.back(), 0);
}

TEST(ThresholdFreeFigures, AreByHand) {
  const ThresholdFree figures = threshold_free(mixed);
  // Of nine pairs of a same and a different one, the same one is more similar in eight.
  EXPECT_NEAR(figures.area, 8.0 / 9, 1e-12);
  // At FAR 1/3 the false-reject rate falls from 1/3 to 0: they meet at 1/3.
  EXPECT_NEAR(figures.equal_error_rate, 1.0 / 3, 1e-12);
  EXPECT_LE(figures.area95.low, figures.area);
  EXPECT_GE(figures.area95.high, figures.area);
}

TEST(ThresholdFreeFigures, OfTheEnds) {
  const ThresholdFree perfect = threshold_free(std::vector<Pair>{{0.9F, true}, {0.1F, false}});
  EXPECT_EQ(perfect.area, 1);
  EXPECT_EQ(perfect.equal_error_rate, 0);
  const ThresholdFree wrong = threshold_free(std::vector<Pair>{{0.1F, true}, {0.9F, false}});
  EXPECT_EQ(wrong.area, 0);
  EXPECT_EQ(wrong.equal_error_rate, 1);
  const ThresholdFree blind = threshold_free(std::vector<Pair>{{0.5F, true}, {0.5F, false}});
  EXPECT_EQ(blind.area, 0.5) << "ties count half";
  EXPECT_EQ(blind.equal_error_rate, 0.5) << "between the two corners";
  EXPECT_EQ(threshold_free({}).area95.high, 1);
}

TEST(ThresholdFreeFigures, OfTwoNormalsAreAsTheoryHasThem) {
  // Means d apart, both of width 1: the area is Phi(d / sqrt(2)), the equal error rate Phi(-d / 2).
  std::mt19937 random(5);
  std::normal_distribution<float> normal;
  std::vector<Pair> pairs;
  for (int i = 0; i < 8000; ++i) pairs.push_back({normal(random) + (i % 2 == 0 ? 2.0F : 0.0F), i % 2 == 0});
  const auto phi = [](double z) { return std::erfc(-z / std::sqrt(2.0)) / 2; };
  const ThresholdFree figures = threshold_free(pairs);
  EXPECT_NEAR(figures.area, phi(std::sqrt(2.0)), 0.015);
  EXPECT_NEAR(figures.equal_error_rate, phi(-1), 0.015);
  EXPECT_LT(figures.equal_error_rate95.low, phi(-1));
  EXPECT_GT(figures.equal_error_rate95.high, phi(-1));
  EXPECT_LT(figures.equal_error_rate95.high - figures.equal_error_rate95.low, 0.03);
}

TEST(DirFar, AgreesWithTheRates) {
  std::vector<Probe> probes;
  for (int i = 0; i < 10; ++i) probes.push_back({0.1F * static_cast<float>(i), false, false});
  probes.push_back({0.95F, true, true});
  probes.push_back({0.95F, true, false});
  probes.push_back({0.85F, true, true});
  probes.push_back({0.2F, true, true});
  const Curve curve = dir_far(probes);
  ASSERT_EQ(curve.x.size(), 11U);
  for (std::size_t i = 0; i < curve.x.size(); ++i) {
    const std::vector<bool> identified = detected_and_identified(probes, curve.x[i] + 1e-9);
    EXPECT_DOUBLE_EQ(curve.y[i], static_cast<double>(std::ranges::count(identified, true)) / 4) << curve.x[i];
  }
  EXPECT_TRUE(dir_far(std::vector<Probe>{{0.5F, true, true}}).x.empty());
  EXPECT_TRUE(dir_far(std::vector<Probe>{{0.5F, false, false}}).x.empty());
}

TEST(SampleSimilarities, AreOfTheRightKind) {
  // Two people of two faces each, at right angles.
  const std::vector<float> vectors{1, 0, 1, 0, 0, 1, 0, 1};
  const std::vector<std::int64_t> people{7, 7, 9, 9};
  const SampledSimilarities sampled = sample_similarities(vectors, 2, people, 200);
  EXPECT_GT(sampled.same.size(), 50U);
  EXPECT_GT(sampled.different.size(), 50U);
  EXPECT_TRUE(std::ranges::all_of(sampled.same, [](float s) { return s == 1; }));
  EXPECT_TRUE(std::ranges::all_of(sampled.different, [](float s) { return s == 0; }));
  EXPECT_EQ(sample_similarities(vectors, 2, people, 200).same.size(), sampled.same.size())
      << "the same draws";
  EXPECT_TRUE(sample_similarities({vectors.data(), 2}, 2, std::vector<std::int64_t>{7}, 50).same.empty());
  EXPECT_TRUE(sample_similarities({}, 2, {}, 50).different.empty());
}

}  // namespace
}  // namespace kith::eval
