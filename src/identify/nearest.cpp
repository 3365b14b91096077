// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <functional>
#include <numeric>

#include <kith/identify.h>

#include "identify/photo_identifier.h"

namespace kith {
namespace {

using identify::Comparison;
using identify::EnrolledPerson;
using identify::LookTable;
using identify::MeanMatrix;

// The similarity itself, lowered where the face comes closer to everybody than usual.
class Nearest final : public identify::Scorer {
 public:
  Nearest(std::span<const EnrolledPerson> people, const IdentifySettings& settings) : settings_(settings) {
    if (people.size() < 5 * settings_.crowd) return;
    const LookTable table(people, settings);
    const MeanMatrix means(people);
    double sum = 0;
    for (const EnrolledPerson& person : people) {
      const Embedding& mean = person.looks.front().mean;
      sum += crowd_similarity(
          table.best(std::nullopt, [&](std::size_t row) { return means.similarity(row, mean); }));
    }
    usual_crowd_ = static_cast<float>(sum / static_cast<double>(people.size()));
  }

  std::vector<float> scores(const Comparison& comparison) const override {
    const float lowered_by = crowding(comparison);
    std::vector<float> result(comparison.similarities.begin(), comparison.similarities.end());
    for (float& score : result) score -= lowered_by;
    return result;
  }

 private:
  // By how much this face's similarities are to be lowered. Who is ruled out is not in the crowd either:
  // where it is that person's face after all, the next in line would count as crowd and be held down.
  [[nodiscard]] float crowding(const Comparison& comparison) const {
    if (!usual_crowd_ || comparison.possible.size() <= settings_.crowd) return 0;
    std::vector<float> similarities;
    similarities.reserve(comparison.possible.size());
    for (const std::size_t person : comparison.possible)
      similarities.push_back(comparison.similarities[person]);
    return settings_.crowding * (crowd_similarity(std::move(similarities)) - *usual_crowd_);
  }

  // The mean similarity to the people who come next after the closest. Requires more than `crowd` people.
  [[nodiscard]] float crowd_similarity(std::vector<float> similarities) const {
    const auto end = similarities.begin() + static_cast<std::ptrdiff_t>(settings_.crowd) + 1;
    std::ranges::partial_sort(similarities, end, std::greater{});
    return std::accumulate(similarities.begin() + 1, end, 0.0F) / static_cast<float>(settings_.crowd);
  }

  IdentifySettings settings_;
  std::optional<float> usual_crowd_;  // absent where too few people are enrolled to tell
};

}  // namespace

Result<std::unique_ptr<Identifier>> make_nearest_identifier(const Gallery& gallery,
                                                            const Calibration& calibration,
                                                            const IdentifySettings& settings) {
  Result<std::vector<EnrolledPerson>> people = identify::checked_people(gallery, settings);
  if (!people) return tl::unexpected(people.error());
  auto scorer = std::make_unique<Nearest>(*people, settings);
  return identify::make_photo_identifier(std::move(*people), std::move(scorer),
                                         {calibration, settings.second_look_margin}, settings);
}

}  // namespace kith
