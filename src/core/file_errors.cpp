// SPDX-License-Identifier: Apache-2.0
#include "core/file_errors.h"

#include <system_error>

namespace kith {
namespace {

std::string sentence(std::string_view verb, std::string_view name, std::string_view what,
                     std::string_view advice) {
  std::string text = "cannot ";
  text.append(verb).append(" '").append(name).append("': ").append(what).append("; ").append(advice);
  return text;
}

}  // namespace

std::string display_name(const std::filesystem::path& file) {
  std::error_code ignored;
  const std::filesystem::path full = std::filesystem::absolute(file, ignored);
  constexpr std::string_view digits = "0123456789abcdef";
  std::string shown;
  for (const char letter : (full.empty() ? file : full).native()) {
    const auto code = static_cast<unsigned char>(letter);
    if (code >= 0x20 && code != 0x7f) {
      shown.push_back(letter);
    } else {
      shown.append("\\x").append(1, digits[code >> 4U]).append(1, digits[code & 15U]);
    }
  }
  return shown;
}

tl::unexpected<Error> cannot_read(ErrorCode code, std::string_view name, std::string_view what,
                                  std::string_view advice) {
  return fail(code, sentence("read", name, what, advice));
}

tl::unexpected<Error> cannot_write(ErrorCode code, std::string_view name, std::string_view what,
                                   std::string_view advice) {
  return fail(code, sentence("write", name, what, advice));
}

}  // namespace kith
