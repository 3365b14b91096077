// SPDX-License-Identifier: Apache-2.0
// Pixels as a network takes them. Training and embedding both feed by this, so they can't differ.
#pragma once

#include <cstdint>
#include <span>

#include <kith/embed.h>

namespace kith {

// Three planes of (value - mean) * scale in the feeding's channel order, mirrored left to right where asked,
// from rows of R, G, B. Requires width * 3 bytes a row and as many floats as bytes.
void write_planes(std::span<const std::uint8_t> pixels, int width, const EmbedderFeeding& feeding,
                  bool mirrored, std::span<float> planes);

}  // namespace kith
