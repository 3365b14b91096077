// SPDX-License-Identifier: Apache-2.0
#include "cluster/stable_ids.h"

#include <algorithm>
#include <functional>
#include <tuple>
#include <unordered_set>

namespace kith::cluster_detail {
namespace {

constexpr Index no_number = static_cast<Index>(-1);

struct Overlap {
  std::size_t faces = 0;
  std::int64_t earlier = 0;  // an earlier cluster's id
  Index group = 0;
};

// How many faces each group shares with each earlier cluster; most first.
std::vector<Overlap> overlaps(std::span<const std::int64_t> previous, const std::vector<Index>& groups) {
  std::vector<Overlap> faces;
  for (std::size_t face = 0; face < previous.size(); ++face) {
    if (previous[face] != 0) faces.push_back({1, previous[face], groups[face]});
  }
  const auto place = [](const Overlap& one) { return std::pair(one.earlier, one.group); };
  std::ranges::sort(faces, {}, place);
  std::vector<Overlap> counted;
  for (const Overlap& one : faces) {
    if (counted.empty() || place(counted.back()) != place(one)) {
      counted.push_back(one);
    } else {
      ++counted.back().faces;
    }
  }
  std::ranges::stable_sort(counted, std::greater{}, &Overlap::faces);
  return counted;
}

}  // namespace

Clustering with_stable_ids(std::span<const std::int64_t> ids, std::span<const std::int64_t> previous,
                           const std::vector<Index>& groups) {
  // Numbered by their first faces, so that the numbers hang on the faces alone.
  std::vector<Index> number_of(groups.size(), no_number);
  std::vector<Index> numbers;
  std::vector<Cluster> clusters;
  for (const Index group : groups) {
    if (number_of[group] == no_number) {
      number_of[group] = static_cast<Index>(clusters.size());
      clusters.emplace_back();
    }
    numbers.push_back(number_of[group]);
    ++clusters[numbers.back()].faces;
  }
  std::unordered_set<std::int64_t> borne;
  std::int64_t least = 0;
  for (const Overlap& overlap : overlaps(previous, numbers)) {
    std::int64_t& id = clusters[overlap.group].id;
    if (id == 0 && borne.insert(overlap.earlier).second) {
      id = overlap.earlier;
      least = std::min(least, id);
    }
  }
  // Two new clusters share no face, so they cannot want the same id.
  for (std::size_t face = 0; face < ids.size(); ++face) {
    std::int64_t& id = clusters[numbers[face]].id;
    if (id == 0 && !borne.contains(ids[face])) id = ids[face];
  }
  for (Cluster& cluster : clusters) {
    if (cluster.id == 0) cluster.id = --least;
  }
  Clustering result;
  result.labels.reserve(ids.size());
  for (const Index number : numbers) result.labels.push_back(clusters[number].id);
  std::ranges::sort(clusters, {}, &Cluster::id);
  result.clusters = std::move(clusters);
  return result;
}

}  // namespace kith::cluster_detail
