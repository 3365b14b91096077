// SPDX-License-Identifier: Apache-2.0
// The arithmetic that clustering spends its time on: inner products of many rows with many rows.
//
// The body is compiled once for each instruction set (kernel_*.cpp), and the processor's best is taken at
// run time. Every product is added up in the order of the dimensions in a single accumulator, so that it
// does not depend on where in a tile, or on which thread, its pair of rows happens to be.
#pragma once

#include <cstddef>

namespace kith::cluster_detail {

struct Kernel {
  std::size_t tall;  // rows of a tile
  std::size_t wide;  // columns of a tile
  // tile[i * wide + j] = inner product of row i of `a` and row j of `b`, panels that hold their rows
  // interleaved: a[k * tall + i], b[k * wide + j]. Returns whether any product reaches `floor`.
  bool (*tile)(const float* a, const float* b, std::size_t dimension, float floor, float* tile);
  float (*dot)(const float* a, const float* b, std::size_t dimension);
};

// Upper bounds over all kernels, for buffers.
constexpr std::size_t max_tile = 384;  // 8 x 48

[[nodiscard]] const Kernel& best_kernel() noexcept;

extern const Kernel kernel_base;
#if defined(__x86_64__)
extern const Kernel kernel_avx2;
extern const Kernel kernel_avx512;
#endif

}  // namespace kith::cluster_detail
