// SPDX-License-Identifier: Apache-2.0
#include "train/augment.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "train/toy_faces.h"

namespace kith::train {
namespace {

constexpr int side = 24;
class Augment : public testing::Test {
 protected:
  std::vector<std::uint8_t> changed(const Augmentation& settings, std::uint64_t seed = 1) {
    Random random = random_for({seed});
    return augmented(set_.crop(0), side, settings, random);
  }
  CropSet set_ = test::toy_faces(1, 1, side);
  std::vector<std::uint8_t> original_{set_.crop(0).begin(), set_.crop(0).end()};
};

TEST_F(Augment, WithoutSettingsLeavesTheCropAsItIs) { EXPECT_EQ(changed(no_augmentation), original_); }

TEST_F(Augment, FollowsFromTheRandomNumbers) {
  EXPECT_EQ(changed({}, 3), changed({}, 3));
  EXPECT_NE(changed({}, 3), changed({}, 4));
}

TEST_F(Augment, MirrorsHalfOfTheTime) {
  Augmentation mirror = no_augmentation;
  mirror.mirror = true;
  int mirrored = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const std::vector<std::uint8_t> crop = changed(mirror, seed);
    if (crop == original_) continue;
    ++mirrored;
    for (int x = 0; x < side; ++x)
      ASSERT_EQ(crop[static_cast<std::size_t>(x) * 3], original_[static_cast<std::size_t>(side - 1 - x) * 3]);
  }
  EXPECT_GT(mirrored, 70);
  EXPECT_LT(mirrored, 130);
}

TEST_F(Augment, TakesColoursAway) {
  Augmentation grey = no_augmentation;
  grey.grey_chance = 1;
  const std::vector<std::uint8_t> crop = changed(grey);
  for (std::size_t i = 0; i < crop.size(); i += 3) {
    ASSERT_EQ(crop[i], crop[i + 1]);
    ASSERT_EQ(crop[i], crop[i + 2]);
  }
}

TEST_F(Augment, CoversAtMostANinth) {
  Augmentation cover = no_augmentation;
  cover.occlusion_chance = 1;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const std::vector<std::uint8_t> crop = changed(cover, seed);
    std::size_t pixels = 0;
    for (std::size_t i = 0; i < crop.size(); i += 3)
      pixels += !std::equal(crop.begin() + static_cast<std::ptrdiff_t>(i),
                            crop.begin() + static_cast<std::ptrdiff_t>(i) + 3,
                            original_.begin() + static_cast<std::ptrdiff_t>(i));
    ASSERT_GT(pixels, 0U);
    ASSERT_LE(pixels, static_cast<std::size_t>(side * side / 9));
  }
}

}  // namespace
}  // namespace kith::train
