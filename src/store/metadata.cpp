// SPDX-License-Identifier: Apache-2.0
#include "store/metadata.h"

#include "store/columns.h"

namespace kith::store {
namespace {

// The seven columns name, source, x, y, width, height and stale from `first` on.
FileWord word_at(SQLite::Statement& row, int first) {
  FileWord word{.name = row.getColumn(first).getString(),
                .source = row.getColumn(first + 1).getString(),
                .shares = {},
                .stale = row.getColumn(first + 6).getInt() != 0};
  if (!row.getColumn(first + 2).isNull()) word.shares = box_at(row, first + 2);
  return word;
}

// The same, as parameters.
void bind_word(Prepared& statement, int first, const FileWord& word) {
  statement.bind(first, word.name);
  statement.bind(first + 1, word.source);
  if (word.shares) {
    statement.bind(first + 2, word.shares->x);
    statement.bind(first + 3, word.shares->y);
    statement.bind(first + 4, word.shares->width);
    statement.bind(first + 5, word.shares->height);
  }
  statement.bind(first + 6, word.stale ? 1 : 0);
}

// The columns id, path, size, mtime_ns, width, height, orientation and missing of a photo that was read.
#define KITH_FILE_COLUMNS                                                                          \
  "photo.id, photo.path, photo.size, photo.mtime_ns, "                                             \
  "CASE WHEN photo.error_code = '' THEN photo.width ELSE 0 END, photo.height, photo.orientation, " \
  "photo.missing"

KnownFile file_at(SQLite::Statement& row, int first) {
  return {.id = row.getColumn(first).getInt64(),
          .path = row.getColumn(first + 1).getString(),
          .size = row.getColumn(first + 2).getInt64(),
          .mtime_ns = row.getColumn(first + 3).getInt64(),
          .width = row.getColumn(first + 4).getInt(),
          .height = row.getColumn(first + 5).getInt(),
          .orientation = row.getColumn(first + 6).getInt(),
          .missing = row.getColumn(first + 7).getInt() != 0};
}
constexpr int file_columns = 8;

ConflictRow conflict_at(SQLite::Statement& row, int first) {
  return {.id = row.getColumn(first).getInt64(),
          .photo = row.getColumn(first + 1).getInt64(),
          .word = word_at(row, first + 3),
          .settled = row.getColumn(first + 2).getInt() != 0};
}

#define KITH_CONFLICT_COLUMNS \
  "c.id, c.photo, c.settled, c.name, c.source, c.x, c.y, c.width, c.height, c.stale"
constexpr int conflict_columns = 10;

OpenConflict open_conflict_at(SQLite::Statement& row) {
  return {.row = conflict_at(row, 0), .file = file_at(row, conflict_columns)};
}

WrittenRow written_at(SQLite::Statement& row) {
  return {.photo = row.getColumn(0).getInt64(),
          .file = row.getColumn(1).getString(),
          .record = row.getColumn(2).getString(),
          .next = optional_text(row.getColumn(3)),
          .wanted = row.getColumn(4).getString(),
          .size = row.getColumn(5).getInt64(),
          .mtime_ns = row.getColumn(6).getInt64(),
          .ctime_ns = row.getColumn(7).getInt64()};
}

void run(Database& database, const char* text, std::int64_t id) {
  Prepared statement = database.prepared(text);
  statement.bind(1, id);
  statement.exec();
}

}  // namespace

std::vector<ClaimRow> claims_on(Database& database, const std::string& path) {
  Prepared read = database.prepared(
      "SELECT id, name, source, x, y, width, height, stale FROM claim WHERE path = ? ORDER BY id");
  read.bind(1, path);
  std::vector<ClaimRow> claims;
  while (read.executeStep()) claims.push_back({read.getColumn(0).getInt64(), word_at(read, 1)});
  return claims;
}

void put_claim(Database& database, const std::string& path, const FileWord& word) {
  Prepared put = database.prepared(
      "INSERT INTO claim(path, name, source, x, y, width, height, stale) VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
  put.bind(1, path);
  bind_word(put, 2, word);
  put.exec();
}

void drop_claim(Database& database, std::int64_t claim) {
  run(database, "DELETE FROM claim WHERE id = ?", claim);
}

std::optional<KnownFile> known_file(Database& database, const std::string& path) {
  Prepared read = database.prepared("SELECT " KITH_FILE_COLUMNS " FROM photo WHERE path = ?");
  read.bind(1, path);
  if (!read.executeStep()) return std::nullopt;
  return file_at(read, 0);
}

std::optional<KnownFile> file_of(Database& database, PhotoId photo) {
  Prepared read = database.prepared("SELECT " KITH_FILE_COLUMNS " FROM photo WHERE id = ?");
  read.bind(1, photo);
  if (!read.executeStep()) return std::nullopt;
  return file_at(read, 0);
}

std::vector<KnownFile> files_with_claims(Database& database) {
  Prepared read = database.prepared(
      "SELECT " KITH_FILE_COLUMNS
      " FROM photo WHERE path IN (SELECT path FROM claim) AND error_code = '' AND width > 0 ORDER BY path");
  std::vector<KnownFile> files;
  while (read.executeStep()) files.push_back(file_at(read, 0));
  return files;
}

std::vector<ConflictRow> conflicts_on(Database& database, PhotoId photo) {
  Prepared read = database.prepared("SELECT " KITH_CONFLICT_COLUMNS
                                    " FROM conflict AS c WHERE c.photo = ? ORDER BY c.id");
  read.bind(1, photo);
  std::vector<ConflictRow> conflicts;
  while (read.executeStep()) conflicts.push_back(conflict_at(read, 0));
  return conflicts;
}

std::vector<OpenConflict> open_conflicts(Database& database) {
  Prepared read = database.prepared("SELECT " KITH_CONFLICT_COLUMNS ", " KITH_FILE_COLUMNS
                                    " FROM conflict AS c JOIN photo ON photo.id = c.photo "
                                    "WHERE c.settled = 0 ORDER BY photo.path, c.id");
  std::vector<OpenConflict> conflicts;
  while (read.executeStep()) conflicts.push_back(open_conflict_at(read));
  return conflicts;
}

std::optional<OpenConflict> open_conflict(Database& database, ConflictId conflict) {
  Prepared read = database.prepared("SELECT " KITH_CONFLICT_COLUMNS ", " KITH_FILE_COLUMNS
                                    " FROM conflict AS c JOIN photo ON photo.id = c.photo "
                                    "WHERE c.settled = 0 AND c.id = ?");
  read.bind(1, conflict);
  if (!read.executeStep()) return std::nullopt;
  return open_conflict_at(read);
}

void put_conflict(Database& database, PhotoId photo, const FileWord& word) {
  Prepared put = database.prepared(
      "INSERT INTO conflict(photo, name, source, x, y, width, height, stale, settled) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0)");
  put.bind(1, photo);
  bind_word(put, 2, word);
  put.exec();
}

void settle_conflict(Database& database, ConflictId conflict) {
  run(database, "UPDATE conflict SET settled = 1 WHERE id = ?", conflict);
}

void drop_conflict(Database& database, ConflictId conflict) {
  run(database, "DELETE FROM conflict WHERE id = ?", conflict);
}

std::vector<std::string> names_in_files(Database& database) {
  Prepared read = database.prepared("SELECT name FROM claim UNION SELECT name FROM conflict");
  std::vector<std::string> names;
  while (read.executeStep()) names.push_back(read.getColumn(0).getString());
  return names;
}

std::size_t drop_words_of(Database& database, const std::string& name) {
  std::size_t dropped = 0;
  for (const char* text : {"DELETE FROM claim WHERE name = ?", "DELETE FROM conflict WHERE name = ?"}) {
    Prepared drop = database.prepared(text);
    drop.bind(1, name);
    dropped += static_cast<std::size_t>(drop.exec());
  }
  return dropped;
}

std::vector<WrittenRow> written_for(Database& database, PhotoId photo) {
  Prepared read = database.prepared(
      "SELECT photo, file, record, next, wanted, size, mtime_ns, ctime_ns FROM written WHERE photo = ? "
      "ORDER BY file");
  read.bind(1, photo);
  std::vector<WrittenRow> rows;
  while (read.executeStep()) rows.push_back(written_at(read));
  return rows;
}

std::vector<WrittenRow> all_written(Database& database) {
  Prepared read = database.prepared(
      "SELECT photo, file, record, next, wanted, size, mtime_ns, ctime_ns FROM written ORDER BY photo, file");
  std::vector<WrittenRow> rows;
  while (read.executeStep()) rows.push_back(written_at(read));
  return rows;
}

void put_written(Database& database, const WrittenRow& row) {
  Prepared put = database.prepared(
      "INSERT OR REPLACE INTO written(photo, file, record, next, wanted, size, mtime_ns, ctime_ns) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
  put.bind(1, row.photo);
  put.bind(2, row.file);
  put.bind(3, row.record);
  if (row.next) put.bind(4, *row.next);
  put.bind(5, row.wanted);
  put.bind(6, row.size);
  put.bind(7, row.mtime_ns);
  put.bind(8, row.ctime_ns);
  put.exec();
}

void drop_written(Database& database, PhotoId photo, const std::string& file) {
  Prepared drop = database.prepared("DELETE FROM written WHERE photo = ? AND file = ?");
  drop.bind(1, photo);
  drop.bind(2, file);
  drop.exec();
}

void rewrite_photo(Database& database, PhotoId photo, std::int64_t size, std::int64_t mtime_ns,
                   const std::string& content) {
  Prepared update = database.prepared("UPDATE photo SET size = ?, mtime_ns = ?, content = ? WHERE id = ?");
  update.bind(1, size);
  update.bind(2, mtime_ns);
  update.bind(3, content);
  update.bind(4, photo);
  update.exec();
}

void for_each_named_photo(Database& database, std::optional<double> min_probability,
                          const std::function<void(NamedPhoto&&)>& work) {
  SQLite::Statement read(
      database.sql(),
      "SELECT " KITH_FILE_COLUMNS
      ", n.name, n.x, n.y, n.width, n.height FROM photo LEFT JOIN ("
      " SELECT face.photo, person.name, face.x, face.y, face.width, face.height, face.id FROM confirmed"
      "  JOIN face ON face.id = confirmed.face JOIN person ON person.id = confirmed.person"
      " UNION ALL"
      " SELECT face.photo, person.name, face.x, face.y, face.width, face.height, face.id FROM guess"
      "  JOIN face ON face.id = guess.face JOIN person ON person.id = guess.person"
      "  WHERE guess.probability >= ?1"
      "  AND NOT EXISTS (SELECT 1 FROM confirmed WHERE confirmed.face = face.id)"
      "  AND NOT EXISTS (SELECT 1 FROM ignored WHERE ignored.face = face.id)"
      ") AS n ON n.photo = photo.id "
      "WHERE n.name IS NOT NULL OR EXISTS (SELECT 1 FROM written WHERE written.photo = photo.id) "
      "ORDER BY photo.path, n.x, n.id");
  // Without a bound no guess counts: nothing is greater than NULL.
  if (min_probability) read.bind(1, *min_probability);
  NamedPhoto photo;
  while (read.executeStep()) {
    if (photo.file.id != read.getColumn(0).getInt64()) {
      if (photo.file.id != 0) work(std::move(photo));
      photo = {file_at(read, 0), {}};
    }
    if (read.getColumn(file_columns).isNull()) continue;
    photo.faces.push_back({read.getColumn(file_columns).getString(), box_at(read, file_columns + 1)});
  }
  if (photo.file.id != 0) work(std::move(photo));
}

}  // namespace kith::store
