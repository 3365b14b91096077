// SPDX-License-Identifier: Apache-2.0
// What the texts of a region say of its place, by MWG and by Microsoft: for those who read names, and for
// those who write beside them.
//
// Thread rule: free functions without state.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/frame.h"

namespace kith::metadata {

// A region's numbers, "0.5" or "0,5" as programs in some countries write it: finite, and nothing else in the
// text but blanks around them.
[[nodiscard]] std::optional<double> region_number(std::string_view text);

// Whether a photo of that size can be the photo as it is now, scaled: cropped or turned it is not.
[[nodiscard]] bool same_aspect(double width, double height, const FrameSize& now);

// How much must be common to two rectangles, of what they cover together, for them to be one face's.
struct FaceOverlap {
  // What files say of a photo. Of two neighbours neither may be lost; a face that is told twice is seen at
  // once.
  double read = 0.5;
  // A face, and a region beside which it would be written: a face must not get two. Programs draw faces
  // differently, from the features alone to head and shoulders: a box of twice the width and height about
  // ours overlaps it by 0.25.
  double written = 0.25;
  // And where both bear the same name, which hardly stands beside itself.
  double written_same_name = 0.1;
};
inline constexpr FaceOverlap face_overlap;

struct AreaTexts {
  std::string x;
  std::string y;
  std::string width;
  std::string height;
  std::string diameter;
  std::string unit;
};

// MWG 2.0, 5.9: the centre, and width and height, or a circle's diameter in units of the shorter side. A
// point has neither. The photo's size is that of the stored pixels when the region was drawn.
[[nodiscard]] std::optional<Area> mwg_area(const AreaTexts& texts, double photo_width, double photo_height);

// "0.1, 0.2, 0.05, 0.08": the top-left corner, and the size; with decimal commas "0,1, 0,2, 0,05, 0,08".
[[nodiscard]] std::optional<Area> microsoft_area(std::string_view text);

}  // namespace kith::metadata
