// SPDX-License-Identifier: Apache-2.0
#include "train/mining.h"

#include <algorithm>
#include <array>

#include <gtest/gtest.h>

namespace kith::train {
namespace {

// Two faces of a person, 1 apart, and two strangers: at 0.5 and 1.1 from the first, at 3 and 4 from the
// second.
constexpr std::array<float, 16> distances{0,    1, 0.5F, 1.1F,  //
                                          1,    0, 3,    4,     //
                                          0.5F, 3, 0,    2,     //
                                          1.1F, 4, 2,    0};
constexpr std::array<int, 4> people{7, 7, 1, 2};

TEST(Mining, OfAllTakesThoseWithALoss) {
  const Mined mined = mine(distances, people, TripletMining::all, 0.2F);
  EXPECT_EQ(mined.candidates, 4U);
  // 1 - 0.5 + 0.2 and 1 - 1.1 + 0.2; from the second face both strangers are far.
  EXPECT_EQ(mined.triplets, (std::vector<Triplet>{{0, 1, 2}, {0, 1, 3}}));
  EXPECT_EQ(mined.active, 2U);
}

TEST(Mining, OfTheHardTakesTheClosestStranger) {
  const Mined mined = mine(distances, people, TripletMining::hard, 0.2F);
  EXPECT_EQ(mined.triplets, (std::vector<Triplet>{{0, 1, 2}, {1, 0, 2}}));
  EXPECT_EQ(mined.active, 1U);
}

TEST(Mining, OfTheSemiHardTakesTheClosestBeyondThePositive) {
  const Mined mined = mine(distances, people, TripletMining::semi_hard, 0.2F);
  EXPECT_EQ(mined.triplets, (std::vector<Triplet>{{0, 1, 3}, {1, 0, 2}}));
  EXPECT_EQ(mined.active, 1U);
}

TEST(Mining, OfTheSemiHardFallsBackToTheFarthest) {
  constexpr std::array<float, 16> close{0, 5, 1, 2, 5, 0, 1, 2, 1, 1, 0, 1, 2, 2, 1, 0};
  const Mined mined = mine(close, people, TripletMining::semi_hard, 0.2F);
  EXPECT_EQ(mined.triplets, (std::vector<Triplet>{{0, 1, 3}, {1, 0, 3}}));
}

TEST(Mining, FindsNothingWithoutPositivesOrStrangers) {
  constexpr std::array<int, 4> strangers{1, 2, 3, 4};
  constexpr std::array<int, 4> one{1, 1, 1, 1};
  for (const TripletMining mining : {TripletMining::all, TripletMining::hard, TripletMining::semi_hard}) {
    EXPECT_TRUE(mine(distances, strangers, mining, 0.2F).triplets.empty());
    EXPECT_TRUE(mine(distances, one, mining, 0.2F).triplets.empty());
  }
}

}  // namespace
}  // namespace kith::train
