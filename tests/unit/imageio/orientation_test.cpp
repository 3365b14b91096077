// SPDX-License-Identifier: Apache-2.0
#include "imageio/orientation.h"

#include <gtest/gtest.h>
#include <libheif/heif.h>

#include <string>

#include "imageio/pictures.h"

namespace kith::test {
namespace {

class Orientations : public ::testing::TestWithParam<int> {};

INSTANTIATE_TEST_SUITE_P(AllEight, Orientations, ::testing::Range(1, 9));

void expect_upright(const Bytes& bytes, int orientation, const char* format, int tolerance) {
  const Result<Photo> photo = Photo::from_bytes(bytes, "x");
  ASSERT_TRUE(photo) << photo.error().message;
  EXPECT_EQ(photo->info().orientation, orientation) << format;
  EXPECT_EQ(photo->info().width, 160) << format;
  EXPECT_EQ(photo->info().height, 96) << format;
  const Result<Image> image = photo->decode(160);
  ASSERT_TRUE(image) << image.error().message;
  ASSERT_EQ(image->width(), 160) << format;
  ASSERT_EQ(image->height(), 96) << format;
  expect_quarters(*image, tolerance);
}

TEST_P(Orientations, EveryFormatThatCarriesExif) {
  const Picture stored = stored_for(quarters(160, 96), GetParam());
  expect_upright(encode(stored, ".jpg[Q=95]"), GetParam(), "jpeg", 4);
  expect_upright(encode(stored, ".png"), GetParam(), "png", 0);
  expect_upright(encode(stored, ".webp[lossless]"), GetParam(), "webp", 0);
  expect_upright(encode(stored, ".tif"), GetParam(), "tiff", 0);
}

TEST_P(Orientations, ShrunkenJpegIsUprightToo) {
  const Bytes bytes = encode(stored_for(quarters(160, 96), GetParam()), ".jpg[Q=95]");
  const Result<Image> image = decode(bytes, 80);
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_EQ(image->width(), 80);
  EXPECT_EQ(image->height(), 48);
  expect_quarters(*image, 4);
}

// Sizes that are no multiple of the copy's block, every pixel checked against the definition.
TEST_P(Orientations, EveryPixelLandsWhereTheTableSays) {
  const imageio::Size stored{37, 21};
  Image source(stored.width, stored.height);
  for (std::size_t i = 0; i < source.bytes().size(); ++i)
    source.bytes()[i] = static_cast<std::uint8_t>(i * 7);
  const Image original = source.clone();
  const Image upright = imageio::apply_orientation(std::move(source), GetParam());
  const imageio::Size size = imageio::upright_size(stored, GetParam());
  ASSERT_EQ(upright.width(), size.width);
  ASSERT_EQ(upright.height(), size.height);
  const int right = stored.width - 1;
  const int bottom = stored.height - 1;
  for (int y = 0; y < upright.height(); ++y) {
    for (int x = 0; x < upright.width(); ++x) {
      const std::array<std::array<int, 2>, 9> from{{{0, 0},
                                                    {x, y},
                                                    {right - x, y},
                                                    {right - x, bottom - y},
                                                    {x, bottom - y},
                                                    {y, x},
                                                    {y, bottom - x},
                                                    {right - y, bottom - x},
                                                    {right - y, x}}};
      const auto& at = from[static_cast<std::size_t>(GetParam())];
      for (int c = 0; c < 3; ++c) ASSERT_EQ(upright.row(y)[x * 3 + c], original.row(at[1])[at[0] * 3 + c]);
    }
  }
}

TEST(Orientation, NonsenseTagsCountAsUpright) {
  for (const int tag : {0, 9, 255, 65535}) {
    Bytes bytes = encode(stored_for(quarters(160, 96), 6), ".jpg[Q=95]");
    // The tag 0x0112, a SHORT, one of it; little or big endian as libexif wrote it.
    const Bytes little{0x12, 0x01, 0x03, 0x00, 0x01, 0x00, 0x00, 0x00, 0x06, 0x00};
    const Bytes big{0x01, 0x12, 0x00, 0x03, 0x00, 0x00, 0x00, 0x01, 0x00, 0x06};
    auto at = std::search(bytes.begin(), bytes.end(), little.begin(), little.end());
    const bool is_little = at != bytes.end();
    if (!is_little) at = std::search(bytes.begin(), bytes.end(), big.begin(), big.end());
    ASSERT_NE(at, bytes.end());
    at[is_little ? 8 : 9] = static_cast<std::uint8_t>(tag & 255);
    at[is_little ? 9 : 8] = static_cast<std::uint8_t>(tag >> 8);
    const Result<Photo> photo = Photo::from_bytes(bytes, "x");
    ASSERT_TRUE(photo);
    EXPECT_EQ(photo->info().orientation, 1) << tag;
    EXPECT_EQ(photo->info().width, 96) << tag;
  }
}

heif_error append(heif_context* /*context*/, const void* data, size_t size, void* target) {
  const auto* first = static_cast<const std::uint8_t*>(data);
  static_cast<Bytes*>(target)->assign(first, first + size);
  return {heif_error_Ok, heif_suberror_Unspecified, ""};
}

// A HEIC as phones write it: pixels as the sensor saw them, turned by its own irot and imir boxes.
Bytes encode_heic(const Picture& stored, int orientation) {
  const int width = stored->Xsize;
  const int height = stored->Ysize;
  std::size_t size = 0;
  auto* pixels = static_cast<std::uint8_t*>(vips_image_write_to_memory(stored.get(), &size));
  heif_image* image = nullptr;
  heif_image_create(width, height, heif_colorspace_RGB, heif_chroma_interleaved_RGB, &image);
  heif_image_add_plane(image, heif_channel_interleaved, width, height, 8);
  int stride = 0;
  std::uint8_t* plane = heif_image_get_plane(image, heif_channel_interleaved, &stride);
  for (int y = 0; y < height; ++y) std::copy_n(pixels + y * width * 3, width * 3, plane + y * stride);
  g_free(pixels);

  heif_context* context = heif_context_alloc();
  heif_encoder* encoder = nullptr;
  heif_context_get_encoder_for_format(context, heif_compression_HEVC, &encoder);
  heif_encoder_set_lossy_quality(encoder, 90);
  heif_encoding_options* options = heif_encoding_options_alloc();
  options->image_orientation = static_cast<heif_orientation>(orientation);
  heif_context_encode_image(context, image, encoder, options, nullptr);
  Bytes bytes;
  heif_writer writer{1, append};
  heif_context_write(context, &writer, &bytes);
  heif_encoding_options_free(options);
  heif_encoder_release(encoder);
  heif_context_free(context);
  heif_image_release(image);
  return bytes;
}

TEST_P(Orientations, HeicIsTurnedOnce) {
  const Bytes bytes = encode_heic(stored_for(quarters(160, 96), GetParam()), GetParam());
  ASSERT_FALSE(bytes.empty());
  expect_upright(bytes, 1, "heic", 8);
}

}  // namespace
}  // namespace kith::test
