// SPDX-License-Identifier: Apache-2.0
#include "cluster/similar.h"

#include <algorithm>

namespace kith::cluster_detail {

void Panels::pack(const Rows& rows, std::span<const Index> chosen, std::size_t width) {
  rows_ = chosen;
  width_ = width;
  dimension_ = rows.dimension;
  packed_.assign(count() * width * dimension_, 0.0F);
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    float* target = packed_.data() + (i / width) * width * dimension_ + i % width;
    for (const float value : rows[chosen[i]]) {
      *target = value;
      target += width;
    }
  }
}

std::size_t rows_a_block(std::size_t dimension) {
  constexpr std::size_t block_bytes = std::size_t{512} * 1024;
  const std::size_t wide = best_kernel().wide;
  return std::max<std::size_t>(block_bytes / (dimension * sizeof(float)) / wide, 1) * wide;
}

}  // namespace kith::cluster_detail
