// SPDX-License-Identifier: Apache-2.0
// Names for people whom nobody knows: person-001, person-002, ..., one a cluster of faces.
//
// Thread rule: spreads the work itself.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <kith/dataset.h>
#include <kith/face.h>

namespace kith::dataset {

struct GroupMember {
  const Embedding* vector = nullptr;
  std::string look;    // the photo or frame it is on: two faces of one are two people's
  std::string person;  // as an earlier run named it; empty: new
};

struct GroupName {
  std::string person;     // empty: the cluster is too small for a name
  std::size_t faces = 0;  // in the cluster
};

// A name for each: earlier ones keep theirs, new ones join them or get the next free numbers, the largest
// cluster first. `taken`: names that nobody new may get. Errors: those of cluster().
[[nodiscard]] Result<std::vector<GroupName>> group_names(std::span<const GroupMember> members,
                                                         std::span<const std::string> taken,
                                                         const ClusterSettings& settings,
                                                         std::size_t min_cluster);

}  // namespace kith::dataset
