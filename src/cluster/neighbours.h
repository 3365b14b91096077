// SPDX-License-Identifier: Apache-2.0
// The graph: each face's nearest faces.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <vector>

#include "cluster/similar.h"

namespace kith::cluster_detail {

struct Edge {
  float similarity = 0;
  Index a = 0;
  Index b = 0;  // a < b
};

// The best few neighbours of each face, whatever the order in which they are offered.
//
// Thread rule: offer() may be called by many threads at once.
class NeighbourLists {
 public:
  NeighbourLists(std::size_t faces, std::size_t most);

  void offer(Index face, Index neighbour, float similarity);

  // Each pair once, however many lists it is in; by (a, b). Leaves the lists empty.
  [[nodiscard]] std::vector<Edge> take_edges();

 private:
  struct Neighbour {
    float similarity;
    Index face;
  };
  static bool better(const Neighbour& left, const Neighbour& right) {
    return left.similarity != right.similarity ? left.similarity > right.similarity : left.face < right.face;
  }
  // One lock for so many faces: hits are rare, so threads seldom meet.
  static constexpr std::size_t locks = 1024;

  std::size_t most_;
  std::vector<std::vector<Neighbour>> lists_;  // each a heap with its worst in front, once it is full
  std::unique_ptr<std::mutex[]> mutexes_;
};

struct GraphSettings {
  float min_similarity = 0;
  std::size_t neighbours = 0;
  std::size_t probes = 0;
  std::uint64_t seed = 0;
};

// The edges between `fresh` faces, and between these and the `settled` ones. Both ascending. After a stop
// the edges are incomplete.
[[nodiscard]] std::vector<Edge> exact_graph(const Rows& rows, const std::vector<Index>& fresh,
                                            const std::vector<Index>& settled, const GraphSettings& settings,
                                            const std::stop_token& stop);

// The same, but each fresh face is compared only with the faces of the parts of space nearest to it.
[[nodiscard]] std::vector<Edge> partitioned_graph(const Rows& rows, const std::vector<Index>& fresh,
                                                  const GraphSettings& settings, const std::stop_token& stop);

}  // namespace kith::cluster_detail
