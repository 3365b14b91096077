// SPDX-License-Identifier: Apache-2.0
// EXIF blocks of our own making, right and wrong, in both byte orders.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kith::test {

struct ExifTag {
  std::uint16_t number = 0;
  std::uint16_t type = 2;                   // 1 BYTE, 2 ASCII, 3 SHORT, 4 LONG, 5 RATIONAL, 7 UNDEFINED
  std::string text = {};                    // of bytes; of an ASCII tag with its final zero
  std::vector<std::uint32_t> numbers = {};  // of the others; a rational's numerator, denominator, ...
  std::uint32_t count = 0;                  // what the tag claims to hold; 0: the truth
};

[[nodiscard]] inline ExifTag ascii(std::uint16_t number, std::string_view text) {
  return {number, 2, std::string(text) + '\0'};
}

[[nodiscard]] inline ExifTag rationals(std::uint16_t number, std::vector<std::uint32_t> numbers) {
  return {number, 5, {}, std::move(numbers)};
}

struct ExifDirectories {
  std::vector<ExifTag> first = {};
  std::vector<ExifTag> details = {};  // 0x8769; empty leaves it out
  std::vector<ExifTag> gps = {};      // 0x8825; empty leaves it out
};

// A TIFF stream.
class ExifWriter {
 public:
  explicit ExifWriter(bool big_endian) : big_endian_(big_endian) {
    bytes_ =
        big_endian ? std::vector<std::uint8_t>{'M', 'M', 0, 42} : std::vector<std::uint8_t>{'I', 'I', 42, 0};
    put32(8);
  }

  [[nodiscard]] std::vector<std::uint8_t> write(ExifDirectories directories) {
    // The first directory comes first, so where the others will start is worked out.
    std::size_t at = bytes_.size();
    const std::size_t pointers =
        (directories.details.empty() ? 0U : 1U) + (directories.gps.empty() ? 0U : 1U);
    at += size_of(directories.first) + 12 * pointers;
    if (!directories.details.empty()) {
      directories.first.push_back({0x8769, 4, {}, {static_cast<std::uint32_t>(at)}});
      at += size_of(directories.details);
    }
    if (!directories.gps.empty())
      directories.first.push_back({0x8825, 4, {}, {static_cast<std::uint32_t>(at)}});
    put_directory(directories.first);
    if (!directories.details.empty()) put_directory(directories.details);
    if (!directories.gps.empty()) put_directory(directories.gps);
    return bytes_;
  }

 private:
  static bool holds_bytes(const ExifTag& tag) { return tag.type == 1 || tag.type == 2 || tag.type == 7; }

  static std::size_t value_bytes(const ExifTag& tag) {
    if (holds_bytes(tag)) return tag.text.size();
    return tag.numbers.size() * (tag.type == 3 ? 2 : 4);
  }

  static std::size_t size_of(const std::vector<ExifTag>& tags) {
    std::size_t size = 2 + tags.size() * 12 + 4;
    for (const ExifTag& tag : tags) size += value_bytes(tag) > 4 ? value_bytes(tag) : 0;
    return size;
  }

  void put8(std::uint32_t value) { bytes_.push_back(static_cast<std::uint8_t>(value & 0xffU)); }
  void put16(std::uint32_t value) {
    put8(big_endian_ ? value >> 8U : value);
    put8(big_endian_ ? value : value >> 8U);
  }
  void put32(std::uint32_t value) {
    put16(big_endian_ ? value >> 16U : value & 0xffffU);
    put16(big_endian_ ? value & 0xffffU : value >> 16U);
  }

  void put_value(const ExifTag& tag) {
    for (const char c : holds_bytes(tag) ? std::string_view(tag.text) : std::string_view())
      put8(static_cast<std::uint8_t>(c));
    for (const std::uint32_t number : tag.numbers) tag.type == 3 ? put16(number) : put32(number);
  }

  void put_directory(const std::vector<ExifTag>& tags) {
    std::size_t behind = bytes_.size() + 2 + tags.size() * 12 + 4;
    put16(static_cast<std::uint32_t>(tags.size()));
    for (const ExifTag& tag : tags) {
      const std::size_t values =
          holds_bytes(tag) ? tag.text.size() : tag.numbers.size() / (tag.type == 5 ? 2 : 1);
      put16(tag.number);
      put16(tag.type);
      put32(tag.count != 0 ? tag.count : static_cast<std::uint32_t>(values));
      const std::size_t size = value_bytes(tag);
      if (size > 4) {
        put32(static_cast<std::uint32_t>(behind));
        behind += size;
        continue;
      }
      put_value(tag);
      for (std::size_t i = size; i < 4; ++i) put8(0);
    }
    put32(0);
    for (const ExifTag& tag : tags) {
      if (value_bytes(tag) > 4) put_value(tag);
    }
  }

  bool big_endian_;
  std::vector<std::uint8_t> bytes_;
};

[[nodiscard]] inline std::vector<std::uint8_t> exif_block(ExifDirectories directories,
                                                          bool big_endian = false) {
  return ExifWriter(big_endian).write(std::move(directories));
}

}  // namespace kith::test
