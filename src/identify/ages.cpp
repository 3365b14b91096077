// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <kith/identify.h>

namespace kith {

bool ages_compare(std::optional<float> one, std::optional<float> other,
                  const IdentifySettings& settings) noexcept {
  if (!one || !other) return true;
  const auto [younger, older] = std::minmax({std::max(0.0F, *one), std::max(0.0F, *other)});
  return younger >= settings.adult_age || older <= younger * settings.child_growth + settings.child_years;
}

std::optional<float> age_in(std::optional<float> year, std::optional<float> born) noexcept {
  return year && born ? std::optional(*year - *born) : std::nullopt;
}

}  // namespace kith
