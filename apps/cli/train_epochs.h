// SPDX-License-Identifier: Apache-2.0
// How the epochs of a training went: for the terminal, for programs, as a table and as curves.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <kith/train.h>

#include "text.h"

namespace kith::cli {

[[nodiscard]] std::string epoch_line(const TrainEpoch& epoch, int epochs);
[[nodiscard]] Json epoch_json(const TrainEpoch& epoch);
// Null where there is none.
[[nodiscard]] Json validation_json(const std::optional<Validation>& validation);
[[nodiscard]] std::string curves_csv(const std::vector<TrainEpoch>& epochs);
// All between 0 and 1: the loss as a share of its largest, since each loss has a scale of its own.
[[nodiscard]] std::string curves_svg(const std::vector<TrainEpoch>& epochs, const std::string& title);

}  // namespace kith::cli
