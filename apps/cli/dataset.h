// SPDX-License-Identifier: Apache-2.0
// `kith dataset`, whose parts stand in files of their own.
#pragma once

#include "command.h"

namespace kith::cli {

// Each adds its part to the command.
void add_dataset_build(CLI::App& dataset, Options& options, Action& action);
void add_dataset_triplets(CLI::App& dataset, Options& options, Action& action);

}  // namespace kith::cli
