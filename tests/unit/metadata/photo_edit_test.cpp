// SPDX-License-Identifier: Apache-2.0
// Photos of odd build, as edit_fuzz found them; the usual ones stand in
// tests/integration/metadata_edit_test.cpp.
#include "metadata/container.h"

#include <gtest/gtest.h>

namespace kith::metadata {
namespace {

using namespace std::string_literals;

// Of no picture: who exchanges chunks looks at neither pixels nor checksums.
std::string chunk(const std::string& type, const std::string& content) {
  return big_endian_bytes(content.size(), 4) + type + content + "sum!";
}
const std::string png_start = "\x89PNG\r\n\x1a\n"s + chunk("IHDR", std::string(13, '\0'));
const std::string png_end = chunk("IDAT", "pixels") + chunk("IEND", "");

const TiffChange description{tiff_tag::image_description, TiffType::ascii, "By the sea\0"s};

std::string exif_block() {
  return spliced(empty_tiff(), *changed_tiff(TextSource(empty_tiff()), {&description, 1}));
}

TEST(PhotoEdit, APngWithExifFirstTakesXmpAndExifAtOnce) {
  const std::string photo = png_start + chunk("eXIf", exif_block()) + png_end;
  const TextSource source(photo);
  const auto container = read_container(source, PhotoFormat::png);
  ASSERT_TRUE(container);
  const TiffChange longer{tiff_tag::image_description, TiffType::ascii, "By the sea, in summer\0"s};
  const auto splices = changed_photo(source, *container, {"packet", {longer}});
  ASSERT_TRUE(splices) << splices.error().message;
  const std::string changed = spliced(photo, *splices);
  const auto again = read_container(TextSource(changed), PhotoFormat::png);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->xmp.content, "packet");
  EXPECT_EQ(tiff_value(TextSource(again->exif.content), tiff_tag::image_description), longer.value);
  EXPECT_TRUE(changed.starts_with(png_start));
  EXPECT_TRUE(changed.ends_with(png_end));
}

TEST(PhotoEdit, APngsXmpIsExchangedWhereItStandsWhateverElseStandsTwice) {
  const std::string xmp = chunk("iTXt", "XML:com.adobe.xmp\0\0\0\0\0old"s);
  const std::string header = chunk("IHDR", std::string(13, '\0'));
  const std::string photo = png_start + xmp + header + png_end;
  const TextSource source(photo);
  const auto container = read_container(source, PhotoFormat::png);
  ASSERT_TRUE(container);
  const auto splices = changed_photo(source, *container, {.xmp = ""});
  ASSERT_TRUE(splices);
  EXPECT_EQ(spliced(photo, *splices), png_start + header + png_end);
  const std::string headless = "\x89PNG\r\n\x1a\n"s + xmp + header + png_end;
  EXPECT_FALSE(read_container(TextSource(headless), PhotoFormat::png));
}

TEST(PhotoEdit, AFileThatEndsBehindATiffsMarkIsAsGoodAsAnother) {
  const std::string whole = "MM\0*\0\0\0\x08\0\0\0\0\0\0"s;
  for (std::size_t bytes = 0; bytes <= whole.size(); ++bytes) {
    const std::string_view start = std::string_view(whole).substr(0, bytes);
    EXPECT_EQ(writable_format(TextSource(start)), bytes < 4 ? PhotoFormat::unknown : PhotoFormat::tiff)
        << bytes;
  }
  EXPECT_EQ(writable_format(TextSource("II*\0\x10\0\0\0CR\2\0"s)), PhotoFormat::unknown);
}

}  // namespace
}  // namespace kith::metadata
