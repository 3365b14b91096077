// SPDX-License-Identifier: Apache-2.0
#include "core/csv.h"

#include <gtest/gtest.h>

#include <sstream>

namespace kith {
namespace {

using Rows = std::vector<std::vector<std::string>>;

Rows rows_of(const std::string& text) {
  std::istringstream input(text);
  CsvReader reader(input);
  Rows rows;
  while (true) {
    const Result<std::optional<CsvReader::Row>> row = reader.next();
    EXPECT_TRUE(row) << text;
    if (!row || !*row) return rows;
    rows.push_back((*row)->fields);
  }
}

std::string problem_of(const std::string& text) {
  std::istringstream input(text);
  CsvReader reader(input);
  while (true) {
    const Result<std::optional<CsvReader::Row>> row = reader.next();
    if (!row) return row.error().message;
    if (!*row) return "";
  }
}

TEST(Csv, ReadsWhatTheRfcHas) {
  EXPECT_EQ(rows_of("a,b\r\nc,d\r\n"), (Rows{{"a", "b"}, {"c", "d"}}));
  EXPECT_EQ(rows_of("a,b\nc,d"), (Rows{{"a", "b"}, {"c", "d"}}));
  EXPECT_EQ(rows_of("\"a\"\"b\",\"c,d\r\ne\"\r\n"), (Rows{{"a\"b", "c,d\r\ne"}}));
  EXPECT_EQ(rows_of(",\r\n"), (Rows{{"", ""}}));
  EXPECT_EQ(rows_of("\xEF\xBB\xBF"
                    "a"),
            (Rows{{"a"}}));
  EXPECT_EQ(rows_of(""), Rows{});
}

TEST(Csv, RefusesWhatItDoesNotAndNamesTheLine) {
  EXPECT_EQ(problem_of("a\r\nb\"c\r\n").find("line 2: "), 0U);
  EXPECT_EQ(problem_of("a\r\n\"b\"c\r\n").find("line 2: "), 0U);
  EXPECT_EQ(problem_of("a\r\n\"b\r\n\r\n").find("line 2: "), 0U);
  EXPECT_EQ(problem_of("\"a\nb\"\nc\"").find("line 3: "), 0U);
}

TEST(Csv, AWrittenRowReadsBackAsItself) {
  const std::vector<std::string> row{"", "a", "b,c", "d\"e", "\"", "f\r\ng", " h ", "é"};
  EXPECT_EQ(rows_of(csv_row(row) + csv_row(row)), (Rows{row, row}));
}

}  // namespace
}  // namespace kith
