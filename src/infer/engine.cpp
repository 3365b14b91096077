// SPDX-License-Identifier: Apache-2.0
#include "infer/engine.h"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <mutex>
#include <optional>
#include <sstream>
#include <system_error>
#include <utility>

#include <tbb/task_arena.h>
#include <openvino/openvino.hpp>

#include "core/sha256.h"
#include "infer/compiled_cache.h"
#include "infer/kernel_choice.h"

namespace kith::infer {
namespace {

// Of a network whose input varies, the engine keeps the kernels that it made for every shape: of CenterFace
// 30 a shape, 3.5 MB. Its own bound of 5,000 is a gigabyte for two threads (`bench/memory --sizes`); ours
// holds the shapes of a collection's usual photos. The setting has no name in the engine's headers.
constexpr const char* kept_kernels_name = "CPU_RUNTIME_CACHE_CAPACITY";
constexpr int kept_kernels = 250;

std::string describe(const ov::PartialShape& shape) { return shape.to_string(); }

ov::PartialShape to_partial(const Shape& shape) {
  std::vector<ov::Dimension> dimensions(shape.begin(), shape.end());
  return {std::move(dimensions)};
}

ov::Shape to_static(const Shape& shape) {
  ov::Shape result(shape.size());
  std::ranges::transform(shape, result.begin(),
                         [](std::int64_t extent) { return static_cast<std::size_t>(extent); });
  return result;
}

// Engines put a stack of source lines into their messages; the first line that says something is enough.
std::string first_meaningful_line(const std::string& text) {
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

tl::unexpected<Error> engine_failed(const std::exception& error) {
  return fail(ErrorCode::internal, "the inference engine failed: " + first_meaningful_line(error.what()));
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

ov::Tensor tensor_of(const std::string& bytes) {
  ov::Tensor tensor(ov::element::u8, {bytes.size()});
  std::memcpy(tensor.data(), bytes.data(), bytes.size());
  return tensor;
}

// One copy of a network, for one thread at a time. The engine computes a stream of one thread in the thread
// that calls; the arena keeps its loops in there, and other photos' work out. Several streams it would hand
// to threads of its own, which the system has to wake and to find a processor for (docs/performance.md).
class Instance {
 public:
  explicit Instance(ov::CompiledModel compiled)
      : compiled_(std::move(compiled)), request_(compiled_.create_infer_request()) {}

  // Throws what the engine throws.
  void infer() {
    arena_.execute([this] { request_.infer(); });
  }

  [[nodiscard]] const ov::CompiledModel& compiled() const { return compiled_; }
  [[nodiscard]] ov::InferRequest& request() { return request_; }

 private:
  ov::CompiledModel compiled_;
  ov::InferRequest request_;
  tbb::task_arena arena_{1};
};

}  // namespace

// Every instance is made of the same export, the first at once, more when a thread finds none idle. Their
// weights are views of the export's bytes, as far as the engine does not reorder them.
struct Model::Impl {
  // Throws what the engine throws.
  Impl(ov::Core engine, const std::string& model, ov::AnyMap settings)
      : core(std::move(engine)), bytes(tensor_of(model)), configuration(std::move(settings)) {
    give_back(made());
  }

  std::unique_ptr<Instance> take() {
    {
      const std::lock_guard lock(mutex);
      if (!idle.empty()) {
        std::unique_ptr<Instance> instance = std::move(idle.back());
        idle.pop_back();
        return instance;
      }
    }
    return made();
  }

  void give_back(std::unique_ptr<Instance> instance) {
    const std::lock_guard lock(mutex);
    idle.push_back(std::move(instance));
  }

  std::unique_ptr<Instance> made() {
    return std::make_unique<Instance>(core.import_model(bytes, "CPU", configuration));
  }

  ov::Core core;
  const ov::Tensor bytes;
  const ov::AnyMap configuration;
  std::mutex mutex;
  std::vector<std::unique_ptr<Instance>> idle;
};

struct Session::Lease {
  Lease(std::shared_ptr<Model::Impl> model, std::unique_ptr<Instance> leased)
      : owner(std::move(model)), instance(std::move(leased)) {}
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;
  ~Lease() { owner->give_back(std::move(instance)); }

  std::shared_ptr<Model::Impl> owner;
  std::unique_ptr<Instance> instance;
};

Session::Session(std::unique_ptr<Lease> lease) : lease_(std::move(lease)) {}
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;
Session::~Session() = default;

std::span<float> Session::input(const Shape& shape) {
  ov::Tensor tensor = lease_->instance->request().get_input_tensor();
  tensor.set_shape(to_static(shape));
  return {tensor.data<float>(), tensor.get_size()};
}

Status Session::run() {
  try {
    lease_->instance->infer();
    return {};
  } catch (const std::exception& error) {
    return engine_failed(error);
  }
}

TensorView Session::output(std::size_t index) const {
  const ov::Tensor tensor = lease_->instance->request().get_output_tensor(index);
  const ov::Shape& shape = tensor.get_shape();
  return {Shape(shape.begin(), shape.end()), {tensor.data<const float>(), tensor.get_size()}};
}

Model::Model(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
Model::Model(Model&&) noexcept = default;
Model& Model::operator=(Model&&) noexcept = default;
Model::~Model() = default;

Result<Session> Model::acquire() const {
  try {
    return Session(std::make_unique<Session::Lease>(impl_, impl_->take()));
  } catch (const std::exception& error) {
    return engine_failed(error);
  }
}

struct Engine::Impl {
  explicit Impl(EngineSettings engine_settings)
      : settings(std::move(engine_settings)), cache(settings.cache_folder) {}

  [[nodiscard]] Precision precision_for(const ModelContract& contract) const {
    return contract.precision == Precision::float32 ? contract.precision : settings.precision;
  }

  [[nodiscard]] ov::AnyMap configuration(Precision precision) const {
    ov::AnyMap result{
        {ov::num_streams.name(), ov::streams::Num(1)},
        {ov::inference_num_threads.name(), settings.threads},
        // Pinned threads would fight with taskset, containers and other processes.
        {ov::hint::enable_cpu_pinning.name(), false},
        {kept_kernels_name, kept_kernels},
    };
    if (precision == Precision::float32) result[ov::hint::inference_precision.name()] = ov::element::f32;
    return result;
  }

  // All that a compiled model depends on.
  [[nodiscard]] std::string cache_key(const std::string& sha256, const ModelContract& contract) {
    std::string key = sha256 + "\n" + describe(to_partial(contract.input)) + "\n";
    key += precision_for(contract) == Precision::float32 ? "float32\n" : "automatic\n";
    key += std::string(preferred_kernels()) + "\n";
    key += std::string(ov::get_openvino_version().buildNumber) + "\n";
    key += core.get_property("CPU", ov::device::full_name);
    for (const std::string& capability : core.get_property("CPU", ov::device::capabilities))
      key += "\n" + capability;
    return key;
  }

  // Nothing where the cache has no such model, or one that cannot be used.
  [[nodiscard]] std::shared_ptr<Model::Impl> cached(const std::string& key, const std::string& file,
                                                    const ModelContract& contract) const {
    const std::optional<std::string> stored = cache.find(key);
    if (!stored) return nullptr;
    try {
      auto model = std::make_shared<Model::Impl>(core, *stored, configuration(precision_for(contract)));
      if (check_contract(model->idle.front()->compiled(), file, contract)) return model;
    } catch (const std::exception&) {
      // Another build of the engine wrote it: as good as missing.
    }
    return nullptr;
  }

  // Compiled, and kept under the key. Throws what the engine throws where the model does not take the
  // contract's input.
  Result<std::shared_ptr<Model::Impl>> compiled(const std::shared_ptr<ov::Model>& model,
                                                const std::string& key, const std::string& file,
                                                const ModelContract& contract) {
    model->reshape(to_partial(contract.input));
    if (Status checked = check_contract(*model, file, contract); !checked)
      return tl::unexpected(checked.error());
    choose_kernels(core, *model);
    const ov::AnyMap how = configuration(precision_for(contract));
    const std::string bytes = exported(core.compile_model(model, "CPU", how));
    if (cache.keeps()) cache.store(key, bytes);
    return std::make_shared<Model::Impl>(core, bytes, how);
  }

  EngineSettings settings;
  CompiledCache cache;
  ov::Core core;
};

Engine::Engine(EngineSettings settings) : impl_(std::make_unique<Impl>(std::move(settings))) {}
Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;
Engine::~Engine() = default;

Result<Model> Engine::load(const WeightsFile& file, const ModelContract& contract) const {
  const std::string name = file.path.string();
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(file.path, ignored)) {
    return fail(ErrorCode::model_missing,
                name + ": no such model file; run `make` to fetch the default models");
  }
  if (claims_wrongly_to_be_onnx(file.path)) {
    return fail(ErrorCode::model_damaged, name + ": not a model: the file does not begin as ONNX does");
  }
  std::string key;
  if (impl_->cache.keeps()) {
    const Result<std::string> sha256 = file.sha256.empty() ? sha256_of_file(file.path) : file.sha256;
    if (!sha256) return tl::unexpected(sha256.error());
    key = impl_->cache_key(*sha256, contract);
    if (std::shared_ptr<Model::Impl> cached = impl_->cached(key, name, contract))
      return Model(std::move(cached));
  }
  std::shared_ptr<ov::Model> model;
  try {
    model = impl_->core.read_model(name);
  } catch (const std::exception& error) {
    return fail(ErrorCode::model_damaged,
                name + ": not a model that can be read: " + first_meaningful_line(error.what()));
  }
  if (model->inputs().size() != 1) {
    return fail(ErrorCode::model_mismatch, name + ": the model has " +
                                               std::to_string(model->inputs().size()) +
                                               " inputs where one picture is expected");
  }
  try {
    Result<std::shared_ptr<Model::Impl>> compiled = impl_->compiled(model, key, name, contract);
    if (!compiled) return tl::unexpected(compiled.error());
    return Model(std::move(*compiled));
  } catch (const std::exception& error) {
    return fail(ErrorCode::model_mismatch, name + ": the model does not take an input of shape " +
                                               describe(to_partial(contract.input)) + ": " +
                                               first_meaningful_line(error.what()));
  }
}

}  // namespace kith::infer
