// SPDX-License-Identifier: Apache-2.0
// Text as people compare it.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kith {

// The same for texts that differ only in case or in how an accented letter is composed: "É", "é" and "e"
// followed by a combining accent. Unicode's full case folding ("ß" is "ss"), normal form C. What is no UTF-8
// becomes replacement characters.
[[nodiscard]] std::string folded(std::string_view text);

[[nodiscard]] bool is_utf8(std::string_view text);

// Those of `known` that somebody who wrote `wanted` may have meant, the nearest first: they begin alike, or
// differ in a few letters.
[[nodiscard]] std::vector<std::string> similar_names(std::string_view wanted,
                                                     std::span<const std::string> known, std::size_t at_most);

}  // namespace kith
