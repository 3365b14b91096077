// SPDX-License-Identifier: Apache-2.0
// Numbers on their way into JSON and out of it.
#pragma once

#include <stdexcept>
#include <string>

#include <nlohmann/json.hpp>

namespace kith {

// The double of the fewest digits that are this float's: 0.1, not 0.10000000149.
[[nodiscard]] double shortest(float value);

// A number of an object that is not trusted. Throws a std::exception where it is missing, none, or not
// within.
template <typename T>
[[nodiscard]] T number_within(const nlohmann::json& object, const char* key, T low, T high) {
  const T value = object.at(key).get<T>();
  if (!(value >= low && value <= high)) {
    throw std::out_of_range(std::string("\"") + key + "\" is outside of its range");
  }
  return value;
}

}  // namespace kith
