// SPDX-License-Identifier: Apache-2.0
// Synthetic pictures whose every pixel a test knows.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include <kith/face.h>
#include <kith/image.h>

namespace kith::test {

using Colour = std::array<std::uint8_t, 3>;

inline constexpr Colour black{0, 0, 0};
inline constexpr Colour grey{128, 128, 128};
inline constexpr Colour red{255, 0, 0};

// Fills the part of the box that lies in the picture; edges are rounded to whole pixels.
inline void fill(Image& image, const Box& box, Colour colour) {
  const auto edge = [](float value, int limit) {
    return std::clamp(static_cast<int>(value + 0.5F), 0, limit);
  };
  for (int y = edge(box.y, image.height()); y < edge(box.y + box.height, image.height()); ++y) {
    for (int x = edge(box.x, image.width()); x < edge(box.x + box.width, image.width()); ++x) {
      std::ranges::copy(colour, image.row(y) + x * Image::channels);
    }
  }
}

[[nodiscard]] inline Image plain(int width, int height, Colour colour) {
  Image image(width, height);
  fill(image, {0, 0, static_cast<float>(width), static_cast<float>(height)}, colour);
  return image;
}

[[nodiscard]] inline Colour at(const Image& image, int x, int y) {
  const std::uint8_t* pixel = image.row(y) + x * Image::channels;
  return {pixel[0], pixel[1], pixel[2]};
}

}  // namespace kith::test
