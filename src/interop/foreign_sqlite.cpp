// SPDX-License-Identifier: Apache-2.0
#include "interop/foreign_sqlite.h"

#include <sqlite3.h>
#include <sys/stat.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "core/file_errors.h"

namespace kith::interop {
namespace {

namespace fs = std::filesystem;

using ReadFunction = std::function<Result<Claims>(SQLite::Database&)>;

constexpr int busy_timeout_ms = 5'000;  // digiKam's writes are short
constexpr int longest_value = 1 << 20;  // bytes; paths, names and rectangles are short
constexpr int copies_tried = 3;

fs::path with_suffix(const fs::path& file, std::string_view suffix) {
  fs::path result = file;
  result += suffix;
  return result;
}

std::uintmax_t size_of(const fs::path& file) {
  std::error_code error;
  const std::uintmax_t size = fs::file_size(file, error);
  return error ? 0 : size;
}

tl::unexpected<Error> busy(const fs::path& file) {
  return cannot_read(ErrorCode::library_busy, display_name(file), "another program writes to it",
                     "close digiKam and run again");
}

tl::unexpected<Error> damaged(const fs::path& file, const std::string& what) {
  return cannot_read(ErrorCode::damaged, display_name(file), what,
                     "let digiKam check its database, or take a backup of it");
}

tl::unexpected<Error> error_of(const SQLite::Exception& problem, const fs::path& file) {
  switch (problem.getErrorCode()) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return busy(file);
    case SQLITE_PERM:
    case SQLITE_CANTOPEN:
    case SQLITE_IOERR:
      return cannot_read(ErrorCode::unreadable, display_name(file), problem.what(),
                         "check the right to read it, and the disk");
    case SQLITE_NOMEM:
      return cannot_read(ErrorCode::too_large, display_name(file), problem.what(), "close other programs");
    default: return damaged(file, problem.what());
  }
}

std::string uri_of(const fs::path& file, std::string_view options) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string uri = "file:";
  for (const char letter : file.native()) {
    const auto byte = static_cast<unsigned char>(letter);
    if (letter == '%' || letter == '?' || letter == '#')
      uri.append(1, '%').append(1, digits[byte / 16]).append(1, digits[byte % 16]);
    else
      uri += letter;
  }
  return uri.append("?").append(options);
}

// What a schema from elsewhere might do is switched off.
void distrust(SQLite::Database& sql) {
  sqlite3* const handle = sql.getHandle();
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_VIEW, 0, nullptr);
  sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, longest_value);
}

Result<Claims> read_open(SQLite::Database& sql, const ReadFunction& read) {
  distrust(sql);
  sql.exec("PRAGMA cell_size_check = ON");
  sql.exec("BEGIN");
  Result<Claims> claims = read(sql);
  sql.exec("ROLLBACK");
  return claims;
}

Result<Claims> read_in_place(const fs::path& file, std::string_view options, const ReadFunction& read) {
  SQLite::Database sql(uri_of(file, options), SQLite::OPEN_READONLY | SQLite::OPEN_URI | SQLite::OPEN_NOMUTEX,
                       busy_timeout_ms);
  return read_open(sql, read);
}

// ---- a copy

class ScratchFolder {
 public:
  explicit ScratchFolder(const fs::path& parent) {
    std::string name = (parent / "kith-import-XXXXXX").string();
    if (::mkdtemp(name.data()) != nullptr) path_ = name;
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  ~ScratchFolder() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

constexpr auto all_files = std::to_array<std::string_view>({"", "-wal", "-journal"});

// What changes when a file is written to.
struct Stamp {
  std::array<std::int64_t, 5> values{};
  bool operator==(const Stamp&) const = default;
};

using Stamps = std::array<Stamp, all_files.size()>;

Stamps stamps_of(const fs::path& file) {
  Stamps stamps;
  for (std::size_t i = 0; i < all_files.size(); ++i) {
    struct stat about {};
    if (::stat(with_suffix(file, all_files.at(i)).c_str(), &about) != 0) continue;
    stamps.at(i).values = {static_cast<std::int64_t>(about.st_ino), about.st_size, about.st_mtim.tv_sec,
                           about.st_mtim.tv_nsec, 1};
  }
  return stamps;
}

Status copy_files(const fs::path& from, const fs::path& to) {
  for (const std::string_view suffix : all_files) {
    const fs::path source = with_suffix(from, suffix);
    std::error_code error;
    fs::remove(with_suffix(to, suffix), error);
    if (size_of(source) == 0) continue;
    if (fs::copy_file(source, with_suffix(to, suffix), error)) continue;
    const bool full = error == std::errc::no_space_on_device;
    return cannot_write(full ? ErrorCode::no_space : ErrorCode::write_failed, display_name(to),
                        error.message() + ", copying " + display_name(source),
                        full ? "free some space and run again" : "check the rights of both");
  }
  return {};
}

// A journal can name a file that belongs to a transaction over several databases, which SQLite deletes when
// it has rolled back. digiKam has no such transactions, and nothing is deleted on a foreign file's word.
bool names_another_file(const fs::path& journal) {
  constexpr std::string_view mark = "\xd9\xd5\x05\xf9\x20\xa1\x63\xd7";
  if (size_of(journal) < mark.size()) return false;
  std::ifstream input(journal, std::ios::binary);
  std::array<char, mark.size()> last{};
  input.seekg(-static_cast<std::streamoff>(mark.size()), std::ios::end);
  input.read(last.data(), static_cast<std::streamsize>(last.size()));
  return !input || std::string_view(last.data(), last.size()) == mark;
}

Result<Claims> read_copy(const fs::path& file, const fs::path& scratch, const ReadFunction& read) {
  const ScratchFolder folder(scratch);
  if (folder.path().empty())
    return cannot_write(ErrorCode::write_failed, display_name(scratch), "no folder can be made in it",
                        "close digiKam and run again: its database is read in place then");
  const fs::path copy = folder.path() / "copy.db";
  for (int i = 0; i < copies_tried; ++i) {
    const Stamps before = stamps_of(file);
    if (Status copied = copy_files(file, copy); !copied) return tl::unexpected(copied.error());
    if (stamps_of(file) != before) continue;  // half of one state and half of another
    if (names_another_file(with_suffix(copy, "-journal")))
      return damaged(file, "its journal belongs to more than one database");
    SQLite::Database sql(copy.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_NOMUTEX, busy_timeout_ms);
    return read_open(sql, read);
  }
  return busy(file);
}

// ---- which of the two

struct Header {
  bool sqlite = false;
  bool log_mode = false;
};

Header header_of(const fs::path& file) {
  constexpr std::string_view magic("SQLite format 3\0", 16);
  constexpr std::size_t write_version = 18;
  std::array<char, 100> bytes{};
  std::ifstream input(file, std::ios::binary);
  input.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (!input || std::string_view(bytes.data(), magic.size()) != magic) return {};
  return {true, bytes.at(write_version) == 2 || bytes.at(write_version + 1) == 2};
}

Status check_file(const fs::path& file) {
  std::error_code error;
  const fs::file_status status = fs::status(file, error);
  if (status.type() == fs::file_type::not_found)
    return cannot_read(ErrorCode::not_found, display_name(file), "there is no such file", "check the path");
  if (status.type() != fs::file_type::regular)
    return cannot_read(ErrorCode::unreadable, display_name(file), "it is no file",
                       "give the database's file");
  if (!std::ifstream(file, std::ios::binary))
    return cannot_read(ErrorCode::unreadable, display_name(file), "permission denied",
                       "give yourself the right to read it");
  return {};
}

}  // namespace

Result<Claims> with_foreign_sqlite(const fs::path& database, const fs::path& scratch,
                                   const ReadFunction& read) {
  if (Status there = check_file(database); !there) return tl::unexpected(there.error());
  std::error_code ignored;
  const fs::path file = fs::canonical(database, ignored);  // SQLite looks for the log where a link leads
  const Header header = header_of(file);
  if (!header.sqlite) return damaged(file, "it is no SQLite database");
  const fs::path log = with_suffix(file, "-wal");
  try {
    // A journal is there while somebody writes, or was cut off while writing: a copy is rolled back.
    if (size_of(log) > 0 || size_of(with_suffix(file, "-journal")) > 0) return read_copy(file, scratch, read);
    const bool alone = header.log_mode || fs::exists(fs::symlink_status(log, ignored));
    return read_in_place(file, alone ? "mode=ro&immutable=1" : "mode=ro", read);
  } catch (const SQLite::Exception& problem) {
    return error_of(problem, file);
  }
}

}  // namespace kith::interop
