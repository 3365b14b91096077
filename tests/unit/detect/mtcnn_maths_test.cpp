// SPDX-License-Identifier: Apache-2.0
#include "detect/mtcnn_maths.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace kith::detect {
namespace {

void expect_box(const Box& actual, const Box& expected) {
  EXPECT_NEAR(actual.x, expected.x, 1e-3F);
  EXPECT_NEAR(actual.y, expected.y, 1e-3F);
  EXPECT_NEAR(actual.width, expected.width, 1e-3F);
  EXPECT_NEAR(actual.height, expected.height, 1e-3F);
}

TEST(PyramidScales, StartAtTheSmallestFaceAndEndWithOneWindow) {
  const std::vector<float> scales = pyramid_scales(1024, 768, 20, 0.709F);
  ASSERT_FALSE(scales.empty());
  EXPECT_FLOAT_EQ(scales.front(), 0.6F);
  EXPECT_GE(scales.back() * 768, 12);
  EXPECT_LT(scales.back() * 768 * 0.709F, 12);
  for (std::size_t i = 1; i < scales.size(); ++i) EXPECT_NEAR(scales[i] / scales[i - 1], 0.709F, 1e-5F);
}

TEST(PyramidScales, AreNoneForAPictureSmallerThanAFace) {
  EXPECT_TRUE(pyramid_scales(19, 500, 20, 0.709F).empty());
  EXPECT_TRUE(pyramid_scales(1, 1, 20, 0.709F).empty());
  EXPECT_TRUE(pyramid_scales(0, 0, 20, 0.709F).empty());
  EXPECT_EQ(pyramid_scales(20, 20, 20, 0.709F).size(), 1U);
}

TEST(WindowOfCell, CountsLikeThePapersCode) {
  expect_box(window_of_cell(0, 0, 1), {0, 0, 12, 12});
  expect_box(window_of_cell(3, 1, 1), {6, 2, 12, 12});
  // First pixel floor(7 / 0.5) = 14, last floor(18 / 0.5) = 36, both counted from 1.
  expect_box(window_of_cell(3, 3, 0.5F), {13, 13, 23, 23});
}

TEST(Corrected, MovesEachEdgeInUnitsOfTheWindow) {
  expect_box(corrected({10, 20, 100, 50}, {0, 0, 0, 0}), {10, 20, 100, 50});
  expect_box(corrected({10, 20, 100, 50}, {0.1F, -0.2F, 0.3F, 0.4F}), {20, 10, 120, 80});
}

TEST(Squared, IsTheSmallestSquareOnTheSameCentre) {
  expect_box(squared({10, 20, 100, 50}), {10, -5, 100, 100});
  expect_box(squared({0, 0, 10, 30}), {-10, 0, 30, 30});
  expect_box(squared({3, 4, 7, 7}), {3, 4, 7, 7});
}

TEST(OnWholePixels, RoundsBothEdgesDownAndKeepsAPixel) {
  expect_box(on_whole_pixels({1.7F, -1.2F, 10.4F, 10.4F}), {1, -2, 11, 11});
  expect_box(on_whole_pixels({5.2F, 5.2F, 0.3F, 0.1F}), {5, 5, 1, 1});
}

TEST(LandmarksIn, ReadsFiveXThenFiveY) {
  constexpr std::array<float, 10> relative{0.1F, 0.2F, 0.3F, 0.4F, 0.5F, 0.6F, 0.7F, 0.8F, 0.9F, 1.0F};
  const Landmarks landmarks = landmarks_in({100, 200, 10, 20}, relative);
  EXPECT_NEAR(landmarks[0].x, 101, 1e-3F);
  EXPECT_NEAR(landmarks[0].y, 212, 1e-3F);
  EXPECT_NEAR(landmarks[4].x, 105, 1e-3F);
  EXPECT_NEAR(landmarks[4].y, 220, 1e-3F);
}

}  // namespace
}  // namespace kith::detect
