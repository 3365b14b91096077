// SPDX-License-Identifier: Apache-2.0
// When, where and with what: on EXIF blocks that the test writes, and through every container.
#include "imageio/shot.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "imageio/dng.h"
#include "imageio/exif_block.h"
#include "imageio/pictures.h"

namespace kith::test {
namespace {

using imageio::read_shot;
using imageio::Shot;

constexpr std::uint16_t make = 271;
constexpr std::uint16_t model = 272;
constexpr std::uint16_t date_time = 306;
constexpr std::uint16_t original = 36867;
constexpr std::uint16_t digitized = 36868;
constexpr std::uint16_t lens = 42036;
constexpr std::uint16_t direction = 17;

std::vector<ExifTag> paris() {
  return {ascii(1, "N"),  rationals(2, {48, 1, 51, 1, 2964, 100}),
          ascii(3, "E"),  rationals(4, {2, 1, 17, 1, 402, 10}),
          ascii(16, "M"), rationals(direction, {24155, 100})};
}

ExifDirectories whole() {
  return {{ascii(make, "Canon"), ascii(model, "Canon EOS 5D"), ascii(date_time, "2020:01:02 03:04:05")},
          {ascii(original, "2019:07:31 18:05:11"), ascii(digitized, "2019:08:01 00:00:00"),
           ascii(lens, "EF24-70mm f/2.8L")},
          paris()};
}

void expect_whole(const Shot& shot) {
  EXPECT_EQ(shot.taken, "2019-07-31T18:05:11");
  EXPECT_EQ(shot.camera, "Canon EOS 5D");
  EXPECT_EQ(shot.lens, "EF24-70mm f/2.8L");
  ASSERT_TRUE(shot.place);
  EXPECT_NEAR(shot.place->latitude, 48.858233, 1e-6);
  EXPECT_NEAR(shot.place->longitude, 2.294500, 1e-6);
  ASSERT_TRUE(shot.direction);
  EXPECT_NEAR(*shot.direction, 241.55, 1e-9);
}

void expect_nothing(const Shot& shot) {
  EXPECT_EQ(shot.taken, "");
  EXPECT_EQ(shot.camera, "");
  EXPECT_EQ(shot.lens, "");
  EXPECT_FALSE(shot.place);
  EXPECT_FALSE(shot.direction);
}

TEST(Shot, IsReadInBothByteOrdersAndWithTheMarkOfExif) {
  for (const bool big_endian : {false, true}) {
    Bytes block = exif_block(whole(), big_endian);
    expect_whole(read_shot(block));
    block.insert(block.begin(), {'E', 'x', 'i', 'f', 0, 0});
    expect_whole(read_shot(block));
  }
}

TEST(Shot, OfNothingIsEmpty) {
  expect_nothing(read_shot({}));
  expect_nothing(read_shot(Bytes(6, 0)));
  expect_nothing(read_shot(Bytes(100, 0xff)));
  expect_nothing(read_shot(exif_block({})));
  expect_nothing(read_shot(exif_block({{{274, 3, {}, {6}}}})));
}

// ---- hostile bytes

TEST(Shot, CutAnywhereIsReadAsFarAsItGoes) {
  for (const bool big_endian : {false, true}) {
    const Bytes block = exif_block(whole(), big_endian);
    for (std::size_t size = 0; size < block.size(); ++size) {
      // A vector of its own, so that the sanitizer sees a read beyond its end.
      const Shot shot = read_shot(Bytes(block.begin(), block.begin() + static_cast<std::ptrdiff_t>(size)));
      EXPECT_TRUE(shot.camera.empty() || shot.camera.starts_with("Canon")) << size;
      EXPECT_TRUE(shot.taken.empty() || shot.taken.size() == 19) << size;
    }
  }
}

TEST(Shot, AnyByteMayBeAnything) {
  const Bytes block = exif_block(whole());
  for (std::size_t at = 0; at < block.size(); ++at) {
    for (const int value : {0, 1, 127, 128, 255}) {
      Bytes changed = block;
      changed[at] = static_cast<std::uint8_t>(value);
      const Shot shot = read_shot(changed);
      EXPECT_LE(shot.camera.size(), 64U);
      EXPECT_LE(shot.lens.size(), 64U);
      if (shot.direction) {
        EXPECT_GE(*shot.direction, 0);
        EXPECT_LE(*shot.direction, 360);
      }
      if (shot.place) {
        EXPECT_LE(std::abs(shot.place->latitude), 90);
        EXPECT_LE(std::abs(shot.place->longitude), 180);
      }
    }
  }
}

TEST(Shot, CountsBeyondTheEndMakeATagAbsent) {
  for (const std::uint32_t count : {1000U, 0x7fffffffU, 0xffffffffU, 0x20000001U}) {
    ExifDirectories directories = whole();
    directories.first[1].count = count;    // the model
    directories.details[0].count = count;  // DateTimeOriginal
    directories.details[2].count = count;  // the lens
    directories.gps[1].count = count;      // the latitude has its three values all the same
    const Shot shot = read_shot(exif_block(directories));
    EXPECT_EQ(shot.camera, "Canon") << count;
    EXPECT_EQ(shot.taken, "2019-08-01T00:00:00") << count;
    EXPECT_EQ(shot.lens, "") << count;
    EXPECT_TRUE(shot.place) << count;
  }
}

TEST(Shot, DirectoriesInACircleEnd) {
  // Both sub-directories are the first one, which points to itself.
  const ExifDirectories circle{
      {ascii(make, "Canon"), {0x8769, 4, {}, {8}}, {0x8825, 4, {}, {8}}, {330, 4, {}, {8}}}};
  const Shot shot = read_shot(exif_block(circle));
  EXPECT_EQ(shot.camera, "Canon");
  EXPECT_EQ(shot.taken, "");
  EXPECT_FALSE(shot.place);
}

TEST(Shot, DirectoriesThatLieNowhereAreAbsent) {
  for (const std::uint32_t at : {0U, 1U, 5000U, 0xfffffff0U, 0xffffffffU}) {
    const ExifDirectories lost{{ascii(make, "Canon"), {0x8769, 4, {}, {at}}, {0x8825, 4, {}, {at}}}};
    EXPECT_EQ(read_shot(exif_block(lost)).camera, "Canon") << at;
    EXPECT_EQ(read_shot(exif_block(lost)).taken, "") << at;
  }
  // An ASCII tag where a pointer belongs.
  EXPECT_EQ(read_shot(exif_block({{ascii(make, "Canon"), ascii(0x8769, "abc")}})).taken, "");
}

// ---- dates

std::string taken(std::string_view date) {
  return read_shot(exif_block({{}, {ascii(original, date)}})).taken;
}

TEST(ShotDate, ComesFromTheFirstTagThatHoldsOne) {
  ExifDirectories directories = whole();
  directories.details[0] = ascii(original, "0000:00:00 00:00:00");
  EXPECT_EQ(read_shot(exif_block(directories)).taken, "2019-08-01T00:00:00");
  directories.details[1] = ascii(digitized, "    :  :     :  :  ");
  EXPECT_EQ(read_shot(exif_block(directories)).taken, "2020-01-02T03:04:05");
  directories.details.clear();
  EXPECT_EQ(read_shot(exif_block(directories)).taken, "2020-01-02T03:04:05");
  directories.first[2] = ascii(date_time, "never");
  EXPECT_EQ(read_shot(exif_block(directories)).taken, "");
}

TEST(ShotDate, IsARealOne) {
  for (const char* absurd :
       {"0000:00:00 00:00:00", "2019:13:01 00:00:00", "2019:00:10 00:00:00", "2019:02:29 00:00:00",
        "2019:04:31 12:00:00", "2019:07:31 24:00:00", "2019:07:31 18:60:00", "2019:07:31 18:05:60",
        "2019:07:31 18:05:  ", "2019:07:31", "", " ", "2019:07:31 18:05:1", "2019-07:31 18:05:11",
        "+019:07:31 18:05:11", "2019:07:31 18:05:111", "0001:01:01 00:00:00", "2019:07:31x18:05:11"}) {
    EXPECT_EQ(taken(absurd), "") << absurd;
  }
  EXPECT_EQ(taken("2020:02:29 23:59:59"), "2020-02-29T23:59:59");
  EXPECT_EQ(taken("1899:12:31 00:00:00"), "1899-12-31T00:00:00") << "a scan may say when its print was taken";
}

TEST(ShotDate, MayBeWrittenWithOtherMarks) {
  EXPECT_EQ(taken("2019-07-31T18:05:11"), "2019-07-31T18:05:11");
  EXPECT_EQ(taken("2019/07/31 18:05:11+02:00"), "2019-07-31T18:05:11");
  EXPECT_EQ(taken(" 2019:07:31 18:05:11.250 "), "2019-07-31T18:05:11");
}

// ---- the camera

std::string camera(std::string_view maker, std::string_view name) {
  const std::string from_block = read_shot(exif_block({{ascii(make, maker), ascii(model, name)}})).camera;
  EXPECT_EQ(from_block, camera_name(maker, name));
  return from_block;
}

TEST(ShotCamera, DoesNotRepeatTheMaker) {
  EXPECT_EQ(camera("Canon", "Canon EOS 5D"), "Canon EOS 5D");
  EXPECT_EQ(camera("NIKON CORPORATION", "NIKON D90"), "NIKON D90");
  EXPECT_EQ(camera("LG Electronics", "LG-H850"), "LG-H850");
  EXPECT_EQ(camera("SAMSUNG", "samsung Galaxy"), "samsung Galaxy");
  EXPECT_EQ(camera("Apple", "iPhone 12"), "Apple iPhone 12");
  EXPECT_EQ(camera("On", "Oneplus"), "On Oneplus");
  EXPECT_EQ(camera("Sony", "Sony"), "Sony");
  EXPECT_EQ(camera("Sony", ""), "Sony");
  EXPECT_EQ(camera("", "D90"), "D90");
  EXPECT_EQ(camera("  ", " "), "");
  EXPECT_EQ(camera("  Canon ", "  EOS   5D  "), "Canon EOS 5D");
}

TEST(ShotCamera, IsPrintableUtf8) {
  EXPECT_EQ(camera("Caméra", "日本"), "Caméra 日本");
  EXPECT_EQ(camera("A\x01\x1b[31m", "B\r\nC\x7f"), "A [31m B C");
  EXPECT_EQ(camera("A\xff\xc3",
                   "\xed\xa0\x80"
                   "B\xf4\x90\x80\x80\xc0\xaf"),
            "A B");
  EXPECT_EQ(camera("A\u202e\u200b", "\ufeffB\u0085"), "A B");
}

TEST(ShotCamera, HasAtMost64Bytes) {
  EXPECT_EQ(camera(std::string(500, 'x'), std::string(500, 'y')), std::string(64, 'x'));
  std::string umlauts;
  for (int i = 0; i < 200; ++i) umlauts += "\u00fc";
  EXPECT_EQ(camera("", umlauts), umlauts.substr(0, 64));
  EXPECT_EQ(camera("", "x" + umlauts), ("x" + umlauts).substr(0, 63)) << "whole characters";
}

// ---- the place

std::optional<GeoPoint> place(std::vector<ExifTag> gps) {
  return read_shot(exif_block({{}, {}, std::move(gps)})).place;
}

TEST(ShotPlace, IsNegativeInTheSouthAndWest) {
  std::vector<ExifTag> gps = paris();
  gps[0] = ascii(1, "S");
  gps[2] = ascii(3, "W");
  const auto found = place(gps);
  ASSERT_TRUE(found);
  EXPECT_NEAR(found->latitude, -48.858233, 1e-6);
  EXPECT_NEAR(found->longitude, -2.2945, 1e-6);
}

TEST(ShotPlace, IsAbsentWhereAnyPartOfItIs) {
  for (std::size_t i = 0; i < 4; ++i) {
    std::vector<ExifTag> gps = paris();
    gps.erase(gps.begin() + static_cast<std::ptrdiff_t>(i));
    EXPECT_FALSE(place(gps)) << i;
    gps = paris();
    gps[i] = i % 2 == 0 ? ascii(gps[i].number, "X") : rationals(gps[i].number, {1, 1, 2, 1});
    EXPECT_FALSE(place(gps)) << i;
    gps = paris();
    gps[i].type = 7;
    EXPECT_FALSE(place(gps)) << i;
  }
}

TEST(ShotPlace, IsAbsentWithoutDenominatorsAndOutOfRange) {
  const auto with_latitude = [](std::vector<std::uint32_t> value) {
    std::vector<ExifTag> gps = paris();
    gps[1] = rationals(2, std::move(value));
    return place(gps);
  };
  EXPECT_FALSE(with_latitude({0, 0, 0, 0, 0, 0}));
  EXPECT_FALSE(with_latitude({48, 1, 51, 1, 0, 0}));
  EXPECT_FALSE(with_latitude({90, 1, 0, 1, 1, 100}));
  EXPECT_FALSE(with_latitude({0xffffffff, 1, 0xffffffff, 1, 0xffffffff, 1}));
  EXPECT_TRUE(with_latitude({90, 1, 0, 1, 0, 1}));
  EXPECT_NEAR(with_latitude({488582, 10000, 0, 1, 0, 1})->latitude, 48.8582, 1e-9);
  std::vector<ExifTag> gps = paris();
  gps[3] = rationals(4, {180, 1, 0, 1, 0, 1});
  EXPECT_TRUE(place(gps));
  gps[3] = rationals(4, {180, 1, 0, 1, 1, 1});
  EXPECT_FALSE(place(gps));
}

// ---- the lens and the direction

std::string lens_read(std::string_view text) {
  return read_shot(exif_block({{}, {ascii(lens, text)}, {}})).lens;
}

TEST(ShotLens, IsOneLineOfPrintableTextOfAtMost64Bytes) {
  EXPECT_EQ(lens_read("  EF24-70mm\n  f/2.8L "), "EF24-70mm f/2.8L");
  EXPECT_EQ(lens_read("----"), "----") << "what the camera says of a lens that it does not know";
  EXPECT_EQ(lens_read("\xff\xfe"), "");
  EXPECT_EQ(lens_read(std::string(5000, 'x')), std::string(64, 'x'));
}

TEST(ShotLens, OfTheFirstDirectoryIsNone) {
  EXPECT_EQ(read_shot(exif_block({{ascii(lens, "EF50mm")}, {}, {}})).lens, "");
}

std::optional<double> direction_read(ExifTag tag) {
  return read_shot(exif_block({{}, {}, {std::move(tag)}})).direction;
}

TEST(ShotDirection, NeedsNoPlace) {
  const auto found = direction_read(rationals(direction, {0, 1}));
  ASSERT_TRUE(found);
  EXPECT_EQ(*found, 0);
  EXPECT_EQ(direction_read(rationals(direction, {720, 2})), 360);
}

TEST(ShotDirection, IsAbsentOutOfRangeOrOfAnotherType) {
  EXPECT_FALSE(direction_read(rationals(direction, {36001, 100})));
  EXPECT_FALSE(direction_read(rationals(direction, {0xffffffff, 1})));
  EXPECT_FALSE(direction_read(rationals(direction, {90, 0})));
  EXPECT_FALSE(direction_read({direction, 3, {}, {90}}));
  EXPECT_FALSE(direction_read(ascii(direction, "90")));
}

// ---- the containers

Shot shot_of(const PhotoInfo& info) {
  return {info.taken, info.camera, info.lens, info.place, info.direction};
}

void expect_whole_info(const Bytes& bytes, const std::string& format) {
  SCOPED_TRACE(format);
  const TemporaryFolder folder;
  write_bytes(folder / "photo", bytes);
  const Result<Photo> photo = Photo::open(folder / "photo");
  ASSERT_TRUE(photo) << photo.error().message;
  EXPECT_EQ(photo->info().format, format);
  expect_whole(shot_of(photo->info()));
  EXPECT_TRUE(photo->decode(1 << 20));
}

Bytes with_app1(const Bytes& jpeg, const Bytes& block) {
  Bytes segment{0xff, 0xe1, 0, 0, 'E', 'x', 'i', 'f', 0, 0};
  segment.insert(segment.end(), block.begin(), block.end());
  const std::size_t length = segment.size() - 2;
  segment[2] = static_cast<std::uint8_t>(length >> 8U);
  segment[3] = static_cast<std::uint8_t>(length & 0xffU);
  Bytes result = jpeg;
  result.insert(result.begin() + 2, segment.begin(), segment.end());
  return result;
}

TEST(ShotOfAPhoto, InJpeg) {
  const Bytes jpeg = encode(quarters(64, 48), ".jpg[strip]");
  expect_whole_info(with_app1(jpeg, exif_block(whole(), false)), "jpeg");
  expect_whole_info(with_app1(jpeg, exif_block(whole(), true)), "jpeg");
  const Result<Photo> none = Photo::from_bytes(jpeg, "x");
  ASSERT_TRUE(none);
  expect_nothing(shot_of(none->info()));
}

TEST(ShotOfAPhoto, InAJpegOfFourInks) {
  const Picture inks = processed(quarters(64, 48), [](VipsImage* in, VipsImage** out) {
    return vips_colourspace(in, out, VIPS_INTERPRETATION_CMYK, nullptr);
  });
  expect_whole_info(with_app1(encode(inks, ".jpg[strip]"), exif_block(whole())), "jpeg");
}

// libvips writes the block that it finds in the picture.
TEST(ShotOfAPhoto, InPngWebpHeicAndAvif) {
  Bytes block = exif_block(whole());
  block.insert(block.begin(), {'E', 'x', 'i', 'f', 0, 0});
  const Picture plain = quarters(64, 48);
  const Picture picture =
      processed(plain, [](VipsImage* in, VipsImage** out) { return vips_copy(in, out, nullptr); });
  vips_image_set_blob_copy(picture.get(), VIPS_META_EXIF_NAME, block.data(), block.size());
  expect_whole_info(encode(picture, ".png"), "png");
  expect_whole_info(encode(picture, ".webp"), "webp");
  expect_whole_info(encode(picture, ".heic"), "heic");
  expect_whole_info(encode(picture, ".avif[effort=0]"), "avif");
}

std::uint32_t little(const Bytes& bytes, std::size_t at, std::size_t count) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < count; ++i) value |= std::uint32_t{bytes[at + i]} << (8 * i);
  return value;
}

void put_little(Bytes& bytes, std::uint32_t value, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) bytes.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

// A copy of the file's directory at its end, with these tags more. The block that the tags come from goes
// there too, and their values stay where they lie in it.
Bytes with_exif_tags(Bytes tiff, const Bytes& block) {
  const auto shift = static_cast<std::uint32_t>(tiff.size());
  tiff.insert(tiff.end(), block.begin(), block.end());
  const auto entries_of = [&](std::size_t directory) {
    std::vector<Bytes> entries;
    for (std::size_t i = 0; i < little(tiff, directory, 2); ++i) {
      const auto at = tiff.begin() + static_cast<std::ptrdiff_t>(directory + 2 + i * 12);
      entries.emplace_back(at, at + 12);
    }
    return entries;
  };
  std::vector<Bytes> entries = entries_of(little(tiff, 4, 4));
  const auto moved = [&](std::size_t directory) {
    for (std::size_t i = 0; i < little(tiff, directory, 2); ++i) {
      const std::size_t at = directory + 2 + i * 12;
      const std::uint32_t count = little(tiff, at + 4, 4);
      const std::uint32_t type = little(tiff, at + 2, 2);
      if (type == 2 && count <= 4) continue;
      Bytes offset;
      put_little(offset, little(tiff, at + 8, 4) + shift, 4);
      std::ranges::copy(offset, tiff.begin() + static_cast<std::ptrdiff_t>(at + 8));
    }
  };
  moved(shift + 8);
  for (const Bytes& entry : entries_of(shift + 8)) {
    entries.push_back(entry);
    if (little(entry, 0, 2) > 0x8000) moved(little(entry, 8, 4));
  }
  std::ranges::sort(entries, {}, [](const Bytes& entry) { return little(entry, 0, 2); });
  Bytes start;
  put_little(start, static_cast<std::uint32_t>(tiff.size()), 4);
  std::ranges::copy(start, tiff.begin() + 4);
  put_little(tiff, static_cast<std::uint32_t>(entries.size()), 2);
  for (const Bytes& entry : entries) tiff.insert(tiff.end(), entry.begin(), entry.end());
  put_little(tiff, 0, 4);
  return tiff;
}

TEST(ShotOfAPhoto, InTiff) {
  expect_whole_info(with_exif_tags(encode(quarters(64, 48), ".tif"), exif_block(whole())), "tiff");
}

void expect_of_raw(const Bytes& dng) {
  const Result<Photo> photo = Photo::from_bytes(dng, "x");
  ASSERT_TRUE(photo) << photo.error().message;
  EXPECT_EQ(photo->info().format, "raw");
  EXPECT_EQ(photo->info().taken, "2019-07-31T18:05:11");
  EXPECT_EQ(photo->info().camera, "Kith Test");
}

TEST(ShotOfAPhoto, InARawFileDevelopedOrByItsPreview) {
  Dng dng{.width = 160, .height = 120};
  dng.taken = "2019:07:31 18:05:11";
  expect_of_raw(make_dng(dng));
  dng.preview = encode(quarters(128, 96), ".jpg[strip]");
  dng.preview_width = 128;
  dng.preview_height = 96;
  expect_of_raw(make_dng(dng));
}

TEST(ShotOfAPhoto, WhatARawFileLacksItsPreviewMaySay) {
  const Bytes preview = with_app1(encode(quarters(128, 96), ".jpg[strip]"), exif_block(whole()));
  const Result<Photo> photo = Photo::from_bytes(make_dng({160, 120, 1, preview, 128, 96}), "x");
  ASSERT_TRUE(photo) << photo.error().message;
  EXPECT_EQ(photo->info().taken, "2019-07-31T18:05:11");
  EXPECT_EQ(photo->info().camera, "Kith Test") << "the file's own word goes first";
  EXPECT_EQ(photo->info().lens, "EF24-70mm f/2.8L");
  EXPECT_EQ(photo->info().direction, 241.55);
  ASSERT_TRUE(photo->info().place);
  EXPECT_NEAR(photo->info().place->latitude, 48.858233, 1e-6);
}

}  // namespace
}  // namespace kith::test
