// SPDX-License-Identifier: Apache-2.0
#include "core/frame.h"

#include <gtest/gtest.h>

namespace kith {
namespace {

// A mark in the top-left corner of the stored picture, a tenth wide and two tenths high, and where EXIF says
// it is to be seen: orientation 6, for one, is turned clockwise, so the corner comes to lie at the top right.
struct Case {
  int orientation;
  Area upright;
};
constexpr Case cases[] = {
    {1, {0.0, 0.0, 0.1, 0.2}}, {2, {0.9, 0.0, 0.1, 0.2}}, {3, {0.9, 0.8, 0.1, 0.2}},
    {4, {0.0, 0.8, 0.1, 0.2}}, {5, {0.0, 0.0, 0.2, 0.1}}, {6, {0.8, 0.0, 0.2, 0.1}},
    {7, {0.8, 0.9, 0.2, 0.1}}, {8, {0.0, 0.9, 0.2, 0.1}},
};

void expect_near(const Area& area, const Area& expected) {
  EXPECT_NEAR(area.x, expected.x, 1e-12);
  EXPECT_NEAR(area.y, expected.y, 1e-12);
  EXPECT_NEAR(area.width, expected.width, 1e-12);
  EXPECT_NEAR(area.height, expected.height, 1e-12);
}

TEST(Frame, OrientationsMoveTheStoredCornerWhereExifSays) {
  for (const Case& one : cases) {
    SCOPED_TRACE(one.orientation);
    expect_near(upright_from_stored({0, 0, 0.1, 0.2}, one.orientation), one.upright);
  }
}

TEST(Frame, StoredAndUprightAreInversesInAllOrientations) {
  const Area area{0.12, 0.34, 0.05, 0.41};
  for (int orientation = 1; orientation <= 8; ++orientation) {
    SCOPED_TRACE(orientation);
    expect_near(stored_from_upright(upright_from_stored(area, orientation), orientation), area);
    expect_near(upright_from_stored(stored_from_upright(area, orientation), orientation), area);
  }
}

TEST(Frame, AStoredPhotoOfOrientation5To8LiesOnItsSide) {
  for (int orientation = 1; orientation <= 8; ++orientation) {
    const FrameSize size = stored_size({.width = 30, .height = 20, .orientation = orientation});
    EXPECT_EQ(size.width, orientation < 5 ? 30 : 20);
    EXPECT_EQ(size.height, orientation < 5 ? 20 : 30);
  }
}

}  // namespace
}  // namespace kith
