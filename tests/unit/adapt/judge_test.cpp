// SPDX-License-Identifier: Apache-2.0
#include "adapt/judge.h"

#include <algorithm>
#include <functional>
#include <random>

#include <gtest/gtest.h>

namespace kith::adapt {
namespace {

constexpr int draws = 200;

// `people` of two faces each in one part. Pairs of one person lie at `same`, each pair of two people at a
// random similarity below 0.5, but one in ten, which lie at 0.9.
HeldOut held_out(std::size_t people, const std::function<PairOfFaces(PairOfFaces)>& adapted) {
  std::mt19937_64 random(3);
  const auto uniform = [&] { return static_cast<float>(random() % 1000) / 1000; };
  HeldOut result;
  for (std::size_t i = 0; i < people; ++i) {
    result.people.push_back({0, 2});
    result.same.push_back(adapted({i, i, 0.5F + uniform() / 2, 0}));
    for (std::size_t j = 0; j < i; ++j) {
      for (int pair = 0; pair < 4; ++pair)
        result.different.push_back(adapted({i, j, random() % 10 == 0 ? 0.9F : uniform() / 2, 0}));
    }
  }
  return result;
}

PairOfFaces unchanged(PairOfFaces pair) {
  pair.adapted = pair.base;
  return pair;
}

PairOfFaces parted(PairOfFaces pair) {
  pair.adapted = pair.person == pair.other ? 1.0F : 0.0F;
  return pair;
}

TEST(Gain, IsNoneWhereNothingChanges) {
  const Gain gain = gain_of(held_out(40, unchanged), 0.01, draws, 1);
  EXPECT_EQ(gain.difference, 0);
  EXPECT_EQ(gain.difference95.low, 0);
  EXPECT_EQ(gain.difference95.high, 0);
}

TEST(Gain, IsTheShareThatWasMissingWhereAllArePartedInTheEnd) {
  const HeldOut pairs = held_out(40, parted);
  const Gain gain = gain_of(pairs, 0.01, draws, 1);
  // One in a hundred strangers lies at 0.9: that is the threshold.
  double above = 0;
  for (const PairOfFaces& pair : pairs.same) above += pair.base > 0.9F ? 1 : 0;
  EXPECT_NEAR(gain.base, above / 40, 1e-9);
  EXPECT_EQ(gain.adapted, 1);
  EXPECT_NEAR(gain.difference, 1 - above / 40, 1e-9);
  EXPECT_GT(gain.difference95.low, 0.5);
  EXPECT_LT(gain.difference95.low, gain.difference);
  EXPECT_GT(gain.difference95.high, gain.difference);
}

TEST(Gain, TurnsItsSignWhenTheTwoAreExchanged) {
  HeldOut pairs = held_out(40, parted);
  const Gain forward = gain_of(pairs, 0.01, draws, 1);
  for (std::vector<PairOfFaces>* kind : {&pairs.same, &pairs.different}) {
    for (PairOfFaces& pair : *kind) std::swap(pair.base, pair.adapted);
  }
  const Gain backward = gain_of(pairs, 0.01, draws, 1);
  EXPECT_EQ(backward.difference, -forward.difference);
  EXPECT_LT(backward.difference95.high, 0);
}

TEST(Gain, AMonotoneChangeOfSimilaritiesIsNoGain) {
  const Gain gain = gain_of(held_out(40,
                                     [](PairOfFaces pair) {
                                       pair.adapted = pair.base * 0.25F - 0.125F;
                                       return pair;
                                     }),
                            0.01, draws, 1);
  EXPECT_EQ(gain.difference, 0);
  EXPECT_EQ(gain.difference95.high, 0);
}

TEST(Gain, CountsEveryPersonTheSame) {
  // One person's hundred pairs are all accepted, another's only one is not.
  HeldOut pairs;
  pairs.people = {{0, 15}, {0, 2}};
  for (int i = 0; i < 105; ++i) pairs.same.push_back({0, 0, 0.9F, 0.9F});
  pairs.same.push_back({1, 1, 0.1F, 0.9F});
  for (int i = 0; i < 30; ++i) pairs.different.push_back({0, 1, 0.5F, 0.5F});
  const Gain gain = gain_of(pairs, 0.01, draws, 1);
  EXPECT_EQ(gain.base, 0.5);
  EXPECT_EQ(gain.adapted, 1);
}

TEST(Gain, ComparesNobodyAcrossParts) {
  // With all pairs in one part, one in a hundred of 40 * 39 / 2 * 4 may be accepted; of two parts fewer.
  HeldOut pairs = held_out(40, unchanged);
  std::erase_if(pairs.different, [](const PairOfFaces& pair) { return pair.person % 2 != pair.other % 2; });
  for (std::size_t i = 0; i < pairs.people.size(); ++i) pairs.people[i].part = i % 2;
  std::ranges::sort(pairs.different, std::greater{}, &PairOfFaces::base);
  // The threshold is where so many of the pairs that there are lie above: count by hand.
  const auto allowed = static_cast<std::size_t>(0.2 * static_cast<double>(pairs.different.size()));
  const float threshold = pairs.different[allowed].base;
  double above = 0;
  for (const PairOfFaces& pair : pairs.same) above += pair.base > threshold ? 1 : 0;
  EXPECT_EQ(gain_of(pairs, 0.2, draws, 1).base, above / 40);
}

TEST(Gain, RepeatsWithItsSeed) {
  const HeldOut pairs = held_out(40, parted);
  const Gain first = gain_of(pairs, 0.01, draws, 5);
  const Gain again = gain_of(pairs, 0.01, draws, 5);
  EXPECT_EQ(first.difference95.low, again.difference95.low);
  EXPECT_EQ(first.difference95.high, again.difference95.high);
  EXPECT_EQ(first.difference, gain_of(pairs, 0.01, draws, 6).difference)
      << "the seed moves the interval alone";
}

}  // namespace
}  // namespace kith::adapt
