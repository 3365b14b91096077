// SPDX-License-Identifier: Apache-2.0
// Facial landmarks from a close look at one face: a small network that places the 68 points of the
// iBUG 300-W scheme (Sagonas et al., "300 Faces in-the-Wild Challenge", 2013) in a 64 x 64 grey crop.
// Detectors place landmarks in passing; this errs independently of them.
#pragma once

#include <filesystem>

#include <kith/face.h>
#include <kith/image.h>
#include <kith/result.h>

#include "infer/engine.h"

namespace kith::detect {

// The mean of two sets of points, the first weighing `weight` of 1.
[[nodiscard]] Landmarks blended(const Landmarks& a, const Landmarks& b, float weight);

class LandmarkNet {
 public:
  // Errors: those of infer::Engine::load.
  [[nodiscard]] static Result<LandmarkNet> load(const infer::Engine& engine,
                                                const infer::WeightsFile& model_file);

  // The five landmarks of the face in `box`, both in pixels of the picture: the mean of what the network sees
  // in the crop and in its mirror image. Errors: internal (the engine failed, or the points are not finite).
  [[nodiscard]] Result<Landmarks> locate(const Image& picture, const Box& box) const;

 private:
  explicit LandmarkNet(infer::Model model) : model_(std::move(model)) {}
  infer::Model model_;
};

}  // namespace kith::detect
