// SPDX-License-Identifier: Apache-2.0
// On databases of our own making, laid out as digiKam 7.9 and 8 lay theirs out (docs/interop.md).
#include "interop/digikam.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdint>
#include <string>

#include "interop/files.h"
#include "support/temporary_folder.h"

namespace kith::test {
namespace {

namespace fs = std::filesystem;
using interop::Claims;
using interop::DigikamSettings;
using interop::read_digikam;

constexpr const char* schema = R"(
CREATE TABLE Settings (keyword TEXT NOT NULL UNIQUE, value TEXT);
CREATE TABLE AlbumRoots (id INTEGER PRIMARY KEY, label TEXT, status INTEGER NOT NULL, type INTEGER NOT NULL,
  identifier TEXT, specificPath TEXT);
CREATE TABLE Albums (id INTEGER PRIMARY KEY, albumRoot INTEGER NOT NULL, relativePath TEXT NOT NULL, date DATE,
  caption TEXT, collection TEXT, icon INTEGER, modificationDate DATETIME);
CREATE TABLE Images (id INTEGER PRIMARY KEY, album INTEGER, name TEXT NOT NULL, status INTEGER NOT NULL,
  category INTEGER NOT NULL, modificationDate DATETIME, fileSize INTEGER, uniqueHash TEXT, manualOrder INTEGER);
CREATE TABLE ImageInformation (imageid INTEGER PRIMARY KEY, rating INTEGER, creationDate DATETIME,
  digitizationDate DATETIME, orientation INTEGER, width INTEGER, height INTEGER, format TEXT, colorDepth INTEGER,
  colorModel INTEGER);
CREATE TABLE Tags (id INTEGER PRIMARY KEY, pid INTEGER, name TEXT NOT NULL, icon INTEGER, iconkde TEXT);
CREATE TABLE TagProperties (tagid INTEGER, property TEXT, value TEXT);
CREATE TABLE ImageTags (imageid INTEGER NOT NULL, tagid INTEGER NOT NULL, UNIQUE (imageid, tagid));
CREATE TABLE ImageTagProperties (imageid INTEGER, tagid INTEGER, property TEXT, value TEXT);
INSERT INTO Settings VALUES ('DBVersion', '15');
INSERT INTO Tags (id, pid, name) VALUES (4, 0, 'Personen'), (5, 4, 'Unbekannt'), (6, 4, 'Unbestätigt'),
  (7, 4, 'Ignoriert'), (8, 4, 'Anna'), (9, 4, 'Ben'), (10, 0, 'Beach');
INSERT INTO TagProperties VALUES (5, 'person', ''), (5, 'unknownPerson', ''), (6, 'person', ''),
  (6, 'unconfirmedPerson', ''), (7, 'person', ''), (7, 'ignoredPerson', ''), (8, 'person', 'Anna'),
  (8, 'faceEngineId', 'Anna'), (9, 'person', 'Ben');
)";

class Digikam : public ::testing::Test {
 protected:
  Digikam() {
    sql(schema);
    sql("INSERT INTO AlbumRoots VALUES (1, 'Photos', 0, 1, 'volumeid:?path=" + photos().string() + "', '/')");
    sql("INSERT INTO Albums (id, albumRoot, relativePath) VALUES (1, 1, '/'), (2, 1, '/2019/July')");
  }

  [[nodiscard]] fs::path file() const { return folder_ / "digikam4.db"; }
  [[nodiscard]] fs::path photos() const { return folder_ / "photos"; }

  void sql(const std::string& statements) {
    SQLite::Database(file().string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE).exec(statements);
  }

  void image(int id, const std::string& name, int width = 600, int height = 400, int orientation = 1,
             int album = 1) {
    const std::string number = std::to_string(id);
    sql("INSERT INTO Images (id, album, name, status, category) VALUES (" + number + ", " +
        std::to_string(album) + ", '" + name + "', 1, 1)");
    sql("INSERT INTO ImageInformation (imageid, orientation, width, height) VALUES (" + number + ", " +
        std::to_string(orientation) + ", " + std::to_string(width) + ", " + std::to_string(height) + ")");
  }

  void region(int id, int tag, const std::string& value = R"(<rect x="100" y="50" width="90" height="120"/>)",
              const std::string& property = "tagRegion") {
    sql("INSERT INTO ImageTagProperties VALUES (" + std::to_string(id) + ", " + std::to_string(tag) + ", '" +
        property + "', '" + value + "')");
  }

  Claims read(const interop::FrameOf& frame_of = frame(600, 400), const DigikamSettings& settings = {}) {
    const Result<Claims> claims = read_digikam(file(), frame_of, settings);
    EXPECT_TRUE(claims) << claims.error().message;
    return claims.value_or(Claims());
  }

  [[nodiscard]] Error error() const {
    const Result<Claims> claims = read_digikam(file(), frame(600, 400));
    EXPECT_FALSE(claims);
    return claims ? Error() : claims.error();
  }

  TemporaryFolder folder_;
};

// ---- who and where

TEST_F(Digikam, ConfirmedFacesHaveNamesAndPlaces) {
  image(1, "a.jpg");
  image(2, "b.jpg", 600, 400, 1, 2);
  region(1, 8);
  region(1, 9, R"(<rect x="0" y="0" width="600" height="400"/>)");
  region(2, 9);
  const Claims claims = read();
  EXPECT_EQ(told(claims), "b.jpg: Ben 100,50 90x120 | a.jpg: Anna 100,50 90x120; Ben 0,0 600x400");
  EXPECT_EQ(claims.photos[0].photo, photos() / "2019" / "July" / "b.jpg");
  EXPECT_EQ(claims.photos[1].photo, photos() / "a.jpg");
  EXPECT_EQ(claims.photos[0].claims[0].source, "digikam");
  EXPECT_TRUE(claims.problems.empty());
}

TEST_F(Digikam, GuessesAndNobodysFacesAreNotTold) {
  image(1, "a.jpg");
  region(1, 5, R"(<rect x="1" y="1" width="9" height="9"/>)", "autodetectedFace");
  region(1, 6, R"(8,autodetectedFace,<rect x="1" y="1" width="9" height="9"/>)", "autodetectedPerson");
  region(1, 8, R"(<rect x="1" y="1" width="9" height="9"/>)", "autodetectedFace");
  region(1, 9, R"(<rect x="1" y="1" width="9" height="9"/>)", "faceToTrain");
  region(1, 5);
  region(1, 6);
  region(1, 7);
  sql("INSERT INTO ImageTags VALUES (1, 5), (1, 6), (1, 7), (1, 8), (1, 9), (1, 10)");
  EXPECT_EQ(told(read()), "");
}

TEST_F(Digikam, SomebodysTagWithoutARegionIsOnThePhotoSomewhere) {
  image(1, "a.jpg");
  region(1, 8);
  sql("INSERT INTO ImageTags VALUES (1, 8), (1, 9), (1, 10)");
  EXPECT_EQ(told(read()), "a.jpg: Anna 100,50 90x120; Ben");
}

TEST_F(Digikam, ARegionThatIsNobodysIsNoFace) {
  image(1, "a.jpg");
  region(1, 10);
  EXPECT_EQ(told(read()), "a.jpg: Beach (no face) 100,50 90x120");
}

TEST_F(Digikam, PhotosInTheBinAreNotTold) {
  image(1, "a.jpg");
  image(2, "hidden.jpg");
  region(1, 8);
  region(2, 8);
  sql("UPDATE Images SET status = 3 WHERE id = 1; UPDATE Images SET status = 2 WHERE id = 2");
  EXPECT_EQ(told(read()), "hidden.jpg: Anna 100,50 90x120");
}

// ---- the photo as it is now

TEST_F(Digikam, PlacesAreOfTheUprightPhotoInAllOrientations) {
  for (int orientation = 1; orientation <= 8; ++orientation) {
    const bool turned = orientation >= 5;
    image(orientation, std::to_string(orientation) + ".jpg", turned ? 400 : 600, turned ? 600 : 400,
          orientation);
    region(orientation, 8);
  }
  const Claims claims = read([](const fs::path& photo) {
    return Result<PhotoFrame>(PhotoFrame{600, 400, photo.filename().string()[0] - '0'});
  });
  ASSERT_EQ(claims.photos.size(), 8U);
  for (const auto& photo : claims.photos)
    EXPECT_EQ(told({{photo}, {}}), photo.photo.filename().string() + ": Anna 100,50 90x120");
}

TEST_F(Digikam, PlacesFollowAPhotoThatWasScaledOrTurnedByItsOrientation) {
  image(1, "a.jpg");
  region(1, 8);
  EXPECT_EQ(told(read(frame(300, 200))), "a.jpg: Anna 50,25 45x60");
  EXPECT_EQ(told(read(frame(1201, 801))), "a.jpg: Anna 200,100 180x240");
  EXPECT_EQ(told(read(frame(400, 600, 6))), "a.jpg: Anna 230,100 120x90");
  EXPECT_EQ(told(read(frame(600, 400, 3))), "a.jpg: Anna 410,230 90x120");
}

TEST_F(Digikam, PlacesOnACroppedOrTurnedPhotoAreStale) {
  image(1, "a.jpg");
  region(1, 8);
  EXPECT_EQ(told(read(frame(500, 400))), "a.jpg: Anna stale");
  EXPECT_EQ(told(read(frame(400, 600))), "a.jpg: Anna stale");
}

TEST_F(Digikam, WithoutASizePlacesAreTakenAsTheyAre) {
  image(1, "a.jpg");
  region(1, 8);
  region(1, 9, R"(<rect x="500" y="300" width="200" height="200"/>)");
  sql("UPDATE ImageInformation SET width = NULL, orientation = NULL");
  EXPECT_EQ(told(read()), "a.jpg: Anna 100,50 90x120; Ben 500,300 100x100");
  sql("DELETE FROM ImageInformation");
  EXPECT_EQ(told(read()), "a.jpg: Anna 100,50 90x120; Ben 500,300 100x100");
}

TEST_F(Digikam, RectanglesThatAreNoneLeaveTheNameStale) {
  image(1, "a.jpg");
  for (const char* value :
       {"", "100,50,90,120", "<rect/>", R"(<rect x="1" y="1" width="0" height="9"/>)",
        R"(<rect x="1" y="1" width="-9" height="9"/>)", R"(<rect x="1e3" y="1" width="9" height="9"/>)",
        R"(<rect x="99999999999" y="1" width="9" height="9"/>)", R"(<rect x="1" y="1" width="9")",
        R"(<rect x="2000000000" y="2000000000" width="2000000000" height="2000000000"/>)"}) {
    sql("DELETE FROM ImageTagProperties");
    region(1, 8, value);
    EXPECT_EQ(told(read()), "a.jpg: Anna stale") << value;
  }
}

TEST_F(Digikam, WithoutAFrameTheNamesStandAndAProblemSaysWhy) {
  image(1, "a.jpg");
  region(1, 8);
  region(1, 9);
  const Claims claims =
      read([](const auto&) { return fail(ErrorCode::not_found, "there is no such photo"); });
  EXPECT_EQ(told(claims), "a.jpg: Anna; Ben");
  EXPECT_EQ(claims.problems.size(), 1U);
}

// ---- collections

class DigikamCollection : public Digikam {
 protected:
  std::string root_of(const std::string& identifier, const std::string& specific_path,
                      const DigikamSettings& settings = {}) {
    sql("DELETE FROM Images; DELETE FROM ImageInformation; DELETE FROM ImageTagProperties");
    sql("UPDATE AlbumRoots SET identifier = '" + identifier + "', specificPath = '" + specific_path + "'");
    image(1, "a.jpg");
    region(1, 8);
    const Claims claims = read(frame(600, 400), settings);
    if (!claims.problems.empty()) {
      EXPECT_NE(claims.problems[0].message.find("'Photos'"), std::string::npos) << claims.problems[0].message;
      return "?";
    }
    return claims.photos.empty() ? "" : claims.photos[0].photo.parent_path().string();
  }
};

TEST_F(DigikamCollection, LiesInTheFolderThatItsIdentifierNames) {
  EXPECT_EQ(root_of("volumeid:?path=/home/anna/My Pictures", "/"), "/home/anna/My Pictures");
  EXPECT_EQ(root_of("volumeid:?path=%2Fhome%2Fanna%2FMy%20Pictures", "/"), "/home/anna/My Pictures");
  EXPECT_EQ(root_of("volumeid:?path=/home/anna/%zz%", "/"), "/home/anna/%zz%");
  EXPECT_EQ(root_of("volumeid:?mountpath=/media/disk/", "/Pictures"), "/media/disk/Pictures");
  EXPECT_EQ(root_of("networkshareid:?mountpath=/mnt/nas", "/"), "/mnt/nas");
  EXPECT_EQ(
      root_of("networkshareid:?mountpath=/mnt/none&fileuuid=1&mountpath=" + folder_.path().string(), "/"),
      folder_.path().string());
}

TEST_F(DigikamCollection, LiesOnTheDiskOfItsUuidOrLabel) {
  fs::create_directories(folder_ / "disk/by-uuid");
  fs::create_directories(folder_ / "disk/by-label");
  write_text(folder_ / "sda1", "");
  const fs::path device = fs::canonical(folder_ / "sda1");
  fs::create_symlink(device, folder_ / "disk/by-uuid/0a1b-CD");
  fs::create_symlink(device, folder_ / "disk/by-label/My\\x20Disk");
  write_text(folder_ / "mounts",
             "20 1 8:1 /sub /media/bind rw - ext4 " + device.string() +
                 " rw\n21 1 8:1 / /media/my\\040disk/far rw shared:1 - ext4 " + device.string() +
                 " rw\n22 1 8:1 / /media/my\\040disk rw shared:1 - ext4 " + device.string() +
                 " rw\nno mount\n23 1 8:2 / /media/other rw - ext4 /dev/other rw\n");
  DigikamSettings settings;
  settings.disks = folder_ / "disk";
  settings.mounts = folder_ / "mounts";
  EXPECT_EQ(root_of("volumeid:?uuid=0A1B-cd", "/Pictures", settings), "/media/my disk/Pictures");
  EXPECT_EQ(root_of("volumeid:?label=My Disk", "/", settings), "/media/my disk");
  EXPECT_EQ(root_of("volumeid:?uuid=none", "/", settings), "?");
  settings.mounts = folder_ / "none";
  EXPECT_EQ(root_of("volumeid:?uuid=0a1b-cd", "/", settings), "?");
}

TEST_F(DigikamCollection, LiesWhereTheCallerSaysByLabelOrIdentifier) {
  DigikamSettings settings;
  settings.roots["Photos"] = "/new/place/";
  EXPECT_EQ(root_of("volumeid:?uuid=none", "/Pictures", settings), "/new/place");
  settings.roots = {{"volumeid:?uuid=none", "/other"}};
  EXPECT_EQ(root_of("volumeid:?uuid=none", "/Pictures", settings), "/other");
}

TEST_F(DigikamCollection, ThatLiesNowhereIsAProblem) {
  for (const char* identifier : {"", "x", "volumeid:", "volumeid:?", "volumeid:?&&=&a", "file:///home/anna",
                                 "volumeid:?path=C:/Users/Anna", "volumeid:?path=relative"})
    EXPECT_EQ(root_of(identifier, "/"), "?") << identifier;
  EXPECT_EQ(root_of("volumeid:?path=/home/anna", "/../ben"), "?");
}

TEST_F(Digikam, NoPhotoLiesOutsideOfItsCollection) {
  int id = 0;
  for (const char* name : {"../x.jpg", "..", ".", "", "/etc/passwd", "a/b.jpg"}) image(++id, name);
  sql("INSERT INTO Albums (id, albumRoot, relativePath) VALUES (3, 1, '/../..'), (4, 1, '/a/../../b')");
  image(++id, "x.jpg", 600, 400, 1, 3);
  image(++id, "x.jpg", 600, 400, 1, 4);
  for (int i = 1; i <= id; ++i) region(i, 8);
  const Claims claims = read();
  EXPECT_EQ(told(claims), "");
  EXPECT_EQ(claims.problems.size(), static_cast<std::size_t>(id));
}

TEST_F(Digikam, AnAlbumsPathMayLackOrDoubleItsSlashes) {
  sql("INSERT INTO Albums (id, albumRoot, relativePath) VALUES (3, 1, '2020//./May/')");
  image(1, "a.jpg", 600, 400, 1, 3);
  region(1, 8);
  EXPECT_EQ(read().photos.at(0).photo, photos() / "2020" / "May" / "a.jpg");
}

// ---- the file

// Everything that reading could have left or changed.
std::string trace_of(const fs::path& folder) {
  std::string trace;
  for (const std::string& name : names_in(folder)) {
    struct stat about {};
    EXPECT_EQ(::stat((folder / name).c_str(), &about), 0);
    trace += name + ' ' + std::to_string(about.st_size) + ' ' + std::to_string(about.st_mtim.tv_nsec) + ' ' +
             std::to_string(about.st_ctim.tv_nsec) + '\n';
  }
  return trace;
}

TEST_F(Digikam, ReadingLeavesNoTrace) {
  image(1, "a.jpg");
  region(1, 8);
  const std::string before = trace_of(folder_.path());
  EXPECT_EQ(told(read()), "a.jpg: Anna 100,50 90x120");
  EXPECT_EQ(trace_of(folder_.path()), before);
}

TEST_F(Digikam, InWalModeIsReadWithItsLogAndLeavesNoTrace) {
  image(1, "a.jpg");
  region(1, 8);
  sql("PRAGMA journal_mode = WAL");
  std::string before = trace_of(folder_.path());
  EXPECT_EQ(told(read()), "a.jpg: Anna 100,50 90x120") << "closed";
  EXPECT_EQ(trace_of(folder_.path()), before);

  SQLite::Database open(file().string(), SQLite::OPEN_READWRITE);
  open.exec("UPDATE Tags SET name = 'Anne' WHERE id = 8");
  ASSERT_TRUE(fs::exists(folder_ / "digikam4.db-wal"));
  before = trace_of(folder_.path());
  EXPECT_EQ(told(read()), "a.jpg: Anne 100,50 90x120") << "open, with a log that is not in the database yet";
  EXPECT_EQ(trace_of(folder_.path()), before);
}

TEST_F(Digikam, WithAnEmptyLogBesideItIsReadAndLeavesNoTrace) {
  image(1, "a.jpg");
  region(1, 8);
  write_text(folder_ / "digikam4.db-wal", "");
  const std::string before = trace_of(folder_.path());
  EXPECT_EQ(told(read()), "a.jpg: Anna 100,50 90x120");
  EXPECT_EQ(trace_of(folder_.path()), before);
}

// A database as a crash in the middle of writing leaves it: pages changed, and a journal to roll them back.
void crash_while_writing(const fs::path& file, const fs::path& left) {
  SQLite::Database open(file.string(), SQLite::OPEN_READWRITE);
  open.exec("PRAGMA cache_size = 1; PRAGMA cache_spill = 1; BEGIN; UPDATE Tags SET name = 'Wrong'");
  open.exec(
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) "
      "INSERT INTO TagProperties SELECT i, 'x', hex(randomblob(500)) FROM n");
  fs::copy_file(file, left);
  fs::copy_file(file.string() + "-journal", left.string() + "-journal");
  open.exec("ROLLBACK");
}

TEST_F(Digikam, AfterACrashIsReadAsBeforeTheLastWriteAndLeavesNoTrace) {
  image(1, "a.jpg");
  region(1, 8);
  fs::create_directory(folder_ / "crashed");
  const fs::path crashed = folder_ / "crashed/digikam4.db";
  crash_while_writing(file(), crashed);
  ASSERT_GT(fs::file_size(crashed.string() + "-journal"), 1000U);
  const std::string before = trace_of(crashed.parent_path());
  const Result<Claims> claims = read_digikam(crashed, frame(600, 400));
  ASSERT_TRUE(claims) << claims.error().message;
  EXPECT_EQ(told(*claims), "a.jpg: Anna 100,50 90x120");
  EXPECT_EQ(trace_of(crashed.parent_path()), before);
}

TEST_F(Digikam, AJournalThatNamesAnotherFileToDeleteIsRefused) {
  image(1, "a.jpg");
  fs::create_directory(folder_ / "crashed");
  const fs::path crashed = folder_ / "crashed/digikam4.db";
  crash_while_writing(file(), crashed);
  const std::string victim = (folder_ / "victim").string();
  write_text(victim, "precious");
  // SQLite's format of a journal's end: a page number, the name, its length, the sum of its bytes, a mark.
  std::uint32_t sum = 0;
  for (const char c : victim) sum += static_cast<std::uint32_t>(c);
  const auto big_endian = [](std::uint32_t value) {
    std::string bytes;
    for (int shift = 24; shift >= 0; shift -= 8)
      bytes += static_cast<char>(value >> static_cast<unsigned>(shift));
    return bytes;
  };
  std::ofstream(crashed.string() + "-journal", std::ios::binary | std::ios::app)
      << big_endian(1'048'577) << victim << big_endian(static_cast<std::uint32_t>(victim.size()))
      << big_endian(sum) << "\xd9\xd5\x05\xf9\x20\xa1\x63\xd7";
  const Result<Claims> claims = read_digikam(crashed, frame(600, 400));
  ASSERT_FALSE(claims);
  EXPECT_EQ(claims.error().code, ErrorCode::damaged);
  EXPECT_TRUE(fs::exists(victim));
}

TEST_F(Digikam, ThatIsBeingWrittenIsBusy) {
  SQLite::Database open(file().string(), SQLite::OPEN_READWRITE);
  open.exec("BEGIN EXCLUSIVE");
  EXPECT_EQ(error().code, ErrorCode::library_busy);
  open.exec("ROLLBACK");
  EXPECT_EQ(told(read()), "");
}

TEST_F(Digikam, IsReadThroughALinkAndAnOddPath) {
  image(1, "a.jpg");
  region(1, 8);
  sql("PRAGMA journal_mode = WAL");
  const fs::path odd = folder_ / "a%41?b#c&d=e";
  fs::create_directory(odd);
  fs::copy_file(file(), odd / "digikam4.db");
  fs::create_symlink(odd / "digikam4.db", folder_ / "link.db");
  const Result<Claims> claims = read_digikam(folder_ / "link.db", frame(600, 400));
  ASSERT_TRUE(claims) << claims.error().message;
  EXPECT_EQ(told(*claims), "a.jpg: Anna 100,50 90x120");
  EXPECT_EQ(names_in(odd).size(), 1U);
}

TEST_F(Digikam, OfUnknownVersionsOrOtherProgramsIsRefused) {
  const auto with_version = [&](const std::string& value) {
    sql("UPDATE Settings SET value = " + value);
    const Error refused = error();
    EXPECT_EQ(refused.code, ErrorCode::unsupported_format) << value;
    return refused.message;
  };
  for (const int version : {10, 16}) {
    sql("UPDATE Settings SET value = '" + std::to_string(version) + "'");
    EXPECT_EQ(told(read()), "");
  }
  EXPECT_NE(with_version("'17'").find("17"), std::string::npos);
  for (const char* value : {"'9'", "'-15'", "'15x'", "''", "NULL", "x'ff'"}) with_version(value);
  sql("DELETE FROM Settings");
  EXPECT_EQ(error().code, ErrorCode::unsupported_format);
  sql("DROP TABLE ImageTagProperties");
  EXPECT_EQ(error().code, ErrorCode::unsupported_format);
}

TEST_F(Digikam, ThatIsNoDatabaseIsAnErrorThatNamesTheFile) {
  for (const std::string& text : {std::string(), std::string("no database"), std::string(4096, '\0'),
                                  std::string("SQLite format 3\0", 16) + std::string(5000, '\xff')}) {
    write_text(file(), text);
    const Error refused = error();
    EXPECT_EQ(refused.code, ErrorCode::damaged) << refused.message;
    EXPECT_NE(refused.message.find("digikam4.db"), std::string::npos);
  }
  EXPECT_EQ(read_digikam(folder_ / "none", frame(1, 1)).error().code, ErrorCode::not_found);
  EXPECT_EQ(read_digikam(folder_.path(), frame(1, 1)).error().code, ErrorCode::unreadable);
}

TEST_F(Digikam, CutOrChangedAnywhereGivesAnErrorOrClaims) {
  for (int i = 1; i <= 20; ++i) {
    image(i, std::to_string(i) + ".jpg");
    region(i, 8);
  }
  std::ifstream input(file(), std::ios::binary);
  const std::string whole((std::istreambuf_iterator<char>(input)), std::istreambuf_iterator<char>());
  const auto must_end = [&](const std::string& bytes) {
    write_text(file(), bytes);
    const Result<Claims> claims = read_digikam(file(), frame(600, 400));
    EXPECT_TRUE(claims || !claims.error().message.empty());
  };
  for (std::size_t size = 0; size < whole.size(); size += 509) must_end(whole.substr(0, size));
  std::uint32_t random = 1;
  for (int i = 0; i < 300; ++i) {
    std::string changed = whole;
    for (int j = 0; j < 8; ++j) {
      random = random * 1'664'525U + 1'013'904'223U;
      changed[(random >> 8U) % changed.size()] = static_cast<char>(random >> 3U);
    }
    must_end(changed);
  }
}

TEST_F(Digikam, TypesThatLieArePassedOver) {
  image(1, "a.jpg");
  image(2, "b.jpg");
  region(1, 8);
  region(2, 8);
  sql("INSERT INTO ImageTagProperties VALUES ('x', 8, 'tagRegion', 'x'), (1, 'y', 'tagRegion', 'x'), "
      "(1, 9, x'ff', 'x'), (1, 9, 'tagRegion', x'00ff'), (1, 99, 'tagRegion', 'x'), (NULL, NULL, NULL, "
      "NULL)");
  sql("INSERT INTO Tags (id, name) VALUES (20, x'ff'), (21, ''), (22, 'a' || char(10) || 'b')");
  sql("INSERT INTO TagProperties VALUES ('x', 'person', ''), (20, 'person', ''), (21, 'person', ''), (22, "
      "'person', "
      "''), (8, x'ff', '')");
  sql("INSERT INTO ImageTags VALUES (1, 20), (1, 21), (1, 22), ('x', 8)");
  sql("INSERT INTO AlbumRoots VALUES (2, x'ff', 'x', 'y', x'ff', 1.5)");
  sql("UPDATE ImageInformation SET width = 'wide', height = 9e99, orientation = 77 WHERE imageid = 1");
  sql("UPDATE Images SET name = x'ff' WHERE id = 2");
  const Claims claims = read();
  EXPECT_EQ(told(claims), "a.jpg: Anna 100,50 90x120; Ben stale; a b");
  EXPECT_EQ(claims.problems.size(), 2U) << "the photo without a name, the collection without a place";
}

TEST_F(Digikam, ViewsUnderTheTablesNamesAreRefused) {
  sql("DROP TABLE Tags; CREATE VIEW Tags AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
      "SELECT i AS id, 'x' AS name FROM n");
  EXPECT_EQ(error().code, ErrorCode::unsupported_format);
}

TEST_F(Digikam, ValuesTooLongToBeTrueAreAnError) {
  image(1, "a.jpg");
  region(1, 8);
  sql("UPDATE Tags SET name = hex(zeroblob(3000000)) WHERE id = 8");
  EXPECT_EQ(error().code, ErrorCode::damaged);
}

TEST_F(Digikam, WithALogAndNowhereToCopyItIsAnErrorThatSaysWhatToDo) {
  sql("PRAGMA journal_mode = WAL");
  SQLite::Database open(file().string(), SQLite::OPEN_READWRITE);
  open.exec("UPDATE Tags SET name = 'Anne' WHERE id = 8");
  DigikamSettings settings;
  settings.scratch = folder_ / "none";
  const Result<Claims> claims = read_digikam(file(), frame(600, 400), settings);
  ASSERT_FALSE(claims);
  EXPECT_EQ(claims.error().code, ErrorCode::write_failed);
  EXPECT_NE(claims.error().message.find("close digiKam"), std::string::npos);
}

}  // namespace
}  // namespace kith::test
