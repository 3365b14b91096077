// SPDX-License-Identifier: Apache-2.0
// Average linkage of groups of faces, along the edges of a graph.
#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <vector>

#include "cluster/neighbours.h"
#include "cluster/similar.h"

namespace kith::cluster_detail {

// What keeps people apart: two that bear the same mark are never joined. A photo is a mark that the people
// on it bear, and a cannot-link is one that its two bear.
using Mark = std::uint32_t;

// Where merging begins. A person is one or several groups: whom the owner must-linked although the faces
// differ (a child and the adult) are one person in two groups, since the mean over both
// would resemble neither, and nobody could join them any more.
struct Groups {
  std::vector<Index> of_face;            // the number of each face's group, without gaps
  std::vector<Index> persons;            // by group: the number of its person, without gaps
  std::vector<std::vector<Mark>> marks;  // by person: ascending, each once; empty for most
};

// When two groups are one person: kith/cluster.h.
struct LinkageRule {
  float min_similarity = 0;
  float few_faces_margin = 0;
};

// Merges the two groups with the highest mean similarity, again and again, of those that the rule and no mark
// keeps apart; of equals the pair with the smaller numbers. Their persons become one. Returns the number of
// each face's person, one of those at the beginning. Empty after a stop.
[[nodiscard]] std::optional<std::vector<Index>> link(const Rows& rows, Groups groups, std::vector<Edge> edges,
                                                     const LinkageRule& rule, const std::stop_token& stop);

}  // namespace kith::cluster_detail
