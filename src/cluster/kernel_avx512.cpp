// SPDX-License-Identifier: Apache-2.0
// Compiled with -mavx512f (src/CMakeLists.txt): 24 sums, 3 columns and a factor in 32 registers.
#include "cluster/kernel.h"

#if defined(__AVX512F__)
namespace {
constexpr std::size_t lanes = 16;
constexpr std::size_t tall = 8;
constexpr std::size_t columns = 3;
}  // namespace

#include "cluster/kernel_body.h"

namespace kith::cluster_detail {

const Kernel kernel_avx512{tall, Body::wide, Body::tile, Body::dot};

}  // namespace kith::cluster_detail
#endif
