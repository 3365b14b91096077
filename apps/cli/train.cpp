// SPDX-License-Identifier: Apache-2.0
#include "train.h"

namespace kith::cli {

CLI::App& train_command(CLI::App& app) {
  for (CLI::App* made : app.get_subcommands({})) {
    if (made->get_name() == "train") return *made;
  }
  CLI::App& command = *app.add_subcommand("train", "Learns from photos of people you know");
  command.require_subcommand(1);
  return command;
}

}  // namespace kith::cli
