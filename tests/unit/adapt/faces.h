// SPDX-License-Identifier: Apache-2.0
// Vectors of people who do not exist.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

#include <kith/face.h>

#include "adapt/adapt.h"

namespace kith::test {

struct MadeUpPeople {
  std::size_t people = 60;
  std::size_t faces = 4;  // each
  std::size_t dimension = 24;
  // How far a face lies from its person, whose vector has length 1: in each direction, and more in the first
  // `nuisances` directions.
  float noise = 0.1F;
  float nuisance = 0;
  std::size_t nuisances = 4;
  std::uint64_t seed = 7;
};

// Person by person, numbered from `first_number`.
[[nodiscard]] inline adapt::NamedVectors made_up(const MadeUpPeople& wanted, std::int64_t first_number = 0) {
  std::mt19937_64 random(wanted.seed);
  std::normal_distribution<float> normal;
  adapt::NamedVectors result;
  result.dimension = wanted.dimension;
  for (std::size_t person = 0; person < wanted.people; ++person) {
    Embedding centre(wanted.dimension);
    for (float& value : centre) value = normal(random);
    normalise(centre);
    for (std::size_t face = 0; face < wanted.faces; ++face) {
      Embedding vector = centre;
      for (std::size_t i = 0; i < vector.size(); ++i)
        vector[i] += (i < wanted.nuisances ? wanted.noise + wanted.nuisance : wanted.noise) * normal(random);
      normalise(vector);
      result.values.insert(result.values.end(), vector.begin(), vector.end());
      result.people.push_back(first_number + static_cast<std::int64_t>(person));
    }
  }
  return result;
}

// The same light on every face of a photo, say: people differ less in these directions than their own faces
// do.
[[nodiscard]] inline MadeUpPeople with_nuisance() { return {.noise = 0.05F, .nuisance = 0.5F}; }

}  // namespace kith::test
