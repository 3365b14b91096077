// SPDX-License-Identifier: Apache-2.0
#include "core/person_name.h"

#include <algorithm>

#include "core/fold.h"

namespace kith {

bool is_person_name(std::string_view name) noexcept {
  constexpr std::size_t longest = 200;  // bytes
  const bool control =
      std::ranges::any_of(name, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
  return !name.empty() && name.size() <= longest && !control && name.front() != ' ' && name.back() != ' ' &&
         is_utf8(name);
}

}  // namespace kith
