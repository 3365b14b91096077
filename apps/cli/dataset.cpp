// SPDX-License-Identifier: Apache-2.0
#include "dataset.h"

namespace kith::cli {

void add_dataset(CLI::App& app, Options& options, Action& action) {
  CLI::App& command =
      *app.add_subcommand("dataset", "Makes folders of faces to learn from, and lists for training");
  command.require_subcommand(1);
  add_dataset_build(command, options, action);
  add_dataset_triplets(command, options, action);
}

}  // namespace kith::cli
