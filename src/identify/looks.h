// SPDX-License-Identifier: Apache-2.0
// The enrolled people as every way of telling them apart sees them: references that resemble each other,
// at ages that compare, are one look.
//
// Thread rule: plain values; a LookTable is const once built.
#pragma once

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <kith/identify.h>

namespace kith::identify {

struct Look {
  std::vector<std::size_t> references;  // indices into the person's, at least one
  Embedding mean;                       // of these, unit length
  std::optional<float> age;             // the mean too; absent where the birth or the dates are unknown
};

struct EnrolledPerson {
  std::string name;
  std::vector<Reference> references;
  std::optional<float> born;
  std::vector<Look> looks;  // at least one
};

// Groups each person's references by average linkage, the closest groups first, while they resemble each
// other and are of ages that compare. Errors: bad_argument (no people, a person without references, vectors
// of different lengths or empty ones).
[[nodiscard]] Result<std::vector<EnrolledPerson>> enrolled_people(const Gallery& gallery,
                                                                  const IdentifySettings& settings);

// Of somebody who has no look of an age that compares with a face's. Below every score.
inline constexpr float no_score = -1e30F;

// Everybody's looks, numbered one person after the other: the rows in which a way of telling people apart
// keeps what it knows.
class LookTable {
 public:
  LookTable(std::span<const EnrolledPerson> people, const IdentifySettings& settings);

  [[nodiscard]] std::size_t people() const noexcept { return ends_.size(); }

  // By person the best score, `score_of(row)`, of the looks that tell how they looked in that year.
  template <typename ScoreOf>
  [[nodiscard]] std::vector<float> best(std::optional<float> year, const ScoreOf& score_of) const {
    std::vector<float> result;
    result.reserve(people());
    std::size_t row = 0;
    for (std::size_t person = 0; person < people(); ++person) {
      const std::optional<float> age = age_in(year, births_[person]);
      float best = no_score;
      for (; row < ends_[person]; ++row) {
        if (ages_compare(age, ages_[row], settings_)) best = std::max(best, score_of(row));
      }
      result.push_back(best);
    }
    return result;
  }

 private:
  IdentifySettings settings_;
  std::vector<std::optional<float>> ages_;    // by row
  std::vector<std::size_t> ends_;             // by person: the row behind the last
  std::vector<std::optional<float>> births_;  // by person
};

// The means of all looks in one block, since a face is compared with all of them, one after the other.
class MeanMatrix {
 public:
  explicit MeanMatrix(std::span<const EnrolledPerson> people);

  [[nodiscard]] float similarity(std::size_t row, std::span<const float> face) const {
    return dot(std::span(rows_).subspan(row * dimension_, dimension_), face);
  }

 private:
  std::size_t dimension_;
  std::vector<float> rows_;
};

}  // namespace kith::identify
