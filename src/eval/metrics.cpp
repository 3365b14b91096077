// SPDX-License-Identifier: Apache-2.0
#include "eval/metrics.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>

namespace kith::eval {
namespace {

// The threshold that decides most of the pairs rightly: of the best ones the middle. Equal similarities
// lie on one side of it.
float best_threshold(std::vector<Pair> pairs) {
  std::ranges::sort(pairs, {}, &Pair::similarity);
  // Below the first pair everything is "same": right for the same, wrong for the different.
  std::ptrdiff_t correct = std::ranges::count_if(pairs, &Pair::same);
  std::ptrdiff_t most = correct;
  std::vector<float> best{pairs.front().similarity - 1};
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    correct += pairs[i].same ? -1 : 1;  // the threshold moves above pair i
    const float next = i + 1 < pairs.size() ? pairs[i + 1].similarity : pairs[i].similarity + 1;
    if (next == pairs[i].similarity || correct < most) continue;
    if (correct > most) best.clear();
    most = correct;
    best.push_back((pairs[i].similarity + next) / 2);
  }
  return best[best.size() / 2];
}

// The lowest threshold that at most `rate` of the scores exceed.
float threshold_at_rate(std::vector<float> scores, double rate) {
  if (scores.empty()) return -std::numeric_limits<float>::infinity();
  std::ranges::sort(scores, std::greater{});
  const auto allowed = static_cast<std::size_t>(rate * static_cast<double>(scores.size()));
  return allowed < scores.size() ? scores[allowed] : -std::numeric_limits<float>::infinity();
}

struct Detection {
  float score;
  bool correct;
};

// Matches a photo's detections with its faces, best first, each face once.
void match(const DetectionPhoto& photo, float min_height, std::vector<Detection>& detections,
           std::size_t& faces) {
  const auto ignored = [&](const TrueFace& face) { return face.ignored || face.box.height < min_height; };
  faces += static_cast<std::size_t>(std::ranges::count_if(photo.truth, std::not_fn(ignored)));
  std::vector<Face> found = photo.found;
  std::ranges::sort(found, std::greater{}, &Face::score);
  std::vector<bool> taken(photo.truth.size(), false);
  for (const Face& face : found) {
    float best = 0.5F;
    std::size_t match = photo.truth.size();
    for (std::size_t i = 0; i < photo.truth.size(); ++i) {
      const float shared = overlap(photo.truth[i].box, face.box);
      if (!taken[i] && shared >= best) {
        best = shared;
        match = i;
      }
    }
    if (match < photo.truth.size()) {
      taken[match] = true;
      if (!ignored(photo.truth[match])) detections.push_back({face.score, true});
    } else if (face.box.height >= min_height) {
      detections.push_back({face.score, false});
    }
  }
}

// Solves a 3 x 3 system by Cramer's rule; well conditioned for the handful of points fitted here.
std::array<double, 3> solve(const std::array<std::array<double, 3>, 3>& m, const std::array<double, 3>& v) {
  const auto determinant = [](const std::array<std::array<double, 3>, 3>& a) {
    return a[0][0] * (a[1][1] * a[2][2] - a[1][2] * a[2][1]) -
           a[0][1] * (a[1][0] * a[2][2] - a[1][2] * a[2][0]) +
           a[0][2] * (a[1][0] * a[2][1] - a[1][1] * a[2][0]);
  };
  const double whole = determinant(m);
  std::array<double, 3> result{};
  for (std::size_t column = 0; column < 3; ++column) {
    auto replaced = m;
    for (std::size_t row = 0; row < 3; ++row) replaced[row][column] = v[row];
    result[column] = determinant(replaced) / whole;
  }
  return result;
}

void fit_tail(std::span<const float> different, Calibration& calibration) {
  std::vector<float> scores(different.begin(), different.end());
  std::ranges::sort(scores, std::greater{});
  // Equal steps in log10 from one in ten down to where a dozen pairs are left: beyond that, single
  // mislabelled photos would decide.
  std::array<std::array<double, 3>, 3> normal{};
  std::array<double, 3> right{};
  const double deepest = std::log10(12.0 / static_cast<double>(scores.size()));
  for (double exponent = -1; exponent >= deepest; exponent -= 0.25) {
    const double s =
        scores[static_cast<std::size_t>(std::pow(10, exponent) * static_cast<double>(scores.size()))];
    const std::array<double, 3> row{1, s, s * s};
    for (std::size_t i = 0; i < 3; ++i) {
      right[i] += row[i] * exponent;
      for (std::size_t j = 0; j < 3; ++j) normal[i][j] += row[i] * row[j];
    }
  }
  const std::array<double, 3> tail = solve(normal, right);
  for (std::size_t i = 0; i < 3; ++i) calibration.tail[i] = static_cast<float>(tail[i]);
}

// Of the strangers, as many reach a given person at the similarity below which nobody is named.
constexpr double share_at_min_similarity = 1e-4;

void fit_logistic(std::span<const float> same, std::span<const float> different, Calibration& calibration) {
  // Newton's method on the weighted log-likelihood; the problem is convex and two-dimensional.
  double slope = 10;
  double intercept = -3;
  const auto accumulate = [&](std::span<const float> scores, double label, std::array<double, 5>& sums) {
    const double weight = 1.0 / static_cast<double>(scores.size());
    for (const float score : scores) {
      const double s = score;
      const double p = 1 / (1 + std::exp(-(slope * s + intercept)));
      const double curvature = weight * p * (1 - p);
      sums[0] += weight * (label - p) * s;
      sums[1] += weight * (label - p);
      sums[2] += curvature * s * s;
      sums[3] += curvature * s;
      sums[4] += curvature;
    }
  };
  for (int step = 0; step < 50; ++step) {
    std::array<double, 5> sums{};
    accumulate(same, 1, sums);
    accumulate(different, 0, sums);
    // A trace of a ridge keeps the step finite where the two kinds do not overlap at all.
    sums[2] += 1e-9;
    sums[4] += 1e-9;
    const double determinant = sums[2] * sums[4] - sums[3] * sums[3];
    const double slope_step = (sums[4] * sums[0] - sums[3] * sums[1]) / determinant;
    const double intercept_step = (sums[2] * sums[1] - sums[3] * sums[0]) / determinant;
    // Damped, since a full step may overshoot far from the optimum.
    const double damping = std::min(1.0, 5 / (std::abs(slope_step) + 1e-12));
    slope += damping * slope_step;
    intercept += damping * intercept_step;
    if (std::abs(slope_step) < 1e-6) break;
  }
  calibration.slope = static_cast<float>(slope);
  calibration.intercept = static_cast<float>(intercept);
}

}  // namespace

Interval wilson95(std::size_t successes, std::size_t trials) {
  if (trials == 0) return {0, 1};
  constexpr double z = 1.959964;
  const auto n = static_cast<double>(trials);
  const double p = static_cast<double>(successes) / n;
  const double centre = (p + z * z / (2 * n)) / (1 + z * z / n);
  const double half = z * std::sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n);
  return {std::max(0.0, centre - half), std::min(1.0, centre + half)};
}

Interval middle95(std::vector<double> draws) {
  std::ranges::sort(draws);
  const auto at = [&](double quantile) {
    return draws[static_cast<std::size_t>(std::lround(quantile * static_cast<double>(draws.size() - 1)))];
  };
  return {at(0.025), at(0.975)};
}

std::size_t cross_validated_correct(std::span<const Pair> pairs) {
  const int folds = std::ranges::max(pairs, {}, &Pair::fold).fold + 1;
  std::size_t correct = 0;
  for (int fold = 0; fold < folds; ++fold) {
    std::vector<Pair> others;
    std::ranges::copy_if(pairs, std::back_inserter(others),
                         [&](const Pair& pair) { return pair.fold != fold; });
    const float threshold = best_threshold(std::move(others));
    correct += static_cast<std::size_t>(std::ranges::count_if(pairs, [&](const Pair& pair) {
      return pair.fold == fold && (pair.similarity > threshold) == pair.same;
    }));
  }
  return correct;
}

double true_accept_rate(std::span<const Pair> pairs, double false_accept_rate) {
  std::vector<float> different;
  for (const Pair& pair : pairs) {
    if (!pair.same) different.push_back(pair.similarity);
  }
  const float threshold = threshold_at_rate(std::move(different), false_accept_rate);
  const auto same = std::ranges::count_if(pairs, &Pair::same);
  const auto accepted = std::ranges::count_if(
      pairs, [&](const Pair& pair) { return pair.same && pair.similarity > threshold; });
  return same == 0 ? 0 : static_cast<double>(accepted) / static_cast<double>(same);
}

std::size_t detected_and_identified(std::span<const Probe> probes, double false_alarm_rate) {
  std::vector<float> strangers;
  for (const Probe& probe : probes) {
    if (!probe.enrolled) strangers.push_back(probe.similarity);
  }
  const float threshold = threshold_at_rate(std::move(strangers), false_alarm_rate);
  return static_cast<std::size_t>(std::ranges::count_if(probes, [&](const Probe& probe) {
    return probe.enrolled && probe.correct && probe.similarity > threshold;
  }));
}

std::optional<double> average_precision(std::span<const DetectionPhoto> photos, float min_height) {
  std::vector<Detection> detections;
  std::size_t faces = 0;
  for (const DetectionPhoto& photo : photos) match(photo, min_height, detections, faces);
  if (faces == 0) return std::nullopt;
  std::ranges::stable_sort(detections, std::greater{}, &Detection::score);

  std::vector<double> precision;
  std::vector<double> recall;
  double correct = 0;
  for (std::size_t i = 0; i < detections.size(); ++i) {
    correct += detections[i].correct ? 1 : 0;
    precision.push_back(correct / static_cast<double>(i + 1));
    recall.push_back(correct / static_cast<double>(faces));
  }
  for (std::size_t i = precision.size(); i-- > 1;)
    precision[i - 1] = std::max(precision[i - 1], precision[i]);
  double area = 0;
  for (std::size_t i = 0; i < recall.size(); ++i)
    area += precision[i] * (recall[i] - (i > 0 ? recall[i - 1] : 0));
  return area;
}

Calibration fit_calibration(std::span<const float> same, std::span<const float> different) {
  Calibration calibration;
  fit_logistic(same, different, calibration);
  fit_tail(different, calibration);
  calibration.min_similarity = -1;
  calibration.min_similarity = similarity_threshold(calibration, share_at_min_similarity, 1);
  return calibration;
}

}  // namespace kith::eval
