// SPDX-License-Identifier: Apache-2.0
// The figures by which face recognition is judged. Pure functions of scores and labels.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <kith/identify.h>

namespace kith::eval {

struct Interval {
  double low = 0;
  double high = 0;
};

// 95 % interval of a proportion (Wilson 1927): honest near 0 and 1, where the normal one is not.
[[nodiscard]] Interval wilson95(std::size_t successes, std::size_t trials);

struct Pair {
  float similarity = 0;
  bool same = false;
  int fold = 0;          // from 0, without gaps
  bool complete = true;  // false: a photo has no face, so that no threshold decides the pair rightly
};

// The threshold that decides most of the pairs rightly: of the best ones the middle. A pair is taken for one
// person where its similarity is above it. Incomplete pairs have no say; 0 where there are no others.
[[nodiscard]] float best_threshold(std::vector<Pair> pairs);

// Whether each pair is decided rightly, and the threshold that decided it.
struct Decisions {
  std::vector<bool> right;
  std::vector<float> threshold;
};

[[nodiscard]] Decisions decided(std::span<const Pair> pairs, float threshold);

// Each fold with the threshold that is best on the other folds (LFW's view 2). Requires at least two folds.
[[nodiscard]] Decisions cross_validated(std::span<const Pair> pairs);

// The lowest threshold that at most `rate` of the scores exceed: -infinity where all may.
[[nodiscard]] float threshold_at_rate(std::vector<float> scores, double rate);

// Share of the pairs of one person above the threshold that at most `false_accept_rate` of the pairs
// of two people exceed.
[[nodiscard]] double true_accept_rate(std::span<const Pair> pairs, double false_accept_rate);

// Of same and of different, the share decided rightly, averaged, at the best of all thresholds: an optimistic
// figure, for following a training. 0 where there are no pairs of one kind.
[[nodiscard]] double balanced_accuracy(std::span<const Pair> pairs);

// A face that is looked for among the enrolled people.
struct Probe {
  float similarity = 0;   // to the person that it came closest to
  bool enrolled = false;  // whether its person is in the gallery
  bool correct = false;   // whether the closest person is the right one
  // What a report shows of it.
  std::string file;
  std::string closest;    // the person; empty where it has no face
  std::string reference;  // their photo that resembles it most
};

// The threshold that at most `false_alarm_rate` of the probes of strangers exceed.
[[nodiscard]] float stranger_threshold(std::span<const Probe> probes, double false_alarm_rate);

// Open-set identification (Phillips, Grother, Micheals, "Handbook of Face Recognition", 2011): for each probe
// of an enrolled person, in order, whether the right person is closest and above stranger_threshold(). The
// share of these is DIR, the detection and identification rate.
[[nodiscard]] std::vector<bool> detected_and_identified(std::span<const Probe> probes,
                                                        double false_alarm_rate);

// F is the harmonic mean of the other two. The intervals are a bootstrap over the people.
struct ClusterFigures {
  double precision = 1;
  double recall = 1;
  double f = 1;
  Interval precision95;
  Interval recall95;
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

// F of the first grouping less F of the second, of the same faces; the intervals are a bootstrap over the
// people, both groupings on the same draws.
struct ClusterDifference {
  double pairwise = 0;
  Interval pairwise95;
  double bcubed = 0;
  Interval bcubed95;
};
[[nodiscard]] ClusterDifference compare_clusters(std::span<const std::int64_t> first,
                                                 std::span<const std::int64_t> second,
                                                 std::span<const std::int64_t> people);

// Fits how similarities are to be read: a logistic regression with either kind of pair weighing the
// same, and the tail of the strangers' distribution as a parabola in log10. min_similarity is not fitted, for
// want of the children of one age whom it is for: it is put where the tail has one stranger in 10,000 reach a
// given person, which is where the built-in embedder's lies (docs/accuracy.md). Requires pairs of the same
// person, and at least a thousand of different people: the tail is fitted to their highest tenth.
[[nodiscard]] Calibration fit_calibration(std::span<const float> same, std::span<const float> different);

}  // namespace kith::eval
