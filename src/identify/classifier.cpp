// SPDX-License-Identifier: Apache-2.0
#include <kith/classifiers.h>

#include "identify/look_models.h"
#include "identify/photo_identifier.h"
#include "identify/space.h"

namespace kith {
namespace {

using identify::Comparison;
using identify::EnrolledPerson;
using identify::LookModels;
using identify::LookTable;

using MakeModels =
    std::function<std::unique_ptr<LookModels>(const Background&, std::span<const EnrolledPerson>)>;

// Models in a background's space, as a way of telling people apart.
class SpaceScorer final : public identify::Scorer {
 public:
  SpaceScorer(Background background, std::span<const EnrolledPerson> people, const IdentifySettings& settings,
              const MakeModels& make)
      : background_(std::move(background)), table_(people, settings), models_(make(background_, people)) {}

  std::vector<float> scores(const Comparison& comparison) const override {
    const std::vector<float> by_look =
        models_->scores(identify::projected(background_, comparison.face.embedding));
    return table_.best(comparison.face.year, [&](std::size_t look) { return by_look[look]; });
  }

 private:
  Background background_;
  LookTable table_;
  std::unique_ptr<LookModels> models_;
};

Status check_space(const std::optional<Background>& background, const Gallery& gallery) {
  if (!background) {
    return fail(
        ErrorCode::bad_argument,
        "without a background nothing is known of unknown people; see `kith train background --help`");
  }
  const std::size_t length = gallery.front().references.front().embedding.size();
  if (length == background->dimension()) return {};
  return fail(ErrorCode::bad_argument,
              "the faces' vectors have " + std::to_string(length) + " values, the background's " +
                  std::to_string(background->dimension()) + "; they are of different models");
}

std::size_t looks_of(std::span<const EnrolledPerson> people) {
  std::size_t looks = 0;
  for (const EnrolledPerson& person : people) looks += person.looks.size();
  return looks;
}

}  // namespace

std::string_view classifier_name(Classifier classifier) noexcept {
  switch (classifier) {
    case Classifier::nearest: return "nearest";
    case Classifier::gaussian: return "gaussian";
    case Classifier::svm: return "svm";
  }
  return "";
}

Result<TrainedClassifier> train_classifier(Classifier classifier, Gallery gallery,
                                           std::optional<Background> background,
                                           const ClassifierSettings& settings) {
  const Result<std::vector<EnrolledPerson>> people = identify::checked_people(gallery, {});
  if (!people) return tl::unexpected(people.error());
  TrainedClassifier trained{classifier, std::move(gallery), {}, {}};
  if (classifier == Classifier::nearest) return trained;
  if (Status checked = check_space(background, trained.gallery); !checked)
    return tl::unexpected(checked.error());
  if (classifier == Classifier::svm)
    trained.planes = identify::svm_planes(*background, *people, settings.svm);
  trained.background = std::move(background);
  return trained;
}

Result<std::unique_ptr<Identifier>> make_identifier(const TrainedClassifier& trained,
                                                    const Calibration& calibration,
                                                    const IdentifySettings& settings,
                                                    const ClassifierSettings& classifiers) {
  if (trained.classifier == Classifier::nearest)
    return make_nearest_identifier(trained.gallery, calibration, settings);
  Result<std::vector<EnrolledPerson>> people = identify::checked_people(trained.gallery, settings);
  if (!people) return tl::unexpected(people.error());
  if (Status checked = check_space(trained.background, trained.gallery); !checked)
    return tl::unexpected(checked.error());
  const bool gaussian = trained.classifier == Classifier::gaussian;
  if (!gaussian && trained.planes.size() != looks_of(*people)) {
    return fail(ErrorCode::bad_argument,
                "the classifier was trained for other looks of these people; train it again");
  }
  auto scorer = std::make_unique<SpaceScorer>(
      *trained.background, *people, settings,
      [&](const Background& background, std::span<const EnrolledPerson> enrolled) {
        return gaussian ? identify::gaussian_trainer(background, classifiers.gaussian)(enrolled)
                        : identify::models_of(trained.planes);
      });
  const Calibration& own = gaussian ? trained.background->gaussian : trained.background->svm;
  // The same weight of evidence, on another scale.
  const float margin = settings.second_look_margin * calibration.slope / own.slope;
  return identify::make_photo_identifier(std::move(*people), std::move(scorer), {own, margin}, settings);
}

}  // namespace kith
