// SPDX-License-Identifier: Apache-2.0
// Vectors as they are kept: IEEE 754 half precision, little endian, half the bytes. A unit vector's
// inner products change by less than 1e-3.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace kith::store {

[[nodiscard]] std::vector<std::uint8_t> to_half(std::span<const float> values);

// Appends what the bytes stand for.
void append_floats(std::span<const std::uint8_t> half, std::vector<float>& values);

}  // namespace kith::store
