// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

namespace kith {

// Whether this is a year, a year and month, or a day of the calendar: "1990", "1990-05" or "1990-05-17".
[[nodiscard]] bool is_partial_date(std::string_view text) noexcept;

// The middle of that year, month or day as a number: 1990.5 for "1990". What follows the day is passed over,
// so a capture date will do. Nothing where it is no date.
[[nodiscard]] std::optional<float> year_of(std::string_view date) noexcept;

}  // namespace kith
