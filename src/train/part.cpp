// SPDX-License-Identifier: Apache-2.0
#include "train/part.h"

extern "C" const void* kith_train_part() {
  static constexpr kith::train::Part part{kith::train::list_backbones, kith::train::train_embedding,
                                          kith::train::embed_with};
  return &part;
}
