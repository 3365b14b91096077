// SPDX-License-Identifier: Apache-2.0
#include "imageio/tiff_tags.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "core/camera_raw.h"
#include "imageio/tiff_reader.h"

namespace kith::imageio {
namespace {

// TIFF 6.0 and TIFF/EP.
enum Tag : std::uint16_t {
  compression = 259,
  photometric = 262,
  strip_offsets = 273,
  orientation = 274,
  strip_byte_counts = 279,
  tile_offsets = 324,
  tile_byte_counts = 325,
  sub_directories = 330,
};

constexpr std::size_t max_directories = 64;    // a camera writes fewer than ten
constexpr std::size_t max_values = 1U << 16U;  // strips or tiles looked at

struct Directories {
  std::vector<std::vector<TiffEntry>> found;
  bool cut_off = false;  // one lies beyond the end
};

// Walks the chain and the sub-directories; loops end at the limit.
Directories all_directories(const TiffReader& tiff) {
  Directories result;
  std::vector<std::size_t> to_visit{tiff.u32(4).value_or(0)};
  for (std::size_t visited = 0; visited < to_visit.size() && visited < max_directories; ++visited) {
    const std::size_t at = to_visit[visited];
    if (at == 0) continue;
    auto entries = tiff.directory(at);
    if (!entries) {
      result.cut_off = true;
      continue;
    }
    to_visit.push_back(tiff.next_directory(at));
    if (const TiffEntry* subs = find_entry(*entries, sub_directories)) {
      for (std::size_t i = 0; i < std::min<std::size_t>(subs->count, max_directories); ++i) {
        to_visit.push_back(tiff.value(*subs, i).value_or(0));
      }
    }
    result.found.push_back(std::move(*entries));
  }
  return result;
}

bool holds_sensor_data(const TiffReader& tiff, const std::vector<TiffEntry>& entries) {
  if (find_entry(entries, dng_version_tag) != nullptr) return true;
  const auto value_of = [&](Tag tag) {
    const TiffEntry* entry = find_entry(entries, tag);
    return entry == nullptr ? 0 : tiff.value(*entry, 0).value_or(0);
  };
  return is_raw_photometric(value_of(photometric)) || is_raw_compression(value_of(compression));
}

bool data_ends_early(const TiffReader& tiff, const std::vector<TiffEntry>& entries, Tag offsets, Tag counts) {
  const TiffEntry* starts = find_entry(entries, offsets);
  const TiffEntry* lengths = find_entry(entries, counts);
  if (starts == nullptr || lengths == nullptr) return false;
  for (std::size_t i = 0; i < std::min<std::size_t>(starts->count, max_values); ++i) {
    const auto start = tiff.value(*starts, i);
    const auto length = tiff.value(*lengths, i);
    if (!start || !length || std::uint64_t{*start} + *length > tiff.size()) return true;
  }
  return false;
}

}  // namespace

int exif_orientation(std::span<const std::uint8_t> exif) {
  const TiffReader reader(tiff_of_exif(exif));
  if (!reader.valid()) return 0;
  const auto entries = reader.directory(reader.u32(4).value_or(0));
  const TiffEntry* entry = entries ? find_entry(*entries, orientation) : nullptr;
  const auto value = entry != nullptr ? reader.value(*entry, 0) : std::nullopt;
  return value && *value >= 1 && *value <= 8 ? static_cast<int>(*value) : 0;
}

bool tiff_is_camera_raw(std::span<const std::uint8_t> tiff) {
  const TiffReader reader(tiff);
  if (!reader.valid()) return false;
  const Directories directories = all_directories(reader);
  return std::ranges::any_of(directories.found,
                             [&](const auto& entries) { return holds_sensor_data(reader, entries); });
}

bool tiff_ends_early(std::span<const std::uint8_t> tiff) {
  const TiffReader reader(tiff);
  if (!reader.valid()) return tiff.size() < 8;
  const Directories directories = all_directories(reader);
  return directories.cut_off || std::ranges::any_of(directories.found, [&](const auto& entries) {
           return data_ends_early(reader, entries, strip_offsets, strip_byte_counts) ||
                  data_ends_early(reader, entries, tile_offsets, tile_byte_counts);
         });
}

}  // namespace kith::imageio
