// SPDX-License-Identifier: Apache-2.0
#include "train/architecture.h"

namespace kith::train {
namespace {

int windows_along(int length, int window, int stride, int pad) {
  return (length + 2 * pad - window) / stride + 1;
}

std::int64_t parameters_of(const Architecture& architecture, const Layer& layer) {
  switch (layer.op) {
    case Op::conv: {
      const std::int64_t weights = std::int64_t{layer.channels} *
                                   (input_channels(architecture, layer) / layer.groups) *
                                   layer.window.height * layer.window.width;
      return weights + layer.channels * (layer.batch_norm ? 2 : 1);
    }
    case Op::prelu: return layer.channels;
    default: return 0;
  }
}

}  // namespace

int input_channels(const Architecture& architecture, const Layer& layer) {
  constexpr int picture = 3;
  const int input = layer.inputs.front();
  return input < 0 ? picture : architecture.layers[static_cast<std::size_t>(input)].channels;
}

std::int64_t parameter_count(const Architecture& architecture) {
  std::int64_t count = 0;
  for (const Layer& layer : architecture.layers) count += parameters_of(architecture, layer);
  return count;
}

std::vector<int> map_sides(const Architecture& architecture) {
  std::vector<int> sides;
  sides.reserve(architecture.layers.size());
  for (const Layer& layer : architecture.layers) {
    const int input = layer.inputs.front();
    const int side = input < 0 ? architecture.side : sides[static_cast<std::size_t>(input)];
    const bool slides = layer.op == Op::conv || layer.op == Op::max_pool || layer.op == Op::average_pool;
    if (slides) {
      // Windows that are not square (1 x 7, 7 x 1) are padded to keep the size, so one side tells both.
      const Window& window = layer.window;
      const int along = windows_along(side, window.height, window.stride, window.pad_height);
      sides.push_back(side < window.height - 2 * window.pad_height ? 0 : along);
    } else {
      sides.push_back(layer.op == Op::global_mean ? 1 : side);
    }
  }
  return sides;
}

}  // namespace kith::train
