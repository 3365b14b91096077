// SPDX-License-Identifier: Apache-2.0
#include "core/csv.h"

namespace kith {
namespace {

tl::unexpected<Error> error_in_line(std::size_t line, const std::string& what) {
  return fail(ErrorCode::damaged, "line " + std::to_string(line) + ": " + what);
}

}  // namespace

std::string csv_row(std::span<const std::string> fields) {
  std::string row;
  for (const std::string& field : fields) {
    if (&field != &fields.front()) row += ',';
    if (field.find_first_of(",\"\r\n") == std::string::npos) {
      row += field;
      continue;
    }
    row += '"';
    for (const char c : field) row += c == '"' ? std::string("\"\"") : std::string(1, c);
    row += '"';
  }
  return row + "\r\n";
}

Result<std::optional<CsvReader::Row>> CsvReader::next() {
  constexpr int end = std::char_traits<char>::eof();
  std::streambuf& bytes = *input_.rdbuf();
  if (!begun_) {
    begun_ = true;
    if (bytes.sgetc() == 0xEF) {
      bytes.sbumpc();
      if (bytes.sbumpc() != 0xBB || bytes.sbumpc() != 0xBF) return error_in_line(line_, "is no UTF-8 text");
    }
  }
  if (bytes.sgetc() == end) return std::nullopt;
  Row row{.line = line_, .fields = {""}};
  enum class In { start, bare, quotes, behind } in = In::start;
  for (std::size_t size = 0; size <= longest_csv_row; ++size) {
    const int byte = bytes.sbumpc();
    if (in == In::quotes) {
      if (byte == end) return error_in_line(row.line, "a quote is never closed");
      if (byte == '\n') ++line_;
      if (byte != '"') {
        row.fields.back() += static_cast<char>(byte);
      } else if (bytes.sgetc() == '"') {
        row.fields.back() += static_cast<char>(bytes.sbumpc());
      } else {
        in = In::behind;
      }
      continue;
    }
    const bool returns = byte == '\r' && (bytes.sgetc() == '\n' || bytes.sgetc() == end);
    if (returns) continue;
    if (byte == '\n' || byte == end) {
      ++line_;
      return row;
    }
    if (byte == ',') {
      row.fields.emplace_back();
      in = In::start;
    } else if (in == In::start && byte == '"') {
      in = In::quotes;
    } else if (in == In::behind || byte == '"') {
      return error_in_line(line_,
                           "a field with quotes in it has to be in quotes, and the quotes in it doubled");
    } else {
      row.fields.back() += static_cast<char>(byte);
      in = In::bare;
    }
  }
  return error_in_line(row.line, "is longer than kith reads");
}

}  // namespace kith
