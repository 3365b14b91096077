// SPDX-License-Identifier: Apache-2.0
// Libraries that an older kith wrote.
#include "store/schema.h"

// The session extension is declared only where asked for.
#define SQLITE_ENABLE_SESSION
#define SQLITE_ENABLE_PREUPDATE_HOOK
#include <sqlite3.h>

#include <gtest/gtest.h>

#include <kith/library.h>

#include "store/database.h"
#include "store/journal.h"
#include "support/temporary_folder.h"

namespace kith {
namespace {

// A library as version 1 of the schema had it, with a decision and its journal entry made by that version's
// own statements.
void write_version_1(const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  SQLite::Database sql((folder / "library.sqlite").string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
  sql.exec(std::string(store::migrations()[0]));
  sql.exec("PRAGMA application_id = " + std::to_string(store::application_id));
  sql.exec("PRAGMA user_version = 1");
  sql.exec(
      "INSERT INTO photo(path, size, mtime_ns, content, width, height, orientation, taken, camera, missing, "
      "error_code, error_message) VALUES ('/a.jpg', 1000, 7, 'c', 800, 600, 6, '2019-07-31T18:05:11', "
      "'Canon', "
      "0, '', '');"
      "INSERT INTO face(photo, x, y, width, height, landmarks, score, quality) "
      "VALUES (1, 10, 20, 80, 100, zeroblob(40), 0.9, 0.8), (1, 300, 20, 80, 100, zeroblob(40), 0.9, 0.8);");
  sqlite3_session* session = nullptr;
  ASSERT_EQ(sqlite3session_create(sql.getHandle(), "main", &session), SQLITE_OK);
  for (const char* table : {"person", "alias", "confirmed", "rejected", "link", "ignored", "drawn"})
    sqlite3session_attach(session, table);
  sql.exec(
      "INSERT INTO person(name, birth) VALUES ('Anna', '1990');"
      "INSERT INTO alias VALUES ('Anni', 1);"
      "INSERT INTO confirmed VALUES (1, 1);"
      "INSERT INTO rejected VALUES (2, 1);");
  int size = 0;
  void* changes = nullptr;
  ASSERT_EQ(sqlite3session_changeset(session, &size, &changes), SQLITE_OK);
  SQLite::Statement journal(sql,
                            "INSERT INTO journal(at, action, summary, state, changes) VALUES "
                            "('2026-01-31T18:05:11Z', 'add', 'x', 0, ?)");
  journal.bind(1, changes, size);
  journal.exec();
  sqlite3_free(changes);
  sqlite3session_delete(session);
}

TEST(Schema, ALibraryOfVersion1IsBroughtUpToDateWithItsDecisions) {
  const test::TemporaryFolder folder;
  write_version_1(folder.path());
  Result<Library> library = Library::open(folder.path(), Library::Mode::write);
  ASSERT_TRUE(library) << library.error().message;
  const std::vector<LibraryFace> faces = library->faces_on("/a.jpg").value();
  ASSERT_EQ(faces.size(), 2U);
  EXPECT_EQ(faces[0].person, "Anna");
  EXPECT_EQ(faces[0].naming, Naming::confirmed);
  EXPECT_EQ(faces[1].naming, Naming::unknown);
  const PersonSummary anna = library->person("Anni").value();
  EXPECT_EQ(anna.birth, "1990");
  EXPECT_TRUE(library->conflicts()->empty());
  EXPECT_TRUE(library->check(false)->empty());
  {
    const auto database = store::Database::open(folder.path(), store::Access::read);
    ASSERT_TRUE(database);
    SQLite::Statement read((*database)->sql(), "SELECT lens, direction IS NULL FROM photo");
    ASSERT_TRUE(read.executeStep());
    EXPECT_EQ(read.getColumn(0).getString(), "");
    EXPECT_EQ(read.getColumn(1).getInt(), 1);
    EXPECT_EQ((*database)->sql().execAndGet("PRAGMA user_version").getInt(), 2);
  }
  // Decisions of then are undone and done again by the kith of now.
  ASSERT_TRUE(library->undo());
  EXPECT_EQ(library->faces_on("/a.jpg")->at(0).naming, Naming::unknown);
  EXPECT_TRUE(library->people()->empty());
  ASSERT_TRUE(library->redo());
  EXPECT_EQ(library->faces_on("/a.jpg")->at(0).person, "Anna");
}

}  // namespace
}  // namespace kith
