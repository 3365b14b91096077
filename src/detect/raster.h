// SPDX-License-Identifier: Apache-2.0
// Pixels on their way into a detector's network: resizing, cutting out, and the planar layout.
#pragma once

#include <span>

#include <kith/face.h>
#include <kith/image.h>

namespace kith::detect {

// value' = (value - mean) * scale, per channel.
struct Normalisation {
  float mean = 0;
  float scale = 1;
};

// The picture at width x height: area-averaged when it shrinks, bilinear when it grows.
[[nodiscard]] Image resized(const Image& image, int width, int height);

// The part of the picture under `box` (pixels of the picture), at width x height; black outside the picture.
[[nodiscard]] Image cut_out(const Image& image, const Box& box, int width, int height);

// Writes R, G and B planes of plane_width x plane_height, the picture in the top-left corner and the
// rest filled with `mean`. Requires planes.size() == 3 * plane_width * plane_height, a picture no larger.
void write_planes(const Image& image, Normalisation normalisation, int plane_width, int plane_height,
                  std::span<float> planes);

}  // namespace kith::detect
