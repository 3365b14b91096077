// SPDX-License-Identifier: Apache-2.0
#include "train/network.h"

#include <algorithm>

namespace kith::train {
namespace {

// Names of modules' parameters may hold no dots.
std::string parameter_name(const Layer& layer, const char* part) {
  std::string name = layer.name + "_" + part;
  std::ranges::replace(name, '.', '_');
  return name;
}

std::vector<int> last_uses(const Architecture& architecture) {
  std::vector<int> last(architecture.layers.size(), static_cast<int>(architecture.layers.size()));
  for (std::size_t i = 0; i < architecture.layers.size(); ++i) {
    for (const int input : architecture.layers[i].inputs) {
      if (input >= 0) last[static_cast<std::size_t>(input)] = static_cast<int>(i);
    }
  }
  return last;
}

}  // namespace

NetworkImpl::NetworkImpl(Architecture architecture)
    : architecture_(std::move(architecture)), last_use_(last_uses(architecture_)) {
  weights_.resize(architecture_.layers.size());
  for (const Layer& layer : architecture_.layers) add_weights(layer);
}

void NetworkImpl::add_weights(const Layer& layer) {
  Weights& weights = weights_[static_cast<std::size_t>(&layer - architecture_.layers.data())];
  if (layer.op == Op::prelu) {
    weights.weight = register_parameter(parameter_name(layer, "slope"), torch::full({layer.channels}, 0.25));
    return;
  }
  if (layer.op != Op::conv) return;
  weights.weight =
      register_parameter(parameter_name(layer, "weight"),
                         torch::empty({layer.channels, input_channels(architecture_, layer) / layer.groups,
                                       layer.window.height, layer.window.width}));
  torch::nn::init::kaiming_normal_(weights.weight, 0, torch::kFanIn, torch::kReLU);
  if (!layer.batch_norm) {
    weights.bias = register_parameter(parameter_name(layer, "bias"), torch::zeros({layer.channels}));
    return;
  }
  weights.gamma = register_parameter(parameter_name(layer, "gamma"), torch::ones({layer.channels}));
  weights.beta = register_parameter(parameter_name(layer, "beta"), torch::zeros({layer.channels}));
  weights.mean = register_buffer(parameter_name(layer, "mean"), torch::zeros({layer.channels}));
  weights.variance = register_buffer(parameter_name(layer, "variance"), torch::ones({layer.channels}));
}

torch::Tensor NetworkImpl::forward(const torch::Tensor& planes) {
  // Pixel by pixel rather than plane by plane: oneDNN then copies less from one order to another.
  const torch::Tensor pictures = planes.contiguous(torch::MemoryFormat::ChannelsLast);
  std::vector<torch::Tensor> outputs(architecture_.layers.size());
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    outputs[i] = run(i, outputs, pictures);
    for (const int input : architecture_.layers[i].inputs) {
      if (input >= 0 && last_use_[static_cast<std::size_t>(input)] == static_cast<int>(i))
        outputs[static_cast<std::size_t>(input)].reset();
    }
  }
  return outputs.back().flatten(1);
}

torch::Tensor NetworkImpl::run(std::size_t index, const std::vector<torch::Tensor>& outputs,
                               const torch::Tensor& pictures) {
  const Layer& layer = architecture_.layers[index];
  const Weights& own = weights_[index];
  const auto input = [&](std::size_t number) {
    const int from = layer.inputs[number];
    return from < 0 ? pictures : outputs[static_cast<std::size_t>(from)];
  };
  const Window& window = layer.window;
  const std::vector<std::int64_t> size{window.height, window.width};
  const std::vector<std::int64_t> stride{window.stride, window.stride};
  const std::vector<std::int64_t> pad{window.pad_height, window.pad_width};
  switch (layer.op) {
    case Op::conv: {
      torch::Tensor map = torch::conv2d(input(0), own.weight, own.bias, stride, pad, 1, layer.groups);
      if (!layer.batch_norm) return map;
      const bool learns = is_training() && !own.frozen && !keep_statistics_;
      constexpr double momentum = 0.1;
      return torch::batch_norm(map, own.gamma, own.beta, own.mean, own.variance, learns, momentum, epsilon,
                               false);
    }
    case Op::prelu: return torch::prelu(input(0), own.weight);
    case Op::relu: return torch::relu(input(0));
    case Op::relu6: return torch::clamp(input(0), 0, 6);
    case Op::add:
      return layer.factor == 1 ? input(0) + input(1) : torch::add(input(0), input(1), layer.factor);
    case Op::concat: {
      std::vector<torch::Tensor> parts;
      for (std::size_t i = 0; i < layer.inputs.size(); ++i) parts.push_back(input(i));
      return torch::cat(parts, 1);
    }
    case Op::max_pool: return torch::max_pool2d(input(0), size, stride, pad);
    case Op::average_pool: return torch::avg_pool2d(input(0), size, stride, pad, false, false);
    case Op::global_mean: return input(0).mean({2, 3}, true);
    case Op::dropout: return torch::dropout(input(0), layer.factor, is_training());
  }
  return {};
}

std::size_t NetworkImpl::freeze(const std::vector<std::string>& beginnings) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < weights_.size(); ++i) {
    const std::string& name = architecture_.layers[i].name;
    Weights& own = weights_[i];
    if (!own.weight.defined() ||
        std::ranges::none_of(beginnings, [&](const std::string& start) { return name.starts_with(start); }))
      continue;
    own.frozen = true;
    ++count;
    for (torch::Tensor* tensor : {&own.weight, &own.bias, &own.gamma, &own.beta}) {
      if (tensor->defined()) tensor->set_requires_grad(false);
    }
  }
  return count;
}

}  // namespace kith::train
