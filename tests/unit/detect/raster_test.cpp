// SPDX-License-Identifier: Apache-2.0
#include "detect/raster.h"

#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "support/pictures.h"

namespace kith::detect {
namespace {

using test::at;
using test::black;
using test::Colour;
using test::grey;
using test::plain;
using test::red;

TEST(Resized, AveragesWhereItShrinks) {
  Image image = plain(4, 4, black);
  test::fill(image, {0, 0, 2, 4}, {200, 100, 40});
  test::fill(image, {2, 0, 1, 4}, {100, 100, 100});
  const Image half = resized(image, 2, 2);
  EXPECT_EQ(at(half, 0, 0), (Colour{200, 100, 40}));
  EXPECT_EQ(at(half, 1, 1), (Colour{50, 50, 50}));
  EXPECT_EQ(at(resized(plain(100, 3, grey), 7, 1), 6, 0), grey);
}

TEST(Resized, GrowsWithoutNewColours) {
  const Image grown = resized(plain(3, 2, grey), 30, 50);
  EXPECT_EQ(grown.width(), 30);
  EXPECT_EQ(grown.height(), 50);
  EXPECT_EQ(at(grown, 29, 49), grey);
}

TEST(CutOut, TakesThePartUnderTheBox) {
  Image image = plain(100, 80, grey);
  test::fill(image, {40, 20, 30, 30}, red);
  const Image part = cut_out(image, {40, 20, 30, 30}, 15, 15);
  EXPECT_EQ(at(part, 0, 0), red);
  EXPECT_EQ(at(part, 14, 14), red);
  EXPECT_EQ(at(cut_out(image, {39, 20, 30, 30}, 30, 30), 0, 0), grey);
}

TEST(CutOut, IsBlackBeyondTheEdges) {
  const Image image = plain(100, 80, red);
  const Image corner = cut_out(image, {-20, -20, 40, 40}, 40, 40);
  EXPECT_EQ(at(corner, 0, 0), black);
  EXPECT_EQ(at(corner, 19, 39), black);
  EXPECT_EQ(at(corner, 20, 20), red);
  EXPECT_EQ(at(corner, 39, 39), red);
  const Image other_corner = cut_out(image, {80, 60, 40, 40}, 20, 20);
  EXPECT_EQ(at(other_corner, 9, 9), red);
  EXPECT_EQ(at(other_corner, 10, 9), black);
  EXPECT_EQ(at(other_corner, 9, 10), black);
}

TEST(CutOut, IsAllBlackOutsideThePicture) {
  const Image image = plain(10, 10, red);
  for (const Box& box : {Box{20, 0, 5, 5}, Box{-50, -50, 5, 5}, Box{0, 10, 5, 5}}) {
    const Image part = cut_out(image, box, 4, 4);
    for (const std::uint8_t value : part.bytes()) EXPECT_EQ(value, 0);
  }
}

TEST(CutOut, SurvivesBoxesOfAnySizeAnywhere) {
  const Image image = plain(10, 10, red);
  const float huge = std::numeric_limits<float>::max();
  const float infinity = std::numeric_limits<float>::infinity();
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (const float size : {0.0F, -5.0F, 1e-9F, 2e9F, huge, infinity, nan}) {
    for (const float place : {0.0F, -2e9F, 2e9F, -huge, huge, infinity, nan}) {
      const Image part = cut_out(image, {place, -place, size, size}, 6, 5);
      EXPECT_EQ(part.width(), 6);
      EXPECT_EQ(part.height(), 5);
    }
  }
}

TEST(WritePlanes, SeparatesAndNormalisesTheChannels) {
  Image image = plain(2, 1, {10, 20, 30});
  test::fill(image, {1, 0, 1, 1}, {110, 120, 130});
  std::vector<float> planes(6);
  write_planes(image, {10, 0.5F}, 2, 1, planes);
  EXPECT_EQ(planes, (std::vector<float>{0, 50, 5, 55, 10, 60}));
}

TEST(WritePlanes, PadsWithZeroToTheRightAndBelow) {
  std::vector<float> planes(18, 99.0F);
  write_planes(plain(2, 1, {1, 2, 3}), {}, 3, 2, planes);
  EXPECT_EQ(planes, (std::vector<float>{1, 1, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0}));
}

}  // namespace
}  // namespace kith::detect
