// SPDX-License-Identifier: Apache-2.0
#include "imageio/canvas.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace kith::imageio {
namespace {

Rect clipped(const Rect& rect, const Image& image) {
  return {std::max(rect.left, 0), std::max(rect.top, 0), std::min(rect.right, image.width()),
          std::min(rect.bottom, image.height())};
}

std::uint8_t* pixel(Image& image, int x, int y) { return image.row(y) + std::ptrdiff_t{x} * Image::channels; }

// alpha 0..255.
void blend(std::uint8_t* target, const std::uint8_t* colour, int alpha) {
  for (int channel = 0; channel < Image::channels; ++channel) {
    const int mixed = colour[channel] * alpha + target[channel] * (255 - alpha);
    target[channel] = static_cast<std::uint8_t>((mixed + 127) / 255);
  }
}

void fill(Image& image, const Rect& rect, Rgb colour) {
  const Rect inside = clipped(rect, image);
  for (int y = inside.top; y < inside.bottom; ++y) {
    for (int x = inside.left; x < inside.right; ++x) std::ranges::copy(colour, pixel(image, x, y));
  }
}

// How far the pixel's centre lies inside a rounded corner, as coverage 0..1.
float corner_coverage(const Rect& rect, int radius, int x, int y) {
  const int nearest_x = std::clamp(x, rect.left + radius, rect.right - 1 - radius);
  const int nearest_y = std::clamp(y, rect.top + radius, rect.bottom - 1 - radius);
  const auto distance = std::hypot(static_cast<float>(x - nearest_x), static_cast<float>(y - nearest_y));
  return std::clamp(static_cast<float>(radius) + 0.5F - distance, 0.0F, 1.0F);
}

}  // namespace

Rect grown(const Rect& rect, int by) {
  return {rect.left - by, rect.top - by, rect.right + by, rect.bottom + by};
}

std::int64_t shared_area(const Rect& a, const Rect& b) {
  const std::int64_t width = std::min(a.right, b.right) - std::max(a.left, b.left);
  const std::int64_t height = std::min(a.bottom, b.bottom) - std::max(a.top, b.top);
  return width > 0 && height > 0 ? width * height : 0;
}

void draw_frame(Image& image, const Rect& outer, int thickness, Rgb colour) {
  const Rect inner = grown(outer, -thickness);
  if (inner.width() <= 0 || inner.height() <= 0) {
    fill(image, outer, colour);
    return;
  }
  fill(image, {outer.left, outer.top, outer.right, inner.top}, colour);
  fill(image, {outer.left, inner.bottom, outer.right, outer.bottom}, colour);
  fill(image, {outer.left, inner.top, inner.left, inner.bottom}, colour);
  fill(image, {inner.right, inner.top, outer.right, inner.bottom}, colour);
}

void draw_plate(Image& image, const Rect& rect, int radius, Rgb colour, float opacity) {
  const int round = std::clamp(radius, 0, (std::min(rect.width(), rect.height()) - 1) / 2);
  const Rect inside = clipped(rect, image);
  for (int y = inside.top; y < inside.bottom; ++y) {
    for (int x = inside.left; x < inside.right; ++x) {
      const float alpha = 255.0F * opacity * corner_coverage(rect, round, x, y);
      blend(pixel(image, x, y), colour.data(), static_cast<int>(std::lround(alpha)));
    }
  }
}

void draw_overlay(Image& image, const Overlay& overlay, int left, int top) {
  const Rect inside = clipped({left, top, left + overlay.width, top + overlay.height}, image);
  for (int y = inside.top; y < inside.bottom; ++y) {
    for (int x = inside.left; x < inside.right; ++x) {
      const std::size_t at = static_cast<std::size_t>(y - top) * static_cast<std::size_t>(overlay.width) +
                             static_cast<std::size_t>(x - left);
      const std::uint8_t* source = overlay.rgba.data() + at * 4;
      blend(pixel(image, x, y), source, source[3]);
    }
  }
}

}  // namespace kith::imageio
