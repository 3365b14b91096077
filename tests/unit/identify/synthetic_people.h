// SPDX-License-Identifier: Apache-2.0
// People who do not exist, whose faces lie as the tests want them to: a centre a person, and faces about it.
#pragma once

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include <kith/background.h>
#include <kith/classifiers.h>

#include "eval/metrics.h"

namespace kith::synthetic {

constexpr std::size_t dimension = 24;
constexpr std::size_t reduced = 16;

// Standard deviations along an axis; the first axes tell people apart, the last ones hardly.
inline float between(std::size_t axis) { return axis < 12 ? 1.0F : 0.1F; }
inline float within(std::size_t axis) { return axis % 2 == 0 ? 0.25F : 0.35F; }

class People {
 public:
  explicit People(unsigned seed) : random_(seed) {}

  Embedding centre() {
    Embedding result(dimension);
    for (std::size_t i = 0; i < dimension; ++i) result[i] = between(i) * normal_(random_);
    return result;
  }

  Embedding face(const Embedding& centre) {
    Embedding result = centre;
    for (std::size_t i = 0; i < dimension; ++i) result[i] += within(i) * normal_(random_);
    normalise(result);
    return result;
  }

  Embedding stranger() { return face(centre()); }

  Person person(const std::string& name, const Embedding& centre, std::size_t references) {
    Person result{name, {}, {}};
    for (std::size_t i = 0; i < references; ++i)
      result.references.push_back({name + "/" + std::to_string(i) + ".jpg", face(centre), 1, {}});
    return result;
  }

  // Half of them with three faces, half with one.
  Gallery cohort(std::size_t people) {
    Gallery result;
    for (std::size_t i = 0; i < people; ++i)
      result.push_back(person("Cohort " + std::to_string(i), centre(), i % 2 == 0 ? 3 : 1));
    return result;
  }

 private:
  std::mt19937 random_;
  std::normal_distribution<float> normal_;
};

inline BackgroundSettings settings() {
  BackgroundSettings result;
  result.reduced = reduced;
  result.components = 2;
  result.people_a_component = 20;
  return result;
}

// Learned once, since several tests ask for it.
inline const Background& background() {
  static const Background learned =
      learn_background(People(1).cohort(400), eval::fit_calibration, settings()).value();
  return learned;
}

// An embedder's; it says how wide the margin for a second look is.
constexpr Calibration calibration{
    .slope = 40, .intercept = -12, .tail = {-0.5F, -2.3F, -14.4F}, .min_similarity = 0.42F};

inline Face face_of(Embedding embedding) {
  Face face;
  face.embedding = std::move(embedding);
  return face;
}

}  // namespace kith::synthetic
