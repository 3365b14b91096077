// SPDX-License-Identifier: Apache-2.0
// Text of unknown origin (file names, people's names, error messages) on its way into HTML or SVG.
//
// Thread rule: pure functions.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace kith::report {

// For the text of an element and for an attribute's value in quotes, in HTML and in XML 1.0: & < > " and '
// become references. What neither may hold (control characters, bytes that are no UTF-8, U+FFFE and U+FFFF),
// and what would turn the direction of the text behind it (the embeddings, overrides and isolates of
// Unicode's bidirectional algorithm, UAX #9), become replacement characters. Line breaks and tabs stay.
[[nodiscard]] std::string escaped(std::string_view text);

// "data:image/jpeg;base64,..." (RFC 2397), for the src of a picture: a page that needs no other file.
// Requires less than 1 GiB.
[[nodiscard]] std::string jpeg_uri(std::span<const std::uint8_t> jpeg);

}  // namespace kith::report
