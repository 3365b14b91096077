// SPDX-License-Identifier: Apache-2.0
// `kith train`, whose parts (embedding, classifier, adapt) each stand in a file of their own.
#pragma once

#include "command.h"

namespace kith::cli {

// The command that the parts hang themselves under; made by whichever comes first.
[[nodiscard]] CLI::App& train_command(CLI::App& app);

void add_train_classifier(CLI::App& app, Options& options, Action& action);  // and background

}  // namespace kith::cli
