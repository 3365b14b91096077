// SPDX-License-Identifier: Apache-2.0
#include "imageio/shot.h"

#include <cstddef>
#include <initializer_list>
#include <utility>
#include <vector>

#include "core/utf8.h"
#include "imageio/tiff_reader.h"

namespace kith::imageio {
namespace {

// EXIF 2.32; DateTimeOriginal stands in the first directory in TIFF/EP.
enum Tag : std::uint16_t {
  gps_latitude_ref = 1,
  gps_latitude = 2,
  gps_longitude_ref = 3,
  gps_longitude = 4,
  gps_direction = 17,
  make = 271,
  model = 272,
  date_time = 306,
  exif_directory = 0x8769,
  gps_directory = 0x8825,
  date_time_original = 36867,
  date_time_digitized = 36868,
  lens_model = 42036,
};

using Entries = std::vector<TiffEntry>;

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

std::optional<double> direction_in(const TiffReader& tiff, const Entries& gps) {
  const TiffEntry* entry = find_entry(gps, gps_direction);
  const auto degrees = entry != nullptr ? tiff.rational(*entry, 0) : std::nullopt;
  return degrees && *degrees <= 360 ? degrees : std::nullopt;
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

  shot.lens = lens_name(text_of(tiff, details, lens_model));

  const Entries gps = directory_at(tiff, *first, gps_directory);
  const auto latitude = angle(tiff, gps, gps_latitude, gps_latitude_ref);
  const auto longitude = angle(tiff, gps, gps_longitude, gps_longitude_ref);
  if (latitude && longitude) shot.place = geo_point(*latitude, *longitude);
  shot.direction = direction_in(tiff, gps);
  return shot;
}

void complete(Shot& shot, Shot other) {
  if (shot.taken.empty()) shot.taken = std::move(other.taken);
  if (shot.camera.empty()) shot.camera = std::move(other.camera);
  if (shot.lens.empty()) shot.lens = std::move(other.lens);
  if (!shot.place) shot.place = other.place;
  if (!shot.direction) shot.direction = other.direction;
}

void put_shot(PhotoInfo& info, Shot shot) {
  info.taken = std::move(shot.taken);
  info.camera = std::move(shot.camera);
  info.lens = std::move(shot.lens);
  info.place = shot.place;
  info.direction = shot.direction;
}

}  // namespace kith::imageio
