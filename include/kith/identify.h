// SPDX-License-Identifier: Apache-2.0
// From a face's vector to a name, or to "unknown".
//
// Thread rule: a Gallery is built by one thread; an Identifier is const and may be used by many at once.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <kith/face.h>
#include <kith/result.h>

namespace kith {

// A face that the owner named.
struct Reference {
  std::string source;  // the photo it was found on, as the owner gave it
  Embedding embedding;
  float quality = 0;
  std::optional<float> year;  // when the photo was taken, as Face::year
};

struct Person {
  std::string name;  // UTF-8, not empty
  std::vector<Reference> references;
  std::optional<float> born;  // year, as Face::year; absent: unknown
};

// The people who can be recognised: names are unique, and every person has at least one reference.
using Gallery = std::vector<Person>;

// How similarities of one embedder are to be read; fitted on held-out pairs of people who are in no
// test (`kith eval calibrate`), one per embedder, kept in the catalogue.
struct Calibration {
  // ln( p(s | same person) / p(s | different people) ) = slope * s + intercept
  float slope = 0;
  float intercept = 0;
  // log10 P(a stranger is at least this similar to a given person) = tail[0] + tail[1] s + tail[2] s^2,
  // for s above the strangers' median; falls with s.
  float tail[3] = {0, 0, 0};
  // No name below this similarity, however few people are enrolled: strangers who are children of one
  // age come closer than the adults on whom the tail was fitted.
  float min_similarity = 0;
};

struct IdentifySettings {
  // How many of the strangers' faces may be given a name, as a fraction, all enrolled people taken
  // together. 1e-3: one wrong name in a thousand strangers' faces of a whole library.
  double false_accept_rate = 1e-3;
  // The share of all faces that belong to enrolled people, before looking. Even odds, for want of a
  // better guess.
  float prior_enrolled = 0.5F;
  // No name below this probability.
  float min_probability = 0.5F;
  // Some faces resemble everybody a little: blurred, dark, of a group that the embedder tells apart
  // badly. A similarity is lowered by this part of how much closer than usual the face comes to the
  // `crowd` next people, as in speaker recognition's T-norm (Auckenthaler et al., "Score normalization
  // for text-independent speaker verification systems", 2000); the gallery is its own cohort, so this
  // begins where at least five times as many people are enrolled. How it was chosen: docs/accuracy.md.
  float crowding = 0.5F;
  std::size_t crowd = 10;
  // References of one person that are less similar than this go to different templates: half of what
  // two photos of one person have on average.
  float template_similarity = 0.34F;
  // A child's photo tells little of the adult, and much of other children. Where a person's birth is known, a
  // photo at an age below `adult_age` years says how they look until they are `child_growth` times as old and
  // `child_years` more, and likewise back in time: a newborn's for two years, one at five until nine and a
  // half, one at sixteen until 26. Set by judgement: a face changes the faster the younger it is (cf. Deb,
  // Nain and Jain, "Longitudinal study of child face recognition", 2018).
  float adult_age = 18;
  float child_growth = 1.5F;
  float child_years = 2;
  // One view of a face says nearly what all of them say: the standard deviation between the two is 0.012 for
  // strangers. Where nobody's similarity is this close to deciding otherwise, further looks are saved; a
  // third as much changes none of 6,205 names, a sixth changes two (docs/accuracy.md). 2: never.
  float second_look_margin = 0.06F;
  // Mirrors, collages: allow the same name twice in one photo.
  bool allow_repeats = false;
};

// Whether a photo at one age tells how somebody looks at the other; an age that is unknown rules nothing out.
// Ages in years; below 0 (a birth known only by its year): 0.
[[nodiscard]] bool ages_compare(std::optional<float> one, std::optional<float> other,
                                const IdentifySettings& settings) noexcept;

// Years since the birth; absent where either is unknown.
[[nodiscard]] std::optional<float> age_in(std::optional<float> year, std::optional<float> born) noexcept;

class Identifier {
 public:
  virtual ~Identifier() = default;

  // Sets `identity` of the faces of one photo that have an embedding; the others' stays absent. Unless
  // repeats are allowed, a name goes to the face that is most similar, and the next face falls back
  // to its next candidate or to unknown. Whom a face's `not_these` rules out is no possibility at all: not
  // its name, its runner-up, nor a part of its probabilities. Where that is everybody, the face is unknown
  // with probability 1, and nobody came closest.
  virtual void identify(std::span<Face> faces_of_one_photo) const = 0;

  // Given the faces of one photo with vectors of one look each (Embedder::look): for each, whether more
  // looks could change whom identify() names.
  [[nodiscard]] virtual std::vector<bool> unsettled(std::span<const Face> faces_of_one_photo) const {
    return std::vector<bool>(faces_of_one_photo.size(), true);
  }
};

// The similarity from which a name is given when `people` are enrolled: the union bound over people of
// the calibrated tail. Requires people >= 1, 0 < false_accept_rate <= 1.
[[nodiscard]] float similarity_threshold(const Calibration& calibration, double false_accept_rate,
                                         std::size_t people) noexcept;

// The probability that two faces of this similarity show one person, where both answers are as likely before
// looking.
[[nodiscard]] float same_person_probability(const Calibration& calibration, float similarity) noexcept;

// Nearest person: a face's similarity to a person is the cosine to the closest of the person's
// templates. A template is the mean of references that resemble each other, which is steadier than any
// of them; somebody who changes (age, glasses, a beard) has several. Where a person's birth is known, none
// is made of photos of ages that do not compare, nor of dated and undated ones; and whoever has no template
// of an age that compares with a face's is no possibility for it, as if ruled out.
// Errors: bad_argument (no people, a person without references, vectors of different lengths or empty
// ones, a rate outside (0, 1]).
[[nodiscard]] Result<std::unique_ptr<Identifier>> make_nearest_identifier(
    const Gallery& gallery, const Calibration& calibration, const IdentifySettings& settings = {});

}  // namespace kith
