// SPDX-License-Identifier: Apache-2.0
#include "infer/network_pool.h"

#include <cstring>
#include <utility>

namespace kith::infer {
namespace {

ov::Tensor tensor_of(const std::string& bytes) {
  ov::Tensor tensor(ov::element::u8, {bytes.size()});
  std::memcpy(tensor.data(), bytes.data(), bytes.size());
  return tensor;
}

}  // namespace

NetworkCopy::NetworkCopy(ov::CompiledModel compiled)
    : compiled_(std::move(compiled)), request_(compiled_.create_infer_request()) {}
NetworkCopy::~NetworkCopy() = default;

void NetworkCopy::infer() {
  arena_.execute([this] { request_.infer(); });
}

NetworkPool::NetworkPool(ov::Core engine, const std::string& exported, ov::AnyMap settings)
    : engine_(std::move(engine)), bytes_(tensor_of(exported)), settings_(std::move(settings)) {
  give_back(made());
}

std::unique_ptr<NetworkCopy> NetworkPool::take() {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      std::unique_ptr<NetworkCopy> copy = std::move(idle_.back());
      idle_.pop_back();
      return copy;
    }
  }
  return made();
}

void NetworkPool::give_back(std::unique_ptr<NetworkCopy> copy) {
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(copy));
}

ov::CompiledModel NetworkPool::compiled() {
  std::unique_ptr<NetworkCopy> copy = take();
  ov::CompiledModel result = copy->compiled();
  give_back(std::move(copy));
  return result;
}

std::unique_ptr<NetworkCopy> NetworkPool::made() {
  return std::make_unique<NetworkCopy>(engine_.import_model(bytes_, "CPU", settings_));
}

}  // namespace kith::infer
