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

#include "library/links.h"
#include "store/people.h"

namespace kith::library {

struct Forbidden {
  std::string person;
  std::string rule;  // for people to read: "you said it is not Anna"
};

// A name that a face has whatever it looks like.
struct Given {
  PersonId person = 0;
  std::string name;
  FaceId by = 0;     // the confirmed face that it is linked to
  std::string rule;  // for people to read
};

// Read once, asked for many faces.
class Rules {
 public:
  explicit Rules(store::Database& database);

  [[nodiscard]] std::vector<Forbidden> reasons(FaceId face, PhotoId photo) const;
  [[nodiscard]] std::vector<std::string> forbidden(FaceId face, PhotoId photo) const;
  // The name that the owner's links give to a face, unless something else that the owner said forbids it.
  [[nodiscard]] std::optional<Given> given(FaceId face, PhotoId photo) const;
  // Whether given() gives any name at all.
  [[nodiscard]] bool gives_names() const { return !links_.given_faces().empty(); }
  // When a photo was taken, as Face::year; asked for only where somebody's birth is known.
  [[nodiscard]] std::optional<float> year(PhotoId photo) const;

 private:
  struct NamedFace {
    FaceId face = 0;
    PersonId person = 0;
  };

  void add_given(store::Database& database, FaceId face);
  [[nodiscard]] std::vector<Forbidden> refused(FaceId face) const;
  [[nodiscard]] std::vector<Forbidden> unborn(PhotoId photo) const;

  std::unordered_map<PersonId, store::PersonRow> people_;
  std::unordered_map<FaceId, std::vector<PersonId>> rejected_;
  Links links_;
  std::unordered_map<PhotoId, std::vector<NamedFace>> named_on_;  // by the owner's word
  std::unordered_map<PhotoId, std::string> taken_;                // only where somebody's birth is known
  std::vector<PersonId> born_;                                    // people whose birth is known
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
  std::string rule;  // why the reference does not count; empty: it does
};

class Namer {
 public:
  Namer(store::Database& database, const ModelSpec& embedder, const IdentifySettings& settings);

  [[nodiscard]] bool knows_anybody() const { return identifier_ != nullptr || rules_.gives_names(); }
  // For the faces of one photo, with vectors and forbidden names set. Sets their identities too; these
  // stay absent while nobody has been confirmed.
  [[nodiscard]] std::vector<std::optional<store::GuessRow>> guess(std::span<Face> faces) const;
  // Whom the owner's links give a face, which is to have its vector; nothing where they give nobody.
  [[nodiscard]] std::optional<store::GuessRow> given(const Face& face, FaceId id, PhotoId photo) const;
  // Everybody, the most similar first; a confirmed face is no evidence for itself. Of somebody whom only
  // photos of another age resemble, one of these is told, with the rule.
  [[nodiscard]] std::vector<Likeness> likenesses(const Embedding& vector, FaceId self, PhotoId photo) const;
  // The same without probabilities.
  [[nodiscard]] std::vector<Likeness> similarities(const Face& face, FaceId self) const;
  // The similarity from which a name is given.
  [[nodiscard]] float min_similarity() const { return min_similarity_; }
  [[nodiscard]] const Rules& rules() const { return rules_; }
  [[nodiscard]] std::int64_t model() const { return model_; }

 private:
  [[nodiscard]] Likeness likeness(const Person& person, const Face& face, FaceId self) const;
  [[nodiscard]] std::unique_ptr<Identifier> identifier_of(const Gallery& gallery) const;
  [[nodiscard]] bool is_reference(FaceId face) const;
  [[nodiscard]] std::unique_ptr<Identifier> identifier_without(FaceId self) const;

  std::int64_t model_;
  Calibration calibration_;
  IdentifySettings settings_;
  Rules rules_;
  std::map<std::string, store::PersonRow> by_name_;
  Gallery gallery_;
  float min_similarity_ = 0;
  std::unique_ptr<Identifier> identifier_;
};

}  // namespace kith::library
