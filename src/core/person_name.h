// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace kith {

// What a person can be called. A name stands in files, on pictures and in terminals: it has 1 to 200 bytes of
// UTF-8, no line breaks or other control characters, and no blanks around it.
[[nodiscard]] bool is_person_name(std::string_view name) noexcept;

}  // namespace kith
