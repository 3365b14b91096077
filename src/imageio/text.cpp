// SPDX-License-Identifier: Apache-2.0
#include "imageio/text.h"

#include <glib.h>

#include <memory>

namespace kith::imageio {
namespace {

constexpr std::size_t longest_name = 120;  // characters
constexpr std::string_view ellipsis = "\xe2\x80\xa6";

using GString = std::unique_ptr<gchar, decltype(&g_free)>;

bool breaks_line(gunichar letter) {
  return letter < 0x20 || letter == 0x7f || (letter >= 0x80 && letter < 0xa0) || letter == 0x2028 ||
         letter == 0x2029;
}

}  // namespace

std::string one_line(std::string_view text) {
  const GString valid(g_utf8_make_valid(text.data(), static_cast<gssize>(text.size())), g_free);
  std::string line;
  for (const gchar* at = valid.get(); *at != '\0'; at = g_utf8_next_char(at)) {
    if (breaks_line(g_utf8_get_char(at))) {
      line.push_back(' ');
    } else {
      line.append(at, static_cast<std::size_t>(g_utf8_next_char(at) - at));
    }
  }
  const std::size_t first = line.find_first_not_of(' ');
  if (first == std::string::npos) return {};
  line = line.substr(first, line.find_last_not_of(' ') - first + 1);
  return cut_after(line, longest_name);
}

std::size_t character_count(const std::string& text) {
  return static_cast<std::size_t>(g_utf8_strlen(text.data(), static_cast<gssize>(text.size())));
}

std::string cut_after(const std::string& text, std::size_t count) {
  if (character_count(text) <= count) return text;
  const gchar* end = g_utf8_offset_to_pointer(text.data(), static_cast<glong>(count));
  return std::string(text.data(), end).append(ellipsis);
}

}  // namespace kith::imageio
