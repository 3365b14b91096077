// SPDX-License-Identifier: Apache-2.0
#include "cluster/neighbours.h"

#include <algorithm>
#include <numeric>

#include <tbb/enumerable_thread_specific.h>
#include <tbb/parallel_for.h>

#include "cluster/partition.h"

namespace kith::cluster_detail {

NeighbourLists::NeighbourLists(std::size_t faces, std::size_t most)
    : most_(most), lists_(faces), mutexes_(std::make_unique<std::mutex[]>(locks)) {}

void NeighbourLists::offer(Index face, Index neighbour, float similarity) {
  const std::lock_guard lock(mutexes_[face % locks]);
  std::vector<Neighbour>& list = lists_[face];
  const Neighbour offered{similarity, neighbour};
  if (list.size() < most_) {
    list.push_back(offered);
    if (list.size() == most_) std::ranges::make_heap(list, better);
    return;
  }
  if (!better(offered, list.front())) return;
  std::ranges::pop_heap(list, better);
  list.back() = offered;
  std::ranges::push_heap(list, better);
}

std::vector<Edge> NeighbourLists::take_edges() {
  std::vector<Edge> edges;
  std::size_t count = 0;
  for (const std::vector<Neighbour>& list : lists_) count += list.size();
  edges.reserve(count);
  for (Index face = 0; face < lists_.size(); ++face) {
    for (const Neighbour& neighbour : lists_[face]) {
      edges.push_back({neighbour.similarity, std::min(face, neighbour.face), std::max(face, neighbour.face)});
    }
    std::vector<Neighbour>().swap(lists_[face]);
  }
  const auto place = [](const Edge& edge) { return std::pair(edge.a, edge.b); };
  std::ranges::sort(edges, {}, place);
  // Not std::ranges::unique, whose subrange clang 14 cannot compile with this standard library.
  const auto same = [&](const Edge& left, const Edge& right) { return place(left) == place(right); };
  edges.erase(std::unique(edges.begin(), edges.end(), same), edges.end());
  return edges;
}

std::vector<Edge> exact_graph(const Rows& rows, const std::vector<Index>& fresh,
                              const std::vector<Index>& settled, const GraphSettings& settings,
                              const std::stop_token& stop) {
  const Kernel& kernel = best_kernel();
  NeighbourLists lists(rows.size(), settings.neighbours);
  Panels left;
  left.pack(rows, fresh, kernel.tall);
  tbb::enumerable_thread_specific<Panels> packed;
  const std::size_t block = rows_a_block(rows.dimension);
  // Blocks of columns are the unit of work: first all of the fresh faces, then all of the settled ones.
  const std::size_t fresh_blocks = (fresh.size() + block - 1) / block;
  const std::size_t settled_blocks = (settled.size() + block - 1) / block;
  tbb::parallel_for(std::size_t{0}, fresh_blocks + settled_blocks, [&](std::size_t number) {
    if (stop.stop_requested()) return;
    const bool among_fresh = number < fresh_blocks;
    const std::vector<Index>& from = among_fresh ? fresh : settled;
    const std::size_t begin = (among_fresh ? number : number - fresh_blocks) * block;
    const std::size_t end = std::min(begin + block, from.size());
    Panels& right = packed.local();
    right.pack(rows, std::span(from).subspan(begin, end - begin), kernel.wide);
    // Two fresh faces are compared once, when the later of them is the column.
    const std::size_t panels = among_fresh ? (end + kernel.tall - 1) / kernel.tall : left.count();
    for (std::size_t panel = 0; panel < panels; ++panel) {
      sweep(left, panel, right, settings.min_similarity, [&](Index face, Index other, float similarity) {
        if (among_fresh && face >= other) return;
        lists.offer(face, other, similarity);
        if (among_fresh) lists.offer(other, face, similarity);
      });
    }
  });
  return lists.take_edges();
}

std::vector<Edge> partitioned_graph(const Rows& rows, const std::vector<Index>& fresh,
                                    const GraphSettings& settings, const std::stop_token& stop) {
  const Partition partition = make_partition(rows, fresh, settings.probes, settings.seed, stop);
  const Kernel& kernel = best_kernel();
  NeighbourLists lists(rows.size(), settings.neighbours);
  struct Buffers {
    Panels left;
    Panels right;
  };
  tbb::enumerable_thread_specific<Buffers> buffers;
  const std::size_t block = rows_a_block(rows.dimension);
  tbb::parallel_for(std::size_t{0}, partition.members.size(), [&](std::size_t part) {
    Buffers& own = buffers.local();
    const std::vector<Index>& members = partition.members[part];
    const std::vector<Index>& visitors = partition.visitors[part];
    for (std::size_t first = 0; first < visitors.size(); first += block) {
      if (stop.stop_requested()) return;
      own.left.pack(rows, std::span(visitors).subspan(first, std::min(block, visitors.size() - first)),
                    kernel.tall);
      for (std::size_t begin = 0; begin < members.size(); begin += block) {
        // Nearly always a part is one block, and stays packed for all its visitors.
        if (first == 0 || members.size() > block) {
          own.right.pack(rows, std::span(members).subspan(begin, std::min(block, members.size() - begin)),
                         kernel.wide);
        }
        for (std::size_t panel = 0; panel < own.left.count(); ++panel) {
          sweep(own.left, panel, own.right, settings.min_similarity,
                [&](Index face, Index other, float similarity) {
                  if (face != other) lists.offer(face, other, similarity);
                });
        }
      }
    }
  });
  return lists.take_edges();
}

}  // namespace kith::cluster_detail
