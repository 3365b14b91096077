// SPDX-License-Identifier: Apache-2.0
// Which id each cluster bears.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <kith/cluster.h>

#include "cluster/similar.h"

namespace kith::cluster_detail {

// `groups`: the number of each face's group, below the number of faces. `previous` may be empty. The rule:
// kith/cluster.h.
[[nodiscard]] Clustering with_stable_ids(std::span<const std::int64_t> ids,
                                         std::span<const std::int64_t> previous,
                                         const std::vector<Index>& groups);

}  // namespace kith::cluster_detail
