// SPDX-License-Identifier: Apache-2.0
#include "imageio/tiff_exif.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <optional>
#include <utility>

#include "imageio/tiff_reader.h"

namespace kith::imageio {
namespace {

// TIFF 6.0 and EXIF 2.32.
enum Tag : std::uint16_t {
  software_tag = 305,
  exif_directory = 34665,
  gps_directory = 34853,
  makers_note = 37500,
  pixel_width = 40962,
  pixel_height = 40963,
  interoperability_directory = 40965,
};
enum Type : std::uint16_t { ascii = 2, unsigned_long = 4 };

// Description, make, model, date, artist, copyright: of a photo's first directory the rest is about its
// pixels.
constexpr std::array<std::uint16_t, 6> descriptive{270, 271, 272, 306, 315, 33432};
constexpr std::array<std::uint16_t, 4> left_behind{makers_note, pixel_width, pixel_height,
                                                   interoperability_directory};

// A camera writes some hundred fields of a few bytes; many fields that name the same megabytes would fill
// the memory.
constexpr std::size_t max_fields = 512;
constexpr std::size_t max_field_bytes = 1U << 16U;

struct Field {
  std::uint16_t type = 0;
  std::uint32_t count = 0;
  std::vector<std::uint8_t> bytes;  // little-endian
};
using Directory = std::map<std::uint16_t, Field>;  // by tag, in which order TIFF wants them

// How many bytes of a value are turned about between the byte orders: a RATIONAL is two numbers of four.
std::size_t number_width(std::uint16_t type) {
  const std::size_t width = TiffReader::width_of(type);
  return type == 5 || type == 10 ? 4 : width;
}

std::optional<Field> field_of(const TiffReader& tiff, const TiffEntry& entry, std::size_t max_bytes) {
  const std::span<const std::uint8_t> raw = tiff.raw(entry);
  if (raw.empty() || raw.size() > max_bytes) return std::nullopt;
  Field field{entry.type, entry.count, {raw.begin(), raw.end()}};
  const std::size_t width = number_width(entry.type);
  if (!tiff.little_endian()) {
    for (std::size_t at = 0; at + width <= field.bytes.size(); at += width)
      std::reverse(field.bytes.begin() + static_cast<std::ptrdiff_t>(at),
                   field.bytes.begin() + static_cast<std::ptrdiff_t>(at + width));
  }
  return field;
}

Field text_field(std::string_view text) {
  Field field{ascii, static_cast<std::uint32_t>(text.size() + 1), {text.begin(), text.end()}};
  field.bytes.push_back(0);
  return field;
}

void put(std::vector<std::uint8_t>& out, std::uint64_t value, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; ++i) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

Field pointer_field(std::size_t at) {
  Field field{unsigned_long, 1, {}};
  put(field.bytes, at, 4);
  return field;
}

void pad_to_even(std::vector<std::uint8_t>& out) {
  if (out.size() % 2 != 0) out.push_back(0);
}

// Appends the values and then the directory; where the directory begins.
std::size_t append(std::vector<std::uint8_t>& out, const Directory& directory) {
  std::map<std::uint16_t, std::size_t> value_at;
  for (const auto& [tag, field] : directory) {
    if (field.bytes.size() <= 4) continue;
    pad_to_even(out);
    value_at[tag] = out.size();
    out.insert(out.end(), field.bytes.begin(), field.bytes.end());
  }
  pad_to_even(out);
  const std::size_t begin = out.size();
  put(out, directory.size(), 2);
  for (const auto& [tag, field] : directory) {
    put(out, tag, 2);
    put(out, field.type, 2);
    put(out, field.count, 4);
    if (const auto beyond = value_at.find(tag); beyond != value_at.end()) {
      put(out, beyond->second, 4);
    } else {
      out.insert(out.end(), field.bytes.begin(), field.bytes.end());
      out.insert(out.end(), 4 - field.bytes.size(), 0);
    }
  }
  put(out, 0, 4);  // no further directory
  return begin;
}

// The EXIF or GPS directory that an entry of the first one leads to.
Directory directory_below(const TiffReader& tiff, const TiffEntry& pointer) {
  Directory directory;
  const auto entries = tiff.directory(tiff.value(pointer, 0).value_or(0));
  if (!entries) return directory;
  for (const TiffEntry& entry : *entries) {
    if (directory.size() == max_fields) break;
    if (std::ranges::find(left_behind, entry.tag) != left_behind.end()) continue;
    if (std::optional<Field> field = field_of(tiff, entry, max_field_bytes))
      directory.emplace(entry.tag, std::move(*field));
  }
  return directory;
}

// Takes what describes the photo into the copy's directory, and appends the directories below it.
void take_over(const TiffReader& source, Directory& directory, std::vector<std::uint8_t>& out) {
  const auto entries = source.first_directory();
  if (!source.valid() || !entries) return;
  for (const TiffEntry& entry : *entries) {
    if (entry.tag == exif_directory || entry.tag == gps_directory) {
      if (const Directory below = directory_below(source, entry); !below.empty())
        directory.insert_or_assign(entry.tag, pointer_field(append(out, below)));
    } else if (std::ranges::find(descriptive, entry.tag) != descriptive.end()) {
      if (std::optional<Field> field = field_of(source, entry, max_field_bytes))
        directory.insert_or_assign(entry.tag, std::move(*field));
    }
  }
}

}  // namespace

std::vector<std::uint8_t> with_exif_of(std::vector<std::uint8_t> copy, std::span<const std::uint8_t> source,
                                       std::string_view software) {
  Directory directory;
  {
    const TiffReader own(copy);
    const auto entries = own.first_directory();
    if (!own.valid() || !own.little_endian() || !entries) return copy;
    for (const TiffEntry& entry : *entries) {
      std::optional<Field> field = field_of(own, entry, copy.size());
      if (!field) return copy;
      directory.emplace(entry.tag, std::move(*field));
    }
  }
  take_over(TiffReader(source), directory, copy);
  directory.insert_or_assign(software_tag, text_field(software));
  const std::size_t first = append(copy, directory);
  for (std::size_t i = 0; i < 4; ++i) copy[4 + i] = static_cast<std::uint8_t>(first >> (8 * i));
  return copy;
}

}  // namespace kith::imageio
