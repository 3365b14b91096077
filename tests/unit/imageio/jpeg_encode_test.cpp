// SPDX-License-Identifier: Apache-2.0
#include "imageio/jpeg_encode.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string_view>

#include "imageio/pictures.h"

namespace kith::test {
namespace {

TEST(EncodeJpeg, DecodesToTheSamePicture) {
  const Image picture = decode(encode(quarters(96, 64), ".png")).value();
  const Result<Bytes> jpeg = imageio::encode_jpeg(picture, 90);
  ASSERT_TRUE(jpeg) << jpeg.error().message;
  const Result<Image> back = decode(*jpeg);
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_LT(difference(picture, *back), 2);
}

TEST(EncodeJpeg, SavesBytesWithLessQualityAndHoldsNoMetadata) {
  const Image picture = decode(encode(noise(96, 64), ".png")).value();
  const Bytes fine = imageio::encode_jpeg(picture, 95).value();
  EXPECT_LT(imageio::encode_jpeg(picture, 50).value().size(), fine.size());
  constexpr std::string_view exif = "Exif";
  EXPECT_EQ(std::search(fine.begin(), fine.end(), exif.begin(), exif.end()), fine.end());
}

TEST(EncodeJpeg, RefusesWhatNoJpegHolds) {
  EXPECT_EQ(imageio::encode_jpeg(Image(), 90).error().code, ErrorCode::bad_argument);
  EXPECT_EQ(imageio::encode_jpeg(Image(70000, 1), 90).error().code, ErrorCode::bad_argument);
}

}  // namespace
}  // namespace kith::test
