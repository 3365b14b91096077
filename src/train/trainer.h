// SPDX-License-Identifier: Apache-2.0
// The loop: batches, loss, step, validation, checkpoint.
//
// Thread rule: as train.h.
#pragma once

#include <kith/train.h>

namespace kith::train {

[[nodiscard]] Result<std::vector<Backbone>> list_backbones();

[[nodiscard]] Result<TrainedEmbedding> train_embedding(const CropSet& crops, const CropSet& validation,
                                                       const TrainSettings& settings, const TrainStart& start,
                                                       const std::filesystem::path& checkpoint,
                                                       const Judge& judge, const TrainWitness& witness,
                                                       std::stop_token stop);

[[nodiscard]] Result<std::vector<Embedding>> embed_with(const std::filesystem::path& weights,
                                                        const TrainSettings& settings, const CropSet& crops);

}  // namespace kith::train
