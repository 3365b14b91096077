// SPDX-License-Identifier: Apache-2.0
// The geometry between MTCNN's networks. Pure functions.
//
// The paper's code counts pixels from 1 and includes the last one; here a box is its left and top edge
// and its size, so the code's "x2 - x1 + 1" is the width and its "x1 - 1" the left edge.
#pragma once

#include <array>
#include <span>
#include <vector>

#include <kith/face.h>

namespace kith::detect {

// The P-Net is a window of this side that moves over its input in steps of this stride; both in pixels.
inline constexpr int pnet_window = 12;
inline constexpr int pnet_stride = 2;

// How far each edge of a face lies from the same edge of the window, in units of the window's width
// (left, right) and height (top, bottom); left, top, right, bottom.
using EdgeOffsets = std::array<float, 4>;

// The factors by which a picture is resized for the P-Net, large to small: the first makes a face of
// `min_face` pixels fill the window, each further one is `factor` times smaller, the last still holds
// one window. Empty for a picture smaller than a face. Requires min_face > 0, 0 < factor < 1.
[[nodiscard]] std::vector<float> pyramid_scales(int width, int height, float min_face, float factor);

// What the P-Net's output cell (column, row) sees, in pixels of the picture that was resized by `scale`.
// First and last pixel are rounded down as in the paper's code: on a coarse level the window lies up to
// half a cell off the pixels it came from, but the R-Net learned from such windows, and finds fewer
// faces in exact ones (tried on the sample photos).
[[nodiscard]] Box window_of_cell(int column, int row, float scale) noexcept;

// The box after a network's correction.
[[nodiscard]] Box corrected(const Box& window, const EdgeOffsets& offsets) noexcept;

// The smallest square around the box, on the same centre: the next network's window.
[[nodiscard]] Box squared(const Box& box) noexcept;

// The pixels that stand for the box, at least one: both edges rounded down, as in the paper's code.
[[nodiscard]] Box on_whole_pixels(const Box& box) noexcept;

// The O-Net's landmarks (5 x, then 5 y, in units of the window) in the window's pixels.
[[nodiscard]] Landmarks landmarks_in(const Box& window, std::span<const float, 10> relative) noexcept;

}  // namespace kith::detect
