// SPDX-License-Identifier: Apache-2.0
// What the readers of protocols' lists share. Internal.
#pragma once

#include <charconv>
#include <cmath>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <kith/result.h>

namespace kith::eval {

// The fields between separators; without any, one. An empty text has none.
[[nodiscard]] std::vector<std::string> split(std::string_view text, char separator);

// The whole text as a number: "12x" is none, and neither is "nan".
template <typename Number>
[[nodiscard]] bool parse(std::string_view text, Number& value) {
  const char* const end = text.data() + text.size();
  const std::from_chars_result read = std::from_chars(text.data(), end, value);
  return read.ec == std::errc() && read.ptr == end && std::isfinite(static_cast<double>(value));
}

// A list's bytes. Errors: not_found, unreadable, too_large.
[[nodiscard]] Result<std::string> read_text(const std::filesystem::path& file);

// Without the line ends, which may be CR LF or LF.
[[nodiscard]] std::vector<std::string> lines_of(std::string_view text);

[[nodiscard]] Result<std::vector<std::string>> read_lines(const std::filesystem::path& file);

// "FILE:12: expected a pair". Lines count from 0 here, and from 1 in the message.
[[nodiscard]] tl::unexpected<Error> damaged(const std::string& file, std::size_t line,
                                            const std::string& expected);

}  // namespace kith::eval
