// SPDX-License-Identifier: Apache-2.0
// What several queries read from a row: text that may be NULL, and where a face is.
#pragma once

#include <cstring>
#include <optional>
#include <string>

#include <SQLiteCpp/SQLiteCpp.h>

#include <kith/face.h>

namespace kith::store {

[[nodiscard]] inline std::optional<std::string> optional_text(const SQLite::Column& column) {
  return column.isNull() ? std::nullopt : std::optional(column.getString());
}

// The four columns x, y, width, height from `first` on.
[[nodiscard]] inline Box box_at(SQLite::Statement& row, int first) {
  const auto value = [&](int i) { return static_cast<float>(row.getColumn(first + i).getDouble()); };
  return {value(0), value(1), value(2), value(3)};
}

// Nothing where the column is NULL or of the wrong length: forgotten, or damaged.
[[nodiscard]] inline std::optional<Landmarks> landmarks_at(SQLite::Statement& row, int index) {
  const SQLite::Column column = row.getColumn(index);
  Landmarks landmarks;
  if (column.getBytes() != static_cast<int>(sizeof landmarks)) return std::nullopt;
  std::memcpy(landmarks.data(), column.getBlob(), sizeof landmarks);
  return landmarks;
}

}  // namespace kith::store
