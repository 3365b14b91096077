// SPDX-License-Identifier: Apache-2.0
#include "core/planes.h"

#include <array>
#include <cassert>

namespace kith {

void write_planes(std::span<const std::uint8_t> pixels, int width, const EmbedderFeeding& feeding,
                  bool mirrored, std::span<float> planes) {
  assert(planes.size() == pixels.size());
  const auto columns = static_cast<std::size_t>(width);
  const std::size_t plane = pixels.size() / 3;
  const std::array<std::size_t, 3> plane_of_channel = feeding.order == ChannelOrder::rgb
                                                          ? std::array<std::size_t, 3>{0, 1, 2}
                                                          : std::array<std::size_t, 3>{2, 1, 0};
  for (std::size_t row = 0; row < plane / columns; ++row) {
    const std::uint8_t* const from = pixels.data() + row * columns * 3;
    for (std::size_t channel = 0; channel < 3; ++channel) {
      float* const out = planes.data() + plane_of_channel[channel] * plane + row * columns;
      for (std::size_t x = 0; x < columns; ++x) {
        const std::size_t pixel = mirrored ? columns - 1 - x : x;
        out[x] = (static_cast<float>(from[pixel * 3 + channel]) - feeding.mean) * feeding.scale;
      }
    }
  }
}

}  // namespace kith
