// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include <kith/face.h>

namespace kith::cli {

// Vectors of one length as a NumPy array file (format 1.0: float32, little-endian, C order), shape
// vectors.size() x dimension.
[[nodiscard]] std::string npy_bytes(std::span<const Embedding> vectors, std::size_t dimension);

}  // namespace kith::cli
