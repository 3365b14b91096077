// SPDX-License-Identifier: Apache-2.0
// What a training makes small; the formulas stand with TrainLoss (train.h).
//
// Thread rule: free functions without state.
#pragma once

#include <span>
#include <vector>

#include <torch/torch.h>

#include <kith/train.h>

namespace kith::train {

struct LossValue {
  torch::Tensor loss;       // one number, with its gradient
  double active_share = 0;  // as TrainEpoch's
};

// `vectors`: batch x dimension, each of unit length. `person_of`: of each row.

// The mean over the triplets that `mining` chooses; for `all` over those alone whose loss is not 0. 0 where
// none is.
[[nodiscard]] LossValue triplet_loss(const torch::Tensor& vectors, std::span<const int> person_of,
                                     TripletMining mining, float margin);

// Rows 3 i, 3 i + 1 and 3 i + 2 are anchor, positive and negative.
[[nodiscard]] LossValue given_triplets_loss(const torch::Tensor& vectors, float margin);

// `centres`: people x dimension, of any length; `person_of`: rows of it.
[[nodiscard]] LossValue arcface_loss(const torch::Tensor& vectors, std::span<const int> person_of,
                                     const torch::Tensor& centres, float scale, float margin);

// Over all pairs of the batch. There are many more of two people than of one: either kind counts as a whole
// as much.
[[nodiscard]] LossValue contrastive_loss(const torch::Tensor& vectors, std::span<const int> person_of,
                                         float margin);

}  // namespace kith::train
