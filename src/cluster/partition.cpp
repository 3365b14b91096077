// SPDX-License-Identifier: Apache-2.0
#include "cluster/partition.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

#include <tbb/enumerable_thread_specific.h>
#include <tbb/parallel_for.h>

#include <kith/face.h>

namespace kith::cluster_detail {
namespace {

// Enough faces a part for its centre to be steady, and few enough for the k-means to be quick.
constexpr std::size_t sampled_a_part = 64;
// The centres hardly move after these.
constexpr int rounds = 8;

std::vector<Index> all_indices(std::size_t count) {
  std::vector<Index> indices(count);
  std::iota(indices.begin(), indices.end(), Index{0});
  return indices;
}

// `count` different ones of `total`, ascending. Not std::sample, whose choice is the library's own.
std::vector<Index> sample(std::size_t total, std::size_t count, std::uint64_t seed) {
  std::vector<Index> indices = all_indices(total);
  std::mt19937_64 random(seed);
  for (std::size_t i = 0; i < count; ++i) std::swap(indices[i], indices[i + random() % (total - i)]);
  indices.resize(count);
  return indices;
}

// For each of the chosen rows the `count` nearest centres, nearest first, one row after the other.
std::vector<Index> nearest_centres(const Rows& rows, std::span<const Index> chosen, const Rows& centres,
                                   std::size_t count, const std::stop_token& stop) {
  struct Candidate {
    float similarity = 0;
    Index centre = 0;
  };
  const Kernel& kernel = best_kernel();
  const std::vector<Index> every_centre = all_indices(centres.size());
  Panels right;
  right.pack(centres, every_centre, kernel.wide);
  std::vector<Index> nearest(chosen.size() * count);
  tbb::enumerable_thread_specific<Panels> packed;
  const std::size_t panels = (chosen.size() + kernel.tall - 1) / kernel.tall;
  tbb::parallel_for(std::size_t{0}, panels, [&](std::size_t panel) {
    if (stop.stop_requested()) return;
    const std::size_t first = panel * kernel.tall;
    const std::size_t size = std::min(kernel.tall, chosen.size() - first);
    Panels& left = packed.local();
    left.pack(rows, chosen.subspan(first, size), kernel.tall);
    const auto better = [](const Candidate& a, const Candidate& b) {
      return a.similarity != b.similarity ? a.similarity > b.similarity : a.centre < b.centre;
    };
    std::vector<Candidate> scores(size * centres.size());
    alignas(64) float tile[max_tile];
    for (std::size_t p = 0; p < right.count(); ++p) {
      kernel.tile(left.panel(0), right.panel(p), rows.dimension, 0, tile);
      const std::span<const Index> columns = right.rows(p);
      for (std::size_t i = 0; i < size; ++i) {
        for (std::size_t j = 0; j < columns.size(); ++j)
          scores[i * centres.size() + columns[j]] = {tile[i * kernel.wide + j], columns[j]};
      }
    }
    for (std::size_t i = 0; i < size; ++i) {
      const auto begin = scores.begin() + static_cast<std::ptrdiff_t>(i * centres.size());
      const auto middle = begin + static_cast<std::ptrdiff_t>(count);
      const auto end = begin + static_cast<std::ptrdiff_t>(centres.size());
      std::nth_element(begin, middle - 1, end, better);
      std::sort(begin, middle, better);
      for (std::size_t n = 0; n < count; ++n)
        nearest[(first + i) * count + n] = (begin + static_cast<std::ptrdiff_t>(n))->centre;
    }
  });
  return nearest;
}

// Moves each centre to the mean of the sampled faces nearest to it. One without any stays.
void move_centres(const Rows& rows, std::span<const Index> sampled, const std::vector<Index>& nearest,
                  std::vector<float>& centres) {
  const std::size_t dimension = rows.dimension;
  std::vector<std::vector<Index>> members(centres.size() / dimension);
  for (std::size_t i = 0; i < sampled.size(); ++i) members[nearest[i]].push_back(sampled[i]);
  tbb::parallel_for(std::size_t{0}, members.size(), [&](std::size_t part) {
    if (members[part].empty()) return;
    const std::span<float> centre = std::span(centres).subspan(part * dimension, dimension);
    std::ranges::fill(centre, 0.0F);
    for (const Index face : members[part])
      std::ranges::transform(centre, rows[face], centre.begin(), std::plus{});
    normalise(centre);
  });
}

}  // namespace

Partition make_partition(const Rows& rows, const std::vector<Index>& fresh, std::size_t probes,
                         std::uint64_t seed, const std::stop_token& stop) {
  const std::size_t dimension = rows.dimension;
  const auto parts = std::min(
      rows.size(), static_cast<std::size_t>(std::lround(2 * std::sqrt(static_cast<double>(rows.size())))));
  const std::vector<Index> sampled = sample(rows.size(), std::min(rows.size(), parts * sampled_a_part), seed);
  std::vector<float> values;
  values.reserve(parts * dimension);
  for (std::size_t part = 0; part < parts; ++part)
    values.insert(values.end(), rows[sampled[part]].begin(), rows[sampled[part]].end());
  for (int round = 0; round < rounds && !stop.stop_requested(); ++round) {
    const std::vector<Index> nearest = nearest_centres(rows, sampled, {values, dimension}, 1, stop);
    move_centres(rows, sampled, nearest, values);
  }

  Partition partition;
  partition.members.resize(parts);
  partition.visitors.resize(parts);
  probes = std::min(probes, parts);
  const std::vector<Index> everybody = all_indices(rows.size());
  const Rows centres{values, dimension};
  if (fresh.size() == rows.size()) {
    const std::vector<Index> nearest = nearest_centres(rows, everybody, centres, probes, stop);
    for (const Index face : everybody) {
      partition.members[nearest[face * probes]].push_back(face);
      for (std::size_t n = 0; n < probes; ++n) partition.visitors[nearest[face * probes + n]].push_back(face);
    }
    return partition;
  }
  const std::vector<Index> homes = nearest_centres(rows, everybody, centres, 1, stop);
  for (const Index face : everybody) partition.members[homes[face]].push_back(face);
  const std::vector<Index> visits = nearest_centres(rows, fresh, centres, probes, stop);
  for (std::size_t i = 0; i < fresh.size(); ++i) {
    for (std::size_t n = 0; n < probes; ++n) partition.visitors[visits[i * probes + n]].push_back(fresh[i]);
  }
  return partition;
}

}  // namespace kith::cluster_detail
