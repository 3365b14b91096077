// SPDX-License-Identifier: Apache-2.0
#include "imageio/colour.h"

#include <gtest/gtest.h>
#include <lcms2.h>

#include "imageio/pictures.h"

namespace kith::test {
namespace {

Bytes profile_bytes(cmsHPROFILE profile) {
  cmsUInt32Number size = 0;
  cmsSaveProfileToMem(profile, nullptr, &size);
  Bytes bytes(size);
  cmsSaveProfileToMem(profile, bytes.data(), &size);
  cmsCloseProfile(profile);
  return bytes;
}

Bytes display_p3() {
  const cmsCIExyY white{0.3127, 0.3290, 1};
  const cmsCIExyYTRIPLE primaries{{0.680, 0.320, 1}, {0.265, 0.690, 1}, {0.150, 0.060, 1}};
  cmsFloat64Number curve[] = {2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045};
  cmsToneCurve* tone = cmsBuildParametricToneCurve(nullptr, 4, curve);
  cmsToneCurve* tones[] = {tone, tone, tone};
  const Bytes bytes = profile_bytes(cmsCreateRGBProfile(&white, &primaries, tones));
  cmsFreeToneCurve(tone);
  return bytes;
}

Bytes gamma_grey(double gamma) {
  cmsToneCurve* tone = cmsBuildGamma(nullptr, gamma);
  const Bytes bytes = profile_bytes(cmsCreateGrayProfile(cmsD50_xyY(), tone));
  cmsFreeToneCurve(tone);
  return bytes;
}

Picture tagged(const Picture& picture, const Bytes& profile) {
  Picture copy =
      processed(picture, [](VipsImage* in, VipsImage** out) { return vips_copy(in, out, nullptr); });
  vips_image_set_blob_copy(copy.get(), VIPS_META_ICC_NAME, profile.data(), profile.size());
  return copy;
}

// Display-P3 (150, 200, 100) is sRGB (135.4, 201.8, 83.9), worked out from the two standards'
// matrices.
void expect_converted_p3(const Bytes& bytes, int min_long_side) {
  const Result<Image> image = decode(bytes, min_long_side);
  ASSERT_TRUE(image) << image.error().message;
  const auto colour = colour_at(*image, 0.5, 0.5);
  EXPECT_NEAR(colour[0], 135, 3);
  EXPECT_NEAR(colour[1], 202, 3);
  EXPECT_NEAR(colour[2], 84, 3);
}

TEST(Colour, DisplayP3BecomesSrgb) {
  const Picture picture = tagged(one_colour(320, 240, 150, 200, 100), display_p3());
  expect_converted_p3(encode(picture, ".jpg[Q=95]"), 320);
  expect_converted_p3(encode(picture, ".jpg[Q=95]"), 80);
  expect_converted_p3(encode(picture, ".png"), 320);
  expect_converted_p3(encode(picture, ".tif"), 320);
  expect_converted_p3(encode(picture, ".webp[lossless]"), 320);
}

TEST(Colour, DisplayP3OnItsSide) {
  const Picture picture = tagged(stored_for(one_colour(320, 240, 150, 200, 100), 6), display_p3());
  expect_converted_p3(encode(picture, ".jpg[Q=95]"), 320);
}

TEST(Colour, SixteenBitDisplayP3) {
  const Picture deep = processed(one_colour(64, 64, 150, 200, 100), [](VipsImage* in, VipsImage** out) {
    return vips_colourspace(in, out, VIPS_INTERPRETATION_RGB16, nullptr);
  });
  expect_converted_p3(encode(tagged(deep, display_p3()), ".png"), 64);
}

TEST(Colour, AnSrgbProfileCostsNoConversion) {
  EXPECT_FALSE(imageio::ColourConversion::to_srgb(profile_bytes(cmsCreate_sRGBProfile())));
  EXPECT_TRUE(imageio::ColourConversion::to_srgb(display_p3()));
}

TEST(Colour, ADamagedProfileIsIgnored) {
  Bytes profile = display_p3();
  std::fill(profile.begin() + 40, profile.end(), std::uint8_t{0xa5});
  const Picture picture = tagged(one_colour(64, 64, 150, 200, 100), profile);
  const Result<Image> image = decode(encode(picture, ".jpg[Q=95]"));
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_NEAR(colour_at(*image, 0.5, 0.5)[0], 150, 3);
  for (const std::size_t size : {0U, 1U, 127U, 128U, 200U}) {
    EXPECT_FALSE(imageio::ColourConversion::to_srgb({profile.data(), size}));
  }
}

TEST(Colour, GreyProfileIsApplied) {
  const Picture grey = processed(one_colour(64, 64, 90, 90, 90), [](VipsImage* in, VipsImage** out) {
    return vips_colourspace(in, out, VIPS_INTERPRETATION_B_W, nullptr);
  });
  // Linear 90/255 is 160 in sRGB.
  const Result<Image> image = decode(encode(tagged(grey, gamma_grey(1.0)), ".jpg[Q=95]"));
  ASSERT_TRUE(image) << image.error().message;
  for (const int value : colour_at(*image, 0.5, 0.5)) EXPECT_NEAR(value, 160, 4);
}

// The fast path must say what lcms2 says.
TEST(Colour, AgreesWithLcms) {
  const Bytes profile = display_p3();
  const auto conversion = imageio::ColourConversion::to_srgb(profile);
  ASSERT_TRUE(conversion);
  Bytes colours;
  for (int i = 0; i < 17 * 17 * 17; ++i) {
    for (const int level : {i % 17, i / 17 % 17, i / 289}) {
      colours.push_back(static_cast<std::uint8_t>(std::min(255, level * 16)));
    }
  }
  Bytes expected(colours.size());
  const cmsHPROFILE from =
      cmsOpenProfileFromMem(profile.data(), static_cast<cmsUInt32Number>(profile.size()));
  const cmsHPROFILE to = cmsCreate_sRGBProfile();
  const cmsHTRANSFORM transform =
      cmsCreateTransform(from, TYPE_RGB_8, to, TYPE_RGB_8, INTENT_RELATIVE_COLORIMETRIC, cmsFLAGS_NOOPTIMIZE);
  cmsDoTransform(transform, colours.data(), expected.data(),
                 static_cast<cmsUInt32Number>(colours.size() / 3));
  cmsDeleteTransform(transform);
  cmsCloseProfile(from);
  cmsCloseProfile(to);
  conversion->apply(colours);
  for (std::size_t i = 0; i < colours.size(); ++i) ASSERT_NEAR(colours[i], expected[i], 1) << i / 3;
}

}  // namespace
}  // namespace kith::test
