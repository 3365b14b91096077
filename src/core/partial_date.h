// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace kith {

// Whether this is a year, a year and month, or a day of the calendar: "1990", "1990-05" or "1990-05-17".
[[nodiscard]] bool is_partial_date(std::string_view text) noexcept;

}  // namespace kith
