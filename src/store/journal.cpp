// SPDX-License-Identifier: Apache-2.0
#include "store/journal.h"

#include <sqlite3.h>

#include <algorithm>
#include <memory>
#include <string_view>

#include "core/fold.h"
#include "store/schema.h"

namespace kith::store {
namespace {

struct Free {
  void operator()(void* memory) const { sqlite3_free(memory); }
};
using Memory = std::unique_ptr<void, Free>;

void check(Database& database, int code) {
  if (code != SQLITE_OK) throw SQLite::Exception(database.sql().getHandle(), code);
}

// What is to be undone or redone fits, unless rows were erased in between: these are passed over.
// Anything else is a bug, and the whole entry is refused.
int on_conflict(void*, int kind, sqlite3_changeset_iter*) {
  return kind == SQLITE_CHANGESET_NOTFOUND ? SQLITE_CHANGESET_OMIT : SQLITE_CHANGESET_ABORT;
}

JournalEntry entry_of(SQLite::Statement& row) {
  return {row.getColumn(0).getInt64(),
          row.getColumn(1).getString(),
          row.getColumn(2).getString(),
          row.getColumn(3).getString(),
          static_cast<JournalEntry::State>(row.getColumn(4).getInt()),
          row.getColumn(5).getInt() != 0};
}

constexpr const char* columns = "SELECT id, at, action, summary, state, length(changes) = 0 FROM journal ";

Result<JournalEntry> apply(Database& database, JournalEntry entry, bool backwards) {
  Prepared read = database.prepared("SELECT changes FROM journal WHERE id = ?");
  read.bind(1, entry.id);
  read.executeStep();
  std::string changes = read.getColumn(0).getString();
  read.reset();
  int size = static_cast<int>(changes.size());
  void* content = changes.data();
  Memory inverted;
  if (backwards) {
    void* memory = nullptr;
    check(database, sqlite3changeset_invert(size, content, &size, &memory));
    inverted.reset(memory);
    content = memory;
  }
  const int code =
      sqlite3changeset_apply(database.sql().getHandle(), size, content, nullptr, on_conflict, nullptr);
  if (code == SQLITE_ABORT) {
    return fail(ErrorCode::internal, "\"" + entry.summary + "\" (entry " + std::to_string(entry.id) +
                                         ") does not fit what the library holds now; nothing was changed, "
                                         "please report this");
  }
  check(database, code);
  entry.state = backwards ? JournalEntry::State::undone : JournalEntry::State::done;
  Prepared update = database.prepared("UPDATE journal SET state = ? WHERE id = ?");
  update.bind(1, static_cast<int>(entry.state));
  update.bind(2, entry.id);
  update.exec();
  return entry;
}

Result<std::optional<JournalEntry>> apply_next(Database& database, const char* where, bool backwards) {
  // From before the choice: another process may be undoing too, and what comes next depends on it.
  Transaction transaction(database);
  SQLite::Statement next(database.sql(), columns + std::string(where));
  if (!next.executeStep()) return std::nullopt;
  JournalEntry entry = entry_of(next);
  next.reset();
  Result<JournalEntry> applied = apply(database, std::move(entry), backwards);
  if (!applied) return tl::unexpected(applied.error());
  transaction.commit();
  return std::optional(std::move(*applied));
}

// Whether a change names what is to be forgotten, by what its table's columns stand for.
class Concerns {
 public:
  explicit Concerns(const Forgotten& forgotten) : forgotten_(forgotten) {}

  bool any_of(Database& database, const std::string& changes) const {
    sqlite3_changeset_iter* iterator = nullptr;
    check(database, sqlite3changeset_start(&iterator, static_cast<int>(changes.size()),
                                           const_cast<char*>(changes.data())));
    bool found = false;
    while (!found && sqlite3changeset_next(iterator) == SQLITE_ROW) found = concerns(iterator);
    sqlite3changeset_finalize(iterator);
    return found;
  }

 private:
  enum class Holds { person, face, photo, name };
  struct Column {
    std::string_view table;
    int index;
    Holds holds;
  };
  static constexpr Column columns[] = {
      {"person", 0, Holds::person},    {"alias", 1, Holds::person},  {"confirmed", 0, Holds::face},
      {"confirmed", 1, Holds::person}, {"rejected", 0, Holds::face}, {"rejected", 1, Holds::person},
      {"link", 0, Holds::face},        {"link", 1, Holds::face},     {"ignored", 0, Holds::face},
      {"drawn", 0, Holds::face},       {"face", 0, Holds::face},     {"claim", 2, Holds::name},
      {"conflict", 1, Holds::photo},   {"conflict", 2, Holds::name},
  };

  bool concerns(sqlite3_changeset_iter* iterator) const {
    const char* table = nullptr;
    int count = 0;
    int operation = 0;
    int indirect = 0;
    sqlite3changeset_op(iterator, &table, &count, &operation, &indirect);
    return std::ranges::any_of(columns, [&](const Column& column) {
      if (column.table != table) return false;
      for (const auto read : {sqlite3changeset_old, sqlite3changeset_new}) {
        if ((operation == SQLITE_INSERT && read == sqlite3changeset_old) ||
            (operation == SQLITE_DELETE && read == sqlite3changeset_new))
          continue;
        sqlite3_value* value = nullptr;
        if (read(iterator, column.index, &value) != SQLITE_OK || value == nullptr) continue;
        if (is_forgotten(value, column.holds)) return true;
      }
      return false;
    });
  }

  bool is_forgotten(sqlite3_value* value, Holds holds) const {
    const auto is_in = [](const auto& all, const auto& one) {
      return std::ranges::find(all, one) != all.end();
    };
    switch (holds) {
      case Holds::person: return is_in(forgotten_.people, sqlite3_value_int64(value));
      case Holds::face: return is_in(forgotten_.faces, sqlite3_value_int64(value));
      case Holds::photo: return is_in(forgotten_.photos, sqlite3_value_int64(value));
      case Holds::name: break;
    }
    const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(value));
    return text != nullptr && is_in(forgotten_.names, folded(text));
  }

  const Forgotten& forgotten_;
};

}  // namespace

Decision::Decision(Database& database, bool with_faces) : database_(database), transaction_(database) {
  check(database, sqlite3session_create(database.sql().getHandle(), "main", &session_));
  for (const char* table : owners_tables()) check(database, sqlite3session_attach(session_, table));
  if (with_faces) check(database, sqlite3session_attach(session_, "face"));
}

Decision::~Decision() {
  if (session_ != nullptr) sqlite3session_delete(session_);
}

void Decision::off_the_record(const std::function<void()>& work) {
  unrecorded_ = true;
  sqlite3session_enable(session_, 0);
  work();
  sqlite3session_enable(session_, 1);
}

std::int64_t Decision::commit(const std::string& action, const std::string& summary) {
  int size = 0;
  void* memory = nullptr;
  check(database_, sqlite3session_changeset(session_, &size, &memory));
  const Memory changes(memory);
  if (size == 0) {
    if (unrecorded_) transaction_.commit();
    return 0;
  }
  database_.sql().exec("UPDATE journal SET state = 2 WHERE state = 1");
  Prepared insert = database_.prepared(
      "INSERT INTO journal(at, action, summary, state, changes) "
      "VALUES (strftime('%Y-%m-%dT%H:%M:%SZ', 'now'), ?, ?, 0, ?)");
  insert.bind(1, action);
  insert.bind(2, summary);
  insert.bind(3, changes.get(), size);
  insert.exec();
  const std::int64_t entry = database_.sql().getLastInsertRowid();
  transaction_.commit();
  return entry;
}

std::vector<JournalEntry> journal(Database& database, std::size_t at_most) {
  SQLite::Statement read(database.sql(), std::string(columns) + "ORDER BY id DESC LIMIT ?");
  read.bind(1, static_cast<std::int64_t>(at_most));
  std::vector<JournalEntry> entries;
  while (read.executeStep()) entries.push_back(entry_of(read));
  return entries;
}

std::string decisions_stamp(Database& database) {
  Prepared read = database.prepared(
      "SELECT coalesce(max(id), 0) || '/' || coalesce(sum(state), 0) || '/' || "
      "coalesce(sum(length(changes)), 0) "
      "FROM journal");
  read.executeStep();
  return read.getColumn(0).getString();
}

Result<std::optional<JournalEntry>> undo(Database& database) {
  return apply_next(database, "WHERE state = 0 AND length(changes) > 0 ORDER BY id DESC LIMIT 1", true);
}

Result<std::optional<JournalEntry>> redo(Database& database) {
  return apply_next(database, "WHERE state = 1 AND length(changes) > 0 ORDER BY id LIMIT 1", false);
}

std::size_t erase_from_journal(Database& database, const Forgotten& forgotten) {
  const Concerns concerns(forgotten);
  std::vector<std::int64_t> entries;
  SQLite::Statement read(database.sql(), "SELECT id, changes FROM journal WHERE length(changes) > 0");
  while (read.executeStep()) {
    if (concerns.any_of(database, read.getColumn(1).getString()))
      entries.push_back(read.getColumn(0).getInt64());
  }
  Prepared erase = database.prepared(
      "UPDATE journal SET action = 'erased', summary = 'erased with a person who was forgotten', changes = "
      "x'' "
      "WHERE id = ?");
  for (const std::int64_t entry : entries) {
    erase.reset();
    erase.bind(1, entry);
    erase.exec();
  }
  return entries.size();
}

}  // namespace kith::store
