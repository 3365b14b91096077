// SPDX-License-Identifier: Apache-2.0
// Camera RAW, on DNG files that the test writes itself.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>

#include "imageio/dng.h"
#include "imageio/format.h"
#include "imageio/pictures.h"

namespace kith::test {
namespace {

TEST(Raw, IsKnownByItsContent) {
  EXPECT_EQ(imageio::sniff_format(make_dng({.width = 64, .height = 48, .orientation = 1})),
            imageio::Format::raw);
  EXPECT_EQ(imageio::sniff_format(encode(quarters(64, 48), ".tif")), imageio::Format::tiff);
}

TEST(Raw, ThePreviewStandsForThePhoto) {
  const Bytes preview = encode(quarters(128, 96), ".jpg[Q=95,strip]");
  const Result<Photo> photo = Photo::from_bytes(make_dng({160, 120, 1, preview, 128, 96}), "x");
  ASSERT_TRUE(photo) << photo.error().message;
  EXPECT_EQ(photo->info().format, "raw");
  EXPECT_EQ(photo->info().width, 128);
  const Result<Image> image = photo->decode(128);
  ASSERT_TRUE(image) << image.error().message;
  expect_quarters(*image, 4);
  EXPECT_EQ(photo->decode(64)->width(), 64) << "previews shrink on load";
}

TEST(Raw, ThePreviewIsTurnedAsTheCameraWas) {
  for (const int orientation : {3, 6, 8}) {
    const Picture stored = stored_for(quarters(96, 128), orientation);
    const Bytes preview = encode(stored, ".jpg[Q=95,strip]");
    const auto width = static_cast<std::uint32_t>(stored->Xsize);
    const auto height = static_cast<std::uint32_t>(stored->Ysize);
    const Bytes dng =
        make_dng({width + 32, height + 24, static_cast<std::uint32_t>(orientation), preview, width, height});
    const Result<Photo> photo = Photo::from_bytes(dng, "x");
    ASSERT_TRUE(photo) << photo.error().message;
    EXPECT_EQ(photo->info().orientation, orientation);
    EXPECT_EQ(photo->info().width, 96);
    const Result<Image> image = photo->decode(128);
    ASSERT_TRUE(image) << image.error().message;
    expect_quarters(*image, 4);
  }
}

TEST(Raw, APreviewThatStandsUprightAlreadyIsLeftSo) {
  const Bytes preview = encode(quarters(96, 128), ".jpg[Q=95,strip]");
  const Result<Photo> photo = Photo::from_bytes(make_dng({160, 120, 6, preview, 96, 128}), "x");
  ASSERT_TRUE(photo) << photo.error().message;
  EXPECT_EQ(photo->info().width, 96);
  expect_quarters(*photo->decode(128), 4);
}

void expect_developed(const Bytes& dng, int width, int height) {
  const Result<Photo> photo = Photo::from_bytes(dng, "x");
  ASSERT_TRUE(photo) << photo.error().message;
  EXPECT_EQ(photo->info().format, "raw");
  EXPECT_EQ(photo->info().width, width);
  EXPECT_EQ(photo->info().height, height);
  const Result<Image> image = photo->decode(width);
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_EQ(image->width(), width);
  EXPECT_EQ(image->height(), height);
  const bool on_its_side = height > width;
  EXPECT_GT(colour_at(*image, on_its_side ? 0.5 : 0.25, on_its_side ? 0.25 : 0.5)[1], 150);
  EXPECT_LT(colour_at(*image, on_its_side ? 0.5 : 0.75, on_its_side ? 0.75 : 0.5)[1], 100);
  const Result<Image> half = photo->decode(std::max(width, height) / 2);
  ASSERT_TRUE(half);
  EXPECT_EQ(half->long_side(), std::max(width, height) / 2);
}

TEST(Raw, WithoutAPreviewItIsDeveloped) {
  expect_developed(make_dng({.width = 160, .height = 120, .orientation = 1}), 160, 120);
}

TEST(Raw, DevelopedUpright) {
  expect_developed(make_dng({.width = 160, .height = 120, .orientation = 6}), 120, 160);
}

TEST(Raw, AStampSizedPreviewIsPassedOver) {
  const Bytes preview = encode(quarters(64, 48), ".jpg[Q=95,strip]");
  expect_developed(make_dng({320, 240, 1, preview, 64, 48}), 320, 240);
}

TEST(Raw, CutShortIsTruncated) {
  const Bytes whole = make_dng({.width = 160, .height = 120, .orientation = 1});
  for (std::size_t tenth = 1; tenth <= 9; ++tenth) {
    const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(whole.size() * tenth / 10));
    EXPECT_FALSE(decode(cut)) << tenth;
  }
}

TEST(Raw, SensorDataThatTheFileDoesNotHold) {
  Bytes dng = make_dng({.width = 160, .height = 120, .orientation = 1});
  const Bytes offset{17, 1, 4, 0, 1, 0, 0, 0};  // StripOffsets, one LONG
  const auto at = std::search(dng.begin(), dng.end(), offset.begin(), offset.end());
  ASSERT_NE(at, dng.end());
  const auto beyond = static_cast<std::uint32_t>(dng.size() - 1000);
  for (std::size_t i = 0; i < 4; ++i)
    at[static_cast<std::ptrdiff_t>(8 + i)] = static_cast<std::uint8_t>(beyond >> (8 * i));
  const Result<Image> image = decode(dng);
  ASSERT_FALSE(image);
  EXPECT_EQ(image.error().code, ErrorCode::truncated) << image.error().message;
}

TEST(Raw, ThePixelLimitHoldsForTheSensorToo) {
  const Bytes dng = make_dng({.width = 160, .height = 120, .orientation = 1});
  EXPECT_EQ(Photo::from_bytes(dng, "x", {.max_pixels = 19199}).error().code, ErrorCode::too_large);
}

}  // namespace
}  // namespace kith::test
