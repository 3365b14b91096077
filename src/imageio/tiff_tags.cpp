// SPDX-License-Identifier: Apache-2.0
#include "imageio/tiff_tags.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace kith::imageio {
namespace {

// TIFF 6.0, TIFF/EP and DNG 1.4.
enum Tag : std::uint16_t {
  compression = 259,
  photometric = 262,
  strip_offsets = 273,
  orientation = 274,
  strip_byte_counts = 279,
  tile_offsets = 324,
  tile_byte_counts = 325,
  sub_directories = 330,
  dng_version = 50706,
};

constexpr std::size_t max_directories = 64;    // a camera writes fewer than ten
constexpr std::size_t max_values = 1U << 16U;  // strips or tiles looked at

struct Entry {
  std::uint16_t tag = 0;
  std::uint16_t type = 0;
  std::uint32_t count = 0;
  std::size_t value_at = 0;  // where its values lie
};

// Bounds-checked access: a read beyond the end gives nothing.
class TiffReader {
 public:
  explicit TiffReader(std::span<const std::uint8_t> bytes) : bytes_(bytes) {
    if (bytes.size() < 8) return;
    little_endian_ = bytes[0] == 'I';
    const bool order = (bytes[0] == 'I' && bytes[1] == 'I') || (bytes[0] == 'M' && bytes[1] == 'M');
    valid_ = order && u16(2) == std::uint16_t{42};
  }

  [[nodiscard]] bool valid() const { return valid_; }
  [[nodiscard]] std::size_t size() const { return bytes_.size(); }

  [[nodiscard]] std::optional<std::uint16_t> u16(std::size_t at) const {
    if (!holds(at, 2)) return std::nullopt;
    const unsigned low = bytes_[at + (little_endian_ ? 0 : 1)];
    const unsigned high = bytes_[at + (little_endian_ ? 1 : 0)];
    return static_cast<std::uint16_t>(high << 8U | low);
  }

  [[nodiscard]] std::optional<std::uint32_t> u32(std::size_t at) const {
    if (!holds(at, 4)) return std::nullopt;
    const std::uint32_t first = *u16(at);
    const std::uint32_t second = *u16(at + 2);
    return little_endian_ ? second << 16U | first : first << 16U | second;
  }

  // The directory's entries; nothing where it is cut off.
  [[nodiscard]] std::optional<std::vector<Entry>> directory(std::size_t at) const {
    const auto count = u16(at);
    if (!count || !holds(at + 2, std::size_t{*count} * 12)) return std::nullopt;
    std::vector<Entry> entries;
    for (std::size_t i = 0; i < *count; ++i) entries.push_back(entry(at + 2 + i * 12));
    return entries;
  }

  [[nodiscard]] std::size_t next_directory(std::size_t at) const {
    const auto count = u16(at);
    return count ? u32(at + 2 + std::size_t{*count} * 12).value_or(0) : 0;
  }

  // Value i of a SHORT or LONG (or IFD) entry.
  [[nodiscard]] std::optional<std::uint32_t> value(const Entry& entry, std::size_t i) const {
    if (i >= entry.count) return std::nullopt;
    if (entry.type == 3) return u16(entry.value_at + i * 2);
    if (entry.type == 4 || entry.type == 13) return u32(entry.value_at + i * 4);
    return std::nullopt;
  }

 private:
  [[nodiscard]] bool holds(std::size_t at, std::size_t count) const {
    return at <= bytes_.size() && count <= bytes_.size() - at;
  }

  [[nodiscard]] Entry entry(std::size_t at) const {
    Entry result{*u16(at), *u16(at + 2), *u32(at + 4), at + 8};
    const std::size_t width = result.type == 3 ? 2 : result.type == 4 || result.type == 13 ? 4 : 1;
    if (result.count * width > 4) result.value_at = *u32(at + 8);
    return result;
  }

  std::span<const std::uint8_t> bytes_;
  bool little_endian_ = true;
  bool valid_ = false;
};

const Entry* find(const std::vector<Entry>& entries, Tag tag) {
  const auto found = std::ranges::find(entries, static_cast<std::uint16_t>(tag), &Entry::tag);
  return found == entries.end() ? nullptr : &*found;
}

struct Directories {
  std::vector<std::vector<Entry>> found;
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
    if (const Entry* subs = find(*entries, sub_directories)) {
      for (std::size_t i = 0; i < std::min<std::size_t>(subs->count, max_directories); ++i) {
        to_visit.push_back(tiff.value(*subs, i).value_or(0));
      }
    }
    result.found.push_back(std::move(*entries));
  }
  return result;
}

bool holds_sensor_data(const TiffReader& tiff, const std::vector<Entry>& entries) {
  if (find(entries, dng_version) != nullptr) return true;
  // Colour filter array, linear raw.
  constexpr std::array<std::uint32_t, 2> raw_photometric{32803, 34892};
  // Sony, Nikon, Pentax, Samsung, Kodak.
  constexpr std::array<std::uint32_t, 6> raw_compression{32767, 34713, 65535, 32770, 65000, 32772};
  const auto is_one_of = [&](Tag tag, auto values) {
    const Entry* entry = find(entries, tag);
    const auto value = entry != nullptr ? tiff.value(*entry, 0) : std::nullopt;
    return value && std::ranges::find(values, *value) != values.end();
  };
  return is_one_of(photometric, raw_photometric) || is_one_of(compression, raw_compression);
}

bool data_ends_early(const TiffReader& tiff, const std::vector<Entry>& entries, Tag offsets, Tag counts) {
  const Entry* starts = find(entries, offsets);
  const Entry* lengths = find(entries, counts);
  if (starts == nullptr || lengths == nullptr) return false;
  for (std::size_t i = 0; i < std::min<std::size_t>(starts->count, max_values); ++i) {
    const auto start = tiff.value(*starts, i);
    const auto length = tiff.value(*lengths, i);
    if (!start || !length || std::uint64_t{*start} + *length > tiff.size()) return true;
  }
  return false;
}

}  // namespace

int tiff_orientation(std::span<const std::uint8_t> tiff) {
  const TiffReader reader(tiff);
  if (!reader.valid()) return 0;
  const auto entries = reader.directory(reader.u32(4).value_or(0));
  const Entry* entry = entries ? find(*entries, orientation) : nullptr;
  const auto value = entry != nullptr ? reader.value(*entry, 0) : std::nullopt;
  return value && *value >= 1 && *value <= 8 ? static_cast<int>(*value) : 0;
}

int exif_orientation(std::span<const std::uint8_t> exif) {
  constexpr std::string_view mark{"Exif\0\0", 6};
  const bool marked = exif.size() >= mark.size() && std::equal(mark.begin(), mark.end(), exif.begin());
  return tiff_orientation(marked ? exif.subspan(mark.size()) : exif);
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
