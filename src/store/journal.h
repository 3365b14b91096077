// SPDX-License-Identifier: Apache-2.0
// Every decision of the owner as a journal entry that can be taken back and done again exactly: the entry
// holds the changes of the owner's tables as SQLite's session extension records them.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "store/database.h"

struct sqlite3_session;

namespace kith::store {

// A transaction whose changes to the owner's tables become a journal entry. Without commit() all is as
// it was.
class Decision {
 public:
  // `with_faces`: records changes of the table `face` too (a box drawn by hand).
  explicit Decision(Database& database, bool with_faces = false);
  Decision(const Decision&) = delete;
  Decision& operator=(const Decision&) = delete;
  ~Decision();

  // Changes what the entry is not to tell of: undoing it leaves that as it is.
  void off_the_record(const std::function<void()>& work);

  // The number of the entry; 0 where nothing changed, and then there is none. What had been undone
  // cannot be done again after this.
  std::int64_t commit(const std::string& action, const std::string& summary);

 private:
  Database& database_;
  Transaction transaction_;
  sqlite3_session* session_ = nullptr;
  bool unrecorded_ = false;  // something was changed off the record
};

struct JournalEntry {
  enum class State { done = 0, undone = 1, overtaken = 2 };
  std::int64_t id = 0;
  std::string at;  // UTC
  std::string action;
  std::string summary;
  State state = State::done;
  bool erased = false;  // its content was forgotten: it cannot be undone
};

// Newest first.
[[nodiscard]] std::vector<JournalEntry> journal(Database& database, std::size_t at_most);

// Changes whenever a decision is made, undone or done again.
[[nodiscard]] std::string decisions_stamp(Database& database);

// Takes back the newest entry that is done, or does again the oldest that is undone; nothing where
// there is none. Errors: internal (the entry does not fit what is there).
[[nodiscard]] Result<std::optional<JournalEntry>> undo(Database& database);
[[nodiscard]] Result<std::optional<JournalEntry>> redo(Database& database);

// What is to be forgotten.
struct Forgotten {
  std::span<const std::int64_t> people;
  std::span<const std::int64_t> faces;
  std::span<const std::int64_t> photos;
  std::span<const std::string> names;  // folded (core/fold.h)
};
// Erases the content of every entry that touches any of it. How many there were.
std::size_t erase_from_journal(Database& database, const Forgotten& forgotten);

}  // namespace kith::store
