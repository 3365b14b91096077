// SPDX-License-Identifier: Apache-2.0
#include "core/frame.h"

#include <cassert>
#include <utility>

namespace kith {
namespace {

// EXIF 2.32, tag 0x0112, as three steps from stored to upright: swap the axes, then flip each.
struct Steps {
  bool transpose = false;
  bool flip_x = false;
  bool flip_y = false;
};

Steps steps_of(int orientation) {
  assert(orientation >= 1 && orientation <= 8);
  switch (orientation) {
    case 2: return {false, true, false};
    case 3: return {false, true, true};
    case 4: return {false, false, true};
    case 5: return {true, false, false};
    case 6: return {true, true, false};
    case 7: return {true, true, true};
    case 8: return {true, false, true};
    default: return {};
  }
}

Area transposed(const Area& area) { return {area.y, area.x, area.height, area.width}; }

Area flipped(Area area, bool x, bool y) {
  if (x) area.x = 1 - area.x - area.width;
  if (y) area.y = 1 - area.y - area.height;
  return area;
}

}  // namespace

Area upright_from_stored(const Area& stored, int orientation) {
  const Steps steps = steps_of(orientation);
  return flipped(steps.transpose ? transposed(stored) : stored, steps.flip_x, steps.flip_y);
}

Area stored_from_upright(const Area& upright, int orientation) {
  const Steps steps = steps_of(orientation);
  const Area unflipped = flipped(upright, steps.flip_x, steps.flip_y);
  return steps.transpose ? transposed(unflipped) : unflipped;
}

FrameSize stored_size(const PhotoFrame& frame) {
  FrameSize size{frame.width, frame.height};
  if (steps_of(frame.orientation).transpose) std::swap(size.width, size.height);
  return size;
}

Box pixels_of(const Area& upright, const PhotoFrame& frame) {
  return {static_cast<float>(upright.x * frame.width), static_cast<float>(upright.y * frame.height),
          static_cast<float>(upright.width * frame.width), static_cast<float>(upright.height * frame.height)};
}

Area area_of(const Box& box, const PhotoFrame& frame) {
  return {static_cast<double>(box.x) / frame.width, static_cast<double>(box.y) / frame.height,
          static_cast<double>(box.width) / frame.width, static_cast<double>(box.height) / frame.height};
}

}  // namespace kith
