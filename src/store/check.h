// SPDX-License-Identifier: Apache-2.0
// What may be wrong with a library that SQLite's own checks (Database::problems) don't know of.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "store/database.h"

namespace kith::store {

struct Inconsistency {
  std::int64_t rows = 0;  // how many are wrong
  const char* meaning;    // "vectors are of the wrong length"
};

// With `repair`, what is wrong is taken away, and the next scan makes it again: all of it is machines'.
// Within a transaction.
[[nodiscard]] std::vector<Inconsistency> inconsistencies(Database& database, bool repair);

void rebuild_indexes(Database& database);

// Whether a file is a whole library of kith's, such as a backup.
[[nodiscard]] bool is_sound_library(const std::filesystem::path& file);

}  // namespace kith::store
