// SPDX-License-Identifier: Apache-2.0
// What the Gaussian and the SVM identifiers have in common: a model a look, which scores faces in a
// background's space.
//
// Thread rule: const once trained, and used by many threads at once.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <vector>

#include <kith/background.h>
#include <kith/classifiers.h>

#include "identify/looks.h"

namespace kith::identify {

class LookModels {
 public:
  virtual ~LookModels() = default;

  // Of each look, numbered as in a LookTable, for a face that was projected().
  [[nodiscard]] virtual std::vector<float> scores(std::span<const float> z) const = 0;
};

// Trains on these people. The background must outlive the trainer, and the models.
using Trainer = std::function<std::unique_ptr<LookModels>(std::span<const EnrolledPerson>)>;

[[nodiscard]] Trainer gaussian_trainer(const Background& background, const GaussianSettings& settings = {});
[[nodiscard]] Trainer svm_trainer(const Background& background, const SvmSettings& settings = {});

// One a look, and the models that they are.
[[nodiscard]] std::vector<SvmPlane> svm_planes(const Background& background,
                                               std::span<const EnrolledPerson> people,
                                               const SvmSettings& settings);
[[nodiscard]] std::unique_ptr<LookModels> models_of(std::vector<SvmPlane> planes);

// Scores of faces that the models have not seen: with the right person's model and with other people's.
struct HeldOutScores {
  std::vector<float> same;
  std::vector<float> different;
};

// Enrols the people of several faces without one of them, and with one of them alone, and adds the scores of
// the faces left out and of those of people with one face, who are nobody's.
void score_held_out(const Background& background, const Trainer& train, const Gallery& people,
                    HeldOutScores& scores);

}  // namespace kith::identify
