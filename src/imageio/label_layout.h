// SPDX-License-Identifier: Apache-2.0
// Where lines and name plates go on an annotated copy. Pure geometry.
#pragma once

#include <span>
#include <vector>

#include <kith/face.h>

#include "imageio/canvas.h"
#include "imageio/orientation.h"

namespace kith::imageio {

// Thickness of the coloured line and of the dark line on either side of it, pixels.
struct FrameStyle {
  int line = 1;
  int edge = 1;
};

[[nodiscard]] FrameStyle frame_style(Size photo, const Box& box);

// The box on the pixel grid. Far-off coordinates are pulled to just outside the photo.
[[nodiscard]] Rect face_rect(Size photo, const Box& box);

// The size of the letters (the font's em), pixels: in proportion to the box, but never too small to
// read when the whole photo is shown about 1,000 pixels wide, nor larger than a caption needs.
[[nodiscard]] float text_size(Size photo, const Box& box);

struct PlateRequest {
  Rect face;             // the frame's outer edge
  float text_size = 0;   // em
  float text_width = 0;  // at that em
};

struct PlatePlacement {
  Rect plate;
  float text_size = 0;  // may be smaller than asked for, where there is no room
};

// Margins around the text, and the plate's height, for an em.
[[nodiscard]] int plate_padding(float text_size);
[[nodiscard]] int plate_height(float text_size);

// One placement a request: below its face where that is free, otherwise above, beside or inside it;
// inside the photo, off other faces and plates as far as possible, a little smaller if that helps.
[[nodiscard]] std::vector<PlatePlacement> place_plates(Size photo, std::span<const PlateRequest> requests);

}  // namespace kith::imageio
