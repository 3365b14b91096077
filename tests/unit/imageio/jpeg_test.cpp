// SPDX-License-Identifier: Apache-2.0
#include "imageio/jpeg.h"

#include <gtest/gtest.h>

// jpeglib.h needs FILE and size_t declared before it.
// clang-format off
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <jpeglib.h>
// clang-format on

#include "imageio/pictures.h"

namespace kith::test {
namespace {

TEST(JpegScale, PicksTheSmallestThatIsLargeEnough) {
  EXPECT_EQ(imageio::jpeg_scale_eighths(4000, 4000), 8);
  EXPECT_EQ(imageio::jpeg_scale_eighths(4000, 2001), 8);
  EXPECT_EQ(imageio::jpeg_scale_eighths(4000, 2000), 4);
  EXPECT_EQ(imageio::jpeg_scale_eighths(4000, 1000), 2);
  EXPECT_EQ(imageio::jpeg_scale_eighths(4000, 500), 1);
  EXPECT_EQ(imageio::jpeg_scale_eighths(4000, 1), 1);
  EXPECT_EQ(imageio::jpeg_scale_eighths(100, 1 << 30), 8);
  EXPECT_EQ(imageio::jpeg_scale_eighths(1001, 501), 4) << "the scaled side is rounded up";
}

class ShrinkOnLoad : public ::testing::TestWithParam<int> {};

INSTANTIATE_TEST_SUITE_P(Sizes, ShrinkOnLoad,
                         ::testing::Values(1, 60, 101, 202, 203, 404, 405, 806, 807, 5000));

TEST_P(ShrinkOnLoad, IsLargeEnoughKeepsTheAspectAndLooksTheSame) {
  const Bytes bytes = encode(quarters(807, 531), ".jpg[Q=95]");
  const Result<Photo> photo = Photo::from_bytes(bytes, "x");
  ASSERT_TRUE(photo);
  const Result<Image> image = photo->decode(GetParam());
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_GE(image->long_side(), std::min(GetParam(), 807));
  EXPECT_NEAR(image->height(), image->width() * 531.0 / 807.0, 1);
  expect_quarters(*image, 5);
}

TEST(ShrinkOnLoad, EqualsTheFullPictureMadeSmaller) {
  const Picture blurred = processed(
      noise(640, 480), [](VipsImage* in, VipsImage** out) { return vips_gaussblur(in, out, 6.0, nullptr); });
  const Bytes bytes = encode(blurred, ".jpg[Q=98]");
  const Result<Image> full = decode(bytes, 640);
  ASSERT_TRUE(full);
  for (const int factor : {2, 4, 8}) {
    const Result<Image> small = decode(bytes, 640 / factor);
    ASSERT_TRUE(small);
    ASSERT_EQ(small->width(), 640 / factor);
    Image expected(640 / factor, 480 / factor);
    for (int y = 0; y < expected.height(); ++y) {
      for (int i = 0; i < expected.width() * 3; ++i) {
        int sum = 0;
        for (int dy = 0; dy < factor; ++dy) {
          for (int dx = 0; dx < factor; ++dx)
            sum += full->row(y * factor + dy)[(i / 3 * factor + dx) * 3 + i % 3];
        }
        expected.row(y)[i] = static_cast<std::uint8_t>(sum / factor / factor);
      }
    }
    EXPECT_LT(difference(*small, expected), 2.0) << "1/" << factor;
  }
}

TEST(Jpeg, DecodesAgainAtAnotherScale) {
  const Result<Photo> photo = Photo::from_bytes(encode(quarters(400, 300), ".jpg"), "x");
  ASSERT_TRUE(photo);
  EXPECT_EQ(photo->decode(50)->width(), 50);
  EXPECT_EQ(photo->decode(400)->width(), 400);
  EXPECT_EQ(photo->decode(0)->width(), 50) << "nonsense sizes give the smallest";
  EXPECT_EQ(photo->decode(-7)->width(), 50);
}

TEST(Jpeg, OnlyTheEndMarkMissingIsNoLoss) {
  for (const char* suffix : {".jpg[Q=90]", ".jpg[Q=90,interlace]"}) {
    Bytes bytes = encode(noise(200, 150), suffix);
    bytes.resize(bytes.size() - 2);
    const Result<Image> image = decode(bytes);
    EXPECT_TRUE(image) << suffix << image.error().message;
  }
}

TEST(Jpeg, JunkAfterTheEndIsNoLoss) {
  Bytes bytes = encode(noise(200, 150), ".jpg");
  bytes.insert(bytes.end(), 5000, 0x55);
  EXPECT_TRUE(decode(bytes));
}

// A cut at any byte must never give a picture with a grey part: either the end mark alone is lost, or
// it is an error.
TEST(Jpeg, CutNearTheEnd) {
  for (const char* suffix : {".jpg[Q=90]", ".jpg[Q=90,interlace]"}) {
    const Bytes whole = encode(noise(120, 90), suffix);
    const Result<Image> expected = decode(whole);
    ASSERT_TRUE(expected);
    for (std::size_t cut = 1; cut < 400; ++cut) {
      Bytes bytes(whole.begin(), whole.end() - static_cast<std::ptrdiff_t>(cut));
      for (const int size : {15, 120}) {
        const Result<Image> image = decode(bytes, size);
        if (image && size == 120) {
          EXPECT_LT(difference(*image, *expected), 0.2) << suffix << " less " << cut;
        }
        if (!image) {
          EXPECT_EQ(image.error().code, ErrorCode::truncated) << suffix << " less " << cut;
        }
      }
    }
  }
}

TEST(Jpeg, ZeroesInTheMiddleAreDamageNotAPicture) {
  Bytes bytes = encode(noise(400, 300), ".jpg");
  std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(bytes.size() / 2), bytes.end(), std::uint8_t{0xff});
  const Result<Image> image = decode(bytes);
  ASSERT_FALSE(image);
}

// A progressive JPEG with far more scans than any encoder writes: each pass over the picture costs time.
Bytes with_many_scans(int scans) {
  jpeg_compress_struct jpeg{};
  jpeg_error_mgr errors{};
  jpeg.err = jpeg_std_error(&errors);
  jpeg_create_compress(&jpeg);
  unsigned char* data = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&jpeg, &data, &size);
  jpeg.image_width = 64;
  jpeg.image_height = 64;
  jpeg.input_components = 3;
  jpeg.in_color_space = JCS_RGB;
  jpeg_set_defaults(&jpeg);
  jpeg_simple_progression(&jpeg);
  jpeg_start_compress(&jpeg, TRUE);
  Bytes row(64 * 3, 100);
  JSAMPROW rows[] = {row.data()};
  for (int y = 0; y < 64; ++y) jpeg_write_scanlines(&jpeg, rows, 1);
  jpeg_finish_compress(&jpeg);
  Bytes bytes(data, data + size);
  jpeg_destroy_compress(&jpeg);
  free(data);

  // Repeat the last scan, from its mark to the end mark.
  const Bytes mark{0xff, 0xda};
  const auto last = std::find_end(bytes.begin(), bytes.end(), mark.begin(), mark.end());
  const Bytes scan(last, bytes.end() - 2);
  bytes.resize(bytes.size() - 2);
  for (int i = 0; i < scans; ++i) bytes.insert(bytes.end(), scan.begin(), scan.end());
  bytes.insert(bytes.end(), {0xff, 0xd9});
  return bytes;
}

TEST(Jpeg, AScanBombIsRefused) {
  EXPECT_TRUE(decode(with_many_scans(3)));
  const Result<Image> image = decode(with_many_scans(5000));
  ASSERT_FALSE(image);
  EXPECT_EQ(image.error().code, ErrorCode::damaged);
}

TEST(Jpeg, AHugeSizeWithNoDataBehindItFailsAtOnce) {
  Bytes bytes = encode(one_colour(64, 64, 1, 2, 3), ".jpg");
  const Bytes frame{0xff, 0xc0};
  const auto at = std::search(bytes.begin(), bytes.end(), frame.begin(), frame.end());
  ASSERT_NE(at, bytes.end());
  at[5] = 0x3a;  // 15,000 x 15,000
  at[6] = 0x98;
  at[7] = 0x3a;
  at[8] = 0x98;
  const Result<Image> image = decode(bytes, 1);
  ASSERT_FALSE(image);
}

}  // namespace
}  // namespace kith::test
