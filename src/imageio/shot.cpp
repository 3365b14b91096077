// SPDX-License-Identifier: Apache-2.0
#include "imageio/shot.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <initializer_list>
#include <utility>
#include <vector>

#include "imageio/tiff_reader.h"

namespace kith::imageio {
namespace {

// EXIF 2.32; DateTimeOriginal stands in the first directory in TIFF/EP.
enum Tag : std::uint16_t {
  gps_latitude_ref = 1,
  gps_latitude = 2,
  gps_longitude_ref = 3,
  gps_longitude = 4,
  make = 271,
  model = 272,
  date_time = 306,
  exif_directory = 0x8769,
  gps_directory = 0x8825,
  date_time_original = 36867,
  date_time_digitized = 36868,
};

constexpr std::size_t max_camera_bytes = 64;

using Entries = std::vector<TiffEntry>;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::optional<int> number(std::string_view digits) {
  int value = 0;
  for (const char c : digits) {
    if (!is_digit(c)) return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

// "2019:07:31 18:05:11" to "2019-07-31T18:05:11". Some programs write the date with other marks, and a
// fraction or a zone behind it. Empty where it is no date, as of a camera whose clock was never set.
std::string iso_date(std::string_view exif) {
  constexpr std::size_t length = 19;
  constexpr int first_photo = 1826;
  if (exif.size() < length || (exif.size() > length && is_digit(exif[length]))) return {};
  const char mark = exif[4];
  if (std::string_view(":-/.").find(mark) == std::string_view::npos || exif[7] != mark) return {};
  if ((exif[10] != ' ' && exif[10] != 'T') || exif[13] != ':' || exif[16] != ':') return {};
  const auto part = [&](std::size_t at, std::size_t count) { return number(exif.substr(at, count)); };
  const auto year = part(0, 4);
  const auto month = part(5, 2);
  const auto day = part(8, 2);
  const auto hour = part(11, 2);
  const auto minute = part(14, 2);
  const auto second = part(17, 2);
  if (!year || !month || !day || !hour || !minute || !second) return {};
  const std::chrono::year_month_day date(std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day)));
  if (!date.ok() || *year < first_photo || *hour > 23 || *minute > 59 || *second > 59) return {};
  std::string result(exif.substr(0, length));
  result[4] = result[7] = '-';
  result[10] = 'T';
  return result;
}

// How many bytes of `text` are one valid UTF-8 character (Unicode 15, table 3-7); 0 where they are none.
std::size_t character_bytes(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t count = first >= 0xc2 && first <= 0xdf   ? 2
                            : first >= 0xe0 && first <= 0xef ? 3
                            : first >= 0xf0 && first <= 0xf4 ? 4
                                                             : 0;
  if (count == 0 || text.size() < count) return 0;
  for (std::size_t i = 1; i < count; ++i) {
    if ((byte(i) & 0xc0U) != 0x80) return 0;
  }
  const bool overlong = (first == 0xe0 && byte(1) < 0xa0) || (first == 0xf0 && byte(1) < 0x90);
  const bool beyond = (first == 0xed && byte(1) > 0x9f) || (first == 0xf4 && byte(1) > 0x8f);
  return overlong || beyond ? 0 : count;
}

// What shows nothing, or turns the text around it: control characters, separators, marks of direction.
bool is_invisible(std::string_view character) {
  if (character.size() == 1) {
    const auto c = static_cast<std::uint8_t>(character[0]);
    return c < 0x20 || c == 0x7f;
  }
  char32_t code = static_cast<std::uint8_t>(character[0]) & (0xffU >> (character.size() + 1));
  for (const char c : character.substr(1)) code = code << 6U | (static_cast<std::uint8_t>(c) & 0x3fU);
  struct Range {
    char32_t first;
    char32_t last;
  };
  constexpr std::array<Range, 10> ranges{{{0x80, 0x9f},
                                          {0xad, 0xad},
                                          {0x61c, 0x61c},
                                          {0x180e, 0x180e},
                                          {0x200b, 0x200f},
                                          {0x2028, 0x202e},
                                          {0x2060, 0x206f},
                                          {0xe000, 0xf8ff},
                                          {0xfeff, 0xfeff},
                                          {0xfff0, 0xfffb}}};
  if ((code & 0xfffeU) == 0xfffeU || (code >= 0xfdd0 && code <= 0xfdef) || code >= 0xe0000) return true;
  return std::ranges::any_of(ranges,
                             [&](const Range& range) { return code >= range.first && code <= range.last; });
}

// What can be shown of it, in one line without doubled blanks, whole characters up to `max_bytes`.
std::string printable(std::string_view text, std::size_t max_bytes) {
  std::string result;
  bool blank = false;
  while (!text.empty()) {
    const std::size_t count = character_bytes(text);
    const std::string_view character = text.substr(0, std::max<std::size_t>(1, count));
    text.remove_prefix(character.size());
    if (count == 0 || character == " " || is_invisible(character)) {
      blank = true;
      continue;
    }
    const bool spaced = blank && !result.empty();
    if (result.size() + character.size() + (spaced ? 1 : 0) > max_bytes) break;
    if (spaced) result += ' ';
    result += character;
    blank = false;
  }
  return result;
}

// Whether the model's name begins with the maker's: "Canon" and "Canon EOS 5D", but also "NIKON CORPORATION"
// and "NIKON D90".
bool names_its_maker(std::string_view maker, std::string_view camera) {
  const std::string_view name = maker.substr(0, maker.find(' '));
  if (name.empty() || camera.size() < name.size()) return false;
  const bool same = std::equal(name.begin(), name.end(), camera.begin(),
                               [](char a, char b) { return lower(a) == lower(b); });
  if (!same || camera.size() == name.size()) return same;
  const char next = camera[name.size()];
  return !is_letter(next) && !is_digit(next);
}

std::string_view text_of(const TiffReader& tiff, const Entries& entries, Tag tag) {
  const TiffEntry* entry = find_entry(entries, tag);
  return entry != nullptr ? tiff.text(*entry) : std::string_view();
}

// The directory that an entry points to, read without going on from there: no loop can arise.
Entries directory_at(const TiffReader& tiff, const Entries& entries, Tag tag) {
  const TiffEntry* entry = find_entry(entries, tag);
  const auto at = entry != nullptr ? tiff.value(*entry, 0) : std::nullopt;
  if (!at || *at == 0) return {};
  return tiff.directory(*at).value_or(Entries());
}

std::optional<Angle> angle(const TiffReader& tiff, const Entries& gps, Tag value, Tag hemisphere) {
  const TiffEntry* entry = find_entry(gps, value);
  const std::string_view letter = trimmed(text_of(tiff, gps, hemisphere));
  if (entry == nullptr || letter.empty()) return std::nullopt;
  const auto degrees = tiff.rational(*entry, 0);
  const auto minutes = tiff.rational(*entry, 1);
  const auto seconds = tiff.rational(*entry, 2);
  if (!degrees || !minutes || !seconds) return std::nullopt;
  return Angle{*degrees, *minutes, *seconds, letter.front()};
}

std::optional<double> in_degrees(const Angle& angle, char positive, char negative, double limit) {
  const char hemisphere = angle.hemisphere;
  if (hemisphere != positive && hemisphere != negative) return std::nullopt;
  const double value = angle.degrees + angle.minutes / 60 + angle.seconds / 3600;
  if (!(value >= 0 && value <= limit)) return std::nullopt;
  return hemisphere == positive ? value : -value;
}

}  // namespace

Shot read_shot(std::span<const std::uint8_t> exif) {
  const TiffReader tiff(tiff_of_exif(exif), TiffReader::Mark::tiff_or_makers);
  const auto first = tiff.valid() ? tiff.first_directory() : std::nullopt;
  if (!first) return {};
  Shot shot;
  shot.camera = camera_name(text_of(tiff, *first, make), text_of(tiff, *first, model));

  const Entries details = directory_at(tiff, *first, exif_directory);
  for (const std::string_view date :
       {text_of(tiff, details, date_time_original), text_of(tiff, *first, date_time_original),
        text_of(tiff, details, date_time_digitized), text_of(tiff, *first, date_time)}) {
    if (shot.taken.empty()) shot.taken = iso_date(trimmed(date));
  }

  const Entries gps = directory_at(tiff, *first, gps_directory);
  const auto latitude = angle(tiff, gps, gps_latitude, gps_latitude_ref);
  const auto longitude = angle(tiff, gps, gps_longitude, gps_longitude_ref);
  if (latitude && longitude) shot.place = geo_point(*latitude, *longitude);
  return shot;
}

void complete(Shot& shot, Shot other) {
  if (shot.taken.empty()) shot.taken = std::move(other.taken);
  if (shot.camera.empty()) shot.camera = std::move(other.camera);
  if (!shot.place) shot.place = other.place;
}

void put_shot(PhotoInfo& info, Shot shot) {
  info.taken = std::move(shot.taken);
  info.camera = std::move(shot.camera);
  info.place = shot.place;
}

std::string camera_name(std::string_view make, std::string_view model) {
  // Cut first: a block may hold megabytes of text.
  constexpr std::size_t longest = 4 * max_camera_bytes;
  const std::string maker = printable(trimmed(make.substr(0, longest)), max_camera_bytes);
  std::string camera = printable(trimmed(model.substr(0, longest)), max_camera_bytes);
  if (maker.empty() || names_its_maker(maker, camera)) return camera;
  return printable(maker + ' ' + camera, max_camera_bytes);
}

std::optional<GeoPoint> geo_point(const Angle& latitude, const Angle& longitude) {
  const auto north = in_degrees(latitude, 'N', 'S', 90);
  const auto east = in_degrees(longitude, 'E', 'W', 180);
  if (!north || !east) return std::nullopt;
  return GeoPoint{*north, *east};
}

}  // namespace kith::imageio
