// SPDX-License-Identifier: Apache-2.0
#include "report/escape.h"

#include <cassert>

#include <openssl/evp.h>

#include "core/utf8.h"

namespace kith::report {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

bool is_forbidden(std::string_view character) {
  if (character.size() == 1) {
    const auto byte = static_cast<unsigned char>(character.front());
    return byte == 0x7F || (byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r');
  }
  if (character.size() == 2) return character[0] == '\xC2' && static_cast<unsigned char>(character[1]) < 0xA0;
  if (character.size() != 3) return false;
  const bool no_character = character == "\xEF\xBF\xBE" || character == "\xEF\xBF\xBF";
  const bool turns = (character >= "\xE2\x80\xAA" && character <= "\xE2\x80\xAE") ||  // U+202A to U+202E
                     (character >= "\xE2\x81\xA6" && character <= "\xE2\x81\xA9");    // U+2066 to U+2069
  return no_character || turns;
}

std::string_view reference(std::string_view character) {
  switch (character.front()) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    case '\'': return "&#39;";
    default: return is_forbidden(character) ? replacement : character;
  }
}

}  // namespace

std::string escaped(std::string_view text) {
  const std::string valid = valid_utf8(text);
  std::string result;
  for (std::string_view rest = valid; !rest.empty();) {
    const std::size_t size = character_bytes(rest);
    result += reference(rest.substr(0, size));
    rest.remove_prefix(size);
  }
  return result;
}

std::string jpeg_uri(std::span<const std::uint8_t> jpeg) {
  assert(jpeg.size() < (std::size_t{1} << 30));
  std::string base64((jpeg.size() + 2) / 3 * 4 + 1, '\0');  // it ends with a zero byte
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(base64.data()), jpeg.data(),
                                   static_cast<int>(jpeg.size()));
  base64.resize(static_cast<std::size_t>(size));
  return "data:image/jpeg;base64," + base64;
}

}  // namespace kith::report
