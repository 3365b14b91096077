// SPDX-License-Identifier: Apache-2.0
// Text of unknown origin, made into valid UTF-8.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace kith {

enum class ByteOrder { little, big };

// How many bytes at the beginning of `text`, which is not empty, are one valid UTF-8 character (Unicode 15,
// table 3-7); 0 where they are none.
[[nodiscard]] std::size_t character_bytes(std::string_view text);

// What is no UTF-8 becomes replacement characters.
[[nodiscard]] std::string valid_utf8(std::string_view text);

// An odd byte at the end is left out; halves of surrogate pairs become replacement characters.
[[nodiscard]] std::string utf8_of_utf16(std::string_view bytes, ByteOrder order);

// What can be shown of it, in one line without doubled blanks, whole characters up to `max_bytes`.
[[nodiscard]] std::string one_line(std::string_view text, std::size_t max_bytes);

// Without blanks, tabs and line breaks at both ends.
[[nodiscard]] std::string_view trimmed(std::string_view text);

}  // namespace kith
