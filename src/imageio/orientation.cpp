// SPDX-License-Identifier: Apache-2.0
#include "imageio/orientation.h"

#include <algorithm>
#include <cassert>

namespace kith::imageio {
namespace {

constexpr int block = 16;  // 16 pixels of 3 bytes fill three quarters of a cache line, written at once

bool swaps_sides(int orientation) { return orientation >= 5 && orientation <= 8; }

// Where stored pixel (0, 0) lands, and how far one step in stored x or y moves, in bytes.
struct Placement {
  std::ptrdiff_t origin = 0;
  std::ptrdiff_t step_x = 0;
  std::ptrdiff_t step_y = 0;
};

Placement placement(Size stored, int orientation, std::size_t upright_stride) {
  constexpr std::ptrdiff_t pixel = Image::channels;
  const auto stride = static_cast<std::ptrdiff_t>(upright_stride);
  const std::ptrdiff_t last_x = stored.width - 1;
  const std::ptrdiff_t last_y = stored.height - 1;
  switch (orientation) {
    case 2: return {last_x * pixel, -pixel, stride};
    case 3: return {last_y * stride + last_x * pixel, -pixel, -stride};
    case 4: return {last_y * stride, pixel, -stride};
    case 5: return {0, stride, pixel};
    case 6: return {last_y * pixel, stride, -pixel};
    case 7: return {last_x * stride + last_y * pixel, -stride, -pixel};
    case 8: return {last_x * stride, -stride, pixel};
    default: return {0, pixel, stride};
  }
}

void copy_pixel(const std::uint8_t* from, std::uint8_t* to) {
  to[0] = from[0];
  to[1] = from[1];
  to[2] = from[2];
}

// Down the rows first: for a turned picture that walks along the upright rows.
void place_column_block(const std::uint8_t* rows, std::ptrdiff_t stride, int first_x, int end_x,
                        int row_count, const Placement& to, std::uint8_t* origin) {
  for (int x = first_x; x < end_x; ++x) {
    for (int y = 0; y < row_count; ++y) {
      copy_pixel(rows + y * stride + static_cast<std::ptrdiff_t>(x) * Image::channels,
                 origin + x * to.step_x + y * to.step_y);
    }
  }
}

void place_row(const std::uint8_t* row, int width, std::ptrdiff_t step, std::uint8_t* to) {
  if (step == Image::channels) {
    std::copy_n(row, width * Image::channels, to);
    return;
  }
  for (int x = 0; x < width; ++x)
    copy_pixel(row + static_cast<std::ptrdiff_t>(x) * Image::channels, to + x * step);
}

}  // namespace

Size upright_size(Size stored, int orientation) {
  return swaps_sides(orientation) ? Size{stored.height, stored.width} : stored;
}

void place_rows(std::span<const std::uint8_t> rows, int first_row, Size stored, int orientation,
                Image& upright) {
  const std::ptrdiff_t stride = std::ptrdiff_t{stored.width} * Image::channels;
  const int row_count = static_cast<int>(static_cast<std::ptrdiff_t>(rows.size()) / stride);
  assert(first_row + row_count <= stored.height);
  assert(upright.width() == upright_size(stored, orientation).width);
  const Placement to = placement(stored, orientation, upright.stride());
  std::uint8_t* const origin = upright.bytes().data() + to.origin + first_row * to.step_y;
  if (!swaps_sides(orientation)) {
    for (int y = 0; y < row_count; ++y) {
      place_row(rows.data() + y * stride, stored.width, to.step_x, origin + y * to.step_y);
    }
    return;
  }
  for (int y = 0; y < row_count; y += block) {
    for (int x = 0; x < stored.width; x += block) {
      place_column_block(rows.data() + y * stride, stride, x, std::min(x + block, stored.width),
                         std::min(block, row_count - y), to, origin + y * to.step_y);
    }
  }
}

Image apply_orientation(Image stored, int orientation) {
  if (orientation <= 1 || orientation > 8 || stored.empty()) return stored;
  const Size size{stored.width(), stored.height()};
  const Size turned = upright_size(size, orientation);
  Image upright(turned.width, turned.height);
  place_rows(stored.bytes(), 0, size, orientation, upright);
  return upright;
}

}  // namespace kith::imageio
