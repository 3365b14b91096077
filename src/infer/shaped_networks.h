// SPDX-License-Identifier: Apache-2.0
// The networks of one model whose input varies: one for any shape, and one for the shape that is most of the
// work, if any is and it is small, which the engine computes faster.
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

// When a shape gets a network of its own: asked for more often than this, and more than half of all values
// that were asked for. For CenterFace of 256x256 that is 0.6 of 6.7 ms a photo (docs/performance.md), and the
// same values to the bit. It takes 0.2 s to compile once, 0.06 s to load, and 15 MB a thread; several times
// that for large shapes, which therefore have none.
struct OwnNetworkRule {
  int asked_before = 64;
  std::int64_t most_values = std::int64_t{3} * 320 * 320;
};

class ShapedNetworks {
 public:
  ShapedNetworks(std::shared_ptr<Compiler> compiler, WeightsFile file, ModelContract contract,
                 std::shared_ptr<NetworkPool> any_shape, const OwnNetworkRule& rule = {});

  // Where the shape has just been asked for often enough, takes the time to compile. Throws what the engine
  // throws.
  [[nodiscard]] std::shared_ptr<NetworkPool> for_input(const Shape& shape);

 private:
  // Counts it, too.
  [[nodiscard]] bool earns_its_own(const Shape& shape);

  std::shared_ptr<Compiler> compiler_;
  const WeightsFile file_;
  const ModelContract contract_;
  const OwnNetworkRule rule_;
  const std::shared_ptr<NetworkPool> any_shape_;
  std::mutex mutex_;
  std::map<Shape, int> asked_;
  std::int64_t values_asked_ = 0;
  Shape own_shape_;                   // empty until one has earned it
  std::shared_ptr<NetworkPool> own_;  // nothing while it is being made, and if that failed
};

}  // namespace kith::infer
