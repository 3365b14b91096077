// SPDX-License-Identifier: Apache-2.0
#include "identify/look_models.h"

#include <cassert>

#include "identify/photo_identifier.h"
#include "identify/space.h"

namespace kith::identify {
namespace {

// Of each person the references that are enrolled, and those that are left out.
struct Split {
  Gallery enrolled;
  std::vector<std::pair<std::size_t, Embedding>> left_out;  // with the number of the person in `enrolled`
};

// Round after round another face of each person is the one that counts: left out, or alone enrolled.
Split split(const Gallery& people, std::size_t round, bool alone) {
  Split result;
  for (const Person& person : people) {
    if (person.references.size() < 2) continue;
    Person& enrolled = result.enrolled.emplace_back(Person{person.name, {}, {}});
    for (std::size_t i = 0; i < person.references.size(); ++i) {
      const bool counts = i == round % person.references.size();
      if (counts == alone) {
        enrolled.references.push_back(person.references[i]);
      } else {
        result.left_out.emplace_back(result.enrolled.size() - 1, person.references[i].embedding);
      }
    }
  }
  for (const Person& person : people) {
    if (person.references.size() == 1)
      result.left_out.emplace_back(result.enrolled.size(), person.references.front().embedding);
  }
  return result;
}

}  // namespace

void score_held_out(const Background& background, const Trainer& train, const Gallery& people,
                    HeldOutScores& scores) {
  constexpr std::size_t rounds = 2;
  for (std::size_t round = 0; round < 2 * rounds; ++round) {
    const Split faces = split(people, round / 2, round % 2 == 1);
    const Result<std::vector<EnrolledPerson>> enrolled = enrolled_people(faces.enrolled, {});
    assert(enrolled);
    const std::unique_ptr<LookModels> models = train(*enrolled);
    const LookTable table(*enrolled, {});
    for (const auto& [own, face] : faces.left_out) {
      const std::vector<float> by_look = models->scores(projected(background, face));
      const std::vector<float> by_person =
          table.best(std::nullopt, [&](std::size_t look) { return by_look[look]; });
      for (std::size_t person = 0; person < by_person.size(); ++person)
        (person == own ? scores.same : scores.different).push_back(by_person[person]);
    }
  }
}

}  // namespace kith::identify
