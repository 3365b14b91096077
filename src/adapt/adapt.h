// SPDX-License-Identifier: Apache-2.0
// Adapting an embedder to the people of one library: a projection learned from the faces that have names,
// judged on people whom it was not learned from, and calibrated on them (docs/adapting.md).
//
// Vectors and labels in, a projection and a report out: no file, no network, no library.
//
// Thread rule: pure functions; deterministic, also in the seed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <vector>

#include <kith/identify.h>
#include <kith/result.h>

#include "adapt/judge.h"
#include "core/projection.h"

namespace kith::adapt {

struct NamedVectors {
  std::vector<float> values;  // row by row, unit vectors
  std::size_t dimension = 0;
  std::vector<std::int64_t> people;  // whose each row is; any numbers
};

struct Settings {
  // People are held out a fifth at a time: enough are left to learn from, and few enough fits to wait for.
  std::size_t parts = 5;
  // Nobody counts with more faces than these, drawn by the seed: else the one with a thousand photos would be
  // all that is learned, and judged.
  std::size_t faces_a_person = 10;
  // No more faces of a part are compared, in pairs, which is two million of them.
  std::size_t faces_a_part = 2000;
  // People of two faces or more: of fewer, a part has not even four.
  std::size_t min_people = 20;
  // The FAR is the lowest at which at least so many pairs of two people are accepted: a share resting on
  // fewer is known to worse than a fifth of itself.
  std::size_t min_false_accepts = 30;
  // Below so many pairs of two people, the tail by which thresholds are found is extrapolated far: no name is
  // then given below the most similar of these pairs.
  std::size_t pairs_for_a_tail = 100'000;
  int draws = 1000;  // of the bootstrap
  std::uint64_t seed = 1;
  // Takes the place of the shrinkage found from the faces (whitening.h), for experiments; 0..1.
  std::optional<double> shrinkage;
};

struct Report {
  std::size_t people = 0;        // of two faces or more: who is learned from
  std::size_t faces = 0;         // of these
  std::size_t single_faces = 0;  // people of one face: they tell nothing, but are strangers to the others
  std::size_t damaged = 0;       // vectors left out: not finite, or not of unit length
  double shrinkage = 1;          // of the projection learned from all
  Gain gain;
  std::size_t same_pairs = 0;  // held out
  std::size_t different_pairs = 0;
  // The whole of the interval is above zero.
  [[nodiscard]] bool helps() const noexcept { return gain.difference95.low > 0; }
};

struct Adapted {
  Projection projection;  // learned from all
  // Of the held-out pairs; absent where they allow none (its tail would not fall).
  std::optional<Calibration> calibration;
  bool few_pairs = false;  // fewer than Settings::pairs_for_a_tail
  Report report;
};

// Errors: bad_argument (too few people or faces, saying how many are needed; no usable vector), cancelled.
[[nodiscard]] Result<Adapted> learn(const NamedVectors& vectors, const Settings& settings = {},
                                    const std::stop_token& stop = {});

}  // namespace kith::adapt
