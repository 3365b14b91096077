// SPDX-License-Identifier: Apache-2.0
#include "eval/detection.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>

#include "eval/bootstrap.h"

namespace kith::eval {
namespace {

class Matcher {
 public:
  Matcher(float min_height, DetectionMatches& matches) : min_height_(min_height), matches_(matches) {}

  void add(const DetectionPhoto& photo, std::size_t number) {
    const auto counted =
        std::ranges::count_if(photo.truth, [&](const TrueFace& face) { return !ignored(face); });
    matches_.faces.push_back(static_cast<std::size_t>(counted));

    std::vector<std::size_t> order(photo.found.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, std::greater{}, [&](std::size_t i) { return photo.found[i].score; });
    std::vector<bool> taken(photo.truth.size(), false);
    for (const std::size_t i : order) {
      const Face& face = photo.found[i];
      if (const std::optional<std::size_t> match = best_match(photo.truth, taken, face.box)) {
        taken[*match] = true;
        if (!ignored(photo.truth[*match])) matches_.found.push_back({face.score, true, number, i});
      } else if (face.box.height >= min_height_) {
        matches_.found.push_back({face.score, false, number, i});
      }
    }
    for (std::size_t i = 0; i < photo.truth.size(); ++i) {
      if (!taken[i] && !ignored(photo.truth[i])) matches_.missed.push_back({number, i});
    }
  }

 private:
  [[nodiscard]] bool ignored(const TrueFace& face) const {
    return face.ignored || face.box.height < min_height_;
  }

  static std::optional<std::size_t> best_match(const std::vector<TrueFace>& truth,
                                               const std::vector<bool>& taken, const Box& box) {
    float best = 0.5F;
    std::optional<std::size_t> match;
    for (std::size_t i = 0; i < truth.size(); ++i) {
      const float shared = overlap(truth[i].box, box);
      if (!taken[i] && shared >= best) {
        best = shared;
        match = i;
      }
    }
    return match;
  }

  float min_height_;
  DetectionMatches& matches_;
};

// With each photo counted as often as `times` says; not a number where no face counts then.
template <typename Times>
double area(const DetectionMatches& matches, const Times& times) {
  double faces = 0;
  for (std::size_t photo = 0; photo < matches.faces.size(); ++photo)
    faces += times(photo) * static_cast<double>(matches.faces[photo]);
  if (faces == 0) return std::numeric_limits<double>::quiet_NaN();
  std::vector<double> precision;
  std::vector<double> gain;  // of recall
  double right = 0;
  double all = 0;
  for (const DetectionMatches::Found& found : matches.found) {
    const double count = times(found.photo);
    if (count == 0) continue;
    all += count;
    right += found.right ? count : 0;
    precision.push_back(right / all);
    gain.push_back(found.right ? count / faces : 0);
  }
  double sum = 0;
  double best = 0;  // precision at this recall or beyond
  for (std::size_t i = precision.size(); i-- > 0;) {
    best = std::max(best, precision[i]);
    sum += best * gain[i];
  }
  return sum;
}

double area(const DetectionMatches& matches) {
  return area(matches, [](std::size_t) { return 1.0; });
}

double area(const DetectionMatches& matches, std::span<const std::uint32_t> weights) {
  return area(matches, [&](std::size_t photo) { return static_cast<double>(weights[photo]); });
}

}  // namespace

DetectionMatches match_detections(std::span<const DetectionPhoto> photos, float min_height) {
  DetectionMatches matches;
  Matcher matcher(min_height, matches);
  for (std::size_t i = 0; i < photos.size(); ++i) matcher.add(photos[i], i);
  std::ranges::stable_sort(matches.found, std::greater{}, &DetectionMatches::Found::score);
  return matches;
}

PrecisionRecall precision_recall(const DetectionMatches& matches) {
  const auto faces =
      static_cast<double>(std::accumulate(matches.faces.begin(), matches.faces.end(), std::size_t{0}));
  PrecisionRecall curve;
  double right = 0;
  for (std::size_t i = 0; i < matches.found.size() && faces > 0; ++i) {
    right += matches.found[i].right ? 1 : 0;
    // Equal scores count together.
    if (i + 1 < matches.found.size() && matches.found[i + 1].score == matches.found[i].score) continue;
    curve.recall.push_back(right / faces);
    curve.precision.push_back(right / static_cast<double>(i + 1));
  }
  return curve;
}

std::optional<double> average_precision(const DetectionMatches& matches) {
  const double value = area(matches);
  return std::isnan(value) ? std::nullopt : std::optional(value);
}

Interval average_precision95(const DetectionMatches& matches) {
  return bootstrap95(
             matches.faces.size(),
             [&](std::span<const std::uint32_t> weights) { return std::vector{area(matches, weights)}; })
      .front();
}

std::optional<PrecisionDifference> compare_precision(const DetectionMatches& first,
                                                     const DetectionMatches& second) {
  assert(first.faces == second.faces);
  const double value = area(first) - area(second);
  if (std::isnan(value)) return std::nullopt;
  return PrecisionDifference{value,
                             bootstrap95(first.faces.size(), [&](std::span<const std::uint32_t> weights) {
                               return std::vector{area(first, weights) - area(second, weights)};
                             }).front()};
}

}  // namespace kith::eval
