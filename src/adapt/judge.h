// SPDX-License-Identifier: Apache-2.0
// Whether projected vectors tell people apart better than the vectors as they were: on people whom the
// projection was not learned from.
//
// Thread rule: pure functions; deterministic.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "eval/metrics.h"

namespace kith::adapt {

// Two faces, and how similar they are without and with the projection.
struct PairOfFaces {
  std::size_t person = 0;  // of the one face, a number below the number of people
  std::size_t other = 0;   // of the other
  float base = 0;
  float adapted = 0;
};

struct HeldOutPerson {
  std::size_t part = 0;  // with whom it was held out
  std::size_t faces = 0;
};

// All pairs of the faces of each part's people, and none across parts, since each part has a projection of
// its own.
struct HeldOut {
  std::vector<HeldOutPerson> people;
  std::vector<PairOfFaces> same;       // by person
  std::vector<PairOfFaces> different;  // person != other
};

struct Gain {
  // The mean over people of the share of a person's own pairs above the similarity that at most this share of
  // the pairs of two people exceed: the TAR at this FAR, with every person counting the same.
  double false_accept_rate = 0;
  double base = 0;
  double adapted = 0;
  double difference = 0;        // adapted - base
  eval::Interval difference95;  // a bootstrap over the people
};

// The interval is Efron's ("Bootstrap methods: another look at the jackknife", 1979), of the paired
// difference: people are drawn, with all of their pairs, since neither the faces of a person nor the pairs of
// a face are independent; the thresholds are found anew in each draw. Requires pairs of both kinds, `draws`
// of at least 40.
[[nodiscard]] Gain gain_of(const HeldOut& held_out, double false_accept_rate, int draws, std::uint64_t seed);

}  // namespace kith::adapt
