// SPDX-License-Identifier: Apache-2.0
#include "train/onnx_file.h"

#include <cmath>
#include <cstring>
#include <fstream>
#include <map>
#include <optional>

#include <onnx/onnx_pb.h>

namespace kith::train {
namespace {

constexpr int ir_version = 7;
constexpr int operator_set = 11;
constexpr std::uintmax_t most_file_bytes = std::uintmax_t{1} << 30U;  // protocol buffers end at 2 GiB

void add_tensor(onnx::GraphProto& graph, const std::string& name, const torch::Tensor& values) {
  const torch::Tensor plain = values.detach().to(torch::kFloat32).contiguous();
  onnx::TensorProto& tensor = *graph.add_initializer();
  tensor.set_name(name);
  tensor.set_data_type(onnx::TensorProto::FLOAT);
  for (const std::int64_t length : plain.sizes()) tensor.add_dims(length);
  tensor.set_raw_data(plain.data_ptr<float>(), static_cast<std::size_t>(plain.numel()) * sizeof(float));
}

void add_integers(onnx::NodeProto& node, const char* name, std::initializer_list<std::int64_t> values) {
  onnx::AttributeProto& attribute = *node.add_attribute();
  attribute.set_name(name);
  attribute.set_type(onnx::AttributeProto::INTS);
  for (const std::int64_t value : values) attribute.add_ints(value);
}

void add_integer(onnx::NodeProto& node, const char* name, std::int64_t value) {
  onnx::AttributeProto& attribute = *node.add_attribute();
  attribute.set_name(name);
  attribute.set_type(onnx::AttributeProto::INT);
  attribute.set_i(value);
}

void describe(onnx::ValueInfoProto& value, const char* name, std::initializer_list<std::int64_t> shape) {
  value.set_name(name);
  onnx::TypeProto::Tensor& tensor = *value.mutable_type()->mutable_tensor_type();
  tensor.set_elem_type(onnx::TensorProto::FLOAT);
  for (const std::int64_t length : shape) tensor.mutable_shape()->add_dim()->set_dim_value(length);
}

class Exporter {
 public:
  explicit Exporter(const NetworkImpl& network) : network_(network) {}

  std::string operator()() {
    const Architecture& architecture = network_.architecture();
    onnx::ModelProto model;
    model.set_ir_version(ir_version);
    model.set_producer_name("kith");
    model.add_opset_import()->set_version(operator_set);
    graph_ = model.mutable_graph();
    graph_->set_name(architecture.name);
    describe(*graph_->add_input(), "input", {1, 3, architecture.side, architecture.side});
    describe(*graph_->add_output(), "embedding", {1, architecture.dimension});
    for (std::size_t i = 0; i < architecture.layers.size(); ++i) add(i);
    onnx::NodeProto& flat = node("Flatten", {outputs_.back()}, "embedding");
    add_integer(flat, "axis", 1);
    return model.SerializeAsString();
  }

 private:
  onnx::NodeProto& node(const char* op, const std::vector<std::string>& inputs, const std::string& output) {
    onnx::NodeProto& made = *graph_->add_node();
    made.set_op_type(op);
    made.set_name(output);
    for (const std::string& input : inputs) made.add_input(input);
    made.add_output(output);
    return made;
  }

  void add(std::size_t index) {
    const Layer& layer = network_.architecture().layers[index];
    std::vector<std::string> inputs;
    for (const int input : layer.inputs)
      inputs.push_back(input < 0 ? "input" : outputs_[static_cast<std::size_t>(input)]);
    outputs_.push_back(layer.name);
    switch (layer.op) {
      case Op::conv: return add_conv(index, layer, inputs);
      case Op::prelu: {
        add_tensor(*graph_, layer.name + ".slope", network_.weights(index).weight.reshape({-1, 1, 1}));
        node("PRelu", {inputs[0], layer.name + ".slope"}, layer.name);
        return;
      }
      case Op::relu: node("Relu", inputs, layer.name); return;
      case Op::relu6: {
        const torch::Tensor bounds = torch::tensor({0.0F, 6.0F});
        add_tensor(*graph_, layer.name + ".low", bounds[0]);
        add_tensor(*graph_, layer.name + ".high", bounds[1]);
        node("Clip", {inputs[0], layer.name + ".low", layer.name + ".high"}, layer.name);
        return;
      }
      case Op::add: {
        if (layer.factor != 1) {
          add_tensor(*graph_, layer.name + ".factor", torch::tensor(layer.factor));
          node("Mul", {inputs[1], layer.name + ".factor"}, layer.name + ".scaled");
          inputs[1] = layer.name + ".scaled";
        }
        node("Add", inputs, layer.name);
        return;
      }
      case Op::concat: add_integer(node("Concat", inputs, layer.name), "axis", 1); return;
      case Op::max_pool: add_window(node("MaxPool", inputs, layer.name), layer.window); return;
      case Op::average_pool: add_window(node("AveragePool", inputs, layer.name), layer.window); return;
      case Op::global_mean: node("GlobalAveragePool", inputs, layer.name); return;
      case Op::dropout: outputs_.back() = inputs[0]; return;
    }
  }

  void add_conv(std::size_t index, const Layer& layer, std::vector<std::string> inputs) {
    const NetworkImpl::Weights& own = network_.weights(index);
    torch::Tensor weight = own.weight;
    torch::Tensor bias = own.bias;
    if (layer.batch_norm) {
      const torch::Tensor factor = own.gamma / (own.variance + NetworkImpl::epsilon).sqrt();
      weight = weight * factor.reshape({-1, 1, 1, 1});
      bias = own.beta - own.mean * factor;
    }
    add_tensor(*graph_, layer.name + ".weight", weight);
    add_tensor(*graph_, layer.name + ".bias", bias);
    inputs.push_back(layer.name + ".weight");
    inputs.push_back(layer.name + ".bias");
    onnx::NodeProto& made = node("Conv", inputs, layer.name);
    add_window(made, layer.window);
    add_integers(made, "dilations", {1, 1});
    add_integer(made, "group", layer.groups);
  }

  static void add_window(onnx::NodeProto& made, const Window& window) {
    add_integers(made, "kernel_shape", {window.height, window.width});
    add_integers(made, "strides", {window.stride, window.stride});
    add_integers(made, "pads", {window.pad_height, window.pad_width, window.pad_height, window.pad_width});
  }

  const NetworkImpl& network_;
  onnx::GraphProto* graph_ = nullptr;
  std::vector<std::string> outputs_;  // by layer: the name of what it gives
};

// Nothing where it holds no floats, or not as many as it says.
std::optional<torch::Tensor> tensor_from(const onnx::TensorProto& stored) {
  if (stored.data_type() != onnx::TensorProto::FLOAT) return std::nullopt;
  std::vector<std::int64_t> shape(stored.dims().begin(), stored.dims().end());
  std::uint64_t count = 1;
  for (const std::int64_t length : shape) {
    if (length < 0 || static_cast<std::uint64_t>(length) > most_file_bytes) return std::nullopt;
    count *= static_cast<std::uint64_t>(length);
    if (count > most_file_bytes) return std::nullopt;
  }
  const bool raw = !stored.raw_data().empty();
  const std::uint64_t stored_count =
      raw ? stored.raw_data().size() / sizeof(float) : static_cast<std::uint64_t>(stored.float_data_size());
  if (stored_count != count || (raw && stored.raw_data().size() % sizeof(float) != 0)) return std::nullopt;
  torch::Tensor values = torch::empty(shape);
  const void* const from =
      raw ? static_cast<const void*>(stored.raw_data().data()) : stored.float_data().data();
  if (count > 0) std::memcpy(values.data_ptr<float>(), from, static_cast<std::size_t>(count) * sizeof(float));
  return values;
}

// The layers with weights, in the graph's order.
struct StoredLayer {
  std::string op;  // "Conv", "PRelu"
  torch::Tensor weight;
  torch::Tensor bias;  // of a convolution; may be undefined
};

Result<std::vector<StoredLayer>> stored_layers(const std::filesystem::path& file) {
  std::error_code unknown;
  const std::uintmax_t bytes = std::filesystem::file_size(file, unknown);
  std::ifstream stream(file, std::ios::binary);
  if (unknown || !stream) return fail(ErrorCode::not_found, file.string() + ": cannot be opened");
  if (bytes > most_file_bytes)
    return fail(ErrorCode::too_large,
                file.string() + ": is larger than 1 GiB, which no backbone's weights are");
  const auto damaged = [&](const std::string& why) {
    return fail(ErrorCode::damaged, file.string() + ": is no ONNX model with float weights: " + why);
  };
  onnx::ModelProto model;
  if (!model.ParseFromIstream(&stream)) return damaged("it cannot be parsed");
  std::map<std::string, torch::Tensor> tensors;
  for (const onnx::TensorProto& stored : model.graph().initializer()) {
    if (const std::optional<torch::Tensor> values = tensor_from(stored)) tensors[stored.name()] = *values;
  }
  std::vector<StoredLayer> layers;
  for (const onnx::NodeProto& node : model.graph().node()) {
    if (node.op_type() != "Conv" && node.op_type() != "PRelu") continue;
    const auto tensor = [&](int input) {
      const auto found = node.input_size() > input ? tensors.find(node.input(input)) : tensors.end();
      return found != tensors.end() ? found->second : torch::Tensor();
    };
    StoredLayer layer{node.op_type(), tensor(1), tensor(2)};
    if (!layer.weight.defined() || (node.input_size() > 2 && !layer.bias.defined()))
      return damaged("its layer \"" + node.name() + "\" has no weights");
    if (!layer.weight.isfinite().all().item<bool>())
      return damaged("its layer \"" + node.name() + "\" has weights that are not finite");
    layers.push_back(std::move(layer));
  }
  return layers;
}

std::string shape_text(const torch::Tensor& tensor) {
  std::string text;
  for (const std::int64_t length : tensor.sizes())
    text += (text.empty() ? "" : " x ") + std::to_string(length);
  return text;
}

bool take(const Layer& layer, NetworkImpl::Weights& own, const StoredLayer& stored) {
  const bool conv = layer.op == Op::conv;
  if ((stored.op == "Conv") != conv) return false;
  if (!conv) {
    if (stored.weight.numel() != own.weight.numel()) return false;
    own.weight.copy_(stored.weight.flatten());
    return true;
  }
  if (stored.weight.sizes() != own.weight.sizes()) return false;
  const torch::Tensor bias = stored.bias.defined() ? stored.bias : torch::zeros({layer.channels});
  if (bias.numel() != layer.channels) return false;
  own.weight.copy_(stored.weight);
  if (!layer.batch_norm) {
    own.bias.copy_(bias);
    return true;
  }
  own.gamma.fill_(std::sqrt(1 + NetworkImpl::epsilon));
  own.beta.copy_(bias);
  own.mean.zero_();
  own.variance.fill_(1);
  return true;
}

}  // namespace

std::string to_onnx(const Network& network) { return Exporter(*network)(); }

Status load_onnx_weights(Network& network, const std::filesystem::path& file) {
  const Result<std::vector<StoredLayer>> stored = stored_layers(file);
  if (!stored) return tl::unexpected(stored.error());
  const Architecture& architecture = network->architecture();
  const auto mismatch = [&](const std::string& why) {
    return fail(ErrorCode::model_mismatch, file.string() + ": holds no weights for " + architecture.name +
                                               " with crops of " + std::to_string(architecture.side) +
                                               " pixels and a dimension of " +
                                               std::to_string(architecture.dimension) + ": " + why);
  };
  const torch::NoGradGuard no_gradients;
  std::size_t next = 0;
  for (std::size_t i = 0; i < architecture.layers.size(); ++i) {
    const Layer& layer = architecture.layers[i];
    if (layer.op != Op::conv && layer.op != Op::prelu) continue;
    if (next == stored->size()) return mismatch("it has too few layers");
    const StoredLayer& from = (*stored)[next++];
    if (!take(layer, network->weights(i), from)) {
      return mismatch("\"" + layer.name + "\" wants weights of " + shape_text(network->weights(i).weight) +
                      ", and there is a " + from.op + " of " + shape_text(from.weight));
    }
  }
  if (next != stored->size()) return mismatch("it has more layers");
  return {};
}

}  // namespace kith::train
