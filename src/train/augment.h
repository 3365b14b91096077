// SPDX-License-Identifier: Apache-2.0
// Changing a crop at random, as photos of one face differ.
//
// Thread rule: free functions without state.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <kith/train.h>

#include "train/batches.h"

namespace kith::train {

// A changed copy of a crop: side x side x 3, rows of R, G, B. What comes in from outside of the crop is its
// mirror image. All settings 0 (and no mirror): the same bytes.
[[nodiscard]] std::vector<std::uint8_t> augmented(std::span<const std::uint8_t> crop, int side,
                                                  const Augmentation& settings, Random& random);

}  // namespace kith::train
