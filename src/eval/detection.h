// SPDX-License-Identifier: Apache-2.0
// How well faces are found: boxes against boxes that people marked.
//
// Thread rule: pure functions.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include <kith/face.h>

#include "eval/metrics.h"

namespace kith::eval {

struct TrueFace {
  Box box;
  bool ignored = false;  // too small or unusable: finding it counts neither way
};

struct DetectionPhoto {
  std::vector<TrueFace> truth;
  std::vector<Face> found;
};

// What was found, and what was not, at an overlap of 0.5 and more. Faces lower than a number of pixels count
// neither way, nor do detections of that size that match nothing.
struct DetectionMatches {
  struct Found {
    float score = 0;
    bool right = false;
    std::size_t photo = 0;
    std::size_t face = 0;  // of the photo's found ones
  };
  struct Missed {
    std::size_t photo = 0;
    std::size_t face = 0;  // of the photo's true ones
  };
  std::vector<Found> found;  // best first
  std::vector<Missed> missed;
  std::vector<std::size_t> faces;  // that count, by photo
};

// A photo's detections take its faces, best first, each face once.
[[nodiscard]] DetectionMatches match_detections(std::span<const DetectionPhoto> photos, float min_height);

// Precision and recall as the least score that counts is lowered; precision is not yet interpolated.
struct PrecisionRecall {
  std::vector<double> recall;
  std::vector<double> precision;
};
[[nodiscard]] PrecisionRecall precision_recall(const DetectionMatches& matches);

// Area under the precision-recall curve, where a recall's precision is the best one at that recall or beyond
// (Everingham et al., "The PASCAL visual object classes challenge: a retrospective", 2015). Nothing where no
// face counts: there is nothing to find.
[[nodiscard]] std::optional<double> average_precision(const DetectionMatches& matches);

// A bootstrap over the photos.
[[nodiscard]] Interval average_precision95(const DetectionMatches& matches);

// Average precision of the first less that of the second, of the same photos with the same faces, both on the
// same draws.
struct PrecisionDifference {
  double value = 0;
  Interval interval;
};
[[nodiscard]] std::optional<PrecisionDifference> compare_precision(const DetectionMatches& first,
                                                                   const DetectionMatches& second);

}  // namespace kith::eval
