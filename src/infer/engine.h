// SPDX-License-Identifier: Apache-2.0
// Running neural networks: model file -> tensors. The only module that names the engine (OpenVINO).
//
// Thread rule: an Engine and its Models may be shared by any number of threads. Each thread acquires a
// Session of its own from the model's pool for the length of one inference; as many run at the same time as
// threads ask for one.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <kith/result.h>

namespace kith::infer {

// Number type of the arithmetic inside a network; tensors are float32 at either end.
enum class Precision {
  automatic,  // bf16 where the CPU computes it natively (measured: LFW unchanged, twice as fast), else f32
  float32,    // the same vectors on every machine
};

struct EngineSettings {
  // Of one inference. One thread is the caller's own; more pay only where there are fewer photos than
  // processors, for they lose a fifth and more to synchronisation. Requires >= 1.
  int threads = 1;
  Precision precision = Precision::automatic;
  // Where compiled models are kept between runs (saves 0.2 s a start). Empty: nowhere.
  std::filesystem::path cache_folder{};
};

// The extents of a tensor, outermost first; -1 stands for "any" in a description.
using Shape = std::vector<std::int64_t>;

struct TensorView {
  Shape shape;
  std::span<const float> values;
};

class Compiler;
class Model;
class ShapedNetworks;

// One inference under way. Values returned by output() stay valid until the session is destroyed.
class Session {
 public:
  Session(Session&&) noexcept;
  Session& operator=(Session&&) noexcept;
  ~Session();

  // The input to fill, of the shape that it was acquired for.
  [[nodiscard]] std::span<float> input();

  // Errors: internal.
  [[nodiscard]] Status run();

  // Output number `index` in the model's order. Requires a successful run().
  [[nodiscard]] TensorView output(std::size_t index) const;

 private:
  friend class Model;
  struct Lease;
  explicit Session(std::unique_ptr<Lease> lease);
  std::unique_ptr<Lease> lease_;
};

// What a caller expects of a model file; checked when it is loaded, so that a wrong file is an error
// with a name and not a crash later.
struct ModelContract {
  Shape input;                 // the input is reshaped to this; -1 where it varies from call to call
  std::vector<Shape> outputs;  // in order; -1 where anything goes
  // float32 for a network whose decisions suffer from rounding, whatever the engine's setting.
  Precision precision = Precision::automatic;
};

// A model's file. Where somebody has just taken its hash (64 hexadecimal digits), the engine, which keeps
// compiled models under it, takes it on trust and not again.
struct WeightsFile {
  WeightsFile(std::filesystem::path file = {}, std::string hash = {})
      : path(std::move(file)), sha256(std::move(hash)) {}

  std::filesystem::path path;
  std::string sha256;
};

class Model {
 public:
  Model(Model&&) noexcept;
  Model& operator=(Model&&) noexcept;
  ~Model();

  // Takes an idle copy of the network from the pool, or makes one, which takes tens of milliseconds and about
  // as much memory as the model's file. `input` is a shape that fits the contract's. Errors: internal.
  [[nodiscard]] Result<Session> acquire(const Shape& input) const;

 private:
  friend class Engine;
  explicit Model(std::unique_ptr<ShapedNetworks> networks);
  std::unique_ptr<ShapedNetworks> networks_;
};

class Engine {
 public:
  explicit Engine(EngineSettings settings);
  Engine(Engine&&) noexcept;
  Engine& operator=(Engine&&) noexcept;
  ~Engine();

  // Reads, checks and compiles a model (ONNX, OpenVINO IR, TFLite). Whether the file is the expected
  // one is the catalogue's business (models.h).
  // Errors: model_missing, model_damaged (cannot be parsed), model_mismatch (breaks the contract).
  [[nodiscard]] Result<Model> load(const WeightsFile& file, const ModelContract& contract) const;

 private:
  std::shared_ptr<Compiler> compiler_;
};

}  // namespace kith::infer
