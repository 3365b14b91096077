// SPDX-License-Identifier: Apache-2.0
#include "imageio/dng.h"

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace kith::test {
namespace {

using Bytes = std::vector<std::uint8_t>;

enum Type : std::uint16_t { byte = 1, ascii = 2, u16 = 3, u32 = 4, rational = 5, srational = 10 };

void put16(Bytes& bytes, std::uint32_t value) {
  bytes.push_back(static_cast<std::uint8_t>(value));
  bytes.push_back(static_cast<std::uint8_t>(value >> 8U));
}

void put32(Bytes& bytes, std::uint32_t value) {
  put16(bytes, value & 0xffffU);
  put16(bytes, value >> 16U);
}

struct Tag {
  std::uint16_t number;
  Type type;
  std::vector<std::uint32_t> values;  // rationals as numerator, denominator, ...
};

Bytes values_of(const Tag& tag) {
  Bytes bytes;
  for (const std::uint32_t value : tag.values) {
    if (tag.type == byte || tag.type == ascii) {
      bytes.push_back(static_cast<std::uint8_t>(value));
    } else if (tag.type == u16) {
      put16(bytes, value);
    } else {
      put32(bytes, value);
    }
  }
  return bytes;
}

// Appends a directory, its longer values behind it; returns where it starts.
std::uint32_t put_directory(Bytes& file, std::vector<Tag> tags) {
  std::sort(tags.begin(), tags.end(), [](const Tag& a, const Tag& b) { return a.number < b.number; });
  if (file.size() % 2 != 0) file.push_back(0);
  const auto start = static_cast<std::uint32_t>(file.size());
  std::uint32_t next_value = start + 2 + static_cast<std::uint32_t>(tags.size()) * 12 + 4;
  Bytes behind;
  put16(file, static_cast<std::uint32_t>(tags.size()));
  for (const Tag& tag : tags) {
    Bytes values = values_of(tag);
    const bool pairs = tag.type == rational || tag.type == srational;
    put16(file, tag.number);
    put16(file, tag.type);
    put32(file, static_cast<std::uint32_t>(tag.values.size() / (pairs ? 2 : 1)));
    if (values.size() <= 4) {
      values.resize(4);
      file.insert(file.end(), values.begin(), values.end());
      continue;
    }
    if (values.size() % 2 != 0) values.push_back(0);
    put32(file, next_value);
    next_value += static_cast<std::uint32_t>(values.size());
    behind.insert(behind.end(), values.begin(), values.end());
  }
  put32(file, 0);
  file.insert(file.end(), behind.begin(), behind.end());
  return start;
}

std::vector<std::uint32_t> letters(std::string_view text) {
  std::vector<std::uint32_t> values(text.begin(), text.end());
  values.push_back(0);
  return values;
}

// Left half bright, right half dark, RGGB.
Bytes sensor_data(std::uint32_t width, std::uint32_t height) {
  Bytes data;
  for (std::uint32_t y = 0; y < height; ++y) {
    for (std::uint32_t x = 0; x < width; ++x) put16(data, x < width / 2 ? 40000 : 2000);
  }
  return data;
}

}  // namespace

Bytes make_dng(const Dng& dng) {
  Bytes file{'I', 'I', 42, 0, 0, 0, 0, 0};
  const auto put_data = [&](const Bytes& data) {
    const auto at = static_cast<std::uint32_t>(file.size());
    file.insert(file.end(), data.begin(), data.end());
    return at;
  };
  const Bytes sensor = sensor_data(dng.width, dng.height);
  const std::uint32_t sensor_at = put_data(sensor);
  const std::uint32_t preview_at = put_data(dng.preview);
  std::vector<Tag> raw{{254, u32, {0}},          {256, u32, {dng.width}},
                       {257, u32, {dng.height}}, {258, u16, {16}},
                       {259, u16, {1}},          {262, u16, {32803}},
                       {273, u32, {sensor_at}},  {277, u16, {1}},
                       {278, u32, {dng.height}}, {279, u32, {static_cast<std::uint32_t>(sensor.size())}},
                       {33421, u16, {2, 2}},     {33422, byte, {0, 1, 1, 2}}};
  const std::vector<Tag> camera{{271, ascii, letters("Kith")},
                                {272, ascii, letters("Test")},
                                {274, u16, {dng.orientation}},
                                {50706, byte, {1, 4, 0, 0}},
                                {50707, byte, {1, 1, 0, 0}},
                                {50708, ascii, letters("Kith Test")},
                                {50721, srational, {1, 1, 0, 1, 0, 1, 0, 1, 1, 1, 0, 1, 0, 1, 0, 1, 1, 1}},
                                {50728, rational, {1, 1, 1, 1, 1, 1}},
                                {50778, u16, {21}}};
  std::vector<Tag> first = camera;
  if (!dng.taken.empty())
    first.push_back({34665, u32, {put_directory(file, {{36867, ascii, letters(dng.taken)}})}});
  if (dng.preview.empty()) {
    first.insert(first.end(), raw.begin(), raw.end());
  } else {
    const std::uint32_t raw_at = put_directory(file, raw);
    first.insert(first.end(), {{254, u32, {1}},
                               {256, u32, {dng.preview_width}},
                               {257, u32, {dng.preview_height}},
                               {258, u16, {8, 8, 8}},
                               {259, u16, {7}},
                               {262, u16, {6}},
                               {273, u32, {preview_at}},
                               {277, u16, {3}},
                               {278, u32, {dng.preview_height}},
                               {279, u32, {static_cast<std::uint32_t>(dng.preview.size())}},
                               {330, u32, {raw_at}}});
  }
  const std::uint32_t first_at = put_directory(file, first);
  for (std::size_t i = 0; i < 4; ++i) file[4 + i] = static_cast<std::uint8_t>(first_at >> (8 * i));
  return file;
}

}  // namespace kith::test
