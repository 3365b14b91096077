// SPDX-License-Identifier: Apache-2.0
#include "imageio/tiff_exif.h"

#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "imageio/exif_block.h"
#include "imageio/pictures.h"
#include "imageio/shot.h"
#include "imageio/tiff_reader.h"
#include "imageio/tiff_tags.h"

namespace kith::test {
namespace {

using imageio::TiffReader;
using imageio::with_exif_of;

// A TIFF as libvips writes it.
Bytes copy_of_a_photo() { return encode(quarters(64, 48), ".tif"); }

std::string text_of(const Bytes& tiff, std::uint16_t tag) {
  const TiffReader reader(tiff);
  const auto entries = reader.first_directory();
  const imageio::TiffEntry* entry = entries ? imageio::find_entry(*entries, tag) : nullptr;
  return entry != nullptr ? std::string(reader.text(*entry)) : "";
}

const ExifDirectories photo{
    .first = {ascii(271, "Kith"), ascii(272, "One"), ascii(305, "Camera 1.0"), ascii(315, "A")},
    .details = {ascii(36867, "2001:02:03 04:05:06"), ascii(37500, "maker's note"), {40962, 4, {}, {4000}}},
    .gps = {ascii(1, "N"), rationals(2, {52, 1, 30, 1, 0, 1}), ascii(3, "E"),
            rationals(4, {13, 1, 24, 1, 0, 1})}};

TEST(TiffExif, ComesAlongFromEitherByteOrder) {
  const Bytes bare = copy_of_a_photo();
  for (const bool big_endian : {false, true}) {
    const Bytes copy = with_exif_of(bare, exif_block(photo, big_endian), "a tool");
    EXPECT_EQ(text_of(copy, 271), "Kith");
    EXPECT_EQ(text_of(copy, 315), "A") << "short enough to stand in the directory itself";
    EXPECT_EQ(text_of(copy, 305), "a tool") << "what wrote the copy is not what wrote the photo";
    const imageio::Shot shot = imageio::read_shot(copy);
    EXPECT_EQ(shot.taken, imageio::read_shot(exif_block(photo)).taken);
    EXPECT_FALSE(shot.taken.empty());
    ASSERT_TRUE(shot.place);
    EXPECT_NEAR(shot.place->latitude, 52.5, 1e-6);
    EXPECT_FALSE(imageio::tiff_ends_early(copy));
  }
}

TEST(TiffExif, LeavesBehindWhatIsAboutTheOriginalsBytesAndPixels) {
  const Bytes copy = with_exif_of(copy_of_a_photo(), exif_block(photo), "a tool");
  const TiffReader reader(copy);
  const auto first = reader.first_directory();
  ASSERT_TRUE(first);
  const imageio::TiffEntry* details = imageio::find_entry(*first, 34665);
  ASSERT_NE(details, nullptr);
  const auto entries = reader.directory(reader.value(*details, 0).value());
  ASSERT_TRUE(entries);
  ASSERT_EQ(entries->size(), 1U);
  EXPECT_EQ(entries->front().tag, 36867);
}

TEST(TiffExif, ThePixelsAreAsTheyWere) {
  const Bytes bare = copy_of_a_photo();
  const Bytes copy = with_exif_of(bare, exif_block(photo), "a tool");
  const auto pixels = [](const Bytes& bytes) {
    const Picture picture(vips_image_new_from_buffer(bytes.data(), bytes.size(), "", nullptr));
    std::size_t size = 0;
    void* values = picture ? vips_image_write_to_memory(picture.get(), &size) : nullptr;
    const std::string result(static_cast<const char*>(values), size);
    g_free(values);
    return result;
  };
  EXPECT_EQ(pixels(copy), pixels(bare));
  EXPECT_FALSE(pixels(bare).empty());
}

TEST(TiffExif, SurvivesAnySource) {
  const Bytes bare = copy_of_a_photo();
  const Bytes whole = exif_block(photo);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const Bytes copy = with_exif_of(bare, {whole.data(), size}, "a tool");
    EXPECT_EQ(text_of(copy, 305), "a tool") << size;
  }
  for (std::size_t at = 0; at < whole.size(); ++at) {
    Bytes damaged = whole;
    damaged[at] = 0xff;
    EXPECT_EQ(text_of(with_exif_of(bare, damaged, "a tool"), 305), "a tool") << at;
  }
  // A thousand fields that all name the same bytes, and a directory that is its own.
  ExifDirectories many;
  many.first = {{34665, 4, {}, {8}}};
  for (std::uint16_t tag = 40000; tag < 41000; ++tag)
    many.details.push_back({tag, 2, std::string(6, 'x'), {}, 60'000});
  Bytes bomb = exif_block(many);
  bomb.resize(bomb.size() + 60'000, 'x');
  EXPECT_LT(with_exif_of(bare, bomb, "a tool").size(), bare.size() + 40'000'000);
}

TEST(TiffExif, ACopyThatIsNoTiffComesBackAsItIs) {
  for (const Bytes& other : {Bytes{}, Bytes{'a', 'b', 'c'}, Bytes{'I', 'I', 42, 0, 200, 0, 0, 0, 0, 0}})
    EXPECT_EQ(with_exif_of(other, exif_block(photo), "a tool"), other);
}

}  // namespace
}  // namespace kith::test
