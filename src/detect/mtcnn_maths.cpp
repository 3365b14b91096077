// SPDX-License-Identifier: Apache-2.0
#include "detect/mtcnn_maths.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace kith::detect {

std::vector<float> pyramid_scales(int width, int height, float min_face, float factor) {
  assert(min_face > 0 && factor > 0 && factor < 1);
  std::vector<float> scales;
  const auto short_side = static_cast<float>(std::min(width, height));
  for (float scale = pnet_window / min_face; short_side * scale >= pnet_window; scale *= factor)
    scales.push_back(scale);
  return scales;
}

Box window_of_cell(int column, int row, float scale) noexcept {
  const auto first = [scale](int cell) {
    return std::floor(static_cast<float>(cell * pnet_stride + 1) / scale);
  };
  const auto last = [scale](int cell) {
    return std::floor(static_cast<float>(cell * pnet_stride + pnet_window) / scale);
  };
  return {first(column) - 1, first(row) - 1, last(column) - first(column) + 1, last(row) - first(row) + 1};
}

Box corrected(const Box& window, const EdgeOffsets& offsets) noexcept {
  const auto [left, top, right, bottom] = offsets;
  return {window.x + left * window.width, window.y + top * window.height, window.width * (1 + right - left),
          window.height * (1 + bottom - top)};
}

Box squared(const Box& box) noexcept {
  const float side = box.long_side();
  const Point centre = box.centre();
  return {centre.x - side / 2, centre.y - side / 2, side, side};
}

Box on_whole_pixels(const Box& box) noexcept {
  const float left = std::floor(box.x);
  const float top = std::floor(box.y);
  return {left, top, std::max(1.0F, std::floor(box.x + box.width) - left),
          std::max(1.0F, std::floor(box.y + box.height) - top)};
}

Landmarks landmarks_in(const Box& window, std::span<const float, 10> relative) noexcept {
  Landmarks result;
  for (std::size_t i = 0; i < result.size(); ++i) {
    result[i] = {window.x + relative[i] * window.width, window.y + relative[i + 5] * window.height};
  }
  return result;
}

}  // namespace kith::detect
