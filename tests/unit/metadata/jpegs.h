// SPDX-License-Identifier: Apache-2.0
// JPEGs with segments of our own making before the picture.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "imageio/pictures.h"

namespace kith::test {

struct Segment {
  std::uint8_t marker = 0xe1;  // APP1
  std::string content = {};
};

[[nodiscard]] inline Segment xmp_segment(const std::string& packet) {
  return {0xe1, std::string("http://ns.adobe.com/xap/1.0/") + '\0' + packet};
}

// A part of extended XMP that has `whole` bytes together, at `offset`.
[[nodiscard]] inline Segment extended_segment(const std::string& guid, std::size_t whole, std::size_t offset,
                                              std::string_view part) {
  std::string content = std::string("http://ns.adobe.com/xmp/extension/") + '\0' + guid;
  for (const std::size_t number : {whole, offset}) {
    for (const unsigned shift : {24U, 16U, 8U, 0U}) content += static_cast<char>(number >> shift & 0xffU);
  }
  return {0xe1, content + std::string(part)};
}

[[nodiscard]] inline Segment exif_segment(const Bytes& block) {
  return {0xe1, std::string("Exif\0\0", 6) + std::string(block.begin(), block.end())};
}

[[nodiscard]] inline Bytes with_segments(const Bytes& jpeg, const std::vector<Segment>& segments) {
  Bytes bytes(jpeg.begin(), jpeg.begin() + 2);
  for (const Segment& segment : segments) {
    const std::size_t size = segment.content.size() + 2;
    for (const std::size_t byte : {std::size_t{0xff}, std::size_t{segment.marker}, size >> 8U, size & 0xffU})
      bytes.push_back(static_cast<std::uint8_t>(byte));
    bytes.insert(bytes.end(), segment.content.begin(), segment.content.end());
  }
  bytes.insert(bytes.end(), jpeg.begin() + 2, jpeg.end());
  return bytes;
}

}  // namespace kith::test
