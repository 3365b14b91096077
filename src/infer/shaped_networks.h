// SPDX-License-Identifier: Apache-2.0
// The networks of one model whose input varies: one for any shape, and for the small shapes that are asked for
// most one each, which the engine computes faster.
//
// Thread rule: may be used by any number of threads.
#pragma once

#include <map>
#include <memory>
#include <mutex>

#include "infer/compiler.h"
#include "infer/engine.h"
#include "infer/network_pool.h"

namespace kith::infer {

// Of CenterFace 256x256 a network of its own takes 4.8 ms instead of 5.2 alone, and 0.6 ms less among the
// other work of a photo (bf16; docs/performance.md); the values are the same to the bit. It takes 0.2 s to
// compile once, 0.06 s to load, and memory: so only what is asked for often, small, and few.
struct OwnNetworkRule {
  int asked_before = 64;
  std::int64_t most_values = 3 * 320 * 320;
  std::size_t most_networks = 2;
};

class ShapedNetworks {
 public:
  ShapedNetworks(std::shared_ptr<Compiler> compiler, WeightsFile file, ModelContract contract,
                 std::shared_ptr<NetworkPool> any_shape, const OwnNetworkRule& rule = {});

  // Where the shape has just been asked for often enough, takes the time to compile. Throws what the engine
  // throws.
  [[nodiscard]] std::shared_ptr<NetworkPool> for_input(const Shape& shape);

 private:
  [[nodiscard]] bool earns_its_own(const Shape& shape);

  std::shared_ptr<Compiler> compiler_;
  const WeightsFile file_;
  const ModelContract contract_;
  const OwnNetworkRule rule_;
  const std::shared_ptr<NetworkPool> any_shape_;
  std::mutex mutex_;
  std::map<Shape, int> asked_;
  std::map<Shape, std::shared_ptr<NetworkPool>> own_;  // nothing while it is being made, and if that failed
};

}  // namespace kith::infer
