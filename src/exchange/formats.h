// SPDX-License-Identifier: Apache-2.0
// What the two formats share.
#pragma once

#include "exchange/records.h"

namespace kith::exchange {

[[nodiscard]] Result<std::vector<ReadRecord>> read_json_lines(std::istream& input);
[[nodiscard]] Result<std::vector<ReadRecord>> read_csv(std::istream& input);

// The words of both formats.
[[nodiscard]] std::string word_of(Decided decided);         // empty for nobody
[[nodiscard]] Decided decided_of(const std::string& word);  // throws Malformed

// At most that many significant digits, which is more than a float of a pixel or a probability means.
[[nodiscard]] double rounded(double value, int digits = 6);

}  // namespace kith::exchange
