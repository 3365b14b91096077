// SPDX-License-Identifier: Apache-2.0
// What all ways of telling people apart have in common: who is ruled out, what a score is worth, whose name
// goes to which face of a photo, and what is told of it. A Scorer is where they differ.
//
// Thread rule: const, and used by many threads at once.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include <kith/identify.h>

#include "identify/looks.h"

namespace kith::identify {

// One face beside everybody.
struct Comparison {
  const Face& face;
  std::span<const float> similarities;    // by person: the cosine to the closest look, or no_score
  std::span<const std::size_t> possible;  // persons whom the face can be; not empty
};

class Scorer {
 public:
  virtual ~Scorer() = default;

  // By person, on the scale that the calibration reads: the higher, the likelier. Only the possible persons'
  // are looked at.
  [[nodiscard]] virtual std::vector<float> scores(const Comparison& comparison) const = 0;
};

struct Judgement {
  Calibration calibration;       // of the scorer's scores
  float second_look_margin = 0;  // IdentifySettings::second_look_margin on the scorer's scale
};

[[nodiscard]] std::unique_ptr<Identifier> make_photo_identifier(std::vector<EnrolledPerson> people,
                                                                std::unique_ptr<Scorer> scorer,
                                                                const Judgement& judgement,
                                                                const IdentifySettings& settings);

// What every maker of an identifier checks first, and then its people.
// Errors: bad_argument (a rate outside (0, 1]; those of enrolled_people).
[[nodiscard]] Result<std::vector<EnrolledPerson>> checked_people(const Gallery& gallery,
                                                                 const IdentifySettings& settings);

}  // namespace kith::identify
