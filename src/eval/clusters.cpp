// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>
#include <unordered_map>

#include "eval/bootstrap.h"
#include "eval/metrics.h"

namespace kith::eval {
namespace {

// What one person's faces add to the figures: all of them are sums over people, or quotients of such.
struct Sums {
  double faces = 0;
  double together = 0;       // ordered pairs in one cluster and of one person
  double in_cluster = 0;     // ordered pairs in one cluster, the first of this person
  double of_person = 0;      // ordered pairs of this person
  double cluster_share = 0;  // over faces: the share of its cluster that is of its person
  double person_share = 0;   // over faces: the share of its person that is in its cluster

  void add(const Sums& other, double times) {
    faces += times * other.faces;
    together += times * other.together;
    in_cluster += times * other.in_cluster;
    of_person += times * other.of_person;
    cluster_share += times * other.cluster_share;
    person_share += times * other.person_share;
  }
};

double share(double part, double whole) { return whole > 0 ? part / whole : 1; }

ClusterFigures figures(double precision, double recall) {
  const double sum = precision + recall;
  return {precision, recall, sum > 0 ? 2 * precision * recall / sum : 0, {}, {}, {}};
}

ClusterFigures pairwise(const Sums& sums) {
  return figures(share(sums.together, sums.in_cluster), share(sums.together, sums.of_person));
}

ClusterFigures bcubed(const Sums& sums) {
  return figures(share(sums.cluster_share, sums.faces), share(sums.person_share, sums.faces));
}

// Numbers without gaps, in the order in which they first appear; returns how many there are.
std::size_t renumber(std::span<const std::int64_t> given, std::vector<std::size_t>& numbers) {
  std::unordered_map<std::int64_t, std::size_t> seen;
  for (const std::int64_t number : given)
    numbers.push_back(seen.try_emplace(number, seen.size()).first->second);
  return seen.size();
}

std::vector<Sums> sums_by_person(const std::vector<std::size_t>& clusters, std::size_t cluster_count,
                                 const std::vector<std::size_t>& people, std::size_t person_count) {
  std::vector<double> cluster_sizes(cluster_count, 0);
  for (const std::size_t cluster : clusters) ++cluster_sizes[cluster];
  std::vector<double> person_sizes(person_count, 0);
  for (const std::size_t person : people) ++person_sizes[person];

  std::vector<std::size_t> order(clusters.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto place = [&](std::size_t face) { return std::pair(people[face], clusters[face]); };
  std::ranges::sort(order, {}, place);
  std::vector<Sums> sums(person_count);
  for (std::size_t begin = 0; begin < order.size();) {
    std::size_t end = begin;
    while (end < order.size() && place(order[end]) == place(order[begin])) ++end;
    const auto [person, cluster] = place(order[begin]);
    const auto shared = static_cast<double>(end - begin);
    const double in_cluster = cluster_sizes[cluster];
    const double of_person = person_sizes[person];
    sums[person].add({shared, shared * (shared - 1), shared * (in_cluster - 1), shared * (of_person - 1),
                      shared * shared / in_cluster, shared * shared / of_person},
                     1);
    begin = end;
  }
  return sums;
}

Sums total_of(const std::vector<Sums>& sums) {
  Sums total;
  for (const Sums& person : sums) total.add(person, 1);
  return total;
}

// As often as each person was drawn: people and not faces, since a person's faces are not independent.
Sums weighted(const std::vector<Sums>& sums, std::span<const std::uint32_t> weights) {
  Sums total;
  for (std::size_t i = 0; i < sums.size(); ++i) total.add(sums[i], weights[i]);
  return total;
}

// By person, in the order in which they first appear; counts the clusters.
std::vector<Sums> sums_of(std::span<const std::int64_t> clusters, std::span<const std::int64_t> people,
                          std::size_t& cluster_count) {
  assert(clusters.size() == people.size());
  std::vector<std::size_t> cluster_numbers;
  std::vector<std::size_t> person_numbers;
  cluster_count = renumber(clusters, cluster_numbers);
  const std::size_t persons = renumber(people, person_numbers);
  return sums_by_person(cluster_numbers, cluster_count, person_numbers, persons);
}

}  // namespace

ClusterScore score_clusters(std::span<const std::int64_t> clusters, std::span<const std::int64_t> people) {
  ClusterScore score;
  const std::vector<Sums> sums = sums_of(clusters, people, score.clusters);
  const Sums total = total_of(sums);
  score.pairwise = pairwise(total);
  score.bcubed = bcubed(total);

  const std::vector<Interval> intervals =
      bootstrap95(sums.size(), [&](std::span<const std::uint32_t> weights) {
        const Sums drawn = weighted(sums, weights);
        std::vector<double> values;
        for (const ClusterFigures& one : {pairwise(drawn), bcubed(drawn)})
          values.insert(values.end(), {one.precision, one.recall, one.f});
        return values;
      });
  const auto set_intervals = [&](ClusterFigures& of, std::size_t first) {
    of.precision95 = intervals[first];
    of.recall95 = intervals[first + 1];
    of.f95 = intervals[first + 2];
  };
  set_intervals(score.pairwise, 0);
  set_intervals(score.bcubed, 3);
  return score;
}

ClusterDifference compare_clusters(std::span<const std::int64_t> first, std::span<const std::int64_t> second,
                                   std::span<const std::int64_t> people) {
  std::size_t unused = 0;
  const std::vector<Sums> of_first = sums_of(first, people, unused);
  const std::vector<Sums> of_second = sums_of(second, people, unused);
  const auto differences = [](const Sums& one, const Sums& other) {
    return std::vector{pairwise(one).f - pairwise(other).f, bcubed(one).f - bcubed(other).f};
  };
  const std::vector<double> found = differences(total_of(of_first), total_of(of_second));
  const std::vector<Interval> intervals =
      bootstrap95(of_first.size(), [&](std::span<const std::uint32_t> weights) {
        return differences(weighted(of_first, weights), weighted(of_second, weights));
      });
  return {found[0], intervals[0], found[1], intervals[1]};
}

}  // namespace kith::eval
