// SPDX-License-Identifier: Apache-2.0
#include "core/json_number.h"

#include <array>
#include <charconv>

namespace kith {

double shortest(float value) {
  std::array<char, 32> text{};
  double result = 0;
  const std::to_chars_result end = std::to_chars(text.begin(), text.end(), value);
  std::from_chars(text.begin(), end.ptr, result);
  return result;
}

}  // namespace kith
