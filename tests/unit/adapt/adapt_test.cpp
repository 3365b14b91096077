// SPDX-License-Identifier: Apache-2.0
#include "adapt/adapt.h"

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

#include "adapt/faces.h"

namespace kith::adapt {
namespace {

Adapted learned(const NamedVectors& vectors, const Settings& settings = {}) {
  Result<Adapted> adapted = learn(vectors, settings);
  if (!adapted) throw std::runtime_error(adapted.error().message);
  return std::move(*adapted);
}

void append(NamedVectors& vectors, const NamedVectors& more) {
  vectors.values.insert(vectors.values.end(), more.values.begin(), more.values.end());
  vectors.people.insert(vectors.people.end(), more.people.begin(), more.people.end());
}

void expect_refused(const NamedVectors& vectors, const std::string& says) {
  const Result<Adapted> adapted = learn(vectors);
  ASSERT_FALSE(adapted) << says;
  EXPECT_EQ(adapted.error().code, ErrorCode::bad_argument);
  EXPECT_NE(adapted.error().message.find(says), std::string::npos) << adapted.error().message;
}

TEST(Adapt, HelpsWhereFacesOfOnePersonDifferInAFewDirections) {
  const Adapted adapted = learned(test::made_up(test::with_nuisance()));
  EXPECT_TRUE(adapted.report.helps());
  EXPECT_GT(adapted.report.gain.difference, 0.2);
  EXPECT_EQ(adapted.report.people, 60U);
  EXPECT_EQ(adapted.report.faces, 240U);
}

TEST(Adapt, DoesNotHelpWhereAllDirectionsVaryAlike) {
  for (const std::uint64_t seed : {1U, 2U, 3U, 4U, 5U}) {
    const Adapted adapted = learned(test::made_up({.noise = 0.18F, .seed = seed}));
    EXPECT_FALSE(adapted.report.helps()) << seed;
    EXPECT_LT(adapted.report.gain.base, 0.99) << "there has to be something to gain, for the test to tell";
  }
}

TEST(Adapt, DoesNotHelpWhereAllPeopleDifferInTheSameDirectionsAsTheirFaces) {
  // Whitening what tells people apart away cannot help.
  test::MadeUpPeople people = test::with_nuisance();
  people.dimension = people.nuisances = 8;
  people.nuisance = 0.15F;
  EXPECT_FALSE(learned(test::made_up(people)).report.helps());
}

TEST(Adapt, ATestOfTheTestFullShrinkageNeverHelps) {
  Settings settings;
  settings.shrinkage = 1;
  const Adapted adapted = learned(test::made_up(test::with_nuisance()), settings);
  EXPECT_NEAR(adapted.report.gain.difference, 0, 1e-9);
  EXPECT_FALSE(adapted.report.helps());
}

TEST(Adapt, JudgesOnlyByPeopleWhoWereNotLearnedFrom) {
  // Every person's faces differ in one direction of their own: learned from themselves they would be told
  // apart far better, and whoever else learns nothing of it.
  constexpr std::size_t people = 40;
  NamedVectors vectors =
      test::made_up({.people = people, .faces = 6, .dimension = 2 * people, .noise = 0.02F});
  for (std::size_t row = 0; row < vectors.people.size(); ++row) {
    const auto person = static_cast<std::size_t>(vectors.people[row]);
    const auto vector = std::span(vectors.values).subspan(row * vectors.dimension, vectors.dimension);
    vector[person] += row % 2 == 0 ? 0.9F : -0.9F;
    normalise(vector);
  }
  EXPECT_LT(learned(vectors).report.gain.difference, 0.05);
}

TEST(Adapt, ComparesEveryHeldOutFaceWithEveryOtherOfItsPart) {
  const Report report = learned(test::made_up({.people = 50, .faces = 4})).report;
  EXPECT_EQ(report.same_pairs, 50U * 6);
  EXPECT_EQ(report.different_pairs, 5U * (10 * 9 / 2) * 16) << "five parts of ten people of four faces";
}

TEST(Adapt, WhatNumbersPeopleHaveMakesNoDifference) {
  NamedVectors vectors = test::made_up(test::with_nuisance());
  const Adapted before = learned(vectors);
  for (std::int64_t& person : vectors.people) person = 1'000'000 - 17 * person;
  const Adapted after = learned(vectors);
  EXPECT_EQ(before.projection.matrix, after.projection.matrix);
  EXPECT_EQ(before.report.gain.difference, after.report.gain.difference);
  EXPECT_EQ(before.report.gain.difference95.low, after.report.gain.difference95.low);
}

TEST(Adapt, RepeatsWithItsSeed) {
  test::MadeUpPeople people = test::with_nuisance();
  people.faces = 15;  // more than count
  people.people = 30;
  const NamedVectors vectors = test::made_up(people);
  Settings settings;
  const Adapted first = learned(vectors, settings);
  const Adapted again = learned(vectors, settings);
  EXPECT_EQ(first.projection.matrix, again.projection.matrix);
  EXPECT_EQ(first.report.gain.difference95.high, again.report.gain.difference95.high);
  settings.seed = 2;
  EXPECT_NE(first.projection.matrix, learned(vectors, settings).projection.matrix);
}

TEST(Adapt, NobodyCountsWithMoreThanTheirShareOfFaces) {
  NamedVectors vectors = test::made_up({.people = 40, .faces = 5});
  append(vectors, test::made_up({.people = 1, .faces = 300, .seed = 9}, 1000));
  EXPECT_EQ(learned(vectors).report.faces, 40U * 5 + Settings{}.faces_a_person);
}

TEST(Adapt, PeopleOfOneFaceAreStrangersAndNoMore) {
  NamedVectors vectors = test::made_up(test::with_nuisance());
  const Adapted before = learned(vectors);
  append(vectors, test::made_up({.people = 25, .faces = 1, .seed = 9}, 1000));
  const Adapted after = learned(vectors);
  EXPECT_EQ(after.report.people, 60U);
  EXPECT_EQ(after.report.single_faces, 25U);
  EXPECT_EQ(after.report.same_pairs, before.report.same_pairs);
  EXPECT_GT(after.report.different_pairs, before.report.different_pairs);
}

TEST(Adapt, TheFarIsTheLowestThatThePairsCanTell) {
  // 8,640 pairs of two people; 72,000.
  EXPECT_EQ(learned(test::made_up({.people = 60, .faces = 4})).report.gain.false_accept_rate, 1e-2);
  EXPECT_EQ(learned(test::made_up({.people = 60, .faces = 10})).report.gain.false_accept_rate, 1e-3);
}

TEST(Adapt, ItsCalibrationReadsTheHeldOutPairs) {
  test::MadeUpPeople people = test::with_nuisance();
  people.people = 150;
  people.faces = 6;
  const Adapted adapted = learned(test::made_up(people));
  ASSERT_TRUE(adapted.calibration);
  EXPECT_GT(adapted.calibration->slope, 0);
  EXPECT_LT(adapted.calibration->intercept, 0);
  EXPECT_GT(adapted.calibration->min_similarity, 0);
  EXPECT_LT(adapted.calibration->min_similarity, 1);
}

TEST(Adapt, FewPairsGiveACautiousCalibration) {
  Settings settings;
  const NamedVectors vectors = test::made_up(test::with_nuisance());
  const Adapted few = learned(vectors, settings);
  EXPECT_TRUE(few.few_pairs);
  settings.pairs_for_a_tail = 1000;
  const Adapted enough = learned(vectors, settings);
  EXPECT_FALSE(enough.few_pairs);
  ASSERT_TRUE(few.calibration);
  ASSERT_TRUE(enough.calibration);
  EXPECT_GE(few.calibration->min_similarity, enough.calibration->min_similarity);
}

// ---- what cannot be learned from

TEST(Adapt, TooFewPeopleAreRefusedWithHowManyItTakes) {
  expect_refused(test::made_up({.people = 19, .faces = 10}), "at least 20");
  expect_refused(test::made_up({.people = 0}), "there are 0 people");
  EXPECT_TRUE(learn(test::made_up({.people = 20, .faces = 10})));
}

TEST(Adapt, PeopleOfOneFaceDoNotMakeUpForThem) {
  NamedVectors vectors = test::made_up({.people = 10, .faces = 10});
  append(vectors, test::made_up({.people = 100, .faces = 1, .seed = 9}, 1000));
  expect_refused(vectors, "100 more have one face");
}

TEST(Adapt, TooFewPairsAreRefusedWithHowManyItTakes) {
  expect_refused(test::made_up({.people = 20, .faces = 2}), "at least 3000");
}

TEST(Adapt, DamagedVectorsAreLeftOut) {
  NamedVectors vectors = test::made_up(test::with_nuisance());
  const Adapted before = learned(vectors);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float infinite = std::numeric_limits<float>::infinity();
  NamedVectors damaged = test::made_up({.people = 4, .faces = 2, .seed = 9}, 1000);
  for (std::size_t row = 0; row < 8; ++row) {
    const auto vector = std::span(damaged.values).subspan(row * damaged.dimension, damaged.dimension);
    if (row < 4) {
      vector[row] = row < 2 ? nan : infinite;
    } else {
      for (float& value : vector) value *= row < 6 ? 0 : 100;
    }
  }
  append(vectors, damaged);
  const Adapted after = learned(vectors);
  EXPECT_EQ(after.report.damaged, 8U);
  EXPECT_EQ(after.projection.matrix, before.projection.matrix);
  EXPECT_EQ(after.report.gain.difference, before.report.gain.difference);
}

TEST(Adapt, AllDamagedLeavesTooFewPeople) {
  NamedVectors vectors = test::made_up({});
  std::ranges::fill(vectors.values, std::numeric_limits<float>::quiet_NaN());
  expect_refused(vectors, "there are 0 people");
}

TEST(Adapt, StopsWhenAsked) {
  std::stop_source stop;
  stop.request_stop();
  const Result<Adapted> adapted = learn(test::made_up({}), {}, stop.get_token());
  ASSERT_FALSE(adapted);
  EXPECT_EQ(adapted.error().code, ErrorCode::cancelled);
}

}  // namespace
}  // namespace kith::adapt
