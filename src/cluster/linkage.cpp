// SPDX-License-Identifier: Apache-2.0
#include "cluster/linkage.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>
#include <tuple>

namespace kith::cluster_detail {
namespace {

// Which pairs of groups stand in the queue with their present linkage. An open-addressing table: there are
// as many pairs as edges, and std::unordered_set takes five times the memory.
class PairSet {
 public:
  // False where the pair was there already. Requires b > 0.
  bool insert(Index a, Index b) {
    if (2 * (size_ + 1) > slots_.size()) grow();
    return place((static_cast<std::uint64_t>(a) << 32U) | b);
  }

 private:
  bool place(std::uint64_t key) {
    // Fibonacci hashing: the upper bits of the product depend on all of the key's.
    std::size_t slot = (key * 0x9E3779B97F4A7C15U) >> shift_;
    while (slots_[slot] != 0) {
      if (slots_[slot] == key) return false;
      slot = (slot + 1) & (slots_.size() - 1);
    }
    slots_[slot] = key;
    ++size_;
    return true;
  }

  void grow() {
    std::vector<std::uint64_t> old(slots_.empty() ? 1024 : 2 * slots_.size(), 0);
    old.swap(slots_);
    shift_ = 64U - static_cast<unsigned>(std::bit_width(slots_.size() - 1));
    size_ = 0;
    for (const std::uint64_t key : old) {
      if (key != 0) place(key);
    }
  }

  std::vector<std::uint64_t> slots_;  // 0: free
  std::size_t size_ = 0;
  unsigned shift_ = 64;
};

class Linker {
 public:
  Linker(const Rows& rows, Groups groups, const LinkageRule& rule)
      : rows_(rows),
        rule_(rule),
        initial_(std::move(groups.of_face)),
        nodes_(groups.persons.size()),
        parents_(groups.persons.size()),
        persons_(groups.marks.size()),
        marks_(std::move(groups.marks)) {
    std::iota(parents_.begin(), parents_.end(), Index{0});
    std::iota(persons_.begin(), persons_.end(), Index{0});
    for (Index face = 0; face < initial_.size(); ++face) {
      Node& node = nodes_[initial_[face]];
      if (node.size == 0) {
        node.only = face;
      } else {
        if (node.size == 1) node.sum.assign(rows_[node.only].begin(), rows_[node.only].end());
        add(node.sum, rows_[face]);
      }
      ++node.size;
    }
    nodes_.reserve(2 * nodes_.size());
    parents_.reserve(2 * parents_.size());
    for (Index group = 0; group < nodes_.size(); ++group) nodes_[group].person = groups.persons[group];
  }

  // An edge's similarity is the linkage of two single faces, and else at least as much as the linkage of the
  // groups they belong to will be, by the best edge between these.
  void start(const std::vector<Edge>& edges) {
    queue_.reserve(edges.size());
    for (const Edge& edge : edges) {
      const auto [a, b] = std::minmax(initial_[edge.a], initial_[edge.b]);
      if (a == b) continue;
      const bool exact = nodes_[a].size == 1 && nodes_[b].size == 1;
      if (exact && edge.similarity < required(a, b)) {
        park(a, b);
      } else {
        queue_.push_back({edge.similarity, a, b, exact});
      }
    }
    std::ranges::make_heap(queue_, later);
  }

  // The linkage of a merged group is never higher than the higher of its two parts' (Lance-Williams: a
  // weighted mean). So what stands in the queue for the parts is a bound, and a pair's linkage is worked
  // out only when the bound comes up.
  bool run(const std::stop_token& stop) {
    for (std::size_t step = 0; !queue_.empty(); ++step) {
      if (step % 4096 == 0 && stop.stop_requested()) return false;
      std::ranges::pop_heap(queue_, later);
      const Entry top = queue_.back();
      queue_.pop_back();
      const auto [a, b] = std::minmax({find(top.a), find(top.b)});
      if (a == b) continue;
      if (top.exact && a == top.a && b == top.b) {
        merge(a, b);
      } else {
        requeue(a, b);
      }
    }
    return true;
  }

  std::vector<Index> result() {
    std::vector<Index> persons;
    persons.reserve(initial_.size());
    for (const Index group : initial_) persons.push_back(root(persons_, nodes_[find(group)].person));
    return persons;
  }

 private:
  struct Node {
    std::size_t size = 0;
    Index only = 0;          // the first face; its vector is the sum while it is alone
    std::vector<float> sum;  // empty while there is one face
    Index person = 0;
    std::vector<Index> parked;  // groups that are too few faces short of this one; see park()
  };

  struct Entry {
    float similarity;
    Index a;  // groups, a < b
    Index b;
    bool exact;  // the linkage of these two groups; else a bound
  };

  // What stands further back in the queue: a total order, so that the outcome hangs on nothing else.
  static bool later(const Entry& left, const Entry& right) {
    if (left.similarity != right.similarity) return left.similarity < right.similarity;
    return std::tuple(left.a, left.b, left.exact) > std::tuple(right.a, right.b, right.exact);
  }

  static void add(std::vector<float>& sum, std::span<const float> vector) {
    std::ranges::transform(sum, vector, sum.begin(), std::plus{});
  }

  static Index root(std::vector<Index>& parents, Index number) {
    while (parents[number] != number) {
      parents[number] = parents[parents[number]];
      number = parents[number];
    }
    return number;
  }

  Index find(Index group) { return root(parents_, group); }

  [[nodiscard]] std::span<const float> sum_of(const Node& node) const {
    return node.size == 1 ? rows_[node.only] : std::span<const float>(node.sum);
  }

  [[nodiscard]] float linkage(Index a, Index b) const {
    const float total =
        best_kernel().dot(sum_of(nodes_[a]).data(), sum_of(nodes_[b]).data(), rows_.dimension);
    return total / (static_cast<float>(nodes_[a].size) * static_cast<float>(nodes_[b].size));
  }

  bool may_merge(Index a, Index b) {
    const Index first = root(persons_, nodes_[a].person);
    const Index second = root(persons_, nodes_[b].person);
    if (first == second) return true;
    const std::vector<Mark>& left = marks_[first];
    const std::vector<Mark>& right = marks_[second];
    for (auto i = left.begin(), j = right.begin(); i != left.end() && j != right.end();) {
      if (*i == *j) return false;
      *i < *j ? ++i : ++j;
    }
    return true;
  }

  Index join_persons(Index a, Index b) {
    const auto [stays, goes] = std::minmax({root(persons_, a), root(persons_, b)});
    if (stays == goes) return stays;
    persons_[goes] = stays;
    std::vector<Mark> both;
    std::ranges::merge(marks_[stays], marks_[goes], std::back_inserter(both));
    marks_[stays] = std::move(both);
    std::vector<Mark>().swap(marks_[goes]);
    return stays;
  }

  [[nodiscard]] float required(Index a, Index b) const {
    const float pairs = static_cast<float>(nodes_[a].size) * static_cast<float>(nodes_[b].size);
    return rule_.min_similarity + rule_.few_faces_margin / std::sqrt(pairs);
  }

  // Two groups whose mean would do for more faces: they are looked at again when either has grown.
  void park(Index a, Index b) {
    nodes_[a].parked.push_back(b);
    nodes_[b].parked.push_back(a);
  }

  void wake(std::vector<Index>& parked, Index grown) {
    for (const Index group : parked) {
      const auto [a, b] = std::minmax({find(group), grown});
      if (a != b) requeue(a, b);
    }
    std::vector<Index>().swap(parked);
  }

  void requeue(Index a, Index b) {
    if (!may_merge(a, b) || !queued_.insert(a, b)) return;
    const float similarity = linkage(a, b);
    if (similarity < rule_.min_similarity) return;
    if (similarity < required(a, b)) {
      park(a, b);
      return;
    }
    queue_.push_back({similarity, a, b, true});
    std::ranges::push_heap(queue_, later);
  }

  // The merged group gets a number of its own, so that what stands in the queue for its parts is known to be
  // out of date.
  void merge(Index a, Index b) {
    if (!may_merge(a, b)) return;
    const auto number = static_cast<Index>(nodes_.size());
    parents_.push_back(number);
    parents_[a] = parents_[b] = number;
    Node merged;
    merged.size = nodes_[a].size + nodes_[b].size;
    Node& larger = nodes_[nodes_[a].size < nodes_[b].size ? b : a];
    Node& smaller = nodes_[nodes_[a].size < nodes_[b].size ? a : b];
    if (larger.size == 1) {
      merged.sum.assign(rows_[larger.only].begin(), rows_[larger.only].end());
    } else {
      merged.sum = std::move(larger.sum);
    }
    add(merged.sum, sum_of(smaller));
    merged.person = join_persons(larger.person, smaller.person);
    std::vector<float>().swap(smaller.sum);
    nodes_.push_back(std::move(merged));
    wake(nodes_[a].parked, number);
    wake(nodes_[b].parked, number);
  }

  Rows rows_;
  LinkageRule rule_;
  std::vector<Index> initial_;  // of each face
  std::vector<Node> nodes_;
  std::vector<Index> parents_;
  std::vector<Index> persons_;  // likewise parents
  std::vector<std::vector<Mark>> marks_;
  std::vector<Entry> queue_;  // a heap
  PairSet queued_;
};

}  // namespace

std::optional<std::vector<Index>> link(const Rows& rows, Groups groups, std::vector<Edge> edges,
                                       const LinkageRule& rule, const std::stop_token& stop) {
  Linker linker(rows, std::move(groups), rule);
  linker.start(edges);
  std::vector<Edge>().swap(edges);  // the queue has them all
  if (!linker.run(stop)) return std::nullopt;
  return linker.result();
}

}  // namespace kith::cluster_detail
