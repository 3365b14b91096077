// SPDX-License-Identifier: Apache-2.0
#include "detect/landmark_net.h"

#include <gtest/gtest.h>

#include "support/pictures.h"
#include "support/tiny_models.h"

namespace kith::detect {
namespace {

// In units of the box.
Landmarks located(const Image& picture, const Landmarks& places) {
  const test::TemporaryFolder folder;
  const infer::Engine engine{{.threads = 1, .precision = infer::Precision::float32}};
  const Result<LandmarkNet> network =
      LandmarkNet::load(engine, test::write_landmark_net(folder.path(), places));
  EXPECT_TRUE(network);
  if (!network) return {};
  const Box box{20, 30, 100, 100};
  const Result<Landmarks> found = network->locate(picture, box);
  EXPECT_TRUE(found);
  if (!found) return {};
  Landmarks result;
  for (std::size_t i = 0; i < result.size(); ++i)
    result[i] = {((*found)[i].x - box.x) / box.width, ((*found)[i].y - box.y) / box.height - 0.05F};
  return result;
}

void expect_near(const Landmarks& landmarks, const Landmarks& expected) {
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_NEAR(landmarks[i].x, expected[i].x, 0.005F) << i;
    EXPECT_NEAR(landmarks[i].y, expected[i].y, 0.005F) << i;
  }
}

TEST(LandmarkNet, TakesTheMeanOfTheCropAndItsMirrorImage) {
  const Landmarks places{{{0.2F, 0.1F}, {0.9F, 0.2F}, {0.4F, 0.6F}, {0.3F, 0.9F}, {0.8F, 0.7F}}};
  expect_near(located(test::plain(200, 200, test::grey), places),
              {{{0.15F, 0.15F}, {0.85F, 0.15F}, {0.5F, 0.6F}, {0.25F, 0.8F}, {0.75F, 0.8F}}});
}

TEST(LandmarkNet, SeesTheMirrorImage) {
  const Landmarks places{{{0.2F, 0.1F}, {0.8F, 0.1F}, {0.5F, 0.6F}, {0.3F, 0.9F}, {0.7F, 0.9F}}};
  Image picture = test::plain(200, 200, {0, 0, 0});
  test::fill(picture, {0, 0, 70, 200}, {128, 128, 128});  // the crop's left half
  Landmarks expected = places;
  for (Point& point : expected) point.x += 0.25F;  // half a unit to the right in the crop, none in the mirror
  expect_near(located(picture, places), expected);
}

}  // namespace
}  // namespace kith::detect
