// SPDX-License-Identifier: Apache-2.0
// Pictures that earlier runs put into a data set, looked at again: the manifest keeps no vectors, and
// somebody may have changed the pictures.
//
// Thread rule: spreads the work itself.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include <kith/dataset.h>
#include <kith/embed.h>

#include "dataset/folder.h"
#include "dataset/select.h"

namespace kith::dataset {

struct Present {
  std::size_t picture = 0;  // number in the folder
  Embedding vector;
  Signature signature;
};

// Of these pictures of the folder those that are as they were written.
[[nodiscard]] std::vector<Present> look_again(const Folder& folder, std::span<const std::size_t> pictures,
                                              const Embedder& embedder, const PipelineSettings& pipeline);

}  // namespace kith::dataset
