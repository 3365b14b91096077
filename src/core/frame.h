// SPDX-License-Identifier: Apache-2.0
// From the stored pixels' coordinates, which metadata speaks of, to those of the upright photo, and back.
#pragma once

#include <kith/face.h>
#include <kith/metadata.h>

namespace kith {

// A rectangle as shares of a picture's width and height, from its top-left corner; 0..1 where it lies inside.
struct Area {
  double x = 0;
  double y = 0;
  double width = 0;
  double height = 0;
};

struct FrameSize {
  int width = 0;
  int height = 0;
};

// Orientation is EXIF's 1..8: what has to be done to the stored picture to make it upright.
[[nodiscard]] Area upright_from_stored(const Area& stored, int orientation);
[[nodiscard]] Area stored_from_upright(const Area& upright, int orientation);

// The size of the stored picture: width and height change places for 5..8.
[[nodiscard]] FrameSize stored_size(const PhotoFrame& frame);

[[nodiscard]] Box pixels_of(const Area& upright, const PhotoFrame& frame);
[[nodiscard]] Area area_of(const Box& box, const PhotoFrame& frame);

}  // namespace kith
