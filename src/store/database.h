// SPDX-License-Identifier: Apache-2.0
// The library's database file: opening, versions, transactions, the journal.
//
// Below this module's callers SQLite's errors travel as SQLite::Exception; `guarded` turns them into
// kith's at the edge of the library (src/library/).
//
// Thread rule: one thread at a time. Other processes may have the same file open.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include <SQLiteCpp/SQLiteCpp.h>

#include <kith/result.h>

namespace kith::store {

// Marks the file as kith's ("KITH"), so that another program's database is not taken for a library.
inline constexpr int application_id = 0x4B495448;

enum class Access {
  create,  // makes a library where there is none
  write,
  read,
};

// A statement that is kept for the next time, in use until this goes out of scope: one that were left
// standing on a row would hold off writers, backups and VACUUM.
class Prepared {
 public:
  explicit Prepared(SQLite::Statement& statement) : statement_(statement) {}
  Prepared(const Prepared&) = delete;
  Prepared& operator=(const Prepared&) = delete;
  ~Prepared() { statement_.tryReset(); }

  template <typename... Values>
  void bind(int index, const Values&... values) {
    statement_.bind(index, values...);
  }
  // Named as in SQLite::Statement, whose place this takes.
  bool executeStep() { return statement_.executeStep(); }  // NOLINT(readability-identifier-naming)
  int exec() { return statement_.exec(); }
  void reset() { statement_.reset(); }
  [[nodiscard]] SQLite::Column getColumn(int index) const {  // NOLINT(readability-identifier-naming)
    return statement_.getColumn(index);
  }
  // NOLINTNEXTLINE(google-explicit-constructor): a Prepared is a statement, while it lives.
  operator SQLite::Statement&() & { return statement_; }

 private:
  SQLite::Statement& statement_;
};

class Database {
 public:
  // `folder` holds the library; the file in it is library.sqlite. Older versions are brought up to
  // date (create, write). Errors: library_missing, library_newer, library_damaged, library_busy, no_space,
  // write_failed.
  [[nodiscard]] static Result<std::unique_ptr<Database>> open(const std::filesystem::path& folder,
                                                              Access access);

  [[nodiscard]] SQLite::Database& sql() noexcept { return sql_; }
  [[nodiscard]] const std::filesystem::path& folder() const noexcept { return folder_; }
  [[nodiscard]] std::filesystem::path file() const;

  // `text` is prepared once and used again; not twice at the same time. Throws where a stop is asked for.
  [[nodiscard]] Prepared prepared(const char* text);

  // Once this is asked for, what is under way ends with SQLITE_INTERRUPT, and transactions are rolled back.
  void stop_on(std::stop_token stop);
  // Throws that, where a stop is asked for: for long work between statements.
  void check_stop() const;
  [[nodiscard]] bool is_stopped() const { return unstoppable_ == 0 && stop_.stop_requested(); }
  // While one lives, nothing is stopped: what is finished is to be written down.
  class Unstoppable {
   public:
    explicit Unstoppable(Database& database) : depth_(database.unstoppable_) { ++depth_; }
    Unstoppable(const Unstoppable&) = delete;
    Unstoppable& operator=(const Unstoppable&) = delete;
    ~Unstoppable() { --depth_; }

   private:
    int& depth_;
  };

  // A note of machines about what their work is up to date with; empty where there is none.
  [[nodiscard]] std::string state(const std::string& name);
  void set_state(const std::string& name, const std::string& value);

  // What SQLite and our own rules find wrong, a line each; empty where all is well. Slow: reads it all.
  [[nodiscard]] std::vector<std::string> problems();

  // Overwrites what was deleted everywhere in the file and its log, and gives the space back. False where the
  // log still holds some of it, because somebody has been reading the library for long.
  [[nodiscard]] bool erase_traces();

  // A consistent copy in one file, also while others write. Throws SQLite::Exception.
  void copy_to(const std::filesystem::path& target);

 private:
  Database(std::filesystem::path folder, Access access);
  void set_up(Access access);
  void migrate();

  std::filesystem::path folder_;
  SQLite::Database sql_;
  std::stop_token stop_;
  int unstoppable_ = 0;
  std::vector<std::pair<const char*, std::unique_ptr<SQLite::Statement>>> statements_;
};

// What happens in one go: others see all of it or nothing, and without commit() nothing happened.
class Transaction {
 public:
  enum class Mode {
    write,  // from the start: nobody else's writing comes between what is read here and what is written
    read,   // one view of it all, whoever writes meanwhile
  };
  explicit Transaction(Database& database, Mode mode = Mode::write)
      : transaction_(database.sql(), mode == Mode::write ? SQLite::TransactionBehavior::IMMEDIATE
                                                         : SQLite::TransactionBehavior::DEFERRED) {}
  void commit() { transaction_.commit(); }

 private:
  SQLite::Transaction transaction_;
};

// The error for what SQLite threw, with what to do about it.
[[nodiscard]] Error error_of(const SQLite::Exception& problem, const std::filesystem::path& file);

// Runs `work`, unless a stop is asked for, and turns what SQLite throws into an error.
template <typename Work>
auto guarded(Database& database, Work work) -> decltype(work()) {
  try {
    database.check_stop();
    return work();
  } catch (const SQLite::Exception& problem) {
    return tl::unexpected(error_of(problem, database.file()));
  }
}

}  // namespace kith::store
