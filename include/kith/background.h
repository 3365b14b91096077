// SPDX-License-Identifier: Apache-2.0
// How people's faces lie in an embedder's space: how much the photos of one person differ, how much people
// differ, and where unknown people are. It is what the Gaussian and the SVM identifiers (classifiers.h) know
// before they have seen anybody's photo. A Background is learned from a cohort (`kith train background`):
// statistics over many people, and nobody's vector.
//
// Thread rule: a Background is a plain value; the calls are free functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include <kith/identify.h>
#include <kith/models.h>
#include <kith/result.h>

namespace kith {

// Part of the mixture of Gaussians that stands for unknown people; its covariance is diagonal.
struct BackgroundComponent {
  float weight = 0;             // above 0; all of them together 1
  std::vector<float> mean;      // reduced() values
  std::vector<float> variance;  // reduced() values, above 0
};

struct Background {
  std::size_t people = 0;
  std::size_t faces = 0;

  std::vector<float> mean;  // of all faces: dimension() values
  // reduced() rows of dimension() values. z = projection (x - mean), scaled to the length sqrt(reduced()), is
  // the space in which all else is said. Its axes are such that neither the faces of one person nor the
  // people correlate (linear discriminants).
  std::vector<float> projection;
  std::vector<float> within;   // variance of one person's faces, along each axis
  std::vector<float> between;  // of people's centres
  std::vector<BackgroundComponent> components;

  // What the scores of the two identifiers mean.
  Calibration gaussian;
  Calibration svm;

  [[nodiscard]] std::size_t dimension() const noexcept { return mean.size(); }
  [[nodiscard]] std::size_t reduced() const noexcept { return within.size(); }
};

struct BackgroundSettings {
  // Principal components kept before anything else. Half of what a person has of references is 1 to 5 faces;
  // what lies beyond is noise to the pooled covariance.
  std::size_t reduced = 128;
  // The share of a multiple of the identity in the pooled covariance (Ledoit and Wolf, "A well-conditioned
  // estimator for large-dimensional covariance matrices", 2004).
  float shrinkage = 0.1F;
  std::size_t components = 4;
  // A component that rests on fewer people is left out: it would be a likeness of theirs.
  std::size_t people_a_component = 50;
  std::uint64_t seed = 1;
};

// How scores of faces that the model has not seen, of the right person and of other people, become a
// calibration: eval's fit_calibration().
using CalibrationFit =
    std::function<Calibration(std::span<const float> same, std::span<const float> different)>;

// Learns from a cohort. The calibrations come from people of the cohort who are held out: half of them tells
// how the other half's scores are to be read, and the reverse.
// Errors: bad_argument (too few people of two faces and more, or too few people at all; vectors of different
// lengths or empty ones).
[[nodiscard]] Result<Background> learn_background(const Gallery& cohort, const CalibrationFit& fit,
                                                  const BackgroundSettings& settings = {});

// Where a model's background is looked for: beside its file.
[[nodiscard]] std::filesystem::path background_file(const ModelSpec& embedder);

// Errors: no_space, write_failed.
[[nodiscard]] Status save_background(const Background& background, const ModelSpec& embedder,
                                     const std::filesystem::path& file);

// Errors: not_found, unreadable, model_damaged, model_mismatch (it is of another model), each with what to
// do.
[[nodiscard]] Result<Background> load_background(const std::filesystem::path& file,
                                                 const ModelSpec& embedder);

}  // namespace kith
