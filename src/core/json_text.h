// SPDX-License-Identifier: Apache-2.0
// JSON as text, for every writer: paths and names may hold any bytes, and nlohmann's own dump() throws at
// those that are no UTF-8.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace kith {

// In one line, or indented by so many spaces. What is no UTF-8 becomes replacement characters.
template <typename Json>
[[nodiscard]] std::string json_text(const Json& value, int indent = -1) {
  return value.dump(indent, ' ', false, Json::error_handler_t::replace);
}

}  // namespace kith
