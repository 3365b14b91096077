// SPDX-License-Identifier: Apache-2.0
#include "train/batches.h"

#include <algorithm>
#include <map>
#include <set>

#include <gtest/gtest.h>

namespace kith::train {
namespace {

// Of person p there are p + 1 crops: one of the first, two of the second, ...
std::vector<int> people_of_sizes(int people) {
  std::vector<int> person_of;
  for (int person = 0; person < people; ++person)
    person_of.insert(person_of.end(), static_cast<std::size_t>(person + 1), person);
  return person_of;
}

TEST(Batches, HoldSoManyPeopleWithSoManyPhotos) {
  const std::vector<int> person_of = people_of_sizes(12);
  for (const Batch& batch : balanced_batches(person_of, 4, 3, random_for({1}))) {
    ASSERT_EQ(batch.size(), 12U);
    std::map<int, int> photos;
    for (const std::size_t crop : batch) ++photos[person_of[crop]];
    EXPECT_EQ(photos.size(), 4U);
    for (const auto& [person, count] : photos) {
      EXPECT_EQ(count, 3);
      EXPECT_NE(person, 0) << "somebody with one photo teaches nothing about one person";
    }
  }
}

TEST(Batches, ShowEverybodyEquallyOften) {
  const std::vector<int> person_of = people_of_sizes(12);
  std::map<int, int> shown;
  for (int epoch = 0; epoch < 20; ++epoch) {
    for (const Batch& batch :
         balanced_batches(person_of, 4, 2, random_for({1, static_cast<std::uint64_t>(epoch)})))
      for (const std::size_t crop : batch) ++shown[person_of[crop]];
  }
  const auto [least, most] = std::ranges::minmax_element(shown, {}, &std::pair<const int, int>::second);
  EXPECT_LE(most->second - least->second, 20 * 2 * 2);
}

TEST(Batches, GoThroughAllOfAPersonsPhotosBeforeOneComesAgain) {
  const std::vector<int> person_of{0, 0, 0, 0, 1, 1, 1, 1};
  std::multiset<std::size_t> shown;
  for (const Batch& batch : balanced_batches(person_of, 2, 4, random_for({3})))
    shown.insert(batch.begin(), batch.end());
  EXPECT_EQ(shown, (std::multiset<std::size_t>{0, 1, 2, 3, 4, 5, 6, 7}));
}

TEST(Batches, NumberThosePeopleFirstWhoAreLearnedFrom) {
  EXPECT_EQ(classes(std::vector<int>{4, 1, 2, 1, 4, 0}), (std::vector<int>{1, 0, 2, 0, 1, 3}));
}

TEST(Batches, FollowFromTheSeed) {
  const std::vector<int> person_of = people_of_sizes(9);
  EXPECT_EQ(balanced_batches(person_of, 3, 2, random_for({5, 1})),
            balanced_batches(person_of, 3, 2, random_for({5, 1})));
  EXPECT_NE(balanced_batches(person_of, 3, 2, random_for({5, 1})),
            balanced_batches(person_of, 3, 2, random_for({5, 2})));
}

TEST(Batches, OfFewerPeopleThanAskedForTakeAll) {
  const std::vector<int> person_of{0, 0, 1, 1};
  for (const Batch& batch : balanced_batches(person_of, 64, 2, random_for({1}))) EXPECT_EQ(batch.size(), 4U);
}

TEST(Triplets, FitThePeople) {
  const std::vector<int> person_of = people_of_sizes(6);
  const std::vector<Triplet> triplets = random_triplets(person_of, 500, random_for({2}));
  ASSERT_EQ(triplets.size(), 500U);
  for (const auto& [anchor, positive, negative] : triplets) {
    EXPECT_NE(anchor, positive);
    EXPECT_EQ(person_of[anchor], person_of[positive]);
    EXPECT_NE(person_of[anchor], person_of[negative]);
  }
}

TEST(Triplets, StandSideBySideInTheirBatch) {
  const std::vector<Triplet> triplets{{0, 1, 2}, {3, 4, 5}, {6, 7, 8}};
  const std::vector<Batch> batches = triplet_batches(triplets, 2, random_for({1}));
  ASSERT_EQ(batches.size(), 2U);
  std::set<Triplet> found;
  for (const Batch& batch : batches) {
    for (std::size_t i = 0; i < batch.size(); i += 3) found.insert({batch[i], batch[i + 1], batch[i + 2]});
  }
  EXPECT_EQ(found, std::set<Triplet>(triplets.begin(), triplets.end()));
}

}  // namespace
}  // namespace kith::train
