// SPDX-License-Identifier: Apache-2.0
// The training part: LibTorch is some 200 MB of libraries.
#include <kith/train.h>

#include "ondemand/part.h"
#include "train/part.h"

namespace kith {
namespace {

Result<const train::Part*> part() { return ondemand::part<train::Part>("kith train embedding"); }

}  // namespace

Result<std::vector<Backbone>> train_backbones() {
  return part().and_then([&](const train::Part* one) { return one->backbones(); });
}

Result<TrainedEmbedding> train_embedding(const CropSet& crops, const CropSet& validation,
                                         const TrainSettings& settings, const TrainStart& start,
                                         const std::filesystem::path& checkpoint, const Judge& judge,
                                         const TrainWitness& witness, std::stop_token stop) {
  return part().and_then([&](const train::Part* one) {
    return one->embedding(crops, validation, settings, start, checkpoint, judge, witness, std::move(stop));
  });
}

Result<std::vector<Embedding>> embed_with(const std::filesystem::path& weights, const TrainSettings& settings,
                                          const CropSet& crops) {
  return part().and_then([&](const train::Part* one) { return one->embed(weights, settings, crops); });
}

}  // namespace kith
