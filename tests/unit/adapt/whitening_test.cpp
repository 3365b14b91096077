// SPDX-License-Identifier: Apache-2.0
#include "adapt/whitening.h"

#include <algorithm>
#include <cmath>
#include <map>

#include <gtest/gtest.h>

#include "adapt/faces.h"

namespace kith::adapt {
namespace {

std::vector<Rows> people_of(const NamedVectors& vectors) {
  std::map<std::int64_t, Rows> rows;
  for (std::size_t i = 0; i < vectors.people.size(); ++i) rows[vectors.people[i]].push_back(i);
  std::vector<Rows> people;
  for (auto& [number, of_one] : rows) people.push_back(std::move(of_one));
  return people;
}

Whitening fit(const NamedVectors& vectors, std::optional<double> shrinkage = {}) {
  return fit_whitening({vectors.values, vectors.dimension}, people_of(vectors), shrinkage);
}

float at(const Projection& projection, std::size_t row, std::size_t column) {
  return projection.matrix[row * projection.dimension + column];
}

void expect_identity(const Projection& projection, float tolerance) {
  for (std::size_t i = 0; i < projection.dimension; ++i) {
    for (std::size_t j = 0; j < projection.dimension; ++j)
      EXPECT_NEAR(at(projection, i, j), i == j ? 1 : 0, tolerance) << i << ", " << j;
  }
}

TEST(Whitening, FullShrinkageIsTheIdentity) {
  const Whitening whitening = fit(test::made_up(test::with_nuisance()), 1.0);
  expect_identity(whitening.projection, 0);
  EXPECT_EQ(whitening.shrinkage, 1);
}

TEST(Whitening, ComesToTheIdentityAsShrinkageComesToOne) {
  expect_identity(fit(test::made_up(test::with_nuisance()), 0.9999).projection, 0.01F);
}

TEST(Whitening, WithoutShrinkageEveryDirectionVariesTheSameWithinPeople) {
  const NamedVectors vectors = test::made_up(test::with_nuisance());
  const Projection projection = fit(vectors, 0.0).projection;
  NamedVectors projected = vectors;
  for (std::size_t row = 0; row < vectors.people.size(); ++row) {
    const Embedding vector =
        projection(std::span(vectors.values).subspan(row * vectors.dimension, vectors.dimension));
    std::ranges::copy(vector,
                      projected.values.begin() + static_cast<std::ptrdiff_t>(row * vectors.dimension));
  }
  // What is white already needs no whitening.
  expect_identity(fit(projected, 0.0).projection, 0.01F);
}

TEST(Whitening, IsSymmetricAndOfTraceD) {
  const Projection projection = fit(test::made_up(test::with_nuisance())).projection;
  float trace = 0;
  for (std::size_t i = 0; i < projection.dimension; ++i) {
    trace += at(projection, i, i);
    for (std::size_t j = 0; j < i; ++j) EXPECT_NEAR(at(projection, i, j), at(projection, j, i), 1e-5F);
  }
  EXPECT_NEAR(trace, static_cast<float>(projection.dimension), 1e-3F);
}

TEST(Whitening, CountsDirectionsOfNuisanceLess) {
  const test::MadeUpPeople people = test::with_nuisance();
  const Projection projection = fit(test::made_up(people)).projection;
  for (std::size_t i = 0; i < projection.dimension; ++i) {
    if (i < people.nuisances)
      EXPECT_LT(at(projection, i, i), 0.5F) << i;
    else
      EXPECT_GT(at(projection, i, i), 0.8F) << i;
  }
}

TEST(Whitening, TheFewerTheFacesTheMoreItShrinks) {
  test::MadeUpPeople people = test::with_nuisance();
  double before = 0;
  for (const std::size_t count : {1000U, 100U, 20U, 4U}) {
    people.people = count;
    const double shrinkage = fit(test::made_up(people)).shrinkage;
    EXPECT_GT(shrinkage, before) << count;
    before = shrinkage;
  }
  EXPECT_LE(before, 1);
}

TEST(Whitening, ShrinksWhatIsWhiteNearlyWholly) {
  const Whitening whitening = fit(test::made_up({.people = 200, .noise = 0.1F}));
  EXPECT_GT(whitening.shrinkage, 0.8);
  expect_identity(whitening.projection, 0.1F);
}

TEST(Whitening, OfNothingToLearnFromIsTheIdentity) {
  expect_identity(fit(test::made_up({.people = 30, .faces = 1})).projection, 0);
  expect_identity(fit_whitening({{}, 3}, {}).projection, 0);
  // Faces that are all alike: no direction is worse than another.
  expect_identity(fit(test::made_up({.people = 1, .faces = 5, .noise = 0})).projection, 1e-3F);
}

TEST(Whitening, PeopleOfOneFaceChangeNothing) {
  NamedVectors vectors = test::made_up(test::with_nuisance());
  const Whitening before = fit(vectors);
  const NamedVectors singles = test::made_up({.people = 50, .faces = 1, .seed = 8}, 1000);
  vectors.values.insert(vectors.values.end(), singles.values.begin(), singles.values.end());
  vectors.people.insert(vectors.people.end(), singles.people.begin(), singles.people.end());
  const Whitening after = fit(vectors);
  EXPECT_EQ(after.projection.matrix, before.projection.matrix);
  EXPECT_EQ(after.shrinkage, before.shrinkage);
}

TEST(Whitening, TheOrderOfPeopleAndFacesMakesNoDifference) {
  const NamedVectors vectors = test::made_up(test::with_nuisance());
  std::vector<Rows> people = people_of(vectors);
  const Whitening before = fit_whitening({vectors.values, vectors.dimension}, people);
  std::ranges::reverse(people);
  for (Rows& rows : people) std::ranges::reverse(rows);
  const Whitening after = fit_whitening({vectors.values, vectors.dimension}, people);
  EXPECT_NEAR(after.shrinkage, before.shrinkage, 1e-9);
  for (std::size_t i = 0; i < before.projection.matrix.size(); ++i)
    EXPECT_NEAR(after.projection.matrix[i], before.projection.matrix[i], 1e-5F);
}

TEST(Whitening, LengthsOfTheWholeSetMakeNoDifference) {
  NamedVectors vectors = test::made_up(test::with_nuisance());
  const Whitening before = fit(vectors);
  for (float& value : vectors.values) value *= 4;
  const Whitening after = fit(vectors);
  EXPECT_NEAR(after.shrinkage, before.shrinkage, 1e-6);
  for (std::size_t i = 0; i < before.projection.matrix.size(); ++i)
    EXPECT_NEAR(after.projection.matrix[i], before.projection.matrix[i], 1e-4F);
}

TEST(Whitening, FewerFacesThanDimensionsStillGiveAFiniteMap) {
  for (const double shrinkage : {0.0, 0.01}) {
    const Projection projection =
        fit(test::made_up({.people = 3, .faces = 2, .dimension = 64}), shrinkage).projection;
    EXPECT_TRUE(std::ranges::all_of(projection.matrix, [](float value) { return std::isfinite(value); }));
  }
}

}  // namespace
}  // namespace kith::adapt
