// SPDX-License-Identifier: Apache-2.0
#include "metadata/details.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/shot_values.h"
#include "core/utf8.h"

namespace kith::metadata {
namespace {

constexpr std::size_t max_text_bytes = 64U << 10U;  // of a comment; a segment of a JPEG
constexpr std::size_t max_lens_bytes = 128;

// In lines, without other control characters and without blanks around it.
std::string readable(std::string_view text) {
  text = text.substr(0, text.find('\0'));
  std::string valid = valid_utf8(text.substr(0, max_text_bytes));
  std::erase(valid, '\r');
  std::ranges::replace_if(
      valid,
      [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') || c == 0x7f; },
      ' ');
  return std::string(trimmed(valid));
}

std::optional<double> within(std::optional<double> value, double least, double most) {
  return value && *value >= least && *value <= most ? value : std::nullopt;
}

// What a camera can have: beyond that it is a field that was never filled.
std::optional<double> exposure_of(std::optional<double> seconds) { return within(seconds, 1e-7, 1e6); }
std::optional<double> f_number_of(std::optional<double> number) { return within(number, 0.1, 1000); }
std::optional<double> focal_length_of(std::optional<double> millimetres) {
  return within(millimetres, 0.1, 1e5);
}
std::optional<double> direction_of(std::optional<double> degrees) { return within(degrees, 0, 360); }

std::optional<int> iso_of(std::optional<double> value) {
  value = within(value, 1, 1e8);
  return value ? std::optional(static_cast<int>(*value)) : std::nullopt;
}

// Metres, and whether they go down.
std::optional<double> altitude_of(std::optional<double> metres, bool below) {
  metres = within(metres, 0, 100'000);
  return metres && below ? -*metres : metres;
}

// ---- EXIF

class Exif {
 public:
  explicit Exif(const Exiv2::ExifData& data) : data_(data) {}

  [[nodiscard]] const Exiv2::Value* value(const char* key) const {
    const auto found = data_.findKey(Exiv2::ExifKey(key));
    return found == data_.end() || found->typeId() == Exiv2::invalidTypeId ? nullptr : &found->value();
  }

  [[nodiscard]] std::string text(const char* key) const {
    const auto* text = dynamic_cast<const Exiv2::StringValueBase*>(value(key));
    return text == nullptr ? std::string() : readable(text->value_);
  }

  // Of any type of number.
  [[nodiscard]] std::optional<double> number(const char* key, std::size_t index = 0) const {
    const Exiv2::Value* found = value(key);
    if (found == nullptr || found->count() <= static_cast<long>(index)) return std::nullopt;
    if (const auto* fractions = dynamic_cast<const Exiv2::URationalValue*>(found))
      return quotient(fractions->value_[index]);
    if (const auto* fractions = dynamic_cast<const Exiv2::RationalValue*>(found))
      return quotient(fractions->value_[index]);
    const Exiv2::TypeId type = found->typeId();
    const bool whole = type == Exiv2::unsignedByte || type == Exiv2::unsignedShort ||
                       type == Exiv2::unsignedLong || type == Exiv2::signedShort || type == Exiv2::signedLong;
    if (!whole) return std::nullopt;
    return static_cast<double>(found->toLong(static_cast<long>(index)));
  }

 private:
  template <typename Fraction>
  static std::optional<double> quotient(const Fraction& fraction) {
    if (fraction.second == 0) return std::nullopt;
    return static_cast<double>(fraction.first) / static_cast<double>(fraction.second);
  }

  const Exiv2::ExifData& data_;
};

// UTF-16 says which of its two bytes comes first by a mark; without one, text in most scripts shows it by the
// byte that is always zero.
std::string utf16_comment(std::string_view bytes, Exiv2::ByteOrder order) {
  bool big = order == Exiv2::bigEndian;
  if (bytes.starts_with("\xfe\xff") || bytes.starts_with("\xff\xfe")) {
    big = bytes.front() == '\xfe';
    bytes.remove_prefix(2);
  } else {
    std::array<std::size_t, 2> zeros{};
    for (std::size_t i = 0; i < bytes.size(); ++i) zeros[i % 2] += bytes[i] == '\0' ? 1U : 0U;
    if (zeros[0] != zeros[1]) big = zeros[0] > zeros[1];
  }
  return utf8_of_utf16(bytes, big ? ByteOrder::big : ByteOrder::little);
}

// EXIF 2.32, UserComment: eight bytes that name the encoding, and the text. JIS is left unread.
std::string comment_of(const Exif& exif, Exiv2::ByteOrder order) {
  using namespace std::string_view_literals;
  constexpr std::size_t prefix = 8;
  const Exiv2::Value* value = exif.value("Exif.Photo.UserComment");
  if (value == nullptr || value->size() <= static_cast<long>(prefix)) return {};
  std::vector<Exiv2::byte> raw(static_cast<std::size_t>(value->size()));
  raw.resize(static_cast<std::size_t>(std::max(0L, value->copy(raw.data(), order))));
  const std::string_view bytes(reinterpret_cast<const char*>(raw.data()), raw.size());
  if (bytes.size() <= prefix) return {};
  const std::string_view charset = bytes.substr(0, prefix);
  const std::string_view text = bytes.substr(prefix, max_text_bytes);
  if (charset == "UNICODE\0"sv) return readable(utf16_comment(text, order));
  if (charset == "ASCII\0\0\0"sv || charset == "\0\0\0\0\0\0\0\0"sv) return readable(text);
  return {};
}

std::optional<Angle> angle_of(const Exif& exif, const char* value, const char* hemisphere) {
  const std::string letter = exif.text(hemisphere);
  const auto degrees = exif.number(value, 0);
  if (letter.empty() || !degrees) return std::nullopt;
  // Some programs leave out what is zero, or write 0/0 for it.
  return Angle{*degrees, exif.number(value, 1).value_or(0), exif.number(value, 2).value_or(0),
               letter.front()};
}

std::optional<GeoPoint> place_of(const Exif& exif) {
  const auto latitude = angle_of(exif, "Exif.GPSInfo.GPSLatitude", "Exif.GPSInfo.GPSLatitudeRef");
  const auto longitude = angle_of(exif, "Exif.GPSInfo.GPSLongitude", "Exif.GPSInfo.GPSLongitudeRef");
  return latitude && longitude ? geo_point(*latitude, *longitude) : std::nullopt;
}

// APEX (EXIF 2.32, annex C), where the plain value is missing.
std::optional<double> power_of_two(std::optional<double> exponent) {
  return exponent ? std::optional(std::exp2(*exponent)) : std::nullopt;
}
std::optional<double> times(std::optional<double> value, double factor) {
  return value ? std::optional(*value * factor) : std::nullopt;
}

// ---- XMP

std::optional<double> decimal(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

// "1/250" or "2.8".
std::optional<double> number_of(std::string_view text) {
  text = trimmed(text);
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return decimal(text);
  const auto above = decimal(text.substr(0, slash));
  const auto below = decimal(text.substr(slash + 1));
  if (!above || !below || *below == 0) return std::nullopt;
  return *above / *below;
}

// "48,51.5N" or "48,51,30N".
std::optional<Angle> angle_of(std::string_view text) {
  text = trimmed(text);
  if (text.empty()) return std::nullopt;
  Angle angle;
  angle.hemisphere = text.back();
  text.remove_suffix(1);
  for (double* part : {&angle.degrees, &angle.minutes, &angle.seconds}) {
    const std::string_view digits = text.substr(0, text.find(','));
    const auto value = decimal(trimmed(digits));
    if (!value) return std::nullopt;
    *part = *value;
    text.remove_prefix(std::min(text.size(), digits.size() + 1));
    if (text.empty()) break;
  }
  return text.empty() ? std::optional(angle) : std::nullopt;
}

std::optional<GeoPoint> place_of(const XmpTexts& xmp) {
  const auto latitude = angle_of(xmp.text("exif.GPSLatitude"));
  const auto longitude = angle_of(xmp.text("exif.GPSLongitude"));
  return latitude && longitude ? geo_point(*latitude, *longitude) : std::nullopt;
}

// ISO 8601, which may leave the seconds out.
std::string date_of(std::string_view text) {
  constexpr std::size_t to_the_minute = 16;
  const bool short_form =
      text.size() == to_the_minute || (text.size() > to_the_minute && text[to_the_minute] != ':');
  if (!short_form) return iso_date(text);
  return iso_date(std::string(text.substr(0, to_the_minute)) + ":00");
}

// The first of the texts that is one.
template <typename Read>
std::string first_text(std::initializer_list<const char*> places, const Read& read) {
  for (const char* place : places) {
    if (std::string text = read(place); !text.empty()) return text;
  }
  return {};
}

template <typename T>
void complete(T& value, const T& other) {
  if (!value) value = other;
}
void complete(std::string& value, const std::string& other) {
  if (value.empty()) value = other;
}

}  // namespace

PhotoDetails details_of(const Exiv2::ExifData& data, Exiv2::ByteOrder order) {
  const Exif exif(data);
  PhotoDetails details;
  details.taken = first_text({"Exif.Photo.DateTimeOriginal", "Exif.Image.DateTimeOriginal",
                              "Exif.Photo.DateTimeDigitized", "Exif.Image.DateTime"},
                             [&](const char* key) { return iso_date(exif.text(key)); });
  details.camera = camera_name(exif.text("Exif.Image.Make"), exif.text("Exif.Image.Model"));
  details.lens = one_line(exif.text("Exif.Photo.LensModel"), max_lens_bytes);
  details.description = exif.text("Exif.Image.ImageDescription");
  details.comment = comment_of(exif, order);
  details.place = place_of(exif);
  details.altitude =
      altitude_of(exif.number("Exif.GPSInfo.GPSAltitude"), exif.number("Exif.GPSInfo.GPSAltitudeRef") == 1.0);
  details.direction = direction_of(exif.number("Exif.GPSInfo.GPSImgDirection"));
  details.exposure = exposure_of(exif.number("Exif.Photo.ExposureTime"));
  if (!details.exposure) {
    details.exposure = exposure_of(power_of_two(times(exif.number("Exif.Photo.ShutterSpeedValue"), -1)));
  }
  details.f_number = f_number_of(exif.number("Exif.Photo.FNumber"));
  if (!details.f_number) {
    details.f_number = f_number_of(power_of_two(times(exif.number("Exif.Photo.ApertureValue"), 0.5)));
  }
  details.focal_length = focal_length_of(exif.number("Exif.Photo.FocalLength"));
  // 65535: more than the field holds (EXIF 2.3); the fields that came after it hold it.
  details.iso = iso_of(exif.number("Exif.Photo.ISOSpeedRatings"));
  if (!details.iso || *details.iso == 65535) {
    for (const char* key : {"Exif.Photo.RecommendedExposureIndex", "Exif.Photo.ISOSpeed"}) {
      if (const auto more = iso_of(exif.number(key))) details.iso = more;
    }
  }
  return details;
}

PhotoDetails details_of(const XmpTexts& xmp) {
  PhotoDetails details;
  const auto number = [&](const char* place) { return number_of(xmp.text(place)); };
  details.taken = first_text({"exif.DateTimeOriginal", "photoshop.DateCreated", "xmp.CreateDate"},
                             [&](const char* place) { return date_of(xmp.text(place)); });
  details.camera = camera_name(xmp.text("tiff.Make"), xmp.text("tiff.Model"));
  details.lens = first_text({"exifEX.LensModel", "aux.Lens"},
                            [&](const char* place) { return one_line(xmp.text(place), max_lens_bytes); });
  details.description = readable(xmp.text("dc.description"));
  details.comment = readable(xmp.text("exif.UserComment"));
  details.place = place_of(xmp);
  details.altitude = altitude_of(number("exif.GPSAltitude"), number("exif.GPSAltitudeRef") == 1.0);
  details.direction = direction_of(number("exif.GPSImgDirection"));
  details.exposure = exposure_of(number("exif.ExposureTime"));
  details.f_number = f_number_of(number("exif.FNumber"));
  details.focal_length = focal_length_of(number("exif.FocalLength"));
  details.iso = iso_of(number("exif.ISOSpeedRatings"));
  if (!details.iso) details.iso = iso_of(number("exifEX.PhotographicSensitivity"));
  return details;
}

void complete(PhotoDetails& details, const PhotoDetails& other) {
  complete(details.taken, other.taken);
  complete(details.camera, other.camera);
  complete(details.lens, other.lens);
  complete(details.description, other.description);
  complete(details.comment, other.comment);
  complete(details.place, other.place);
  complete(details.altitude, other.altitude);
  complete(details.direction, other.direction);
  complete(details.exposure, other.exposure);
  complete(details.f_number, other.f_number);
  complete(details.focal_length, other.focal_length);
  complete(details.iso, other.iso);
}

}  // namespace kith::metadata
