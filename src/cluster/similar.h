// SPDX-License-Identifier: Apache-2.0
// All rows of one set against all rows of another, by tiles.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "cluster/kernel.h"

namespace kith::cluster_detail {

// A face's place in the caller's spans. Four billion faces do.
using Index = std::uint32_t;

// Vectors one after the other; the caller's memory.
struct Rows {
  std::span<const float> values;
  std::size_t dimension = 0;

  [[nodiscard]] std::size_t size() const { return dimension == 0 ? 0 : values.size() / dimension; }
  [[nodiscard]] std::span<const float> operator[](std::size_t row) const {
    return values.subspan(row * dimension, dimension);
  }
};

// Chosen rows, copied in the order in which a kernel reads them: panels of `width` interleaved rows.
class Panels {
 public:
  // Replaces what was there; the memory is used again.
  void pack(const Rows& rows, std::span<const Index> chosen, std::size_t width);

  [[nodiscard]] std::size_t count() const { return (rows_.size() + width_ - 1) / width_; }
  [[nodiscard]] const float* panel(std::size_t number) const {
    return packed_.data() + number * width_ * dimension_;
  }
  // The rows in one panel; the last may hold fewer than the width.
  [[nodiscard]] std::span<const Index> rows(std::size_t panel) const {
    return rows_.subspan(panel * width_, std::min(width_, rows_.size() - panel * width_));
  }
  [[nodiscard]] std::size_t dimension() const { return dimension_; }

 private:
  std::vector<float> packed_;
  std::span<const Index> rows_;  // the caller's
  std::size_t width_ = 1;
  std::size_t dimension_ = 0;
};

// Calls visit(a, b, similarity) for each pair of a row in that panel of `left` and a row of `right` that
// reaches `floor`.
template <typename Visit>
void sweep(const Panels& left, std::size_t panel, const Panels& right, float floor, const Visit& visit) {
  const Kernel& kernel = best_kernel();
  alignas(64) float tile[max_tile];
  const std::span<const Index> rows = left.rows(panel);
  for (std::size_t p = 0; p < right.count(); ++p) {
    if (!kernel.tile(left.panel(panel), right.panel(p), left.dimension(), floor, tile)) continue;
    const std::span<const Index> columns = right.rows(p);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      for (std::size_t j = 0; j < columns.size(); ++j) {
        if (const float similarity = tile[i * kernel.wide + j]; similarity >= floor)
          visit(rows[i], columns[j], similarity);
      }
    }
  }
}

// How many rows of this dimension are packed at a time: as many as stay in a core's cache.
[[nodiscard]] std::size_t rows_a_block(std::size_t dimension);

}  // namespace kith::cluster_detail
