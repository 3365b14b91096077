// SPDX-License-Identifier: Apache-2.0
// Splits the faces into parts that lie near each other, for comparing each with few of the others.
#pragma once

#include <cstdint>
#include <stop_token>
#include <vector>

#include "cluster/similar.h"

namespace kith::cluster_detail {

struct Partition {
  std::vector<std::vector<Index>> members;  // by part; each face is in one; ascending
  std::vector<std::vector<Index>>
      visitors;  // by part: the faces that are to be compared with its members; ascending
};

// Spherical k-means (Dhillon and Modha, "Concept decompositions for large sparse text data using
// clustering", 2001) on a sample. `fresh` faces, ascending, visit the `probes` parts nearest to them; the
// others none.
[[nodiscard]] Partition make_partition(const Rows& rows, const std::vector<Index>& fresh, std::size_t probes,
                                       std::uint64_t seed, const std::stop_token& stop);

}  // namespace kith::cluster_detail
