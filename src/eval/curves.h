// SPDX-License-Identifier: Apache-2.0
// What a system does at every threshold at once: the curves by which two are compared at a glance.
//
// Thread rule: pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "eval/metrics.h"

namespace kith::eval {

// As many of one as of the other.
struct Curve {
  std::vector<double> x;
  std::vector<double> y;
};

// Receiver operating characteristic: the share of the pairs of two people (x, the false-accept rate) and of
// one person (y, the true-accept rate) that are at least as similar as the threshold, for each similarity
// that occurs, from (0, 0) to (1, 1). Empty without pairs of both kinds.
[[nodiscard]] Curve roc(std::span<const Pair> pairs);

// Detection error trade-off (Martin et al., "The DET curve in assessment of detection task performance",
// 1997): the false-reject rate, 1 - TAR, against the false-accept rate. Drawn with two logarithmic axes, as
// in ISO/IEC 19795-1.
[[nodiscard]] Curve det(const Curve& roc);

// The share of the probes of enrolled people that are detected and identified (y) against the share of the
// strangers' that get a name (x), for each similarity of a stranger. Empty without probes of both kinds.
[[nodiscard]] Curve dir_far(std::span<const Probe> probes);

// Two figures of a ROC that need no threshold. The area under it is the chance that a pair of one person is
// more similar than a pair of two people, ties counting half (Hanley and McNeil, "The meaning and use of the
// area under a receiver operating characteristic curve", 1982). The equal error rate is where FAR and FRR
// cross, on the straight line between the two points of the curve around it. The intervals are a bootstrap
// over the pairs. Without pairs of both kinds: 0, from 0 to 1.
struct ThresholdFree {
  double area = 0;
  Interval area95{0, 1};
  double equal_error_rate = 0;
  Interval equal_error_rate95{0, 1};
};
[[nodiscard]] ThresholdFree threshold_free(std::span<const Pair> pairs);

// Similarities of pairs of faces drawn at random: of one person (every face with another one of the same,
// each as likely), and of two people. Up to `count` of each; none of a kind that there is not. Shape of
// `vectors`: a row of `dimension` a face.
struct SampledSimilarities {
  std::vector<float> same;
  std::vector<float> different;
};
[[nodiscard]] SampledSimilarities sample_similarities(std::span<const float> vectors, std::size_t dimension,
                                                      std::span<const std::int64_t> people, std::size_t count,
                                                      std::uint64_t seed = 1);

}  // namespace kith::eval
