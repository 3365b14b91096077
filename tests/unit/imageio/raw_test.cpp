// SPDX-License-Identifier: Apache-2.0
// Camera RAW, on DNG files that the test writes itself.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "imageio/format.h"
#include "imageio/pictures.h"

namespace kith::test {
namespace {

enum Type : std::uint16_t { byte = 1, ascii = 2, u16 = 3, u32 = 4, rational = 5, srational = 10 };

void put16(Bytes& bytes, std::uint32_t value) {
  bytes.push_back(static_cast<std::uint8_t>(value));
  bytes.push_back(static_cast<std::uint8_t>(value >> 8U));
}

void put32(Bytes& bytes, std::uint32_t value) {
  put16(bytes, value & 0xffffU);
  put16(bytes, value >> 16U);
}

struct Tag {
  std::uint16_t number;
  Type type;
  std::vector<std::uint32_t> values;  // rationals as numerator, denominator, ...
};

Bytes values_of(const Tag& tag) {
  Bytes bytes;
  for (const std::uint32_t value : tag.values) {
    if (tag.type == byte || tag.type == ascii) {
      bytes.push_back(static_cast<std::uint8_t>(value));
    } else if (tag.type == u16) {
      put16(bytes, value);
    } else {
      put32(bytes, value);
    }
  }
  return bytes;
}

// Appends a directory, its longer values behind it; returns where it starts.
std::uint32_t put_directory(Bytes& file, std::vector<Tag> tags) {
  std::sort(tags.begin(), tags.end(), [](const Tag& a, const Tag& b) { return a.number < b.number; });
  if (file.size() % 2 != 0) file.push_back(0);
  const auto start = static_cast<std::uint32_t>(file.size());
  std::uint32_t next_value = start + 2 + static_cast<std::uint32_t>(tags.size()) * 12 + 4;
  Bytes behind;
  put16(file, static_cast<std::uint32_t>(tags.size()));
  for (const Tag& tag : tags) {
    Bytes values = values_of(tag);
    const bool pairs = tag.type == rational || tag.type == srational;
    put16(file, tag.number);
    put16(file, tag.type);
    put32(file, static_cast<std::uint32_t>(tag.values.size() / (pairs ? 2 : 1)));
    if (values.size() <= 4) {
      values.resize(4);
      file.insert(file.end(), values.begin(), values.end());
      continue;
    }
    if (values.size() % 2 != 0) values.push_back(0);
    put32(file, next_value);
    next_value += static_cast<std::uint32_t>(values.size());
    behind.insert(behind.end(), values.begin(), values.end());
  }
  put32(file, 0);
  file.insert(file.end(), behind.begin(), behind.end());
  return start;
}

std::vector<std::uint32_t> letters(std::string_view text) {
  std::vector<std::uint32_t> values(text.begin(), text.end());
  values.push_back(0);
  return values;
}

// Left half bright, right half dark, RGGB.
Bytes sensor_data(std::uint32_t width, std::uint32_t height) {
  Bytes data;
  for (std::uint32_t y = 0; y < height; ++y) {
    for (std::uint32_t x = 0; x < width; ++x) put16(data, x < width / 2 ? 40000 : 2000);
  }
  return data;
}

// A minimal DNG 1.4. An empty preview leaves it out.
Bytes make_dng(std::uint32_t width, std::uint32_t height, const Bytes& preview, std::uint32_t preview_width,
               std::uint32_t preview_height, std::uint32_t orientation) {
  Bytes file{'I', 'I', 42, 0, 0, 0, 0, 0};
  const auto put_data = [&](const Bytes& data) {
    const auto at = static_cast<std::uint32_t>(file.size());
    file.insert(file.end(), data.begin(), data.end());
    return at;
  };
  const Bytes sensor = sensor_data(width, height);
  const std::uint32_t sensor_at = put_data(sensor);
  const std::uint32_t preview_at = put_data(preview);
  std::vector<Tag> raw{{254, u32, {0}},         {256, u32, {width}},
                       {257, u32, {height}},    {258, u16, {16}},
                       {259, u16, {1}},         {262, u16, {32803}},
                       {273, u32, {sensor_at}}, {277, u16, {1}},
                       {278, u32, {height}},    {279, u32, {static_cast<std::uint32_t>(sensor.size())}},
                       {33421, u16, {2, 2}},    {33422, byte, {0, 1, 1, 2}}};
  const std::vector<Tag> camera{{271, ascii, letters("Kith")},
                                {272, ascii, letters("Test")},
                                {274, u16, {orientation}},
                                {50706, byte, {1, 4, 0, 0}},
                                {50707, byte, {1, 1, 0, 0}},
                                {50708, ascii, letters("Kith Test")},
                                {50721, srational, {1, 1, 0, 1, 0, 1, 0, 1, 1, 1, 0, 1, 0, 1, 0, 1, 1, 1}},
                                {50728, rational, {1, 1, 1, 1, 1, 1}},
                                {50778, u16, {21}}};
  std::vector<Tag> first = camera;
  if (preview.empty()) {
    first.insert(first.end(), raw.begin(), raw.end());
  } else {
    const std::uint32_t raw_at = put_directory(file, raw);
    first.insert(first.end(), {{254, u32, {1}},
                               {256, u32, {preview_width}},
                               {257, u32, {preview_height}},
                               {258, u16, {8, 8, 8}},
                               {259, u16, {7}},
                               {262, u16, {6}},
                               {273, u32, {preview_at}},
                               {277, u16, {3}},
                               {278, u32, {preview_height}},
                               {279, u32, {static_cast<std::uint32_t>(preview.size())}},
                               {330, u32, {raw_at}}});
  }
  const std::uint32_t first_at = put_directory(file, first);
  for (std::size_t i = 0; i < 4; ++i) file[4 + i] = static_cast<std::uint8_t>(first_at >> (8 * i));
  return file;
}

TEST(Raw, IsKnownByItsContent) {
  EXPECT_EQ(imageio::sniff_format(make_dng(64, 48, {}, 0, 0, 1)), imageio::Format::raw);
  EXPECT_EQ(imageio::sniff_format(encode(quarters(64, 48), ".tif")), imageio::Format::tiff);
}

TEST(Raw, ThePreviewStandsForThePhoto) {
  const Bytes preview = encode(quarters(128, 96), ".jpg[Q=95,strip]");
  const Result<Photo> photo = Photo::from_bytes(make_dng(160, 120, preview, 128, 96, 1), "x");
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
        make_dng(width + 32, height + 24, preview, width, height, static_cast<std::uint32_t>(orientation));
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
  const Result<Photo> photo = Photo::from_bytes(make_dng(160, 120, preview, 96, 128, 6), "x");
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

TEST(Raw, WithoutAPreviewItIsDeveloped) { expect_developed(make_dng(160, 120, {}, 0, 0, 1), 160, 120); }

TEST(Raw, DevelopedUpright) { expect_developed(make_dng(160, 120, {}, 0, 0, 6), 120, 160); }

TEST(Raw, AStampSizedPreviewIsPassedOver) {
  const Bytes preview = encode(quarters(64, 48), ".jpg[Q=95,strip]");
  expect_developed(make_dng(320, 240, preview, 64, 48, 1), 320, 240);
}

TEST(Raw, CutShortIsTruncated) {
  const Bytes whole = make_dng(160, 120, {}, 0, 0, 1);
  for (std::size_t tenth = 1; tenth <= 9; ++tenth) {
    const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(whole.size() * tenth / 10));
    EXPECT_FALSE(decode(cut)) << tenth;
  }
}

TEST(Raw, SensorDataThatTheFileDoesNotHold) {
  Bytes dng = make_dng(160, 120, {}, 0, 0, 1);
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
  const Bytes dng = make_dng(160, 120, {}, 0, 0, 1);
  EXPECT_EQ(Photo::from_bytes(dng, "x", {.max_pixels = 19199}).error().code, ErrorCode::too_large);
}

}  // namespace
}  // namespace kith::test
