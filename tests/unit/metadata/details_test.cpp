// SPDX-License-Identifier: Apache-2.0
#include "metadata/details.h"

#include <gtest/gtest.h>

#include "imageio/exif_block.h"
#include "metadata/exiv2.h"
#include "metadata/packets.h"

namespace kith::test {
namespace {

using namespace std::string_literals;

enum Tag : std::uint16_t {
  image_description = 0x10e,
  make = 0x10f,
  model = 0x110,
  date_time = 0x132,
  exposure_time = 0x829a,
  f_number = 0x829d,
  iso = 0x8827,
  recommended_exposure = 0x8832,
  date_time_original = 0x9003,
  shutter_speed = 0x9201,
  aperture = 0x9202,
  focal_length = 0x920a,
  user_comment = 0x9286,
  lens_model = 0xa434,
};

PhotoDetails details_in(const ExifDirectories& directories, bool big_endian = false) {
  const std::vector<std::uint8_t> block = exif_block(directories, big_endian);
  Exiv2::ExifData exif;
  const Exiv2::ByteOrder order =
      Exiv2::ExifParser::decode(exif, block.data(), static_cast<std::uint32_t>(block.size()));
  return metadata::details_of(exif, order);
}

PhotoDetails details_in(const std::string& properties) {
  const auto xmp = metadata::parse_xmp(packet(properties), "a.xmp");
  if (!xmp) {
    ADD_FAILURE() << xmp.error().message;
    return {};
  }
  return metadata::details_of(metadata::XmpTexts(*xmp));
}

std::string comment_in(const std::string& bytes, bool big_endian = false) {
  return details_in({.details = {{user_comment, 7, bytes}}}, big_endian).comment;
}

std::string utf16(std::u16string_view text, bool big) {
  std::string bytes;
  for (const char16_t c : text) {
    const char high = static_cast<char>(c >> 8U);
    const char low = static_cast<char>(c & 0xffU);
    bytes += big ? std::string{high, low} : std::string{low, high};
  }
  return bytes;
}

TEST(ExifDetails, AreReadInBothByteOrders) {
  const ExifDirectories directories{
      .first = {ascii(image_description, "At the sea"), ascii(make, "Canon"), ascii(model, "Canon EOS 5D")},
      .details = {rationals(exposure_time, {1, 250}),
                  rationals(f_number, {28, 10}),
                  {iso, 3, {}, {400}},
                  ascii(date_time_original, "2019:07:31 18:05:11"),
                  rationals(focal_length, {50, 1}),
                  ascii(lens_model, "EF24-70mm f/2.8L")},
      .gps = {ascii(1, "N"),
              rationals(2, {48, 1, 51, 1, 30, 1}),
              ascii(3, "W"),
              rationals(4, {2, 1, 21, 1, 0, 1}),
              {5, 1, "\x01"},
              rationals(6, {255, 10}),
              rationals(17, {27055, 100})}};
  for (const bool big_endian : {false, true}) {
    const PhotoDetails details = details_in(directories, big_endian);
    EXPECT_EQ(details.taken, "2019-07-31T18:05:11");
    EXPECT_EQ(details.camera, "Canon EOS 5D");
    EXPECT_EQ(details.lens, "EF24-70mm f/2.8L");
    EXPECT_EQ(details.description, "At the sea");
    EXPECT_DOUBLE_EQ(details.exposure.value_or(0), 1.0 / 250);
    EXPECT_DOUBLE_EQ(details.f_number.value_or(0), 2.8);
    EXPECT_DOUBLE_EQ(details.focal_length.value_or(0), 50);
    EXPECT_EQ(details.iso, 400);
    ASSERT_TRUE(details.place);
    EXPECT_NEAR(details.place->latitude, 48.858333, 1e-6);
    EXPECT_NEAR(details.place->longitude, -2.35, 1e-6);
    EXPECT_DOUBLE_EQ(details.altitude.value_or(0), -25.5);
    EXPECT_DOUBLE_EQ(details.direction.value_or(0), 270.55);
  }
}

TEST(ExifDetails, ThatMakeNoSenseAreAbsent) {
  const PhotoDetails details =
      details_in({.first = {ascii(date_time, "0000:00:00 00:00:00")},
                  .details = {rationals(exposure_time, {1, 0}),
                              rationals(f_number, {0, 1}),
                              {iso, 3, {}, {0}},
                              rationals(focal_length, {0, 0})},
                  .gps = {ascii(1, "N"), rationals(2, {148, 1, 0, 1, 0, 1}), ascii(3, "E"),
                          rationals(4, {2, 1, 0, 1, 0, 1}), rationals(6, {5, 0}), rationals(17, {400, 1})}});
  EXPECT_EQ(details.taken, "");
  EXPECT_FALSE(details.exposure || details.f_number || details.iso || details.focal_length);
  EXPECT_FALSE(details.place || details.altitude || details.direction);
}

TEST(ExifDetails, ComeFromTheLogarithmsWhereTheValuesAreMissing) {
  const PhotoDetails details =
      details_in({.details = {rationals(shutter_speed, {8, 1}), rationals(aperture, {4, 1})}});
  EXPECT_DOUBLE_EQ(details.exposure.value_or(0), 1.0 / 256);
  EXPECT_DOUBLE_EQ(details.f_number.value_or(0), 4);
}

TEST(ExifDetails, TakeALargeIsoFromTheFieldThatHoldsIt) {
  EXPECT_EQ(details_in({.details = {{iso, 3, {}, {65535}}, {recommended_exposure, 4, {}, {102400}}}}).iso,
            102400);
  EXPECT_EQ(details_in({.details = {{iso, 3, {}, {65535}}}}).iso, 65535);
}

TEST(ExifDetails, HoldBytesThatAreNoTextAsText) {
  const PhotoDetails details = details_in({.first = {ascii(image_description, "Caf\xe9 \x01 \xc3\xa9")}});
  EXPECT_EQ(details.description, "Caf\xef\xbf\xbd   \xc3\xa9");
}

TEST(UserComment, IsReadByItsEncoding) {
  EXPECT_EQ(comment_in("ASCII\0\0\0Hello\nyou  \0"s), "Hello\nyou");
  EXPECT_EQ(comment_in("\0\0\0\0\0\0\0\0Gr\xc3\xbc\xc3\x9f"s), "Gr\xc3\xbc\xc3\x9f");
  EXPECT_EQ(comment_in("ASCII\0\0\0Gr\xfc\xdf"s), "Gr\xef\xbf\xbd\xef\xbf\xbd");
  EXPECT_EQ(comment_in("JIS\0\0\0\0\0\x1b$B$3"s), "");
  EXPECT_EQ(comment_in("WHATEVERhello"s), "");
}

TEST(UserComment, InUtf16IsReadInBothByteOrders) {
  const std::u16string text = u"Gr\u00fc\u00dfe \U0001f600";
  const std::string utf8 =
      "Gr\xc3\xbc\xc3\x9f"
      "e \xf0\x9f\x98\x80";
  for (const bool big : {false, true}) {
    for (const bool exif_big : {false, true}) {
      EXPECT_EQ(comment_in("UNICODE\0"s + utf16(text, big), exif_big), utf8) << big << exif_big;
      EXPECT_EQ(comment_in("UNICODE\0"s + utf16(u"\ufeff" + text, big), exif_big), utf8) << big << exif_big;
    }
    // Where no byte is zero the block's own order is the guess.
    EXPECT_EQ(comment_in("UNICODE\0"s + utf16(u"\u6d77\u8fb9\u7684", big), big),
              "\xe6\xb5\xb7\xe8\xbe\xb9\xe7\x9a\x84");
  }
  EXPECT_EQ(comment_in("UNICODE\0"s + utf16(u"a\xd800", false)), "a\xef\xbf\xbd");
  EXPECT_EQ(comment_in("UNICODE\0a\0b"s), "a");
}

TEST(UserComment, ThatIsCutShortIsAbsent) {
  for (const std::string& bytes : {"ASCII"s, "ASCII\0\0\0"s, "UNICODE\0"s, "        "s})
    EXPECT_EQ(comment_in(bytes), "");
}

TEST(XmpDetails, AreRead) {
  const PhotoDetails details = details_in(
      "<exif:DateTimeOriginal>2019-07-31T18:05:11+02:00</exif:DateTimeOriginal><tiff:Make>NIKON "
      "CORPORATION</tiff:Make>"
      "<tiff:Model>NIKON D90</tiff:Model><aux:Lens>AF-S "
      "35mm</aux:Lens><exif:GPSLatitude>48,51.5N</exif:GPSLatitude>"
      "<exif:GPSLongitude>2,21,0W</exif:GPSLongitude><exif:GPSAltitude>255/10</exif:GPSAltitude>"
      "<exif:GPSAltitudeRef>1</exif:GPSAltitudeRef><exif:GPSImgDirection>27055/100</exif:GPSImgDirection>"
      "<exif:ExposureTime>1/250</exif:ExposureTime><exif:FNumber>28/10</exif:FNumber><exif:FocalLength>50</"
      "exif:FocalLength>"
      "<exif:ISOSpeedRatings><rdf:Seq><rdf:li>400</rdf:li></rdf:Seq></exif:ISOSpeedRatings>"
      "<dc:description><rdf:Alt><rdf:li xml:lang='de'>Am Meer</rdf:li><rdf:li xml:lang='x-default'>At the "
      "sea</rdf:li>"
      "</rdf:Alt></dc:description><exif:UserComment><rdf:Alt><rdf:li "
      "xml:lang='x-default'>Windy</rdf:li></rdf:Alt>"
      "</exif:UserComment>");
  EXPECT_EQ(details.taken, "2019-07-31T18:05:11");
  EXPECT_EQ(details.camera, "NIKON D90");
  EXPECT_EQ(details.lens, "AF-S 35mm");
  EXPECT_EQ(details.description, "At the sea");
  EXPECT_EQ(details.comment, "Windy");
  ASSERT_TRUE(details.place);
  EXPECT_NEAR(details.place->latitude, 48.858333, 1e-6);
  EXPECT_NEAR(details.place->longitude, -2.35, 1e-6);
  EXPECT_DOUBLE_EQ(details.altitude.value_or(0), -25.5);
  EXPECT_DOUBLE_EQ(details.direction.value_or(0), 270.55);
  EXPECT_DOUBLE_EQ(details.exposure.value_or(0), 1.0 / 250);
  EXPECT_DOUBLE_EQ(details.f_number.value_or(0), 2.8);
  EXPECT_EQ(details.iso, 400);
}

TEST(XmpDetails, ThatMakeNoSenseAreAbsent) {
  const PhotoDetails details = details_in(
      "<xmp:CreateDate>2019-13-31T18:05:11</xmp:CreateDate><exif:GPSLatitude>48,x,51N</exif:GPSLatitude>"
      "<exif:GPSLongitude>2,1,1,1W</exif:GPSLongitude><exif:ExposureTime>1/0</exif:ExposureTime>"
      "<exif:FNumber>nan</exif:FNumber><exif:FocalLength>1e999</exif:FocalLength><exif:GPSImgDirection>-1</"
      "exif:GPSImgDirection>"
      "<exif:GPSAltitude>/</exif:GPSAltitude>");
  EXPECT_EQ(details.taken, "");
  EXPECT_FALSE(details.place || details.exposure || details.f_number || details.focal_length ||
               details.direction || details.altitude);
}

TEST(XmpDetails, MayHaveADateWithoutSeconds) {
  EXPECT_EQ(details_in("<xmp:CreateDate>2019-07-31T18:05+02:00</xmp:CreateDate>").taken,
            "2019-07-31T18:05:00");
  EXPECT_EQ(details_in("<xmp:CreateDate>2019-07-31T18:05</xmp:CreateDate>").taken, "2019-07-31T18:05:00");
  EXPECT_EQ(details_in("<xmp:CreateDate>2019-07</xmp:CreateDate>").taken, "");
}

TEST(Details, OfOnePlaceAreCompletedByAnother) {
  PhotoDetails details{.camera = "A", .iso = 100};
  metadata::complete(details, {.taken = "2019-07-31T18:05:11", .camera = "B", .f_number = 2, .iso = 200});
  EXPECT_EQ(details.camera, "A");
  EXPECT_EQ(details.taken, "2019-07-31T18:05:11");
  EXPECT_EQ(details.iso, 100);
  EXPECT_EQ(details.f_number, 2);
}

}  // namespace
}  // namespace kith::test
