// SPDX-License-Identifier: Apache-2.0
// XMP and EXIF found inside files, where the files are hostile; the sound ones stand in
// tests/integration/metadata_exiftool_test.cpp.
#include <gtest/gtest.h>

#include "imageio/pictures.h"
#include "metadata/embedded_xmp.h"
#include "metadata/exiv2.h"
#include "metadata/heif_items.h"
#include "metadata/packets.h"

namespace kith::test {
namespace {

using namespace std::string_literals;

std::string number(std::size_t value, std::size_t size, bool big_endian = true) {
  std::string bytes;
  for (std::size_t i = 0; i < size; ++i)
    bytes += static_cast<char>(value >> 8 * (big_endian ? size - 1 - i : i) & 0xffU);
  return bytes;
}

std::string box(const std::string& type, const std::string& content) {
  return number(content.size() + 8, 4) + type + content;
}

Bytes bytes_of(const std::string& text) { return {text.begin(), text.end()}; }

// A HEIC file of nothing but its metadata, its places given by base and offset in `size` bytes each.
struct Heif {
  std::size_t size = 4;
  std::size_t version = 1;
  std::string exif = number(6, 4) + "Exif\0\0MM"s;
  std::string xmp = "<xmp/>";

  [[nodiscard]] std::string write() const {
    const auto item = [](std::size_t id, const std::string& what) {
      return box("infe", number(2, 1) + number(0, 3) + number(id, 2) + number(0, 2) + what);
    };
    const std::string infos = box(
        "iinf", number(0, 4) + number(2, 2) + item(1, "Exif\0"s) + item(2, "mime\0application/rdf+xml\0"s));
    const std::string head = box("ftyp", "heic");
    const auto meta = [&](std::size_t data) {
      const auto place = [&](std::size_t id, std::size_t offset, std::size_t length) {
        return number(id, 2) + (version == 0 ? "" : number(0, 2)) + number(0, 2) + number(data, size) +
               number(1, 2) + number(offset, size) + number(length, size);
      };
      const std::string places = box(
          "iloc", number(version, 1) + number(0, 3) + number(size << 4U | size, 1) + number(size << 4U, 1) +
                      number(2, 2) + place(1, 0, exif.size()) + place(2, exif.size(), xmp.size()));
      return box("meta", number(0, 4) + infos + places);
    };
    return head + meta(head.size() + meta(0).size() + 8) + box("mdat", exif + xmp);
  }
};

TEST(HeifItems, AreFoundByEverySizeOfNumber) {
  for (const std::size_t size : {4U, 8U}) {
    for (const std::size_t version : {0U, 1U}) {
      const Bytes file = bytes_of(Heif{.size = size, .version = version}.write());
      const auto items = metadata::heif_items(file);
      ASSERT_TRUE(items);
      EXPECT_EQ(items->xmp, "<xmp/>");
      EXPECT_EQ(std::string(items->exif.begin(), items->exif.end()), "MM");
    }
  }
}

TEST(HeifItems, OfAFileThatIsCutOrChangedStayInside) {
  const Bytes whole = bytes_of(Heif().write());
  for (std::size_t size = 0; size < whole.size(); ++size)
    (void)metadata::heif_items(std::span(whole).first(size));
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const int value : {0, 1, 0x7f, 0xff}) {
      Bytes changed = whole;
      changed[at] = static_cast<std::uint8_t>(value);
      const auto items = metadata::heif_items(changed);
      if (!items || items->xmp.empty()) continue;
      const auto* data = reinterpret_cast<const std::uint8_t*>(items->xmp.data());
      EXPECT_TRUE(data >= changed.data() && data + items->xmp.size() <= changed.data() + changed.size());
    }
  }
}

TEST(HeifItems, WhoseExifSaysThatItBeginsBeyondItsEndAreEmpty) {
  const Bytes file = bytes_of(Heif{.exif = number(0xffffffff, 4) + "MM"}.write());
  const auto items = metadata::heif_items(file);
  ASSERT_TRUE(items);
  EXPECT_TRUE(items->exif.empty());
}

TEST(HeifItems, AreNotSoughtInOtherFiles) {
  EXPECT_FALSE(metadata::heif_items({}));
  EXPECT_FALSE(metadata::heif_items(encode(quarters(64, 48), ".jpg")));
  EXPECT_FALSE(metadata::heif_items(bytes_of(box("ftyp", "crx ") + box("moov", ""))));
}

// ---- PNG, WebP, TIFF

std::string png(const std::string& xmp) {
  const std::string text = "XML:com.adobe.xmp\0\0\0\0\0"s + xmp;
  return "\x89PNG\r\n\x1a\n"s + number(0, 4) + "zTXt" + number(0, 4) + number(text.size(), 4) + "iTXt" +
         text + number(0, 4);
}
std::string webp(const std::string& xmp) {
  return "RIFF" + number(0, 4) + "WEBPVP8X" + number(1, 4, false) + "x\0"s + "XMP " +
         number(xmp.size(), 4, false) + xmp;
}
std::string tiff(const std::string& xmp, bool big_endian) {
  const auto value = [&](std::size_t what, std::size_t size) { return number(what, size, big_endian); };
  return (big_endian ? "MM\0*"s : "II*\0"s) + value(8, 4) + value(1, 2) + value(700, 2) + value(1, 2) +
         value(xmp.size(), 4) + value(26, 4) + value(0, 4) + xmp;
}

TEST(EmbeddedXmp, IsFoundWhereItStands) {
  for (const std::string& file :
       {png("<xmp/>"), webp("<xmp/>"), tiff("<xmp/>", true), tiff("<xmp/>", false)}) {
    const Bytes bytes = bytes_of(file);
    EXPECT_EQ(metadata::embedded_xmp(bytes), "<xmp/>");
    for (std::size_t size = 0; size < bytes.size(); ++size)
      (void)metadata::embedded_xmp(std::span(bytes).first(size));
  }
  EXPECT_EQ(metadata::embedded_xmp(encode(quarters(64, 48), ".jpg")), "");
}

// Exiv2 alone would be busy for hours.
TEST(EmbeddedXmp, OfMillionsOfPropertiesNeverReachesExiv2) {
  std::string properties;
  for (int i = 0; i < 100'000; ++i) properties += "<dc:a" + std::to_string(i) + "/>";
  const std::string hostile = packet(properties);
  for (const std::string& file : {png(hostile), webp(hostile), tiff(hostile, true), tiff(hostile, false),
                                  Heif{.xmp = hostile}.write()}) {
    const auto image = metadata::open_image(bytes_of(file), "hostile");
    ASSERT_FALSE(image);
    EXPECT_EQ(image.error().code, ErrorCode::damaged) << image.error().message;
    EXPECT_NE(image.error().message.find("too many properties"), std::string::npos) << image.error().message;
  }
}

}  // namespace
}  // namespace kith::test
