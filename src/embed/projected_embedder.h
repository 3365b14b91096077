// SPDX-License-Identifier: Apache-2.0
// An embedder whose vectors are another one's, projected: what `kith train adapt` learns.
#pragma once

#include <memory>

#include <kith/embed.h>

#include "core/projection.h"

namespace kith::embed {

// Errors: model_mismatch (of another dimension than the embedder).
[[nodiscard]] Result<std::unique_ptr<Embedder>> project(std::unique_ptr<Embedder> base,
                                                        Projection projection);

}  // namespace kith::embed
