// SPDX-License-Identifier: Apache-2.0
// The kernel for any processor, and the choice between them.
#include "cluster/kernel.h"
namespace {
constexpr std::size_t lanes = 4;
constexpr std::size_t tall = 4;
constexpr std::size_t columns = 2;
}  // namespace

#include "cluster/kernel_body.h"

namespace kith::cluster_detail {

const Kernel kernel_base{tall, Body::wide, Body::tile, Body::dot};

const Kernel& best_kernel() noexcept {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) return kernel_avx512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return kernel_avx2;
#endif
  return kernel_base;
}

}  // namespace kith::cluster_detail
