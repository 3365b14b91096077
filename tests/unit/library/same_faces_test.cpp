// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "library/impl.h"

namespace kith::library {
namespace {

using Same = std::vector<std::optional<std::size_t>>;

Box at(float x) { return {x, 0, 100, 100}; }

TEST(SameFaces, TheGreatestOverlapGoesFirst) {
  // The first box overlaps both, the second is the second known one: taken in order, the first would get it.
  const std::vector<Box> known{at(0), at(40)};
  const std::vector<Box> seen{at(25), at(40)};
  EXPECT_EQ(same_faces(seen, known), (Same{0, 1}));
}

TEST(SameFaces, NoneStandsForTwo) {
  EXPECT_EQ(same_faces(std::vector{at(0), at(2)}, std::vector{at(1)}), (Same{0, std::nullopt}));
  EXPECT_EQ(same_faces(std::vector{at(0)}, std::vector{at(10), at(1)}), Same{1});
}

TEST(SameFaces, WhatHardlyOverlapsIsAnotherFace) {
  EXPECT_EQ(same_faces(std::vector{at(0)}, std::vector{at(60)}), Same{std::nullopt});
  EXPECT_EQ(same_faces({}, std::vector{at(60)}), Same{});
}

TEST(SameFaces, APairMayBeRefused) {
  const auto not_the_first = [](std::size_t, std::size_t known) { return known != 0; };
  EXPECT_EQ(same_faces(std::vector{at(0)}, std::vector{at(0), at(10)}, not_the_first), Same{1});
}

}  // namespace
}  // namespace kith::library
