// SPDX-License-Identifier: Apache-2.0
#include "infer/compiler.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <system_error>
#include <utility>

#include "core/sha256.h"
#include "infer/kernel_choice.h"

namespace kith::infer {
namespace {

// Of a network whose input varies, the engine keeps the kernels that it made for every shape: of CenterFace
// 30 a shape, 3.5 MB. Its own bound of 5,000 is a gigabyte for two threads (`bench/memory --sizes`); ours
// holds nine shapes, of which photos of one format, upright and across, take eight (with 250 they fall out of
// turn, and detection takes a twentieth longer). The setting has no name in the engine's headers.
constexpr const char* kept_kernels_name = "CPU_RUNTIME_CACHE_CAPACITY";
constexpr int kept_kernels = 300;

std::string describe(const ov::PartialShape& shape) { return shape.to_string(); }

ov::PartialShape to_partial(const Shape& shape) {
  std::vector<ov::Dimension> dimensions(shape.begin(), shape.end());
  return {std::move(dimensions)};
}

// Tensors are read and written as float32; another type would be an exception in mid-photo.
Status check_type(const ov::element::Type& type, const std::string& file, const std::string& end) {
  if (type == ov::element::f32) return {};
  return fail(ErrorCode::model_mismatch, file + ": " + end + " is of type " + type.get_type_name() +
                                             " where f32 is expected; export it in float32");
}

// A model in ONNX is a message whose first field is its version. The engine would offer anything else to
// its readers of other formats, one of which prints its complaint and leaks.
bool claims_wrongly_to_be_onnx(const std::filesystem::path& file) {
  constexpr int version_field = 0x08;
  return file.extension() == ".onnx" && std::ifstream(file, std::ios::binary).get() != version_field;
}

// Of a model as read and as compiled alike; its input has been reshaped to the contract's.
template <typename AnyModel>
Status check_contract(const AnyModel& model, const std::string& file, const ModelContract& contract) {
  if (model.outputs().size() != contract.outputs.size()) {
    return fail(ErrorCode::model_mismatch,
                file + ": the model has " + std::to_string(model.outputs().size()) + " outputs where " +
                    std::to_string(contract.outputs.size()) +
                    " are expected; it is not the model that its description promises");
  }
  if (Status checked = check_type(model.input().get_element_type(), file, "the input"); !checked)
    return checked;
  for (std::size_t i = 0; i < contract.outputs.size(); ++i) {
    std::string output = "output ";
    output += std::to_string(i);
    if (Status checked = check_type(model.output(i).get_element_type(), file, output); !checked)
      return checked;
    const ov::PartialShape expected = to_partial(contract.outputs[i]);
    const ov::PartialShape& actual = model.output(i).get_partial_shape();
    if (!actual.compatible(expected)) {
      std::string message = file + ": ";
      message += output + " has the shape " + describe(actual) + " where " + describe(expected);
      return fail(ErrorCode::model_mismatch, message + " is expected; check the model's description");
    }
  }
  return {};
}

std::string exported(ov::CompiledModel compiled) {
  std::ostringstream stream;
  compiled.export_model(stream);
  return std::move(stream).str();
}

}  // namespace

// Engines put a stack of source lines into their messages; the first line that says something is enough.
std::string reason_of(const std::exception& engine_error) {
  const std::string text = engine_error.what();
  std::size_t begin = 0;
  std::string last;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    std::string line = text.substr(begin, end - begin);
    begin = end + 1;
    if (line.empty()) continue;
    last = line;
    if (line.find("Exception from") == std::string::npos && line.find(".cpp:") == std::string::npos)
      return line;
  }
  return last;
}

Result<WeightsFile> Compiler::examined(WeightsFile file) const {
  const std::string name = file.path.string();
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(file.path, ignored)) {
    return fail(ErrorCode::model_missing,
                name + ": no such model file; run `make` to fetch the default models");
  }
  if (claims_wrongly_to_be_onnx(file.path)) {
    return fail(ErrorCode::model_damaged, name + ": not a model: the file does not begin as ONNX does");
  }
  if (!cache_.keeps() || !file.sha256.empty()) return file;
  Result<std::string> sha256 = sha256_of_file(file.path);
  if (!sha256) return tl::unexpected(sha256.error());
  return WeightsFile(std::move(file.path), std::move(*sha256));
}

Result<std::shared_ptr<NetworkPool>> Compiler::network(const WeightsFile& file,
                                                       const ModelContract& contract) {
  const std::string name = file.path.string();
  std::string key;
  if (cache_.keeps()) {
    key = cache_key(file.sha256, contract);
    if (std::shared_ptr<NetworkPool> kept = cached(key, name, contract)) return kept;
  }
  std::shared_ptr<ov::Model> model;
  try {
    model = core_.read_model(name);
  } catch (const std::exception& error) {
    return fail(ErrorCode::model_damaged, name + ": not a model that can be read: " + reason_of(error));
  }
  if (model->inputs().size() != 1) {
    return fail(ErrorCode::model_mismatch, name + ": the model has " +
                                               std::to_string(model->inputs().size()) +
                                               " inputs where one picture is expected");
  }
  try {
    return compiled(model, key, name, contract);
  } catch (const std::exception& error) {
    return fail(ErrorCode::model_mismatch, name + ": the model does not take an input of shape " +
                                               describe(to_partial(contract.input)) + ": " +
                                               reason_of(error));
  }
}

std::shared_ptr<NetworkPool> Compiler::network_for(const Shape& input, const WeightsFile& file,
                                                   ModelContract contract) {
  if (!cache_.keeps()) return nullptr;
  const Result<std::string> sha256 = sha256_of_file(file.path);
  if (!sha256 || *sha256 != file.sha256) return nullptr;
  contract.input = input;
  Result<std::shared_ptr<NetworkPool>> made = network(file, contract);
  return made ? *made : nullptr;
}

Precision Compiler::precision_for(const ModelContract& contract) const {
  return contract.precision == Precision::float32 ? contract.precision : settings_.precision;
}

ov::AnyMap Compiler::configuration(Precision precision) const {
  ov::AnyMap result{
      {ov::num_streams.name(), ov::streams::Num(1)},
      {ov::inference_num_threads.name(), settings_.threads},
      // Pinned threads would fight with taskset, containers and other processes.
      {ov::hint::enable_cpu_pinning.name(), false},
      {kept_kernels_name, kept_kernels},
  };
  if (precision == Precision::float32) result[ov::hint::inference_precision.name()] = ov::element::f32;
  return result;
}

// All that a compiled model depends on.
std::string Compiler::cache_key(const std::string& sha256, const ModelContract& contract) {
  std::string key = sha256 + "\n" + describe(to_partial(contract.input)) + "\n";
  key += precision_for(contract) == Precision::float32 ? "float32\n" : "automatic\n";
  key += std::string(preferred_kernels()) + "\n";
  key += std::string(ov::get_openvino_version().buildNumber) + "\n";
  key += core_.get_property("CPU", ov::device::full_name);
  for (const std::string& capability : core_.get_property("CPU", ov::device::capabilities))
    key += "\n" + capability;
  return key;
}

// Nothing where the cache has no such model, or one that cannot be used.
std::shared_ptr<NetworkPool> Compiler::cached(const std::string& key, const std::string& file,
                                              const ModelContract& contract) const {
  const std::optional<std::string> stored = cache_.find(key);
  if (!stored) return nullptr;
  try {
    auto pool = std::make_shared<NetworkPool>(core_, *stored, configuration(precision_for(contract)));
    if (check_contract(pool->compiled(), file, contract)) return pool;
  } catch (const std::exception&) {
    // Another build of the engine wrote it: as good as missing.
  }
  return nullptr;
}

// Compiled, and kept under the key. Throws what the engine throws where the model does not take the
// contract's input.
Result<std::shared_ptr<NetworkPool>> Compiler::compiled(const std::shared_ptr<ov::Model>& model,
                                                        const std::string& key, const std::string& file,
                                                        const ModelContract& contract) {
  model->reshape(to_partial(contract.input));
  if (Status checked = check_contract(*model, file, contract); !checked)
    return tl::unexpected(checked.error());
  choose_kernels(core_, *model);
  const ov::AnyMap how = configuration(precision_for(contract));
  const std::string bytes = exported(core_.compile_model(model, "CPU", how));
  if (cache_.keeps()) cache_.store(key, bytes);
  return std::make_shared<NetworkPool>(core_, bytes, how);
}

}  // namespace kith::infer
