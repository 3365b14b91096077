// SPDX-License-Identifier: Apache-2.0
// Choosing the triplets of a batch that teach something.
//
// Thread rule: free functions without state.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include <kith/train.h>

#include "train/batches.h"

namespace kith::train {

struct Mined {
  std::vector<Triplet> triplets;  // as positions in the batch
  std::size_t candidates = 0;  // that were chosen from: triplets, for `all`; else one a choice that was made
  std::size_t active = 0;      // of the candidates, those whose loss is not 0
};

// `distances`: squared, batch x batch, row by row; `person_of`: of each crop of the batch. For
// TripletMining::all, hard and semi_hard, which train.h defines. An anchor without a positive or a negative
// has no triplet.
[[nodiscard]] Mined mine(std::span<const float> distances, std::span<const int> person_of,
                         TripletMining mining, float margin);

}  // namespace kith::train
