// SPDX-License-Identifier: Apache-2.0
// An Architecture as a LibTorch module.
//
// Thread rule: used by one thread; LibTorch spreads the arithmetic over its own.
#pragma once

#include <string>
#include <vector>

#include <torch/torch.h>

#include "train/architecture.h"

namespace kith::train {

class NetworkImpl : public torch::nn::Module {
 public:
  // Random weights: He et al., "Delving Deep into Rectifiers", 2015, from LibTorch's generator.
  explicit NetworkImpl(Architecture architecture);

  // N x 3 x side x side -> N x dimension, not of unit length.
  torch::Tensor forward(const torch::Tensor& planes);

  // Layers whose names begin with one of these neither change nor keep statistics. Returns how many there
  // are.
  std::size_t freeze(const std::vector<std::string>& beginnings);

  // Batch normalisation everywhere as in use, also while training.
  void keep_statistics() { keep_statistics_ = true; }

  [[nodiscard]] const Architecture& architecture() const noexcept { return architecture_; }

  // What belongs to one layer; tensors that it does not have are undefined.
  struct Weights {
    torch::Tensor weight, bias;                 // conv; prelu has a weight
    torch::Tensor gamma, beta, mean, variance;  // batch normalisation
    bool frozen = false;
  };
  [[nodiscard]] Weights& weights(std::size_t layer) { return weights_[layer]; }
  [[nodiscard]] const Weights& weights(std::size_t layer) const { return weights_[layer]; }

  // Added to the variance; of the order of a float's rounding in one of about 1.
  static constexpr double epsilon = 1e-5;

 private:
  [[nodiscard]] torch::Tensor run(std::size_t layer, const std::vector<torch::Tensor>& outputs,
                                  const torch::Tensor& pictures);
  void add_weights(const Layer& layer);

  Architecture architecture_;
  std::vector<Weights> weights_;  // by layer
  std::vector<int> last_use_;     // by layer: the last layer that reads it
  bool keep_statistics_ = false;
};
TORCH_MODULE(Network);

}  // namespace kith::train
