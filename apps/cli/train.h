// SPDX-License-Identifier: Apache-2.0
// `kith train`, whose parts (embedding, classifier, adapt) each stand in a file of their own.
#pragma once

#include <CLI/CLI.hpp>

namespace kith::cli {

// The command that the parts hang themselves under; made by whichever comes first.
[[nodiscard]] CLI::App& train_command(CLI::App& app);

}  // namespace kith::cli
