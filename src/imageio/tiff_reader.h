// SPDX-License-Identifier: Apache-2.0
// TIFF directories in hostile bytes: every access is checked against the bounds, and a directory is read
// only when it is asked for, so that a loop among them is the caller's to bound.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace kith::imageio {

struct TiffEntry {
  std::uint16_t tag = 0;
  std::uint16_t type = 0;
  std::uint32_t count = 0;
  std::size_t value_at = 0;  // where its values lie
};

// Bounds-checked access: a read beyond the end gives nothing.
class TiffReader {
 public:
  enum class Mark {
    tiff,            // 42, as the standard has it
    tiff_or_makers,  // or what Olympus and Panasonic write there in their camera RAW
  };

  explicit TiffReader(std::span<const std::uint8_t> bytes, Mark accepted = Mark::tiff) : bytes_(bytes) {
    if (bytes.size() < 8) return;
    little_endian_ = bytes[0] == 'I';
    const bool order = (bytes[0] == 'I' && bytes[1] == 'I') || (bytes[0] == 'M' && bytes[1] == 'M');
    const std::uint16_t mark = u16(2).value_or(0);
    const bool makers = mark == 0x4f52 || mark == 0x5352 || mark == 0x0055;
    valid_ = order && (mark == 42 || (makers && accepted == Mark::tiff_or_makers));
  }

  [[nodiscard]] bool valid() const { return valid_; }
  [[nodiscard]] bool little_endian() const { return little_endian_; }
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

  // The first directory, and nothing where it is cut off.
  [[nodiscard]] std::optional<std::vector<TiffEntry>> first_directory() const {
    return directory(u32(4).value_or(0));
  }

  // The directory's entries, at most 65,535 and no more than there are bytes for; nothing where it is cut
  // off.
  [[nodiscard]] std::optional<std::vector<TiffEntry>> directory(std::size_t at) const {
    const auto count = u16(at);
    if (!count || !holds(at + 2, std::size_t{*count} * 12)) return std::nullopt;
    std::vector<TiffEntry> entries;
    for (std::size_t i = 0; i < *count; ++i) entries.push_back(entry(at + 2 + i * 12));
    return entries;
  }

  [[nodiscard]] std::size_t next_directory(std::size_t at) const {
    const auto count = u16(at);
    return count ? u32(at + 2 + std::size_t{*count} * 12).value_or(0) : 0;
  }

  // Value i of a SHORT or LONG (or IFD) entry.
  [[nodiscard]] std::optional<std::uint32_t> value(const TiffEntry& entry, std::size_t i) const {
    if (i >= entry.count) return std::nullopt;
    if (entry.type == 3) return u16(entry.value_at + i * 2);
    if (entry.type == 4 || entry.type == 13) return u32(entry.value_at + i * 4);
    return std::nullopt;
  }

  // Value i of a RATIONAL entry; nothing where its denominator is 0.
  [[nodiscard]] std::optional<double> rational(const TiffEntry& entry, std::size_t i) const {
    if (entry.type != 5 || i >= entry.count) return std::nullopt;
    const auto numerator = u32(entry.value_at + i * 8);
    const auto denominator = u32(entry.value_at + i * 8 + 4);
    if (!numerator || !denominator || *denominator == 0) return std::nullopt;
    return static_cast<double>(*numerator) / static_cast<double>(*denominator);
  }

  // An ASCII entry up to its first zero byte; empty where it is of another type or reaches beyond the end.
  [[nodiscard]] std::string_view text(const TiffEntry& entry) const {
    if (entry.type != 2 || !holds(entry.value_at, entry.count)) return {};
    const std::string_view all(reinterpret_cast<const char*>(bytes_.data() + entry.value_at), entry.count);
    return all.substr(0, all.find('\0'));
  }

  // An entry's values as they stand in the file, whatever their type; empty where they reach beyond the end.
  [[nodiscard]] std::span<const std::uint8_t> raw(const TiffEntry& entry) const {
    const std::uint64_t size = entry.count * width_of(entry.type);
    if (size > bytes_.size() || !holds(entry.value_at, static_cast<std::size_t>(size))) return {};
    return bytes_.subspan(entry.value_at, static_cast<std::size_t>(size));
  }

  // The bytes of one value: 1 of a type that TIFF 6.0 doesn't know.
  [[nodiscard]] static std::uint64_t width_of(std::uint16_t type) {
    switch (type) {
      case 3:
      case 8: return 2;
      case 4:
      case 9:
      case 11:
      case 13: return 4;
      case 5:
      case 10:
      case 12: return 8;
      default: return 1;
    }
  }

 private:
  [[nodiscard]] bool holds(std::size_t at, std::size_t count) const {
    return at <= bytes_.size() && count <= bytes_.size() - at;
  }

  [[nodiscard]] TiffEntry entry(std::size_t at) const {
    TiffEntry result{*u16(at), *u16(at + 2), *u32(at + 4), at + 8};
    if (result.count * width_of(result.type) > 4) result.value_at = *u32(at + 8);
    return result;
  }

  std::span<const std::uint8_t> bytes_;
  bool little_endian_ = true;
  bool valid_ = false;
};

// The directory's first entry of that tag.
[[nodiscard]] inline const TiffEntry* find_entry(const std::vector<TiffEntry>& entries, std::uint16_t tag) {
  const auto found = std::ranges::find(entries, tag, &TiffEntry::tag);
  return found == entries.end() ? nullptr : &*found;
}

// An EXIF block without the "Exif\0\0" that leads it in some formats: a TIFF stream.
[[nodiscard]] inline std::span<const std::uint8_t> tiff_of_exif(std::span<const std::uint8_t> exif) {
  constexpr std::string_view mark{"Exif\0\0", 6};
  const bool marked = exif.size() >= mark.size() && std::equal(mark.begin(), mark.end(), exif.begin());
  return marked ? exif.subspan(mark.size()) : exif;
}

}  // namespace kith::imageio
