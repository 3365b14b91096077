// SPDX-License-Identifier: Apache-2.0
// A network as ONNX (onnx.ai, operator set 11), for every other program, and weights from there.
//
// Thread rule: free functions without state.
#pragma once

#include <filesystem>
#include <string>

#include <kith/result.h>

#include "train/network.h"

namespace kith::train {

// Input "input", 1 x 3 x side x side; output "embedding", 1 x dimension. Batch normalisation is folded into
// the convolution before it, and what only training needs is left out.
[[nodiscard]] std::string to_onnx(const Network& network);

// Takes the weights of a network of the same architecture: its convolutions and PReLUs, in order. Folded
// batch normalisation becomes one that only adds: its statistics are 0 and 1. Errors: not_found, too_large,
// damaged, model_mismatch (other layers, or of other shapes).
[[nodiscard]] Status load_onnx_weights(Network& network, const std::filesystem::path& file);

}  // namespace kith::train
