// SPDX-License-Identifier: Apache-2.0
#include "eval/list_text.h"

#include "core/file_bytes.h"

namespace kith::eval {
namespace {

// A hundred million pairs' worth; a list longer than that is none.
constexpr std::uint64_t longest_list = std::uint64_t{1} << 32;

}  // namespace

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> fields;
  if (text.empty()) return fields;
  while (true) {
    const std::size_t end = text.find(separator);
    fields.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return fields;
    text.remove_prefix(end + 1);
  }
}

Result<std::string> read_text(const std::filesystem::path& file) {
  const Result<std::vector<std::uint8_t>> bytes = read_file(file, longest_list);
  if (bytes) return std::string(bytes->begin(), bytes->end());
  if (bytes.error().code == ErrorCode::empty_file) return std::string();
  if (bytes.error().code != ErrorCode::not_found) return tl::unexpected(bytes.error());
  return fail(ErrorCode::not_found, file.string() + ": cannot be opened; is this the data set's folder?");
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.emplace_back(line);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

Result<std::vector<std::string>> read_lines(const std::filesystem::path& file) {
  const Result<std::string> text = read_text(file);
  if (!text) return tl::unexpected(text.error());
  return lines_of(*text);
}

tl::unexpected<Error> damaged(const std::string& file, std::size_t line, const std::string& expected) {
  return fail(ErrorCode::damaged, file + ":" + std::to_string(line + 1) + ": expected " + expected);
}

}  // namespace kith::eval
