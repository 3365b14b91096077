// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>
#include <random>
#include <unordered_map>

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

  Sums& operator+=(const Sums& other) {
    faces += other.faces;
    together += other.together;
    in_cluster += other.in_cluster;
    of_person += other.of_person;
    cluster_share += other.cluster_share;
    person_share += other.person_share;
    return *this;
  }
};

double share(double part, double whole) { return whole > 0 ? part / whole : 1; }

ClusterFigures figures(double precision, double recall) {
  const double sum = precision + recall;
  return {precision, recall, sum > 0 ? 2 * precision * recall / sum : 0, {}};
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
    sums[person] += {shared,
                     shared * (shared - 1),
                     shared * (in_cluster - 1),
                     shared * (of_person - 1),
                     shared * shared / in_cluster,
                     shared * shared / of_person};
    begin = end;
  }
  return sums;
}

}  // namespace

ClusterScore score_clusters(std::span<const std::int64_t> clusters, std::span<const std::int64_t> people) {
  assert(clusters.size() == people.size());
  std::vector<std::size_t> cluster_numbers;
  std::vector<std::size_t> person_numbers;
  ClusterScore score;
  score.clusters = renumber(clusters, cluster_numbers);
  const std::size_t persons = renumber(people, person_numbers);
  const std::vector<Sums> sums = sums_by_person(cluster_numbers, score.clusters, person_numbers, persons);
  Sums total;
  for (const Sums& person : sums) total += person;
  score.pairwise = pairwise(total);
  score.bcubed = bcubed(total);

  // Efron, "Bootstrap methods: another look at the jackknife", 1979. People are drawn and not faces, since a
  // person's faces are not independent.
  constexpr int draws = 500;
  std::mt19937_64 random(1);
  std::vector<double> pairwise_f;
  std::vector<double> bcubed_f;
  for (int draw = 0; draw < draws; ++draw) {
    Sums drawn;
    for (std::size_t i = 0; i < persons; ++i) drawn += sums[random() % persons];
    pairwise_f.push_back(pairwise(drawn).f);
    bcubed_f.push_back(bcubed(drawn).f);
  }
  score.pairwise.f95 = middle95(std::move(pairwise_f));
  score.bcubed.f95 = middle95(std::move(bcubed_f));
  return score;
}

}  // namespace kith::eval
