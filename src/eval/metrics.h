// SPDX-License-Identifier: Apache-2.0
// The figures by which face recognition is judged. Pure functions of scores and labels.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <kith/face.h>
#include <kith/identify.h>

namespace kith::eval {

struct Interval {
  double low = 0;
  double high = 0;
};

// 95 % interval of a proportion (Wilson 1927): honest near 0 and 1, where the normal one is not.
[[nodiscard]] Interval wilson95(std::size_t successes, std::size_t trials);

// The middle 95 % of what a bootstrap drew. Requires some.
[[nodiscard]] Interval middle95(std::vector<double> draws);

struct Pair {
  float similarity = 0;
  bool same = false;
  int fold = 0;
};

// Share of pairs decided rightly, each fold with the threshold that is best on the other folds
// (LFW's view 2). Requires at least two folds.
[[nodiscard]] std::size_t cross_validated_correct(std::span<const Pair> pairs);

// Share of the pairs of one person above the threshold that at most `false_accept_rate` of the pairs
// of two people exceed.
[[nodiscard]] double true_accept_rate(std::span<const Pair> pairs, double false_accept_rate);

struct Probe {
  float similarity = 0;   // to the person that it came closest to
  bool enrolled = false;  // whether its person is in the gallery
  bool correct = false;   // whether the closest person is the right one
};

// Open-set identification (Phillips, Grother, Micheals, "Handbook of Face Recognition", 2011): the
// share of enrolled probes whose right person is closest and above the threshold that at most
// `false_alarm_rate` of the probes of strangers exceed. Returns the count; divide by enrolled probes.
[[nodiscard]] std::size_t detected_and_identified(std::span<const Probe> probes, double false_alarm_rate);

struct TrueFace {
  Box box;
  bool ignored = false;  // too small or unusable: finding it counts neither way
};

struct DetectionPhoto {
  std::vector<TrueFace> truth;
  std::vector<Face> found;
};

// Average precision (area under the interpolated precision-recall curve) at an overlap of 0.5. Faces
// lower than `min_height` pixels count neither way, nor do detections of that size that match nothing.
// Nothing where no face counts: there is nothing to find.
[[nodiscard]] std::optional<double> average_precision(std::span<const DetectionPhoto> photos,
                                                      float min_height);

// F is the harmonic mean of the other two. The interval is a bootstrap over the people.
struct ClusterFigures {
  double precision = 1;
  double recall = 1;
  double f = 1;
  Interval f95;
};

struct ClusterScore {
  // Over pairs of faces: of those in one cluster, the share of one person, and the reverse. A
  // large cluster weighs by the square of its size.
  ClusterFigures pairwise;
  // The mean over faces of the same shares among the faces that share its cluster, and its person, itself
  // included (Bagga and Baldwin, "Entity-based cross-document coreferencing using the vector space model",
  // 1998).
  ClusterFigures bcubed;
  std::size_t clusters = 0;
};

// `clusters` and `people`: the number of each face's cluster and of its person; any numbers. Requires as
// many of one as of the other. Without pairs a share of them is 1.
[[nodiscard]] ClusterScore score_clusters(std::span<const std::int64_t> clusters,
                                          std::span<const std::int64_t> people);

// Fits how similarities are to be read: a logistic regression with either kind of pair weighing the
// same, and the tail of the strangers' distribution as a parabola in log10. min_similarity is not fitted, for
// want of the children of one age whom it is for: it is put where the tail has one stranger in 10,000 reach a
// given person, which is where the built-in embedder's lies (docs/accuracy.md). Requires pairs of the same
// person, and at least a thousand of different people: the tail is fitted to their highest tenth.
[[nodiscard]] Calibration fit_calibration(std::span<const float> same, std::span<const float> different);

}  // namespace kith::eval
