// SPDX-License-Identifier: Apache-2.0
#include "core/shot_values.h"

#include <algorithm>
#include <chrono>

#include "core/utf8.h"

namespace kith {
namespace {

constexpr std::size_t max_name_bytes = 64;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::optional<int> number(std::string_view digits) {
  int value = 0;
  for (const char c : digits) {
    if (!is_digit(c)) return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
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

std::optional<double> in_degrees(const Angle& angle, char positive, char negative, double limit) {
  const char hemisphere = angle.hemisphere;
  if (hemisphere != positive && hemisphere != negative) return std::nullopt;
  const double value = angle.degrees + angle.minutes / 60 + angle.seconds / 3600;
  if (!(value >= 0 && value <= limit)) return std::nullopt;
  return hemisphere == positive ? value : -value;
}

// Cut first: a block may hold megabytes of text.
std::string short_name(std::string_view text) {
  constexpr std::size_t longest = 4 * max_name_bytes;
  return one_line(trimmed(text.substr(0, longest)), max_name_bytes);
}

}  // namespace

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

std::string camera_name(std::string_view make, std::string_view model) {
  const std::string maker = short_name(make);
  std::string camera = short_name(model);
  if (maker.empty() || names_its_maker(maker, camera)) return camera;
  return one_line(maker + ' ' + camera, max_name_bytes);
}

std::string lens_name(std::string_view model) { return short_name(model); }

std::optional<GeoPoint> geo_point(const Angle& latitude, const Angle& longitude) {
  const auto north = in_degrees(latitude, 'N', 'S', 90);
  const auto east = in_degrees(longitude, 'E', 'W', 180);
  if (!north || !east) return std::nullopt;
  return GeoPoint{*north, *east};
}

}  // namespace kith
