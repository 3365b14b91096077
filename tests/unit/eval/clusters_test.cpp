// SPDX-License-Identifier: Apache-2.0
#include <numeric>
#include <vector>

#include <gtest/gtest.h>

#include "eval/metrics.h"

namespace kith::eval {
namespace {

using Numbers = std::vector<std::int64_t>;

void expect_figures(const ClusterFigures& found, double precision, double recall) {
  EXPECT_NEAR(found.precision, precision, 1e-12);
  EXPECT_NEAR(found.recall, recall, 1e-12);
  EXPECT_NEAR(found.f, precision + recall > 0 ? 2 * precision * recall / (precision + recall) : 0, 1e-12);
}

TEST(ClusterScore, OfTheTruthIsOne) {
  const ClusterScore score = score_clusters(Numbers{7, 7, -3, 7, 5}, Numbers{1, 1, 2, 1, 9});
  expect_figures(score.pairwise, 1, 1);
  expect_figures(score.bcubed, 1, 1);
  EXPECT_EQ(score.clusters, 3U);
  EXPECT_EQ(score.pairwise.f95.low, 1);
  EXPECT_EQ(score.bcubed.f95.high, 1);
}

TEST(ClusterScore, AgreesWithSumsByHand) {
  // Person A has faces 1 2 3, person B 4 5; clusters {1 2 4}, {3}, {5}.
  const ClusterScore score = score_clusters(Numbers{1, 1, 2, 1, 3}, Numbers{1, 1, 1, 2, 2});
  // Pairs: 3 in clusters, one of them right; 3 + 1 of people.
  expect_figures(score.pairwise, 1.0 / 3, 1.0 / 4);
  // Precision of the faces: 2/3 2/3 1 1/3 1; recall: 2/3 2/3 1/3 1/2 1/2.
  expect_figures(score.bcubed, (2.0 / 3 + 2.0 / 3 + 1 + 1.0 / 3 + 1) / 5,
                 (2.0 / 3 + 2.0 / 3 + 1.0 / 3 + 1.0 / 2 + 1.0 / 2) / 5);
}

TEST(ClusterScore, OfEverybodyAloneHasPrecisionOnly) {
  const ClusterScore score = score_clusters(Numbers{1, 2, 3, 4}, Numbers{1, 1, 2, 2});
  EXPECT_EQ(score.pairwise.precision, 1);  // no pairs
  EXPECT_EQ(score.pairwise.recall, 0);
  EXPECT_EQ(score.pairwise.f, 0);
  expect_figures(score.bcubed, 1, 0.5);
}

TEST(ClusterScore, OfEverybodyTogetherHasRecallOnly) {
  const ClusterScore score = score_clusters(Numbers{1, 1, 1, 1}, Numbers{1, 1, 2, 2});
  expect_figures(score.pairwise, 2.0 / 6, 1);
  expect_figures(score.bcubed, 0.5, 1);
}

TEST(ClusterScore, OfWrongPairsAloneIsNothing) {
  const ClusterScore score = score_clusters(Numbers{1, 1, 2}, Numbers{1, 2, 2});
  expect_figures(score.pairwise, 0, 0);
  expect_figures(score.bcubed, 2.0 / 3, 2.0 / 3);
}

TEST(ClusterScore, OfNothingIsOne) {
  const ClusterScore score = score_clusters({}, {});
  expect_figures(score.pairwise, 1, 1);
  expect_figures(score.bcubed, 1, 1);
  EXPECT_EQ(score.clusters, 0U);
}

TEST(ClusterScore, IntervalHoldsTheFigureAndNarrowsWithMorePeople) {
  // Every third person of two faces is torn apart.
  const auto score = [](std::int64_t people) {
    Numbers clusters;
    Numbers truth;
    for (std::int64_t person = 0; person < people; ++person) {
      for (std::int64_t face = 0; face < 2; ++face) {
        truth.push_back(person);
        clusters.push_back(person % 3 == 0 ? 2 * person + face : 2 * person);
      }
    }
    return score_clusters(clusters, truth);
  };
  const ClusterScore few = score(30);
  const ClusterScore many = score(3000);
  for (const ClusterScore& one : {few, many}) {
    for (const ClusterFigures& figures : {one.pairwise, one.bcubed}) {
      EXPECT_LT(figures.f95.low, figures.f);
      EXPECT_GT(figures.f95.high, figures.f);
    }
  }
  EXPECT_LT(many.bcubed.f95.high - many.bcubed.f95.low, (few.bcubed.f95.high - few.bcubed.f95.low) / 4);
}

TEST(ClusterScore, PrecisionAndRecallHaveIntervalsToo) {
  const ClusterScore score = score_clusters(Numbers{1, 1, 2, 1, 3, 4, 4}, Numbers{1, 1, 1, 2, 2, 3, 3});
  for (const ClusterFigures& figures : {score.pairwise, score.bcubed}) {
    EXPECT_LE(figures.precision95.low, figures.precision);
    EXPECT_GE(figures.precision95.high, figures.precision);
    EXPECT_LE(figures.recall95.low, figures.recall);
    EXPECT_GE(figures.recall95.high, figures.recall);
  }
}

TEST(CompareClusters, IsTheDifferenceOfTheFigures) {
  const Numbers people{1, 1, 1, 2, 2};
  const Numbers first{1, 1, 2, 1, 3};
  const Numbers second{1, 1, 1, 2, 2};
  const ClusterDifference difference = compare_clusters(first, second, people);
  EXPECT_DOUBLE_EQ(difference.pairwise, score_clusters(first, people).pairwise.f - 1);
  EXPECT_DOUBLE_EQ(difference.bcubed, score_clusters(first, people).bcubed.f - 1);
  EXPECT_LE(difference.bcubed95.low, difference.bcubed);
  EXPECT_GE(difference.bcubed95.high, difference.bcubed);
  const ClusterDifference none = compare_clusters(first, first, people);
  EXPECT_EQ(none.pairwise95.low, 0);
  EXPECT_EQ(none.pairwise95.high, 0);
}

}  // namespace
}  // namespace kith::eval
