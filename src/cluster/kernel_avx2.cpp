// SPDX-License-Identifier: Apache-2.0
// Compiled with -mavx2 -mfma (src/CMakeLists.txt): 12 sums, 3 columns and a factor in 16 registers.
#include "cluster/kernel.h"

#if defined(__AVX2__)
namespace {
constexpr std::size_t lanes = 8;
constexpr std::size_t tall = 4;
constexpr std::size_t columns = 3;
}  // namespace

#include "cluster/kernel_body.h"

namespace kith::cluster_detail {

const Kernel kernel_avx2{tall, Body::wide, Body::tile, Body::dot};

}  // namespace kith::cluster_detail
#endif
