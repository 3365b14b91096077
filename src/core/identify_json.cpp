// SPDX-License-Identifier: Apache-2.0
#include "core/identify_json.h"

#include "core/json_number.h"

namespace kith {

nlohmann::json calibration_json(const Calibration& calibration) {
  const auto& tail = calibration.tail;
  return {{"slope", shortest(calibration.slope)},
          {"intercept", shortest(calibration.intercept)},
          {"tail", {shortest(tail[0]), shortest(tail[1]), shortest(tail[2])}},
          {"min_similarity", shortest(calibration.min_similarity)}};
}

Calibration calibration_from(const nlohmann::json& object) {
  Calibration calibration;
  calibration.slope = number_within(object, "slope", 0.0F, 1e4F);
  calibration.intercept = number_within(object, "intercept", -1e4F, 1e4F);
  const nlohmann::json& tail = object.at("tail");
  for (std::size_t i = 0; i < 3; ++i) calibration.tail[i] = tail.at(i).get<float>();
  calibration.min_similarity = number_within(object, "min_similarity", -1.0F, 1.0F);
  return calibration;
}

nlohmann::json settings_json(const IdentifySettings& settings) {
  // All of them: another one does not compile before it stands here.
  const auto& [false_accept_rate, prior_enrolled, min_probability, crowding, crowd, template_similarity,
               adult_age, child_growth, child_years, second_look_margin, allow_repeats] = settings;
  return {{"false_accept_rate", false_accept_rate},
          {"prior_enrolled", shortest(prior_enrolled)},
          {"min_probability", shortest(min_probability)},
          {"crowding", shortest(crowding)},
          {"crowd", crowd},
          {"template_similarity", shortest(template_similarity)},
          {"adult_age", shortest(adult_age)},
          {"child_growth", shortest(child_growth)},
          {"child_years", shortest(child_years)},
          {"second_look_margin", shortest(second_look_margin)},
          {"allow_repeats", allow_repeats}};
}

}  // namespace kith
