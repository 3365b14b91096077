// SPDX-License-Identifier: Apache-2.0
// A backbone as plain data: a list of layers, each reading the outputs of earlier ones. Network (network.h)
// runs it in LibTorch, onnx_file.h writes it as ONNX and reads weights from there; so there is one
// description of each backbone, and an operation is known in two places only.
//
// Thread rule: plain values.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace kith::train {

enum class Op {
  conv,          // with bias, or with batch normalisation instead
  prelu,         // max(0, x) + slope * min(0, x), a slope a channel
  relu,          //
  relu6,         // min(max(0, x), 6)
  add,           // inputs[0] + factor * inputs[1]
  concat,        // of channels
  max_pool,      //
  average_pool,  // the padding counts neither as pixels nor in the mean
  global_mean,   // over the whole map: 1 x 1
  dropout,       // while training; factor: the share that is dropped
};

// A window over a map, rows first.
struct Window {
  int height = 1;
  int width = 1;
  int stride = 1;
  int pad_height = 0;
  int pad_width = 0;
};

struct Layer {
  Op op = Op::conv;
  std::string name;         // unique: "stem.1", "block35.3.branch2.1"
  std::vector<int> inputs;  // indices of earlier layers; -1: the network's input
  int channels = 0;         // of the output
  Window window;            // conv and pools
  int groups = 1;           // conv
  bool batch_norm = true;   // conv
  float factor = 1;         // add, dropout
};

struct Architecture {
  std::string name;
  int side = 112;       // the input is 3 x side x side
  int dimension = 128;  // of the last layer's output, dimension x 1 x 1
  std::vector<Layer> layers;
};

// Numbers that training changes; batch normalisation's running statistics are none.
[[nodiscard]] std::int64_t parameter_count(const Architecture& architecture);

// Height and width of each layer's output. All at least 1 in an architecture that fits its side.
[[nodiscard]] std::vector<int> map_sides(const Architecture& architecture);

// Channels that a layer reads from its first input.
[[nodiscard]] int input_channels(const Architecture& architecture, const Layer& layer);

}  // namespace kith::train
