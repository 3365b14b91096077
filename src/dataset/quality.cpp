// SPDX-License-Identifier: Apache-2.0
#include "dataset/quality.h"

#include <algorithm>
#include <array>

namespace kith::dataset {

std::optional<Drop> shortcoming(const Face& face, const FaceMeasures& measures,
                                const DatasetSettings& settings) {
  struct Measure {
    DropReason reason;
    float measured;
    float limit;
  };
  const std::array asked{
      Measure{DropReason::small, std::min(face.box.width, face.box.height), settings.min_face},
      Measure{DropReason::unsure, face.score, settings.min_score},
      Measure{DropReason::blurred, measures.sharpness, settings.min_sharpness},
      Measure{DropReason::turned, measures.frontality, settings.min_frontality},
      Measure{DropReason::poor, face.quality, settings.min_quality},
  };
  // What is not a number passes nothing.
  const auto* const failed =
      std::ranges::find_if(asked, [](const Measure& one) { return !(one.measured >= one.limit); });
  if (failed == asked.end()) return std::nullopt;
  return Drop{failed->reason, failed->measured, failed->limit, {}};
}

}  // namespace kith::dataset
