// SPDX-License-Identifier: Apache-2.0
// Drawing straight into a picture's pixels: the few shapes that an annotated copy needs.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include <kith/image.h>

namespace kith::imageio {

using Rgb = std::array<std::uint8_t, 3>;

// Pixels [left, right) x [top, bottom). May reach over the picture's edge: that part is not drawn.
struct Rect {
  int left = 0;
  int top = 0;
  int right = 0;
  int bottom = 0;

  [[nodiscard]] int width() const { return right - left; }
  [[nodiscard]] int height() const { return bottom - top; }
};

[[nodiscard]] Rect grown(const Rect& rect, int by);
[[nodiscard]] std::int64_t shared_area(const Rect& a, const Rect& b);

// A small picture with transparency: R, G, B, A, not premultiplied, rows without padding.
struct Overlay {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> rgba;
};

// A frame `thickness` wide whose outer edge is `outer`.
void draw_frame(Image& image, const Rect& outer, int thickness, Rgb colour);

// A filled rectangle with rounded corners; opacity 0..1.
void draw_plate(Image& image, const Rect& rect, int radius, Rgb colour, float opacity);

void draw_overlay(Image& image, const Overlay& overlay, int left, int top);

}  // namespace kith::imageio
