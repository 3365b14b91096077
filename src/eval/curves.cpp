// SPDX-License-Identifier: Apache-2.0
#include "eval/curves.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <random>
#include <unordered_map>

#include "eval/bootstrap.h"

namespace kith::eval {
namespace {

constexpr double none = std::numeric_limits<double>::quiet_NaN();

struct AreaAndError {
  double area = none;
  double equal_error_rate = none;
};

// One pass over pairs that are sorted by falling similarity, each counted as often as `times` says; calls
// point(x, y) for each similarity that occurs.
template <typename Times, typename Point>
void walk(std::span<const Pair> sorted, const Times& times, const Point& point) {
  double same = 0;
  double different = 0;
  for (std::size_t i = 0; i < sorted.size(); ++i) (sorted[i].same ? same : different) += times(i);
  if (same == 0 || different == 0) return;
  double accepted_same = 0;
  double accepted_different = 0;
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    (sorted[i].same ? accepted_same : accepted_different) += times(i);
    if (i + 1 < sorted.size() && sorted[i + 1].similarity == sorted[i].similarity) continue;
    point(accepted_different / different, accepted_same / same);
  }
}

// Where the line between two points crosses FAR = FRR, which is y = 1 - x.
double crossing(double x0, double y0, double x1, double y1) {
  const double before = 1 - y0 - x0;  // FRR - FAR: falls from 1 to -1
  const double after = 1 - y1 - x1;
  return before == after ? x1 : x0 + (x1 - x0) * before / (before - after);
}

template <typename Times>
AreaAndError area_and_error(std::span<const Pair> sorted, const Times& times) {
  AreaAndError result;
  double x = 0;
  double y = 0;
  double area = 0;
  walk(sorted, times, [&](double next_x, double next_y) {
    area += (next_x - x) * (y + next_y) / 2;
    if (1 - y - x > 0 && 1 - next_y - next_x <= 0) result.equal_error_rate = crossing(x, y, next_x, next_y);
    x = next_x;
    y = next_y;
    result.area = area;
  });
  return result;
}

std::vector<Pair> falling(std::span<const Pair> pairs) {
  std::vector<Pair> sorted(pairs.begin(), pairs.end());
  std::ranges::sort(sorted, std::greater{}, &Pair::similarity);
  return sorted;
}

}  // namespace

Curve roc(std::span<const Pair> pairs) {
  Curve curve;
  walk(
      falling(pairs), [](std::size_t) { return 1.0; },
      [&](double x, double y) {
        if (curve.x.empty()) curve = {{0}, {0}};
        curve.x.push_back(x);
        curve.y.push_back(y);
      });
  return curve;
}

Curve det(const Curve& roc) {
  Curve curve = roc;
  for (double& y : curve.y) y = 1 - y;
  return curve;
}

Curve dir_far(std::span<const Probe> probes) {
  // A probe of an enrolled person whose right person is not closest is identified at no threshold.
  std::vector<float> strangers;
  std::vector<float> identified;
  double enrolled = 0;
  for (const Probe& probe : probes) {
    if (!probe.enrolled) strangers.push_back(probe.similarity);
    enrolled += probe.enrolled ? 1 : 0;
    if (probe.enrolled && probe.correct) identified.push_back(probe.similarity);
  }
  Curve curve;
  if (strangers.empty() || enrolled == 0) return curve;
  std::ranges::sort(strangers, std::greater{});
  std::ranges::sort(identified, std::greater{});
  std::size_t named = 0;
  for (std::size_t i = 0; i < strangers.size(); ++i) {
    if (i > 0 && strangers[i] == strangers[i - 1]) continue;
    // The threshold is this stranger's similarity: those before it exceed it.
    while (named < identified.size() && identified[named] > strangers[i]) ++named;
    curve.x.push_back(static_cast<double>(i) / static_cast<double>(strangers.size()));
    curve.y.push_back(static_cast<double>(named) / enrolled);
  }
  curve.x.push_back(1);
  curve.y.push_back(static_cast<double>(identified.size()) / enrolled);
  return curve;
}

SampledSimilarities sample_similarities(std::span<const float> vectors, std::size_t dimension,
                                        std::span<const std::int64_t> people, std::size_t count,
                                        std::uint64_t seed) {
  std::unordered_map<std::int64_t, std::vector<std::size_t>> faces_of;
  for (std::size_t i = 0; i < people.size(); ++i) faces_of[people[i]].push_back(i);
  std::vector<std::size_t> in_company;  // faces of people with several
  for (std::size_t i = 0; i < people.size(); ++i) {
    if (faces_of[people[i]].size() > 1) in_company.push_back(i);
  }
  const auto similarity = [&](std::size_t a, std::size_t b) {
    return dot(vectors.subspan(a * dimension, dimension), vectors.subspan(b * dimension, dimension));
  };
  std::mt19937_64 random(seed);
  SampledSimilarities sampled;
  for (std::size_t i = 0; i < count; ++i) {
    if (!in_company.empty()) {
      const std::size_t one = in_company[random() % in_company.size()];
      const std::vector<std::size_t>& others = faces_of[people[one]];
      const std::size_t other = others[random() % others.size()];
      if (other != one) sampled.same.push_back(similarity(one, other));
    }
    if (faces_of.size() > 1) {
      const std::size_t one = random() % people.size();
      const std::size_t other = random() % people.size();
      if (people[one] != people[other]) sampled.different.push_back(similarity(one, other));
    }
  }
  return sampled;
}

ThresholdFree threshold_free(std::span<const Pair> pairs) {
  const std::vector<Pair> sorted = falling(pairs);
  ThresholdFree result;
  const AreaAndError all = area_and_error(sorted, [](std::size_t) { return 1.0; });
  if (!(all.area >= 0)) return result;
  const std::vector<Interval> intervals =
      bootstrap95(sorted.size(), [&](std::span<const std::uint32_t> weights) {
        const AreaAndError drawn =
            area_and_error(sorted, [&](std::size_t i) { return static_cast<double>(weights[i]); });
        return std::vector{drawn.area, drawn.equal_error_rate};
      });
  return {all.area, intervals[0], all.equal_error_rate, intervals[1]};
}

}  // namespace kith::eval
