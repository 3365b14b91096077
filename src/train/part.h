// SPDX-License-Identifier: Apache-2.0
// The functions of include/kith/train.h as this stage does them. It is a shared library of its own
// (libkith_train.so), which ondemand/train.cpp loads when one of them is first called.
#pragma once

#include "train/trainer.h"

namespace kith::train {

struct Part {
  static constexpr const char* name = "train";
  static constexpr const char* purpose = "train embeddings";
  decltype(&list_backbones) backbones;
  decltype(&train_embedding) embedding;
  decltype(&embed_with) embed;
};

}  // namespace kith::train

// The one name that is looked up in the shared library.
extern "C" const void* kith_train_part();
