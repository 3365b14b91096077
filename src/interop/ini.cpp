// SPDX-License-Identifier: Apache-2.0
#include "interop/ini.h"

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/fold.h"
#include "core/utf8.h"

namespace kith::interop {
namespace {

// What Windows-1252 has where Latin-1 has control characters (0x80..0x9f); 0 where it has nothing.
constexpr std::array<char16_t, 32> windows_1252{
    0x20ac, 0,      0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017d, 0,      0,      0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
    0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0,      0x017e, 0x0178};

std::string utf8_of_windows(std::string_view text) {
  std::string pairs;  // UTF-16
  for (const char letter : text) {
    const auto byte = static_cast<std::uint8_t>(letter);
    char16_t code = byte;
    if (byte >= 0x80 && byte < 0xa0) {
      code = windows_1252.at(byte - 0x80U);
      if (code == 0) code = 0xfffd;
    }
    pairs += static_cast<char>(code & 0xffU);
    pairs += static_cast<char>(code >> 8U);
  }
  return utf8_of_utf16(pairs, ByteOrder::little);
}

std::string in_utf8(std::string_view line) {
  return is_utf8(line) ? std::string(line) : utf8_of_windows(line);
}

}  // namespace

std::vector<IniEntry> read_ini(std::string_view bytes) {
  std::string converted;
  if (bytes.starts_with("\xff\xfe") || bytes.starts_with("\xfe\xff")) {
    converted = utf8_of_utf16(bytes.substr(2), bytes.front() == '\xff' ? ByteOrder::little : ByteOrder::big);
    bytes = converted;
  }
  if (bytes.starts_with("\xef\xbb\xbf")) bytes.remove_prefix(3);

  std::vector<IniEntry> entries;
  std::string section;
  while (!bytes.empty()) {
    const std::size_t end = bytes.find_first_of("\r\n");
    const std::string_view line = trimmed(bytes.substr(0, end));
    bytes.remove_prefix(end == std::string_view::npos ? bytes.size() : end + 1);
    if (line.starts_with('[') && line.ends_with(']')) {
      section = in_utf8(line.substr(1, line.size() - 2));
      continue;
    }
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos || equals == 0) continue;
    entries.push_back(
        {section, in_utf8(trimmed(line.substr(0, equals))), in_utf8(trimmed(line.substr(equals + 1)))});
  }
  return entries;
}

}  // namespace kith::interop
