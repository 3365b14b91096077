// SPDX-License-Identifier: Apache-2.0
#include "core/utf8.h"

#include <glib.h>

#include <algorithm>
#include <array>
#include <cstdint>

namespace kith {
namespace {

constexpr std::string_view replacement = "\xef\xbf\xbd";

// What shows nothing, or turns the text around it: control characters, separators, marks of direction.
bool is_invisible(std::string_view character) {
  if (character.size() == 1) {
    const auto c = static_cast<std::uint8_t>(character[0]);
    return c < 0x20 || c == 0x7f;
  }
  char32_t code = static_cast<std::uint8_t>(character[0]) & (0xffU >> (character.size() + 1));
  for (const char c : character.substr(1)) code = code << 6U | (static_cast<std::uint8_t>(c) & 0x3fU);
  struct Range {
    char32_t first;
    char32_t last;
  };
  constexpr std::array<Range, 10> ranges{{{0x80, 0x9f},
                                          {0xad, 0xad},
                                          {0x61c, 0x61c},
                                          {0x180e, 0x180e},
                                          {0x200b, 0x200f},
                                          {0x2028, 0x202e},
                                          {0x2060, 0x206f},
                                          {0xe000, 0xf8ff},
                                          {0xfeff, 0xfeff},
                                          {0xfff0, 0xfffb}}};
  if ((code & 0xfffeU) == 0xfffeU || (code >= 0xfdd0 && code <= 0xfdef) || code >= 0xe0000) return true;
  return std::ranges::any_of(ranges,
                             [&](const Range& range) { return code >= range.first && code <= range.last; });
}

}  // namespace

std::size_t character_bytes(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t count = first >= 0xc2 && first <= 0xdf   ? 2
                            : first >= 0xe0 && first <= 0xef ? 3
                            : first >= 0xf0 && first <= 0xf4 ? 4
                                                             : 0;
  if (count == 0 || text.size() < count) return 0;
  for (std::size_t i = 1; i < count; ++i) {
    if ((byte(i) & 0xc0U) != 0x80) return 0;
  }
  const bool overlong = (first == 0xe0 && byte(1) < 0xa0) || (first == 0xf0 && byte(1) < 0x90);
  const bool beyond = (first == 0xed && byte(1) > 0x9f) || (first == 0xf4 && byte(1) > 0x8f);
  return overlong || beyond ? 0 : count;
}

std::string valid_utf8(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    const std::size_t count = character_bytes(text);
    result += count > 0 ? text.substr(0, count) : replacement;
    text.remove_prefix(std::max<std::size_t>(1, count));
  }
  return result;
}

std::string utf8_of_utf16(std::string_view bytes, ByteOrder order) {
  const auto unit = [&](std::size_t i) {
    const auto first = static_cast<std::uint8_t>(bytes[i]);
    const auto second = static_cast<std::uint8_t>(bytes[i + 1]);
    return static_cast<char32_t>(order == ByteOrder::big ? first << 8U | second : second << 8U | first);
  };
  std::string result;
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
    char32_t code = unit(i);
    const bool pair = code >= 0xd800 && code < 0xdc00 && i + 3 < bytes.size() && unit(i + 2) >= 0xdc00 &&
                      unit(i + 2) < 0xe000;
    if (pair) {
      code = 0x10000 + ((code - 0xd800) << 10U) + (unit(i + 2) - 0xdc00);
      i += 2;
    }
    std::array<char, 6> letters{};
    const bool half = code >= 0xd800 && code < 0xe000;
    const int count = half ? 0 : g_unichar_to_utf8(code, letters.data());
    result += half ? replacement : std::string_view(letters.data(), static_cast<std::size_t>(count));
  }
  return result;
}

std::string one_line(std::string_view text, std::size_t max_bytes) {
  std::string result;
  bool blank = false;
  while (!text.empty()) {
    const std::size_t count = character_bytes(text);
    const std::string_view character = text.substr(0, std::max<std::size_t>(1, count));
    text.remove_prefix(character.size());
    if (count == 0 || character == " " || is_invisible(character)) {
      blank = true;
      continue;
    }
    const bool spaced = blank && !result.empty();
    if (result.size() + character.size() + (spaced ? 1 : 0) > max_bytes) break;
    if (spaced) result += ' ';
    result += character;
    blank = false;
  }
  return result;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

}  // namespace kith
