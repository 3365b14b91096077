// SPDX-License-Identifier: Apache-2.0
// All that a training needs to go on after it was killed. No random generator is part of it: each step's
// random numbers follow from the seed and the step's number.
//
// Thread rule: free functions without state.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <torch/torch.h>

#include <kith/train.h>

#include "train/network.h"

namespace kith::train {

// Where a training is. `figures` of the epoch under way are sums over its batches so far.
struct Progress {
  int epoch = 0;          // finished ones
  std::size_t batch = 0;  // of the next epoch, finished ones
  double loss_sum = 0;
  double active_sum = 0;
  double seconds = 0;  // spent in the epoch under way
  std::vector<TrainEpoch> epochs;
  int best_epoch = 0;
  std::optional<Validation> best;
};

struct Learner {
  Network network{nullptr};
  torch::Tensor centres;  // arcface's; undefined otherwise
  std::unique_ptr<torch::optim::AdamW> optimizer;
  Network best{nullptr};  // as it was after the best epoch
};

// In one piece, with a checksum. `settings`: says what the training is of, and is compared when it goes on.
// Errors: those of write_atomically.
[[nodiscard]] Status save_checkpoint(const std::filesystem::path& file, const std::string& settings,
                                     const Learner& learner, const Progress& progress);

// Into a learner of the same settings. Errors: not_found, damaged; bad_argument (of other settings: the
// message tells the first that differs).
[[nodiscard]] Result<Progress> load_checkpoint(const std::filesystem::path& file, const std::string& settings,
                                               Learner& learner);

}  // namespace kith::train
