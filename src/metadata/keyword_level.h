// SPDX-License-Identifier: Apache-2.0
// A name as one level of a keyword path. Readers split paths at "|" or "/" and have no way to escape them, so
// look-alikes stand for them: "¦" (U+00A6) and "∕" (U+2215).
#pragma once

#include <string>
#include <string_view>

namespace kith::metadata {

[[nodiscard]] inline std::string replaced_all(std::string text, std::string_view what, std::string_view by) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
  return text;
}

[[nodiscard]] inline std::string level_of_name(std::string_view name) {
  return replaced_all(replaced_all(std::string(name), "|", "\u00a6"), "/", "\u2215");
}

[[nodiscard]] inline std::string name_of_level(std::string_view level) {
  return replaced_all(replaced_all(std::string(level), "\u00a6", "|"), "\u2215", "/");
}

}  // namespace kith::metadata
