// SPDX-License-Identifier: Apache-2.0
// Every format and every kind of pixel comes out as upright 8-bit sRGB.
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "imageio/pictures.h"

namespace kith::test {
namespace {

struct Case {
  std::string name;
  std::string suffix;
  std::string format;
  int tolerance;
};

class Formats : public ::testing::TestWithParam<Case> {};

TEST_P(Formats, DecodesToTheSameColours) {
  const Case& c = GetParam();
  const Bytes bytes = encode(quarters(160, 96), c.suffix);
  const Result<Photo> photo = Photo::from_bytes(bytes, "x");
  ASSERT_TRUE(photo) << photo.error().message;
  EXPECT_EQ(photo->info().format, c.format);
  EXPECT_EQ(photo->info().width, 160);
  EXPECT_EQ(photo->info().height, 96);
  EXPECT_EQ(photo->info().orientation, 1);
  const Result<Image> image = photo->decode(160);
  ASSERT_TRUE(image) << image.error().message;
  ASSERT_EQ(image->width(), 160);
  ASSERT_EQ(image->height(), 96);
  expect_quarters(*image, c.tolerance);
}

INSTANTIATE_TEST_SUITE_P(
    All, Formats,
    ::testing::Values(Case{"jpeg", ".jpg[Q=95]", "jpeg", 4},
                      Case{"jpeg_progressive", ".jpg[Q=95,interlace]", "jpeg", 4},
                      Case{"png", ".png", "png", 0}, Case{"png_interlaced", ".png[interlace]", "png", 0},
                      Case{"png_palette", ".png[palette]", "png", 4}, Case{"webp", ".webp[Q=95]", "webp", 6},
                      Case{"webp_lossless", ".webp[lossless]", "webp", 0}, Case{"tiff", ".tif", "tiff", 0},
                      Case{"tiff_lzw", ".tif[compression=lzw]", "tiff", 0},
                      Case{"tiff_jpeg", ".tif[compression=jpeg]", "tiff", 6},
                      Case{"tiff_tiled", ".tif[tile,compression=deflate]", "tiff", 0},
                      Case{"gif", ".gif", "gif", 6}, Case{"heic", ".heic[Q=90]", "heic", 6},
                      Case{"avif", ".avif[Q=90,effort=1]", "avif", 6}),
    [](const auto& test) { return test.param.name; });

Picture converted(const Picture& picture, VipsInterpretation space) {
  return processed(picture,
                   [&](VipsImage* in, VipsImage** out) { return vips_colourspace(in, out, space, nullptr); });
}

TEST(Pixels, SixteenBitPngAndTiff) {
  const Picture deep = converted(quarters(64, 64), VIPS_INTERPRETATION_RGB16);
  for (const char* suffix : {".png", ".tif"}) {
    const Result<Image> image = decode(encode(deep, suffix));
    ASSERT_TRUE(image) << image.error().message;
    expect_quarters(*image, 1);
  }
}

TEST(Pixels, GreyInEveryFormatThatHasIt) {
  const Picture grey = converted(one_colour(64, 48, 90, 90, 90), VIPS_INTERPRETATION_B_W);
  for (const char* suffix : {".jpg[Q=95]", ".png", ".tif"}) {
    const Result<Image> image = decode(encode(grey, suffix));
    ASSERT_TRUE(image) << image.error().message;
    for (const int value : colour_at(*image, 0.5, 0.5)) EXPECT_NEAR(value, 90, 2) << suffix;
  }
}

TEST(Pixels, SixteenBitGrey) {
  const Picture grey = converted(one_colour(64, 48, 90, 90, 90), VIPS_INTERPRETATION_GREY16);
  for (const char* suffix : {".png", ".tif"}) {
    const Result<Image> image = decode(encode(grey, suffix));
    ASSERT_TRUE(image) << image.error().message;
    for (const int value : colour_at(*image, 0.5, 0.5)) EXPECT_NEAR(value, 90, 1) << suffix;
  }
}

Picture with_alpha(const Picture& picture, double alpha) {
  return processed(
      picture, [&](VipsImage* in, VipsImage** out) { return vips_bandjoin_const1(in, out, alpha, nullptr); });
}

TEST(Pixels, TransparencyLiesOverWhite) {
  const Picture half = with_alpha(one_colour(64, 48, 100, 0, 200), 128);
  for (const char* suffix : {".png", ".webp[lossless]", ".tif"}) {
    const Result<Image> image = decode(encode(half, suffix));
    ASSERT_TRUE(image) << image.error().message;
    const auto colour = colour_at(*image, 0.5, 0.5);
    EXPECT_NEAR(colour[0], 177, 2) << suffix;
    EXPECT_NEAR(colour[1], 127, 2) << suffix;
    EXPECT_NEAR(colour[2], 227, 2) << suffix;
  }
}

TEST(Pixels, SixteenBitTransparency) {
  const Picture deep = converted(with_alpha(one_colour(64, 48, 100, 0, 200), 128), VIPS_INTERPRETATION_RGB16);
  const Result<Image> image = decode(encode(deep, ".png"));
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_NEAR(colour_at(*image, 0.5, 0.5)[0], 177, 2);
}

TEST(Pixels, CmykJpegWithAndWithoutProfile) {
  const Picture cmyk = processed(quarters(64, 64), [](VipsImage* in, VipsImage** out) {
    return vips_icc_transform(in, out, "cmyk", "input_profile", "srgb", nullptr);
  });
  for (const char* suffix : {".jpg[Q=95]", ".jpg[Q=95,strip]"}) {
    const Result<Image> image = decode(encode(cmyk, suffix));
    ASSERT_TRUE(image) << image.error().message;
    expect_quarters(*image, 75);  // saturated colours lie outside what ink can do
    EXPECT_LT(colour_at(*image, 0.25, 0.75)[0], colour_at(*image, 0.25, 0.75)[2]) << "blue stays blue";
  }
}

TEST(Pixels, CmykJpegIsShrunkNoFurtherThanAsked) {
  const Picture cmyk = processed(quarters(800, 600), [](VipsImage* in, VipsImage** out) {
    return vips_icc_transform(in, out, "cmyk", "input_profile", "srgb", nullptr);
  });
  const Bytes bytes = encode(cmyk, ".jpg");
  const Result<Image> small = decode(bytes, 300);
  ASSERT_TRUE(small) << small.error().message;
  EXPECT_EQ(small->width(), 400);
  EXPECT_EQ(decode(bytes, 401)->width(), 800);
}

TEST(Pixels, FirstFrameOfAnAnimation) {
  const Picture first = one_colour(64, 48, 200, 0, 0);
  const Picture second = one_colour(64, 48, 0, 0, 200);
  VipsImage* joined = nullptr;
  ASSERT_EQ(vips_join(first.get(), second.get(), &joined, VIPS_DIRECTION_VERTICAL, nullptr), 0);
  const Picture film(joined);
  vips_image_set_int(film.get(), "page-height", 48);
  for (const char* suffix : {".gif", ".webp"}) {
    const Result<Photo> photo = Photo::from_bytes(encode(film, suffix), "film");
    ASSERT_TRUE(photo) << photo.error().message;
    EXPECT_EQ(photo->info().height, 48);
    const Result<Image> image = photo->decode(64);
    ASSERT_TRUE(image) << image.error().message;
    EXPECT_GT(colour_at(*image, 0.5, 0.5)[0], 180) << suffix;
  }
}

TEST(Pixels, TenBitHeic) {
  const Picture deep = converted(quarters(128, 128), VIPS_INTERPRETATION_RGB16);
  const Result<Image> image = decode(encode(deep, ".heic[bitdepth=10,Q=90]"));
  ASSERT_TRUE(image) << image.error().message;
  expect_quarters(*image, 8);
}

// libvips, Pango and lcms2 hold state of their own; kith promises that different photos are independent.
TEST(Threads, EachReadsItsOwnPhotos) {
  std::vector<Bytes> files;
  for (const char* suffix : {".jpg[profile=p3]", ".png", ".webp", ".tif", ".gif", ".heic"}) {
    files.push_back(encode(quarters(160, 96), suffix));
  }
  std::atomic<int> good = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 5; ++round) {
        for (const Bytes& file : files) {
          const Result<Image> image = decode(file);
          if (image && image->width() == 160) ++good;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(good, 4 * 5 * 6);
}

}  // namespace
}  // namespace kith::test
