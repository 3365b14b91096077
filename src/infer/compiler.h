// SPDX-License-Identifier: Apache-2.0
// Model file -> compiled network: reads, checks against the contract, compiles, and keeps what it compiled.
//
// Thread rule: may be used by any number of threads.
#pragma once

#include <exception>
#include <memory>
#include <string>
#include <utility>

#include <openvino/openvino.hpp>

#include "infer/compiled_cache.h"
#include "infer/engine.h"
#include "infer/network_pool.h"

namespace kith::infer {

class Compiler {
 public:
  explicit Compiler(EngineSettings settings)
      : settings_(std::move(settings)), cache_(settings_.cache_folder) {}

  // The file looked at, and with its hash where compiled networks are kept under it.
  // Errors: model_missing, model_damaged, unreadable.
  [[nodiscard]] Result<WeightsFile> examined(WeightsFile file) const;

  // Requires an examined file. Errors: model_damaged (cannot be parsed), model_mismatch (breaks the
  // contract).
  [[nodiscard]] Result<std::shared_ptr<NetworkPool>> network(const WeightsFile& file,
                                                             const ModelContract& contract);

  // Of the same weights, for this shape of input alone. Nothing where compiled networks are not kept, for
  // it would take longer than it saves, and where the file is not the same any more.
  [[nodiscard]] std::shared_ptr<NetworkPool> network_for(const Shape& input, const WeightsFile& file,
                                                         ModelContract contract);

 private:
  [[nodiscard]] Precision precision_for(const ModelContract& contract) const;
  [[nodiscard]] ov::AnyMap configuration(Precision precision) const;
  [[nodiscard]] std::string cache_key(const std::string& sha256, const ModelContract& contract);
  [[nodiscard]] std::shared_ptr<NetworkPool> cached(const std::string& key, const std::string& file,
                                                    const ModelContract& contract) const;
  [[nodiscard]] Result<std::shared_ptr<NetworkPool>> compiled(const std::shared_ptr<ov::Model>& model,
                                                              const std::string& key, const std::string& file,
                                                              const ModelContract& contract);

  EngineSettings settings_;
  CompiledCache cache_;
  ov::Core core_;
};

// What the engine says, without the places in its source.
[[nodiscard]] std::string reason_of(const std::exception& engine_error);

}  // namespace kith::infer
