// SPDX-License-Identifier: Apache-2.0
// A camera RAW file of our own making. Used by the tests and as a seed of the fuzz targets.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace kith::test {

struct Dng {
  std::uint32_t width = 0;  // of the sensor: its left half bright, its right half dark
  std::uint32_t height = 0;
  std::uint32_t orientation = 1;
  std::vector<std::uint8_t> preview = {};  // a JPEG; empty leaves it out
  std::uint32_t preview_width = 0;
  std::uint32_t preview_height = 0;
  std::string taken = {};  // DateTimeOriginal, in a directory of its own; empty leaves it out
};

// A minimal DNG 1.4, 16 bits, uncompressed, RGGB.
[[nodiscard]] std::vector<std::uint8_t> make_dng(const Dng& dng);

}  // namespace kith::test
