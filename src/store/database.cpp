// SPDX-License-Identifier: Apache-2.0
#include "store/database.h"

#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <system_error>

#include "store/schema.h"

namespace kith::store {
namespace {

namespace fs = std::filesystem;

// How long a short write waits for another process's short write.
constexpr int busy_timeout_ms = 10'000;
// Vectors and crops are kilobytes each: larger pages waste less on them than SQLite's 4096.
constexpr int page_size = 16384;

fs::path file_in(const fs::path& folder) { return folder / "library.sqlite"; }

int flags_of(Access access) {
  // One thread at a time is the rule here, so SQLite need not lock for each call.
  return SQLite::OPEN_READWRITE | SQLite::OPEN_NOMUTEX | SQLite::OPEN_URI |
         (access == Access::create ? SQLite::OPEN_CREATE : 0);
}

// What SQLite is to open. To read beside a writer it needs files of its own next to the library's; where
// these can't be made, by rights or on read-only media, it is told that nobody writes, which an absent log
// shows.
std::string name_for(const fs::path& folder, Access access) {
  const fs::path file = file_in(folder);
  const auto may_write = [](const fs::path& path) { return ::access(path.c_str(), W_OK) == 0; };
  std::error_code error;
  const bool alone = access == Access::read && !(may_write(folder) && may_write(file)) &&
                     !fs::exists(file.string() + "-wal", error);
  std::string uri = "file:";
  for (const char letter : fs::absolute(file, error).string()) {
    constexpr const char* digits = "0123456789ABCDEF";
    const auto byte = static_cast<unsigned char>(letter);
    if (letter == '%' || letter == '?' || letter == '#')
      uri += {'%', digits[byte / 16], digits[byte % 16]};
    else
      uri += letter;
  }
  return uri + (alone ? "?mode=ro&immutable=1" : "");
}

// The least that must be free for a failure not to be the full disk's.
constexpr std::uintmax_t full_disk = 1 << 20;

int pragma_of(SQLite::Database& sql, const std::string& name) {
  return sql.execAndGet("PRAGMA " + name).getInt();
}

Status check_there(const fs::path& folder, Access access) {
  std::error_code error;
  const fs::path file = file_in(folder);
  if (access == Access::create) {
    fs::create_directories(folder, error);
    if (error)
      return fail(ErrorCode::write_failed, folder.string() + ": the library's folder cannot be made: " +
                                               error.message() + "; choose another one with --library");
    return {};
  }
  if (fs::exists(file, error)) return {};
  return fail(ErrorCode::library_missing,
              folder.string() +
                  ": there is no library; make one with `kith scan FOLDER`, or say where it "
                  "is with --library DIR");
}

}  // namespace

Error error_of(const SQLite::Exception& problem, const fs::path& file) {
  const std::string name = file.string();
  Error no_space{ErrorCode::no_space,
                 name + ": no space left on the disk; free some and run again, nothing is lost"};
  std::error_code ignored;
  switch (problem.getErrorCode()) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {ErrorCode::library_busy,
              name + ": another program is writing to the library; wait for it and run again"};
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return {ErrorCode::library_damaged, name + ": the library is damaged (" + problem.what() +
                                              "); run `kith check`, or `kith restore` with a backup"};
    case SQLITE_FULL: return no_space;
    case SQLITE_INTERRUPT: return {ErrorCode::cancelled, "interrupted; the library is as it was before"};
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return {ErrorCode::write_failed,
              name + ": the library cannot be written to; give yourself the right to write to its folder"};
    case SQLITE_CANTOPEN:
      return {ErrorCode::write_failed,
              name + ": the library cannot be opened; check the rights of the folder and of the files in it"};
    case SQLITE_IOERR:
      // SQLite tells not of every write why it failed.
      if (fs::space(file.parent_path(), ignored).available < full_disk) return no_space;
      return {ErrorCode::write_failed, name + ": reading or writing the library failed (" + problem.what() +
                                           "); check the disk or the network share"};
    default: return {ErrorCode::internal, name + ": " + problem.what() + "; please report this"};
  }
}

Database::Database(fs::path folder, Access access)
    : folder_(std::move(folder)), sql_(name_for(folder_, access), flags_of(access), busy_timeout_ms) {}

fs::path Database::file() const { return file_in(folder_); }

void Database::set_up(Access access) {
  if (access == Access::create && pragma_of(sql_, "user_version") == 0)
    sql_.exec("PRAGMA page_size = " + std::to_string(page_size));
  // A library on read-only media can still be read, if it was closed properly.
  if (sqlite3_db_readonly(sql_.getHandle(), "main") == 0) sql_.exec("PRAGMA journal_mode = WAL");
  sql_.exec(
      "PRAGMA synchronous = FULL;"  // a decision that was acknowledged survives a power cut
      "PRAGMA foreign_keys = ON;"
      "PRAGMA secure_delete = ON;"    // what is forgotten is overwritten
      "PRAGMA trusted_schema = OFF;"  // the file may come from elsewhere
      "PRAGMA cell_size_check = ON;"
      "PRAGMA cache_size = -65536;"  // KiB
      "PRAGMA temp_store = MEMORY");
}

void Database::migrate() {
  const auto steps = migrations();
  const auto version = static_cast<std::size_t>(std::max(0, pragma_of(sql_, "user_version")));
  if (version == steps.size()) return;
  SQLite::Transaction transaction(sql_, SQLite::TransactionBehavior::EXCLUSIVE);
  // Another process may have done it while this one waited.
  const auto now = static_cast<std::size_t>(std::max(0, pragma_of(sql_, "user_version")));
  for (std::size_t step = now; step < steps.size(); ++step) sql_.exec(std::string(steps[step]));
  sql_.exec("PRAGMA application_id = " + std::to_string(application_id));
  sql_.exec("PRAGMA user_version = " + std::to_string(steps.size()));
  transaction.commit();
}

Result<std::unique_ptr<Database>> Database::open(const fs::path& folder, Access access) {
  if (Status there = check_there(folder, access); !there) return tl::unexpected(there.error());
  const std::string name = file_in(folder).string();
  try {
    std::unique_ptr<Database> result(new Database(folder, access));
    const int version = pragma_of(result->sql_, "user_version");
    const int owner = pragma_of(result->sql_, "application_id");
    const bool empty = result->sql_.execAndGet("SELECT count(*) FROM sqlite_schema").getInt() == 0;
    if (owner != application_id && !empty) {
      return fail(ErrorCode::library_damaged,
                  name + ": is a database, but not one of kith's; choose another folder with --library");
    }
    if (version > static_cast<int>(migrations().size())) {
      return fail(ErrorCode::library_newer, name + ": was written by a newer kith (version " +
                                                std::to_string(version) +
                                                " of the library, this kith knows " +
                                                std::to_string(migrations().size()) + "); update kith");
    }
    if (empty && access != Access::create) {
      return fail(ErrorCode::library_missing,
                  name + ": the library is empty; fill it with `kith scan FOLDER`");
    }
    // Not before it is known to be ours: this writes.
    result->set_up(access);
    result->migrate();
    return result;
  } catch (const SQLite::Exception& problem) {
    return tl::unexpected(error_of(problem, file_in(folder)));
  }
}

void Database::stop_on(std::stop_token stop) {
  stop_ = std::move(stop);
  constexpr int instructions = 10'000;  // of SQLite's machine between two looks: far below a millisecond
  const auto look = [](void* self) { return static_cast<const Database*>(self)->is_stopped() ? 1 : 0; };
  sqlite3_progress_handler(sql_.getHandle(), instructions, look, this);
}

void Database::check_stop() const {
  if (is_stopped()) throw SQLite::Exception("interrupted", SQLITE_INTERRUPT);
}

Prepared Database::prepared(const char* text) {
  check_stop();
  const auto known = std::ranges::find(statements_, text, [](const auto& entry) { return entry.first; });
  SQLite::Statement& statement =
      known != statements_.end()
          ? *known->second
          : *statements_.emplace_back(text, std::make_unique<SQLite::Statement>(sql_, text)).second;
  statement.clearBindings();
  return Prepared(statement);
}

std::string Database::state(const std::string& name) {
  Prepared read = prepared("SELECT value FROM state WHERE name = ?");
  read.bind(1, name);
  return read.executeStep() ? read.getColumn(0).getString() : std::string();
}

void Database::set_state(const std::string& name, const std::string& value) {
  Prepared put = prepared("INSERT OR REPLACE INTO state(name, value) VALUES (?, ?)");
  put.bind(1, name);
  put.bind(2, value);
  put.exec();
}

std::vector<std::string> Database::problems() {
  std::vector<std::string> found;
  SQLite::Statement integrity(sql_, "PRAGMA integrity_check");
  while (integrity.executeStep()) {
    if (const std::string line = integrity.getColumn(0).getString(); line != "ok") found.push_back(line);
  }
  SQLite::Statement keys(sql_, "PRAGMA foreign_key_check");
  while (keys.executeStep()) {
    found.push_back("a row of " + keys.getColumn(0).getString() + " refers to one of " +
                    keys.getColumn(2).getString() + " that is not there");
  }
  return found;
}

bool Database::erase_traces() {
  statements_.clear();  // an open statement would keep the log from being emptied
  sql_.exec("VACUUM");
  SQLite::Statement checkpoint(sql_, "PRAGMA wal_checkpoint(TRUNCATE)");
  return checkpoint.executeStep() && checkpoint.getColumn(0).getInt() == 0;
}

void Database::copy_to(const fs::path& target) {
  SQLite::Statement copy(sql_, "VACUUM INTO ?");
  copy.bind(1, fs::absolute(target).string());  // a relative one could pass for a URI
  copy.exec();
}

}  // namespace kith::store
