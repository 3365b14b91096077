// SPDX-License-Identifier: Apache-2.0
// Text on its way to a terminal or into JSON.
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include <kith/kith.h>

namespace kith::cli {

using Json = nlohmann::ordered_json;

// File names may hold anything; control characters would drive the terminal.
[[nodiscard]] std::string printable(std::string_view text);

// The same for a message of several lines.
[[nodiscard]] std::string printable_lines(std::string_view text);

// Cut to `width` characters (not bytes), keeping the end, which tells photos apart.
[[nodiscard]] std::string shortened(std::string_view text, std::size_t width);

// Number of UTF-8 characters.
[[nodiscard]] std::size_t character_count(std::string_view text);

// "1 face", "3 faces".
[[nodiscard]] std::string counted(std::size_t count, std::string_view singular);

// "1 person", "3 people".
[[nodiscard]] std::string counted_people(std::size_t count);
// "97 %"; never "100 %", since no calibration is that sure.
[[nodiscard]] std::string percent(float probability);

// At most six significant digits, which is more than a float of a pixel or a probability means.
[[nodiscard]] double six_digits(double value);

// One line of JSON, bytes that are no UTF-8 replaced.
[[nodiscard]] std::string line_of(const Json& object);

[[nodiscard]] Json box_json(const Box& box);
[[nodiscard]] Json error_json(const std::filesystem::path& photo, const Error& error);

// The object of the outside contract for `identify` and `detect`; names only where they were asked for.
[[nodiscard]] Json report_json(const PhotoReport& report, bool with_names);

}  // namespace kith::cli
