// SPDX-License-Identifier: Apache-2.0
// Every kernel that this processor can run against plain loops.
#include "cluster/kernel.h"

#include <cmath>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace kith::cluster_detail {
namespace {

std::vector<const Kernel*> kernels() {
  std::vector<const Kernel*> found{&kernel_base};
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) found.push_back(&kernel_avx2);
  if (__builtin_cpu_supports("avx512f")) found.push_back(&kernel_avx512);
#endif
  return found;
}

std::vector<float> random_values(std::size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> value(-1, 1);
  std::vector<float> values(count);
  for (float& one : values) one = value(random);
  return values;
}

TEST(Kernel, MultipliesPanels) {
  for (const Kernel* kernel : kernels()) {
    ASSERT_LE(kernel->tall * kernel->wide, max_tile);
    for (const std::size_t dimension : {1U, 7U, 64U, 512U}) {
      const std::vector<float> a = random_values(dimension * kernel->tall, 1);
      const std::vector<float> b = random_values(dimension * kernel->wide, 2);
      std::vector<float> tile(max_tile);
      float greatest = -1e9F;
      kernel->tile(a.data(), b.data(), dimension, 0, tile.data());
      for (std::size_t i = 0; i < kernel->tall; ++i) {
        for (std::size_t j = 0; j < kernel->wide; ++j) {
          double sum = 0;
          for (std::size_t k = 0; k < dimension; ++k)
            sum +=
                static_cast<double>(a[k * kernel->tall + i]) * static_cast<double>(b[k * kernel->wide + j]);
          EXPECT_NEAR(tile[i * kernel->wide + j], sum, 1e-4);
          greatest = std::max(greatest, tile[i * kernel->wide + j]);
        }
      }
      EXPECT_TRUE(kernel->tile(a.data(), b.data(), dimension, greatest, tile.data()));
      EXPECT_FALSE(kernel->tile(a.data(), b.data(), dimension, greatest + 0.001F, tile.data()));
    }
  }
}

TEST(Kernel, MultipliesVectorsOfAnyLength) {
  for (const Kernel* kernel : kernels()) {
    for (const std::size_t dimension : {0U, 1U, 63U, 64U, 65U, 512U}) {
      const std::vector<float> a = random_values(dimension, 3);
      const std::vector<float> b = random_values(dimension, 4);
      double sum = 0;
      for (std::size_t k = 0; k < dimension; ++k)
        sum += static_cast<double>(a[k]) * static_cast<double>(b[k]);
      EXPECT_NEAR(kernel->dot(a.data(), b.data(), dimension), sum, 1e-4);
    }
  }
}

}  // namespace
}  // namespace kith::cluster_detail
