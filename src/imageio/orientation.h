// SPDX-License-Identifier: Apache-2.0
// EXIF orientation: the way from stored pixels to the upright picture.
//
//   stored        1 as is          2 mirrored left-right   3 turned by 180    4 mirrored top-bottom
//   as            5 transposed     6 to be turned right    7 transversed      8 to be turned left
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <kith/image.h>

namespace kith::imageio {

struct Size {
  int width = 0;
  int height = 0;
};

// The size of the upright picture; width and height change places for 5..8.
[[nodiscard]] Size upright_size(Size stored, int orientation);

// Puts stored rows first_row, first_row + 1, ... (3 bytes a pixel, no padding; as many as `rows` holds)
// where they belong in the upright picture. `upright` has the size upright_size(stored, orientation).
// Working in bands of some ten rows keeps a turned picture in the cache.
void place_rows(std::span<const std::uint8_t> rows, int first_row, Size stored, int orientation,
                Image& upright);

// All rows at once. Orientation 1 (and anything outside 1..8) hands the picture back untouched.
[[nodiscard]] Image apply_orientation(Image stored, int orientation);

}  // namespace kith::imageio
