// SPDX-License-Identifier: Apache-2.0
// Which names a face may not have, whatever it looks like; and naming with these rules.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include <kith/identify.h>
#include <kith/library.h>

#include "store/people.h"

namespace kith::library {

struct Forbidden {
  std::string person;
  std::string rule;  // for people to read: "you said it is not Anna"
};

// Read once, asked for many faces.
class Rules {
 public:
  explicit Rules(store::Database& database);

  [[nodiscard]] std::vector<Forbidden> reasons(FaceId face, PhotoId photo) const;
  [[nodiscard]] std::vector<std::string> forbidden(FaceId face, PhotoId photo) const;

 private:
  std::unordered_map<PersonId, store::PersonRow> people_;
  std::unordered_map<FaceId, std::vector<PersonId>> rejected_;
  std::unordered_map<PhotoId, std::vector<store::ConfirmedFace>> confirmed_on_;
  std::unordered_map<PhotoId, std::string> taken_;  // only where somebody's birth is known
  std::vector<PersonId> born_;                      // people whose birth is known
};

// Whether a photo taken then shows nobody who was born then: dates of different precision are compared as far
// as both go, so 2019 is not before 2019-05. Either may be empty: unknown.
[[nodiscard]] bool before_birth(const std::string& taken, const std::string& birth);

// How much a face resembles somebody, whatever the rules say.
struct Likeness {
  std::string person;
  float probability = 0;
  float similarity = 0;
  FaceId reference = 0;
};

class Namer {
 public:
  Namer(store::Database& database, const ModelSpec& embedder, const IdentifySettings& settings);

  [[nodiscard]] bool knows_anybody() const { return identifier_ != nullptr; }
  // For the faces of one photo, with vectors and forbidden names set. Sets their identities too; these
  // stay absent while nobody has been confirmed.
  [[nodiscard]] std::vector<std::optional<store::GuessRow>> guess(std::span<Face> faces) const;
  // Everybody, the most similar first; a confirmed face is no evidence for itself.
  [[nodiscard]] std::vector<Likeness> likenesses(const Embedding& vector, FaceId self) const;
  // The similarity from which a name is given.
  [[nodiscard]] float min_similarity() const { return min_similarity_; }
  [[nodiscard]] const Rules& rules() const { return rules_; }
  [[nodiscard]] std::int64_t model() const { return model_; }

 private:
  std::int64_t model_;
  Rules rules_;
  std::map<std::string, store::PersonRow> by_name_;
  Gallery gallery_;
  float min_similarity_ = 0;
  std::unique_ptr<Identifier> identifier_;
};

}  // namespace kith::library
