// SPDX-License-Identifier: Apache-2.0
// The body of a kernel, for vectors of `lanes` floats and tiles of `tall` x `columns` of them: constants that
// the including file sets. Each of these files is compiled for another processor, so everything here is its
// own: nothing that the linker could share with code for lesser processors, not even a standard header with
// inline functions.
#pragma once

#include <cstddef>

namespace {

struct Body {
  using Lanes [[gnu::vector_size(lanes * sizeof(float))]] = float;
  using Mask [[gnu::vector_size(lanes * sizeof(float))]] = int;
  // The same in memory, at any address.
  using Stored [[gnu::vector_size(lanes * sizeof(float)), gnu::aligned(4), gnu::may_alias]] = float;

  static constexpr std::size_t wide = lanes * columns;

  static bool tile(const float* a, const float* b, std::size_t dimension, float floor, float* tile) {
    Lanes sums[tall][columns] = {};
    for (std::size_t k = 0; k < dimension; ++k) {
      Lanes right[columns];
#pragma GCC unroll 8
      for (std::size_t c = 0; c < columns; ++c)
        right[c] = *reinterpret_cast<const Stored*>(b + k * wide + c * lanes);
#pragma GCC unroll 8
      for (std::size_t i = 0; i < tall; ++i) {
        const float left = a[k * tall + i];
#pragma GCC unroll 8
        for (std::size_t c = 0; c < columns; ++c) sums[i][c] += left * right[c];
      }
    }
    Mask reached{};
    for (std::size_t i = 0; i < tall; ++i) {
      for (std::size_t c = 0; c < columns; ++c) {
        *reinterpret_cast<Stored*>(tile + i * wide + c * lanes) = sums[i][c];
        reached |= sums[i][c] >= floor;
      }
    }
    int any = 0;
    for (std::size_t lane = 0; lane < lanes; ++lane) any |= reached[lane];
    return any != 0;
  }

  static float dot(const float* a, const float* b, std::size_t dimension) {
    Lanes sums[4] = {};
    std::size_t k = 0;
    for (; k + 4 * lanes <= dimension; k += 4 * lanes) {
#pragma GCC unroll 4
      for (std::size_t c = 0; c < 4; ++c) {
        sums[c] += *reinterpret_cast<const Stored*>(a + k + c * lanes) *
                   *reinterpret_cast<const Stored*>(b + k + c * lanes);
      }
    }
    const Lanes together = (sums[0] + sums[1]) + (sums[2] + sums[3]);
    float sum = 0;
    for (std::size_t lane = 0; lane < lanes; ++lane) sum += together[lane];
    for (; k < dimension; ++k) sum += a[k] * b[k];
    return sum;
  }
};

}  // namespace
