// SPDX-License-Identifier: Apache-2.0
#include "exchange/formats.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "exchange/checks.h"

namespace kith::exchange {

std::string word_of(Decided decided) {
  switch (decided) {
    case Decided::suggested: return "suggested";
    case Decided::confirmed: return "confirmed";
    case Decided::ignored: return "ignored";
    case Decided::nobody: break;
  }
  return "";
}

Decided decided_of(const std::string& word) {
  for (const Decided decided : {Decided::nobody, Decided::suggested, Decided::confirmed, Decided::ignored}) {
    if (word_of(decided) == word) return decided;
  }
  throw Malformed{"\"decided\" is one of confirmed, suggested and ignored"};
}

double rounded(double value, int digits) {
  if (!std::isfinite(value)) return 0;
  char text[40];
  std::snprintf(text, sizeof text, "%.*g", digits, value);
  return std::strtod(text, nullptr);
}

tl::unexpected<Error> error_in_line(std::size_t line, const std::string& what) {
  return fail(ErrorCode::damaged, "line " + std::to_string(line) + ": " + what);
}

Result<std::vector<ReadRecord>> read_records(std::istream& input) {
  return input.peek() == '{' ? read_json_lines(input) : read_csv(input);
}

}  // namespace kith::exchange
