// SPDX-License-Identifier: Apache-2.0
#include "detect/nms.h"

#include <random>

#include <gtest/gtest.h>

namespace kith::detect {
namespace {

struct Sight {
  Box box;
  float score = 0;
  int id = 0;
};

std::vector<int> kept(std::vector<Sight> sights, float max_overlap, Measure measure = Measure::of_union) {
  std::vector<int> ids;
  for (const Sight& sight :
       without_repeats(std::move(sights), max_overlap, &Sight::box, &Sight::score, measure)) {
    ids.push_back(sight.id);
  }
  return ids;
}

TEST(WithoutRepeats, KeepsTheBestOfEachFace) {
  EXPECT_EQ(kept({{{0, 0, 10, 10}, 0.5F, 1}, {{1, 0, 10, 10}, 0.9F, 2}, {{50, 0, 10, 10}, 0.7F, 3}}, 0.3F),
            (std::vector<int>{2, 3}));
}

TEST(WithoutRepeats, ASuppressedBoxDoesNotSuppress) {
  // 2 overlaps 1 and 3, which do not overlap: once 2 has lost to 1, 3 stays.
  EXPECT_EQ(kept({{{0, 0, 10, 10}, 0.9F, 1}, {{6, 0, 10, 10}, 0.8F, 2}, {{12, 0, 10, 10}, 0.7F, 3}}, 0.2F),
            (std::vector<int>{1, 3}));
}

TEST(WithoutRepeats, KeepsTheOrderOfEqualScoresAndTakesNoItems) {
  EXPECT_EQ(kept({{{0, 0, 10, 10}, 0.5F, 1}, {{0, 0, 10, 10}, 0.5F, 2}}, 0.3F), (std::vector<int>{1}));
  EXPECT_TRUE(kept({}, 0.3F).empty());
}

TEST(WithoutRepeats, MeasuredByTheSmallerBoxSeesABoxWithinABox) {
  const std::vector<Sight> sights{{{0, 0, 100, 100}, 0.9F, 1}, {{20, 20, 30, 30}, 0.8F, 2}};
  EXPECT_EQ(kept(sights, 0.7F), (std::vector<int>{1, 2}));
  EXPECT_EQ(kept(sights, 0.7F, Measure::of_smaller), (std::vector<int>{1}));
}

TEST(WithoutRepeats, NothingKeptOverlapsAndAllElseOverlapsSomethingBetter) {
  std::mt19937 random(7);
  std::uniform_real_distribution<float> place(0, 100);
  std::uniform_real_distribution<float> size(5, 40);
  std::uniform_real_distribution<float> score(0, 1);
  for (const Measure measure : {Measure::of_union, Measure::of_smaller}) {
    std::vector<Sight> sights;
    for (int i = 0; i < 300; ++i) {
      sights.push_back({{place(random), place(random), size(random), size(random)}, score(random), i});
    }
    const std::vector<Sight> best = without_repeats(sights, 0.4F, &Sight::box, &Sight::score, measure);
    for (const Sight& sight : sights) {
      int repeats = 0;
      bool is_kept = false;
      for (const Sight& other : best) {
        if (other.id == sight.id)
          is_kept = true;
        else if (other.score >= sight.score && overlap(other.box, sight.box, measure) > 0.4F)
          ++repeats;
      }
      EXPECT_EQ(is_kept, repeats == 0);
    }
  }
}

TEST(OverlapOfSmaller, IsTheSharedPartOfTheSmallerBox) {
  EXPECT_NEAR(overlap({0, 0, 10, 10}, {5, 0, 20, 10}, Measure::of_smaller), 0.5F, 1e-6F);
  EXPECT_NEAR(overlap({0, 0, 10, 10}, {2, 2, 4, 4}, Measure::of_smaller), 1, 1e-6F);
  EXPECT_EQ(overlap({0, 0, 10, 10}, {10, 0, 5, 5}, Measure::of_smaller), 0);
  EXPECT_EQ(overlap({0, 0, 0, 0}, {0, 0, 5, 5}, Measure::of_smaller), 0);
}

}  // namespace
}  // namespace kith::detect
