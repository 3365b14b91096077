// SPDX-License-Identifier: Apache-2.0
// An embedder that is one network: the default MobileFaceNet, or any model that the owner adds.
#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include <kith/embed.h>

#include "infer/engine.h"

namespace kith::embed {

// Where the landmarks belong in the crop of each of the feeding's views.
[[nodiscard]] std::vector<AlignTemplate> view_templates(const EmbedderFeeding& feeding);

// Errors: those of infer::Engine::load.
[[nodiscard]] Result<std::unique_ptr<Embedder>> load_network_embedder(const infer::Engine& engine,
                                                                      const infer::WeightsFile& model_file,
                                                                      const EmbedderFeeding& feeding);

}  // namespace kith::embed
