// SPDX-License-Identifier: Apache-2.0
#include "core/partial_date.h"

#include <chrono>

namespace kith {
namespace {

// The number that these digits are; -1 where anything else is among them.
int number(std::string_view digits) noexcept {
  int value = 0;
  for (const char digit : digits) {
    if (digit < '0' || digit > '9') return -1;
    value = value * 10 + (digit - '0');
  }
  return value;
}

}  // namespace

bool is_partial_date(std::string_view text) noexcept {
  if (text.size() != 4 && text.size() != 7 && text.size() != 10) return false;
  const int year = number(text.substr(0, 4));
  if (year < 0) return false;
  if (text.size() == 4) return true;
  const int month = number(text.substr(5, 2));
  if (text[4] != '-' || month < 1 || month > 12) return false;
  if (text.size() == 7) return true;
  const int day = number(text.substr(8, 2));
  return text[7] == '-' && day >= 1 &&
         std::chrono::year_month_day{std::chrono::year{year},
                                     std::chrono::month{static_cast<unsigned>(month)},
                                     std::chrono::day{static_cast<unsigned>(day)}}
             .ok();
}

std::optional<float> year_of(std::string_view date) noexcept {
  const std::string_view day = date.substr(0, 10);
  if (!is_partial_date(day)) return std::nullopt;
  const auto year = static_cast<float>(number(day.substr(0, 4)));
  if (day.size() == 4) return year + 0.5F;
  const auto months = static_cast<float>(number(day.substr(5, 2)) - 1);
  const float days = day.size() == 7 ? 15.5F : static_cast<float>(number(day.substr(8, 2))) - 0.5F;
  return year + (months + days / 31) / 12;
}

}  // namespace kith
