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

// The outer edge of the frame around a face. Cut to the photo, so that a face which fills the photo
// still has four visible sides; empty where the box lies outside the photo or has no area.
[[nodiscard]] Rect face_frame(Size photo, const Box& box, const FrameStyle& style);

// The size of the letters (the font's em), pixels: in proportion to the box, but never too small to
// read when the whole photo is shown about 1,000 pixels wide, nor larger than a caption needs.
[[nodiscard]] float text_size(Size photo, const Box& box);

struct PlateRequest {
  Rect face;             // the frame's outer edge
  float text_size = 0;   // em
  float text_width = 0;  // at that em; 0 for a face without a name, which plates still keep off
};

struct PlatePlacement {
  Rect plate;
  float text_size = 0;  // may be smaller than asked for, where there is no room
};

// Margins around the text, and the plate's height, for an em.
[[nodiscard]] int plate_padding(float text_size);
[[nodiscard]] int plate_height(float text_size);

// One placement a request (an empty plate for a face without a name): below its face where that is free,
// otherwise above, beside or inside it; inside the photo, off other faces and plates as far as possible, a
// little smaller if that helps.
[[nodiscard]] std::vector<PlatePlacement> place_plates(Size photo, std::span<const PlateRequest> requests);

}  // namespace kith::imageio
