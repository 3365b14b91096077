// SPDX-License-Identifier: Apache-2.0
// The other ways of telling people apart, beside the nearest person (identify.h): a Gaussian a person, and a
// support vector machine a person. Both know from a Background where unknown people are, and both promise all
// that an Identifier and IdentifySettings do; docs/accuracy.md compares the three.
//
// Thread rule: as identify.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <kith/background.h>
#include <kith/identify.h>
#include <kith/models.h>
#include <kith/result.h>

namespace kith {

enum class Classifier { nearest, gaussian, svm };

[[nodiscard]] std::string_view classifier_name(Classifier classifier) noexcept;

// A Gaussian a look of each person (a look: references that resemble each other, of ages that compare, see
// make_nearest_identifier), in the background's reduced space z. Its mean is the posterior one of the
// person's centre, and its covariance that of the person's faces, shrunk as GaussianSettings says, plus the
// posterior one of the centre, so that few references make a wide one:
//   ratio = ln N(z; mean_person, covariance_person) - ln sum_k weight_k N(z; mean_k, covariance_k),
//   score = (1 + ratio / reduced()) / 2,
// the log-likelihood ratio of "this person" and "somebody unknown", put so that what decides lies within
// 0..1, where a Calibration's tail is looked up. With one component and no covariance of a person's own this
// is two-covariance PLDA (Prince and Elder, "Probabilistic linear discriminant analysis for inferences about
// identity", 2007; Garcia-Romero and Espy-Wilson, "Analysis of i-vector length normalization", 2011).
struct GaussianSettings {
  // So many faces' worth does the pooled covariance weigh beside a person's own (Friedman, "Regularized
  // discriminant analysis", 1989): with n references it is
  //   (pooled_faces pooled + (n - 1) own) / (pooled_faces + n - 1),
  // the pooled one itself for one reference. How it was chosen: docs/accuracy.md.
  float pooled_faces = 100;
};

// A support vector machine a look of each person, one against the rest, with a linear kernel (Cortes and
// Vapnik, "Support-vector networks", 1995) over faces of unit length in the background's space, whose
// within-person covariance is evened out (Hatch, Kajarekar and Stolcke, "Within-class covariance
// normalization for SVM-based speaker recognition", 2006). The rest are the other people's references and
// made-up faces of unknown people, so that unknown is an answer with one person enrolled, too; one reference
// makes an exemplar SVM (Malisiewicz, Gupta and Efros, 2011). With f the plane's height at a face, mean and
// deviation those of f at the made-up faces,
//   score = (f - mean) / (deviation sqrt(reduced)).
// The same people give the same planes; the order in which they are given does not matter.
struct SvmSettings {
  // Of a rival on the wrong side of its margin; the person's own faces weigh as much as all rivals together.
  // Chosen on people made up for the tests (0.1, 0.01 and 100 were tried); not yet on photos.
  double cost = 0.1;
  // Made-up faces of unknown people, drawn from the background's components.
  std::size_t strangers = 1000;
  // Each person is told from the so many most similar faces of the other people and of strangers: farther
  // ones would not be support vectors.
  std::size_t rivals = 200;
  std::uint64_t seed = 1;  // of the made-up faces
};

// score = plane . (face, 1).
using SvmPlane = std::vector<float>;

struct ClassifierSettings {
  GaussianSettings gaussian;
  SvmSettings svm;
};

// What `kith train classifier` keeps: all that an identifier needs beside the embedder. It holds the people's
// names, and vectors of their faces: it is as private as their photos.
struct TrainedClassifier {
  Classifier classifier = Classifier::nearest;
  Gallery gallery;
  std::optional<Background> background;  // absent for `nearest`
  std::vector<SvmPlane> planes;          // of each person's looks, one after the other; of `svm` alone
};

// `background`: of the same model as the gallery's vectors; `nearest` needs none.
// Errors: those of make_nearest_identifier; bad_argument (no background, vectors of another length than its).
[[nodiscard]] Result<TrainedClassifier> train_classifier(Classifier classifier, Gallery gallery,
                                                         std::optional<Background> background,
                                                         const ClassifierSettings& settings = {});

// `calibration`: the embedder's. It is `nearest`'s own; the others' scores are read by their background's,
// and this says what IdentifySettings::second_look_margin weighs. Errors: those of train_classifier;
// bad_argument (planes that are not the gallery's, as with other IdentifySettings::template_similarity).
[[nodiscard]] Result<std::unique_ptr<Identifier>> make_identifier(const TrainedClassifier& trained,
                                                                  const Calibration& calibration,
                                                                  const IdentifySettings& settings = {},
                                                                  const ClassifierSettings& classifiers = {});

// Errors: no_space, write_failed.
[[nodiscard]] Status save_classifier(const TrainedClassifier& trained, const ModelSpec& embedder,
                                     const std::filesystem::path& file);

// Errors: not_found, unreadable, damaged, model_mismatch (it is of another model), each with what to do.
[[nodiscard]] Result<TrainedClassifier> load_classifier(const std::filesystem::path& file,
                                                        const ModelSpec& embedder);

}  // namespace kith
