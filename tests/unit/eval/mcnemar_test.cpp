// SPDX-License-Identifier: Apache-2.0
#include "eval/mcnemar.h"

#include <cmath>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace kith::eval {
namespace {

McNemar test_of(std::size_t only_first, std::size_t only_second) {
  return mcnemar({.both = 100, .only_first = only_first, .only_second = only_second, .neither = 10});
}

TEST(PairedCounts, CountTheFourKinds) {
  const PairedCounts counts =
      paired_counts({true, true, true, false, false, true}, {true, false, true, true, false, false});
  EXPECT_EQ(counts.both, 2U);
  EXPECT_EQ(counts.only_first, 2U);
  EXPECT_EQ(counts.only_second, 1U);
  EXPECT_EQ(counts.neither, 1U);
  EXPECT_EQ(counts.trials(), 6U);
  EXPECT_DOUBLE_EQ(difference(counts), 1.0 / 6);
}

TEST(McNemarTest, IsExactForFew) {
  // 2 (C(10,0) + C(10,1)) / 2^10 = 22 / 1024.
  EXPECT_TRUE(test_of(1, 9).exact);
  EXPECT_DOUBLE_EQ(test_of(1, 9).p, 22.0 / 1024);
  EXPECT_DOUBLE_EQ(test_of(9, 1).p, 22.0 / 1024);
  EXPECT_DOUBLE_EQ(test_of(0, 6).p, 2.0 / 64);
  EXPECT_DOUBLE_EQ(test_of(3, 3).p, 1) << "no more than 1";
  EXPECT_DOUBLE_EQ(test_of(0, 0).p, 1);
}

TEST(McNemarTest, IsChiSquaredForMany) {
  // (|40 - 10| - 1)^2 / 50 = 16.82; and the 5 % point of chi-squared with one degree of freedom is 3.8415.
  const McNemar many = test_of(10, 40);
  EXPECT_FALSE(many.exact);
  EXPECT_DOUBLE_EQ(many.chi_squared, 16.82);
  EXPECT_NEAR(many.p, 4.11e-5, 1e-7);
  EXPECT_NEAR(std::erfc(std::sqrt(3.841459 / 2)), 0.05, 1e-6);
  EXPECT_DOUBLE_EQ(test_of(50, 50).chi_squared, 0) << "the correction does not turn it round";
  EXPECT_DOUBLE_EQ(test_of(50, 50).p, 1);
}

TEST(McNemarTest, AgreesWithItselfWhereTheTestsMeet) {
  EXPECT_TRUE(test_of(5, 20).exact);
  EXPECT_FALSE(test_of(6, 20).exact);
  EXPECT_NEAR(test_of(5, 20).p, 2 * 68406.0 / 33554432, 1e-12) << "C(25, 0) + ... + C(25, 5) = 68,406";
  // Of 26 the exact p would be 2 (C(26,0) + ... + C(26,6)) / 2^26.
  EXPECT_NEAR(test_of(6, 20).p, 2 * 313912.0 / 67108864, 0.002);
}

TEST(Difference95, HoldsTheDifferenceAndTurnsWithTheSides) {
  for (const PairedCounts& counts :
       {PairedCounts{90, 5, 1, 4}, PairedCounts{0, 3, 0, 0}, PairedCounts{5, 0, 0, 5},
        PairedCounts{0, 0, 0, 7}, PairedCounts{7, 0, 0, 0}}) {
    const Interval interval = difference95(counts);
    EXPECT_LE(interval.low, difference(counts));
    EXPECT_GE(interval.high, difference(counts));
    EXPECT_GE(interval.low, -1);
    EXPECT_LE(interval.high, 1);
    const Interval turned =
        difference95({counts.both, counts.only_second, counts.only_first, counts.neither});
    EXPECT_NEAR(turned.low, -interval.high, 1e-12);
    EXPECT_NEAR(turned.high, -interval.low, 1e-12);
  }
  EXPECT_EQ(difference95({}).low, -1);
}

TEST(Difference95, HoldsTheTruthInNineteenOfTwenty) {
  // Outcomes that go together; the first is right in 90 % and the second in 84 %.
  std::mt19937 random(11);
  std::uniform_real_distribution<double> uniform;
  int held = 0;
  constexpr int rounds = 2000;
  for (int round = 0; round < rounds; ++round) {
    PairedCounts counts;
    for (int i = 0; i < 100; ++i) {
      const double u = uniform(random);
      ++(u < 0.80   ? counts.both
         : u < 0.90 ? counts.only_first
         : u < 0.94 ? counts.only_second
                    : counts.neither);
    }
    const Interval interval = difference95(counts);
    if (interval.low <= 0.06 && 0.06 <= interval.high) ++held;
  }
  EXPECT_GT(held, rounds * 0.935);
  EXPECT_LT(held, rounds * 0.98);
}

}  // namespace
}  // namespace kith::eval
