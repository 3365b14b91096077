// SPDX-License-Identifier: Apache-2.0
// Comma-separated values as RFC 4180 has them.
#pragma once

#include <cstddef>
#include <istream>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <kith/result.h>

namespace kith {

// A row is no longer than this; a photo's vector in text fits.
inline constexpr std::size_t longest_csv_row = std::size_t{1} << 24;

// One row, with its line end.
[[nodiscard]] std::string csv_row(std::span<const std::string> fields);

// Thread rule: one thread.
class CsvReader {
 public:
  // `input` outlives the reader. A byte order mark at its beginning is passed over.
  explicit CsvReader(std::istream& input) : input_(input) {}

  struct Row {
    std::size_t line = 0;  // on which it begins, from 1: a field in quotes may go over several
    std::vector<std::string> fields;
  };
  // The next row; nothing at the end. Lines may end in CR LF or LF. Errors: damaged, naming the line.
  [[nodiscard]] Result<std::optional<Row>> next();

 private:
  std::istream& input_;
  std::size_t line_ = 1;
  bool begun_ = false;
};

}  // namespace kith
