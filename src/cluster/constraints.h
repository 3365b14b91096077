// SPDX-License-Identifier: Apache-2.0
// From the owner's word, the photos and the earlier clusters to the groups with which merging begins.
#pragma once

#include <vector>

#include <kith/cluster.h>

#include "cluster/linkage.h"

namespace kith::cluster_detail {

struct Beginning {
  Groups groups;
  std::vector<Index> fresh;    // faces that look for a place; ascending
  std::vector<Index> settled;  // the others
};

// Errors: bad_argument (a link names no face of these; cannot-linked faces are must-linked).
[[nodiscard]] Result<Beginning> begin_with(const ClusterFaces& faces, const ClusterLinks& links,
                                           bool rebuild);

}  // namespace kith::cluster_detail
