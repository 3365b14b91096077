// SPDX-License-Identifier: Apache-2.0
#include "infer/shaped_networks.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <utility>

namespace kith::infer {
namespace {

bool varies(const Shape& input) {
  return std::ranges::any_of(input, [](std::int64_t extent) { return extent < 0; });
}

std::int64_t values_of(const Shape& shape) {
  return std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies());
}

}  // namespace

ShapedNetworks::ShapedNetworks(std::shared_ptr<Compiler> compiler, WeightsFile file, ModelContract contract,
                               std::shared_ptr<NetworkPool> any_shape, const OwnNetworkRule& rule)
    : compiler_(std::move(compiler)),
      file_(std::move(file)),
      contract_(std::move(contract)),
      rule_(rule),
      any_shape_(std::move(any_shape)) {}

std::shared_ptr<NetworkPool> ShapedNetworks::for_input(const Shape& shape) {
  if (!varies(contract_.input)) return any_shape_;
  {
    const std::lock_guard lock(mutex_);
    if (!own_shape_.empty()) return shape == own_shape_ && own_ ? own_ : any_shape_;
    if (!earns_its_own(shape)) return any_shape_;
    own_shape_ = shape;
  }
  // The other threads go on with the one for any shape.
  std::shared_ptr<NetworkPool> made = compiler_->network_for(shape, file_, contract_);
  const std::lock_guard lock(mutex_);
  own_ = made;
  return made ? made : any_shape_;
}

bool ShapedNetworks::earns_its_own(const Shape& shape) {
  const std::int64_t values = values_of(shape);
  values_asked_ += values;
  if (values > rule_.most_values) return false;
  constexpr std::size_t shapes_counted = 1000;
  if (asked_.size() >= shapes_counted) asked_.clear();
  const int asked = ++asked_[shape];
  return asked > rule_.asked_before && asked * values > values_asked_ / 2;
}

}  // namespace kith::infer
