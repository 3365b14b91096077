// SPDX-License-Identifier: Apache-2.0
#include "infer/engine.h"

#include <algorithm>
#include <exception>
#include <utility>

#include <openvino/openvino.hpp>

#include "infer/compiler.h"
#include "infer/network_pool.h"
#include "infer/shaped_networks.h"

namespace kith::infer {
namespace {

ov::Shape to_static(const Shape& shape) {
  ov::Shape result(shape.size());
  std::ranges::transform(shape, result.begin(),
                         [](std::int64_t extent) { return static_cast<std::size_t>(extent); });
  return result;
}

tl::unexpected<Error> engine_failed(const std::exception& error) {
  return fail(ErrorCode::internal, "the inference engine failed: " + reason_of(error));
}

}  // namespace

struct Session::Lease {
  explicit Lease(std::shared_ptr<NetworkPool> pool) : owner(std::move(pool)), network(owner->take()) {}
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;
  ~Lease() { owner->give_back(std::move(network)); }

  std::shared_ptr<NetworkPool> owner;
  std::unique_ptr<NetworkCopy> network;
};

Session::Session(std::unique_ptr<Lease> lease) : lease_(std::move(lease)) {}
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;
Session::~Session() = default;

std::span<float> Session::input() {
  ov::Tensor tensor = lease_->network->request().get_input_tensor();
  return {tensor.data<float>(), tensor.get_size()};
}

Status Session::run() {
  try {
    lease_->network->infer();
    return {};
  } catch (const std::exception& error) {
    return engine_failed(error);
  }
}

TensorView Session::output(std::size_t index) const {
  const ov::Tensor tensor = lease_->network->request().get_output_tensor(index);
  const ov::Shape& shape = tensor.get_shape();
  return {Shape(shape.begin(), shape.end()), {tensor.data<const float>(), tensor.get_size()}};
}

Model::Model(std::unique_ptr<ShapedNetworks> networks) : networks_(std::move(networks)) {}
Model::Model(Model&&) noexcept = default;
Model& Model::operator=(Model&&) noexcept = default;
Model::~Model() = default;

Result<Session> Model::acquire(const Shape& input) const {
  try {
    auto lease = std::make_unique<Session::Lease>(networks_->for_input(input));
    lease->network->request().get_input_tensor().set_shape(to_static(input));
    return Session(std::move(lease));
  } catch (const std::exception& error) {
    return engine_failed(error);
  }
}

Engine::Engine(EngineSettings settings) : compiler_(std::make_shared<Compiler>(std::move(settings))) {}
Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;
Engine::~Engine() = default;

Result<Model> Engine::load(const WeightsFile& file, const ModelContract& contract) const {
  Result<WeightsFile> examined = compiler_->examined(file);
  if (!examined) return tl::unexpected(examined.error());
  Result<std::shared_ptr<NetworkPool>> network = compiler_->network(*examined, contract);
  if (!network) return tl::unexpected(network.error());
  return Model(
      std::make_unique<ShapedNetworks>(compiler_, std::move(*examined), contract, std::move(*network)));
}

}  // namespace kith::infer
