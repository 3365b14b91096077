// SPDX-License-Identifier: Apache-2.0
// Reading the SQLite database of another program, which may run just now, without leaving a trace.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <filesystem>
#include <functional>

#include <kith/result.h>

#include "interop/claims.h"

namespace kith::interop {

// Calls `read` with the database open for reading, in one transaction; its SQLite::Exception becomes an
// error. Views, triggers and functions that a hostile schema may hold are off.
//
// SQLite itself leaves files beside a database that is in WAL mode even where it only reads. So such a one is
// opened as one that nobody writes if it has no log; and where it has one, or where a journal waits to be
// rolled back, what is read is a copy in a folder of its own below `scratch`.
//
// Errors: not_found, unreadable, damaged, library_busy, no_space, write_failed, and those of `read`.
[[nodiscard]] Result<Claims> with_foreign_sqlite(
    const std::filesystem::path& database, const std::filesystem::path& scratch,
    const std::function<Result<Claims>(SQLite::Database&)>& read);

}  // namespace kith::interop
