// SPDX-License-Identifier: Apache-2.0
// Names between the library and photos' own metadata, over stages that read what they answer from a photo's
// colour.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>

#include <SQLiteCpp/SQLiteCpp.h>
#include <gtest/gtest.h>

#include <kith/library.h>

#include "core/atomic_write.h"
#include "library/written.h"
#include "pipeline/fake_stages.h"
#include "store/metadata.h"
#include "store/photos.h"
#include "support/files.h"

namespace kith {
namespace {

namespace fs = std::filesystem;
using test::content_of;
using test::fake_models;
using test::write_scene;

constexpr PhotoFrame frame{96, 64, 1};  // of the scenes

class MetadataTest : public testing::Test {
 protected:
  void SetUp() override {
    write_scene(photos / "a.jpg", {.faces = 1, .person = 0});
    write_scene(photos / "b.jpg", {.faces = 2, .person = 1});
    const Result<PhotoMetadata> read = read_metadata(photos / "a.jpg", frame);
    if (!read && read.error().code == ErrorCode::unsupported_format)
      GTEST_SKIP() << "SKIPPED: built without the metadata part";
  }

  Library open() { return std::move(Library::open(folder / "library", Library::Mode::create).value()); }

  ScanSummary scan(Library& library) {
    const Result<ScanSummary> summary = library.scan({photos}, models, {});
    if (!summary) throw std::runtime_error(summary.error().message);
    return *summary;
  }

  FaceId face_on(Library& library, const std::string& photo, std::size_t number = 0) {
    return library.faces_on(photos / photo).value().at(number).id;
  }

  void name(Library& library, const std::string& photo, const std::string& person, std::size_t number = 0) {
    const FaceId face = face_on(library, photo, number);
    ASSERT_TRUE(library.confirm({&face, 1}, person));
  }

  WriteSummary write(Library& library, const WriteSettings& settings = {}) {
    reports.clear();
    const Result<WriteSummary> summary = library.write_names(
        {}, settings, [&](const WriteProgress& step) { reports.push_back(*step.report); });
    if (!summary) throw std::runtime_error(summary.error().message);
    return *summary;
  }

  // The names that files give on a photo, sorted; those without a place in parentheses.
  std::vector<std::string> names_in(const fs::path& photo) {
    const Result<PhotoMetadata> read = read_metadata(photo, frame);
    if (!read) throw std::runtime_error(read.error().message);
    std::vector<std::string> names;
    for (const NameClaim& claim : read->claims)
      names.push_back(claim.box ? claim.name : "(" + claim.name + ")");
    std::ranges::sort(names);
    return names;
  }

  // As another program would do it.
  void write_as_another(const fs::path& photo, const std::vector<NamedFace>& faces) {
    Result<MetadataEdit> edit = edit_names(photo, frame, faces, {}, {});
    ASSERT_TRUE(edit) << edit.error().message;
    ASSERT_TRUE(edit->commit());
  }

  using Names = std::vector<std::string>;

  test::TemporaryFolder folder;
  fs::path photos = folder / "photos, é 小明";
  Models models = fake_models();
  std::vector<WriteReport> reports;
};

// ---- writing

TEST_F(MetadataTest, ConfirmedNamesAreWrittenAndTheScanFindsThePhotoUnchanged) {
  Library library = open();
  scan(library);
  name(library, "a.jpg", "Anna");
  const WriteSummary summary = write(library);
  EXPECT_EQ(summary.photos, 1U);
  EXPECT_EQ(summary.written, 1U);
  EXPECT_EQ(names_in(photos / "a.jpg"), (Names{"Anna"}));
  EXPECT_EQ(names_in(photos / "b.jpg"), Names());
  EXPECT_EQ(scan(library).unchanged, 2U);
  ASSERT_EQ(library.written(photos / "a.jpg")->size(), 1U);
  EXPECT_EQ(library.written(photos / "a.jpg")->at(0).names, (Names{"Anna"}));

  const std::string before = content_of(photos / "a.jpg");
  const WriteSummary again = write(library);
  EXPECT_EQ(again.written, 0U);
  EXPECT_EQ(again.unchanged, 1U);
  EXPECT_TRUE(reports.empty()) << "nothing was opened";
  EXPECT_EQ(content_of(photos / "a.jpg"), before);
}

TEST_F(MetadataTest, APhotoWhoseXmpHasNoRoomLeftGetsASidecarAndLosesWhatKithWroteIntoIt) {
  Library library = open();
  scan(library);
  name(library, "a.jpg", "Anna");
  ASSERT_EQ(write(library).written, 1U);
  // Another program fills what is left of the 64 KB that a JPEG's segment holds; the next words would be too
  // many.
  std::string jpeg = content_of(photos / "a.jpg");
  const std::string mark = std::string("http://ns.adobe.com/xap/1.0/") + '\0';
  const std::size_t content = jpeg.find(mark);
  ASSERT_NE(content, std::string::npos);
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(jpeg[at]); };
  const std::size_t size = byte(content - 2) * 256U + byte(content - 1);
  const std::string attribute = " xmlns:f='http://example.com/filler/' f:text='";
  const std::string filler = attribute + std::string(65'530 - size - attribute.size() - 1, 'x') + "'";
  const std::size_t about = jpeg.find("<rdf:Description", content);
  ASSERT_LT(about, content + size);
  jpeg.insert(about + std::string("<rdf:Description").size(), filler);
  jpeg[content - 2] = static_cast<char>((size + filler.size()) >> 8U);
  jpeg[content - 1] = static_cast<char>((size + filler.size()) & 0xffU);
  std::ofstream(photos / "a.jpg", std::ios::binary) << jpeg;
  ASSERT_EQ(scan(library).changed, 1U);
  ASSERT_EQ(names_in(photos / "a.jpg"), (Names{"Anna"}));

  ASSERT_TRUE(library.rename("Anna", "Anna of the very long name that has no room"));
  const WriteSummary summary = write(library);
  EXPECT_EQ(summary.written, 1U);
  EXPECT_EQ(summary.failed, 0U);
  EXPECT_TRUE(fs::exists(photos / "a.jpg.xmp"));
  EXPECT_EQ(names_in(photos / "a.jpg"), (Names{"Anna of the very long name that has no room"}));
  EXPECT_EQ(content_of(photos / "a.jpg").find("Anna"), std::string::npos);
  EXPECT_EQ(scan(library).unchanged, 2U);
  EXPECT_EQ(write(library).unchanged, 1U);
  EXPECT_TRUE(reports.empty()) << "nothing was opened";
}

TEST_F(MetadataTest, ADryRunTellsAndChangesNothing) {
  Library library = open();
  scan(library);
  name(library, "a.jpg", "Anna");
  const std::string before = content_of(photos / "a.jpg");
  const WriteSummary summary = write(library, {.metadata = {}, .min_probability = {}, .dry_run = true});
  EXPECT_EQ(summary.written, 1U);
  ASSERT_EQ(reports.size(), 1U);
  ASSERT_EQ(reports[0].files.size(), 1U);
  EXPECT_FALSE(reports[0].files[0].changes.empty());
  EXPECT_EQ(content_of(photos / "a.jpg"), before);
  EXPECT_TRUE(library.written(photos / "a.jpg")->empty());
  EXPECT_EQ(write(library).written, 1U);
}

TEST_F(MetadataTest, WhatAKilledWriterLeftBesideIsTakenAwayByTheNextWriteAndByNoDryRun) {
  Library library = open();
  scan(library);
  name(library, "a.jpg", "Anna");
  const fs::path leftover = photos / ".kith-2147483647-0.tmp";  // no process has that number
  std::ofstream(leftover) << "a whole photo, under a name of its own";
  fs::last_write_time(leftover, fs::file_time_type::clock::now() - std::chrono::hours(2));
  write(library, {.metadata = {}, .min_probability = {}, .dry_run = true});
  EXPECT_TRUE(fs::exists(leftover));
  EXPECT_EQ(write(library).written, 1U);
  EXPECT_FALSE(fs::exists(leftover));
}

TEST_F(MetadataTest, WhatHoldsNoMoreIsTakenOutAndAnothersWordStays) {
  Library library = open();
  write_as_another(photos / "b.jpg", {{"Theirs", {33, 11, 27, 27}}});
  scan(library);
  name(library, "b.jpg", "Ben");
  write(library);
  EXPECT_EQ(names_in(photos / "b.jpg"), (Names{"Ben", "Theirs"}));
  const FaceId face = face_on(library, "b.jpg");
  ASSERT_TRUE(library.unname({&face, 1}));
  EXPECT_EQ(write(library).written, 1U);
  EXPECT_EQ(names_in(photos / "b.jpg"), (Names{"Theirs"}));
  EXPECT_EQ(scan(library).unchanged, 2U);
  EXPECT_EQ(write(library).photos, 0U) << "kith has nothing in any file any more";
}

TEST_F(MetadataTest, ARenamedPersonIsRenamedInTheFiles) {
  Library library = open();
  scan(library);
  name(library, "a.jpg", "Ana");
  write(library);
  ASSERT_TRUE(library.rename("Ana", "Anna"));
  EXPECT_EQ(write(library).written, 1U);
  EXPECT_EQ(names_in(photos / "a.jpg"), (Names{"Anna"}));
}

TEST_F(MetadataTest, UndoAndAMoveLoseNothingOfWhatWasWritten) {
  Library library = open();
  scan(library);
  name(library, "a.jpg", "Anna");
  write(library);
  ASSERT_TRUE(library.undo());
  fs::create_directories(photos / "elsewhere");
  fs::rename(photos / "a.jpg", photos / "elsewhere" / "renamed.jpg");
  EXPECT_EQ(scan(library).moved, 1U);
  EXPECT_EQ(write(library).written, 1U);
  EXPECT_EQ(names_in(photos / "elsewhere" / "renamed.jpg"), Names());
}

TEST_F(MetadataTest, ASidecarMovesWithItsPhoto) {
  Library library = open();
  scan(library);
  name(library, "a.jpg", "Anna");
  write(library, {.metadata = {.sidecar = SidecarUse::always}, .min_probability = {}});
  ASSERT_TRUE(fs::exists(photos / "a.jpg.xmp"));
  fs::rename(photos / "a.jpg", photos / "z.jpg");
  fs::rename(photos / "a.jpg.xmp", photos / "z.jpg.xmp");
  EXPECT_EQ(scan(library).moved, 1U);
  const FaceId face = face_on(library, "z.jpg");
  ASSERT_TRUE(library.unname({&face, 1}));
  write(library, {.metadata = {.sidecar = SidecarUse::always}, .min_probability = {}});
  EXPECT_FALSE(fs::exists(photos / "z.jpg.xmp")) << "kith had made it, and nothing is left in it";
}

TEST_F(MetadataTest, WhereNamesAreToStandElsewhereTheOldPlaceIsCleared) {
  Library library = open();
  const std::string original = content_of(photos / "a.jpg");
  scan(library);
  name(library, "a.jpg", "Anna");
  write(library);
  write(library, {.metadata = {.sidecar = SidecarUse::always}, .min_probability = {}});
  EXPECT_TRUE(fs::exists(photos / "a.jpg.xmp"));
  EXPECT_EQ(names_in(photos / "a.jpg"), (Names{"Anna"}));
  ASSERT_EQ(library.written(photos / "a.jpg")->size(), 1U);
  EXPECT_EQ(library.written(photos / "a.jpg")->at(0).file, photos / "a.jpg.xmp");
  fs::rename(photos / "a.jpg.xmp", folder / "away.xmp");
  EXPECT_EQ(names_in(photos / "a.jpg"), Names()) << "nothing of it is left in the photo";
  fs::rename(folder / "away.xmp", photos / "a.jpg.xmp");

  write(library, {.metadata = {.sidecar = SidecarUse::never}, .min_probability = {}});
  EXPECT_FALSE(fs::exists(photos / "a.jpg.xmp"));
  EXPECT_EQ(names_in(photos / "a.jpg"), (Names{"Anna"}));
  EXPECT_EQ(scan(library).unchanged, 2U);
}

TEST_F(MetadataTest, APhotoThatWasChangedOrIsGoneIsReportedAndLeftAlone) {
  Library library = open();
  scan(library);
  name(library, "a.jpg", "Anna");
  name(library, "b.jpg", "Ben");
  write_scene(photos / "a.jpg", {.faces = 3, .person = 0});
  fs::remove(photos / "b.jpg");
  const std::string before = content_of(photos / "a.jpg");
  const WriteSummary summary = write(library);
  EXPECT_EQ(summary.failed, 2U);
  ASSERT_EQ(reports.size(), 2U);
  ASSERT_TRUE(reports[0].error);
  EXPECT_EQ(reports[0].error->code, ErrorCode::changed_meanwhile);
  EXPECT_NE(reports[0].error->message.find("a.jpg"), std::string::npos);
  ASSERT_TRUE(reports[1].error);
  EXPECT_EQ(reports[1].error->code, ErrorCode::not_found);
  EXPECT_EQ(content_of(photos / "a.jpg"), before);
}

TEST_F(MetadataTest, SuggestedNamesAreWrittenOnlyWhereAskedForAndProbable) {
  write_scene(photos / "c.jpg", {.faces = 1, .person = 0, .delay_ms = 1});
  Library library = open();
  scan(library);
  name(library, "a.jpg", "Anna");
  ASSERT_TRUE(library.update_names(models.embedder_spec));
  ASSERT_EQ(library.faces_on(photos / "c.jpg")->at(0).naming, Naming::suggested);
  write(library);
  EXPECT_EQ(names_in(photos / "c.jpg"), Names());
  const float probability = library.faces_on(photos / "c.jpg")->at(0).probability;
  write(library, {.metadata = {}, .min_probability = probability + 0.0001});
  EXPECT_EQ(names_in(photos / "c.jpg"), Names());
  write(library, {.metadata = {}, .min_probability = 0.5});
  EXPECT_EQ(names_in(photos / "c.jpg"), (Names{"Anna"}));
  write(library);
  EXPECT_EQ(names_in(photos / "c.jpg"), Names()) << "not asked for any more";
}

TEST_F(MetadataTest, OnlyThePhotosThatWereNamedAreWritten) {
  Library library = open();
  scan(library);
  name(library, "a.jpg", "Anna");
  name(library, "b.jpg", "Ben");
  EXPECT_EQ(library.write_names({photos / "b.jpg"}, {})->written, 1U);
  EXPECT_EQ(names_in(photos / "a.jpg"), Names());
  const Result<WriteSummary> unknown = library.write_names({folder / "elsewhere"}, {});
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, ErrorCode::not_found);
}

TEST_F(MetadataTest, AStopLeavesTheRestForTheNextRun) {
  for (int i = 0; i < 100; ++i) {
    write_scene(photos / ("more " + std::to_string(i) + ".jpg"), {.faces = 1, .person = 2});
    std::ofstream(photos / ("more " + std::to_string(i) + ".jpg"), std::ios::app) << i;
  }
  Library library = open();
  scan(library);
  for (int i = 0; i < 100; ++i) name(library, "more " + std::to_string(i) + ".jpg", "Carla");
  std::stop_source stop;
  std::size_t told = 0;
  const Result<WriteSummary> stopped = library.write_names(
      {}, {},
      [&](const WriteProgress&) {
        ++told;
        stop.request_stop();
      },
      stop.get_token());
  ASSERT_TRUE(stopped);
  EXPECT_TRUE(stopped->cancelled);
  EXPECT_LT(told, 100U);
  const WriteSummary rest = write(library);
  EXPECT_EQ(rest.unchanged, told);
  EXPECT_EQ(rest.written, 100 - told);
}

// ---- a crash between the file and the library

class CrashedWrite : public MetadataTest {
 protected:
  // Writes, and puts the library back to what it was when the file was just about to be replaced.
  void write_and_crash(Library& library, const std::string& photo) {
    const fs::path path = photos / photo;
    const FileState before = file_state(path).value();
    const auto database = store::Database::open(folder / "library", store::Access::write).value();
    const store::KnownFile known = store::known_file(*database, path.string()).value();
    const std::string content = store::content_of(*database, known.id).value();
    std::vector<store::WrittenRow> rows = store::written_for(*database, known.id);
    ASSERT_EQ(write(library).written, 1U);
    store::WrittenRow after = store::written_for(*database, known.id).at(0);
    after.next = after.record;
    after.record = rows.empty() ? std::string() : rows[0].record;
    after.size = static_cast<std::int64_t>(before.bytes);
    after.mtime_ns = before.modified_ns;
    after.ctime_ns = before.changed_ns;
    store::put_written(*database, after);
    store::rewrite_photo(*database, known.id, known.size, known.mtime_ns, content);
  }
};

TEST_F(CrashedWrite, TheNextScanKeepsFacesAndDecisionsAndKithKnowsItsWords) {
  Library library = open();
  scan(library);
  name(library, "a.jpg", "Anna");
  const FaceId face = face_on(library, "a.jpg");
  write_and_crash(library, "a.jpg");
  EXPECT_EQ(names_in(photos / "a.jpg"), (Names{"Anna"}));
  EXPECT_EQ(write(library).failed, 1U) << "the photo is not as the library knows it";
  EXPECT_EQ(scan(library).changed, 1U);
  EXPECT_EQ(face_on(library, "a.jpg"), face);
  EXPECT_EQ(library.faces_on(photos / "a.jpg")->at(0).naming, Naming::confirmed);
  EXPECT_EQ(write(library).failed, 0U);
  EXPECT_EQ(names_in(photos / "a.jpg"), (Names{"Anna"}));
  ASSERT_TRUE(library.unname({&face, 1}));
  write(library);
  EXPECT_EQ(names_in(photos / "a.jpg"), Names()) << "taken for another program's word";
}

TEST_F(CrashedWrite, AWriteThatNeverCameToTheFileIsMadeAgain) {
  Library library = open();
  scan(library);
  name(library, "a.jpg", "Anna");
  const std::string original = content_of(photos / "a.jpg");
  const FileState before = file_state(photos / "a.jpg").value();
  {
    const auto database = store::Database::open(folder / "library", store::Access::write).value();
    store::WrittenRow row;
    row.photo = library.faces_on(photos / "a.jpg")->at(0).photo;
    row.next = R"({"version":1,"people":["Anna"]})";
    row.size = static_cast<std::int64_t>(before.bytes);
    row.mtime_ns = before.modified_ns;
    row.ctime_ns = before.changed_ns;
    store::put_written(*database, row);
  }
  EXPECT_EQ(scan(library).unchanged, 2U);
  EXPECT_EQ(write(library).written, 1U);
  EXPECT_EQ(names_in(photos / "a.jpg"), (Names{"Anna"}));
}

// ---- forgetting

TEST_F(MetadataTest, ForgettingTakesTheNameOutOfTheFilesWhereAsked) {
  Library library = open();
  scan(library);
  name(library, "a.jpg", "Anna");
  name(library, "b.jpg", "Anna", 0);
  name(library, "b.jpg", "Ben", 1);
  write(library);
  // Not written yet, and not to be by forgetting somebody else.
  ASSERT_TRUE(library.rename("Ben", "Benjamin"));
  const Result<Receipt> receipt = library.forget_person("Anna", false, true);
  ASSERT_TRUE(receipt) << receipt.error().message;
  EXPECT_EQ(receipt->files, 2U);
  EXPECT_EQ(receipt->files_left, 0U);
  EXPECT_TRUE(receipt->failures.empty());
  EXPECT_EQ(names_in(photos / "a.jpg"), Names());
  EXPECT_EQ(names_in(photos / "b.jpg"), (Names{"Ben"}));
  EXPECT_EQ(scan(library).unchanged, 2U);
}

TEST_F(MetadataTest, ForgettingTellsHowManyFilesStillBearTheNameAndRemembersItNowhere) {
  Library library = open();
  scan(library);
  name(library, "a.jpg", "Anna/Lena");
  name(library, "b.jpg", "Anna/Lena", 0);
  name(library, "b.jpg", "Ben", 1);
  write(library);
  const Result<Receipt> receipt = library.forget_person("Anna/Lena", false);
  ASSERT_TRUE(receipt);
  EXPECT_EQ(receipt->files, 0U);
  EXPECT_EQ(receipt->files_left, 2U);
  EXPECT_EQ(names_in(photos / "a.jpg"), (Names{"Anna/Lena"}));
  EXPECT_EQ(content_of(folder / "library" / "library.sqlite").find("Lena"), std::string::npos);
  // Ben is kith's still.
  const FaceId ben = face_on(library, "b.jpg", 0);
  ASSERT_TRUE(library.unname({&ben, 1}));
  write(library);
  EXPECT_EQ(names_in(photos / "b.jpg"), (Names{"Anna/Lena"}));
  // And the name does not come back.
  ASSERT_EQ(library.import_names({photos})->confirmed, 0U);
  EXPECT_TRUE(std::ranges::none_of(*library.people(),
                                   [](const PersonSummary& person) { return person.name == "Anna/Lena"; }));
}

// More photos than are written in one go: what is done when the first are reported comes before the last.
class LongWrite : public MetadataTest {
 protected:
  void SetUp() override {
    MetadataTest::SetUp();
    if (IsSkipped()) return;
    for (int i = 0; i < 70; ++i) {
      const fs::path photo = photos / ("more " + std::to_string(10 + i) + ".jpg");
      write_scene(photo, {.faces = 1, .person = 2});
      std::ofstream(photo, std::ios::app) << i;
    }
    scan(library);
    for (int i = 0; i < 70; ++i) name(library, "more " + std::to_string(10 + i) + ".jpg", "Anna");
  }

  // Writes, with this done when the first photo is reported.
  WriteSummary write_and_amid(const std::function<void()>& interrupt) {
    reports.clear();
    const Result<WriteSummary> summary = library.write_names({}, {}, [&](const WriteProgress& step) {
      if (reports.empty()) interrupt();
      reports.push_back(*step.report);
    });
    if (!summary) throw std::runtime_error(summary.error().message);
    return *summary;
  }

  Library library = open();
  Library owner = open();
};

TEST_F(LongWrite, ANameThatIsForgottenMeanwhileIsWrittenNoMore) {
  const WriteSummary summary = write_and_amid([&] {
    const Result<Receipt> receipt = owner.forget_person("Anna", true);
    ASSERT_TRUE(receipt) << receipt.error().message;
    EXPECT_EQ(receipt->files_left, 64U);
  });
  EXPECT_EQ(summary.written, 64U);
  EXPECT_EQ(summary.failed, 6U);
  EXPECT_EQ(reports.back().error->code, ErrorCode::changed_meanwhile);
  EXPECT_EQ(names_in(photos / "more 79.jpg"), Names());
  EXPECT_EQ(library.written(photos / "more 79.jpg")->size(), 0U);
  EXPECT_EQ(write(library).photos, 64U) << "those that bear it still";
}

TEST_F(LongWrite, APhotoThatIsTakenOutMeanwhileIsLeftAlone) {
  const std::string before = content_of(photos / "more 79.jpg");
  const WriteSummary summary =
      write_and_amid([&] { EXPECT_EQ(owner.forget_photos({photos / "more 79.jpg"}), 1U); });
  EXPECT_EQ(summary.failed, 1U);
  EXPECT_EQ(summary.written, 69U);
  EXPECT_EQ(content_of(photos / "more 79.jpg"), before);
  EXPECT_TRUE(library.check(false)->empty());
}

TEST_F(LongWrite, ForgettingAmidAWriteLeavesNoNameInTheLibrary) {
  // Stands for another process that forgets while the first files are being replaced.
  const fs::path file = folder / "library" / "library.sqlite";
  SQLite::Database(file.string(), SQLite::OPEN_READWRITE)
      .exec(
          "CREATE TRIGGER forgets AFTER INSERT ON written WHEN NEW.next IS NOT NULL BEGIN"
          " UPDATE written SET wanted = '', record = '', next = '' WHERE photo = NEW.photo; END");
  EXPECT_EQ(write(library).failed, 0U);
  SQLite::Database rows(file.string(), SQLite::OPEN_READONLY);
  EXPECT_EQ(rows.execAndGet("SELECT count(*) FROM written WHERE wanted LIKE '%Anna%' OR record LIKE '%Anna%'")
                .getInt(),
            0);
}

TEST_F(LongWrite, APhotoThatIsTakenOutWhileItIsWrittenIsNoFailure) {
  // As above.
  SQLite::Database((folder / "library" / "library.sqlite").string(), SQLite::OPEN_READWRITE)
      .exec(
          "CREATE TRIGGER goes AFTER INSERT ON written WHEN NEW.next IS NOT NULL BEGIN"
          " DELETE FROM written WHERE photo = NEW.photo; END");
  EXPECT_EQ(write(library).written, 70U);
  EXPECT_EQ(library.written(photos / "more 79.jpg")->size(), 0U);
}

TEST_F(MetadataTest, AFileThatCannotBeClearedIsNamedInTheReceipt) {
  Library library = open();
  scan(library);
  name(library, "a.jpg", "Anna");
  write(library);
  fs::rename(photos / "a.jpg", folder / "away.jpg");
  const Result<Receipt> receipt = library.forget_person("Anna", false, true);
  ASSERT_TRUE(receipt);
  EXPECT_EQ(receipt->files_left, 1U);
  ASSERT_EQ(receipt->failures.size(), 1U);
  EXPECT_NE(receipt->failures[0].message.find("a.jpg"), std::string::npos);
}

// ---- importing

TEST_F(MetadataTest, NamesComeInBeforeOrAfterTheScanAlike) {
  write_as_another(photos / "a.jpg", {{"Anna", {2, 10, 20, 20}}, {"Ben", {60, 30, 20, 20}}});
  for (const bool first : {true, false}) {
    Library library = open();
    if (!first) scan(library);
    const Result<NamesImport> import = library.import_names({photos});
    ASSERT_TRUE(import) << import.error().message;
    EXPECT_TRUE(import->problems.empty());
    EXPECT_EQ(import->names, 2U);
    EXPECT_EQ(first ? import->waiting : import->confirmed, 2U);
    if (first) scan(library);
    const std::vector<LibraryFace> faces = library.faces_on(photos / "a.jpg").value();
    ASSERT_EQ(faces.size(), 2U);
    EXPECT_EQ(faces[0].person, "Anna");
    EXPECT_EQ(faces[1].person, "Ben");
    EXPECT_TRUE(faces[1].drawn);
    const Result<NamesImport> again = library.import_names({photos});
    EXPECT_EQ(again->known, 2U);
    EXPECT_EQ(again->confirmed + again->drawn + again->conflicts + again->waiting, 0U);
    ASSERT_TRUE(library.make_vectors(models));
    EXPECT_EQ(library.check(false)->size(), 0U);
    fs::remove_all(folder / "library");
  }
}

TEST_F(MetadataTest, WhatKithWroteComesBackAsItWas) {
  Library library = open();
  scan(library);
  name(library, "a.jpg", "Anna");
  name(library, "b.jpg", "Ben", 1);
  write(library, {.metadata = {.sidecar = SidecarUse::always, .microsoft = true}, .min_probability = {}});
  EXPECT_EQ(library.import_names({photos})->known, 2U);
  fs::remove_all(folder / "library");
  Library fresh = open();
  scan(fresh);
  EXPECT_EQ(fresh.import_names({photos / "a.jpg.xmp", photos / "b.jpg"})->confirmed, 2U);
  EXPECT_EQ(fresh.faces_on(photos / "b.jpg")->at(1).person, "Ben");
  EXPECT_EQ(fresh.faces_on(photos / "b.jpg")->at(0).person, std::nullopt);
}

TEST_F(MetadataTest, WhatKithItselfWroteIsNobodysWord) {
  write_scene(photos / "c.jpg", {.faces = 1, .person = 0, .delay_ms = 1});
  Library library = open();
  scan(library);
  name(library, "b.jpg", "Ben");
  name(library, "a.jpg", "Anna");
  ASSERT_TRUE(library.update_names(models.embedder_spec));
  write(library, {.metadata = {}, .min_probability = 0.5});
  ASSERT_EQ(names_in(photos / "c.jpg"), (Names{"Anna"}));
  const FaceId refused = face_on(library, "b.jpg");
  ASSERT_TRUE(library.reject({&refused, 1}, "Ben"));
  const Result<NamesImport> import = library.import_names({photos});
  ASSERT_TRUE(import);
  EXPECT_EQ(import->confirmed + import->conflicts, 0U);
  EXPECT_EQ(library.faces_on(photos / "c.jpg")->at(0).naming, Naming::suggested);
}

TEST_F(MetadataTest, APhotoThatNamesACrowdIsReportedAndTheOthersAreRead) {
  std::string names;
  for (int i = 0; i <= 2000; ++i) names += "<rdf:li>N" + std::to_string(i) + "</rdf:li>";
  std::ofstream(photos / "a.jpg.xmp")
      << R"(<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">)"
      << R"(<rdf:Description xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/">)"
      << "<Iptc4xmpExt:PersonInImage><rdf:Bag>" << names << "</rdf:Bag></Iptc4xmpExt:PersonInImage>"
      << "</rdf:Description></rdf:RDF></x:xmpmeta>";
  write_as_another(photos / "b.jpg", {{"Ben", {2, 10, 20, 20}}});
  Library library = open();
  scan(library);
  const Result<NamesImport> import = library.import_names({photos});
  ASSERT_TRUE(import);
  EXPECT_EQ(import->names, 1U);
  ASSERT_EQ(import->problems.size(), 1U);
  EXPECT_EQ(import->problems.front().code, ErrorCode::too_large);
}

TEST_F(MetadataTest, ADryRunOfAnImportChangesNothing) {
  write_as_another(photos / "a.jpg", {{"Anna", {2, 10, 20, 20}}});
  Library library = open();
  scan(library);
  EXPECT_EQ(library.import_names({photos}, {.threads = 2, .decode = {}, .dry_run = true})->confirmed, 1U);
  EXPECT_TRUE(library.people()->empty());
  EXPECT_TRUE(library.history(1)->empty());
}

TEST_F(MetadataTest, WhatHoldsNoNamesIsRefusedAndADamagedPhotoReported) {
  Library library = open();
  std::ofstream(folder / "notes.txt") << "nothing";
  EXPECT_EQ(library.import_names({folder / "notes.txt"}).error().code, ErrorCode::bad_argument);
  EXPECT_EQ(library.import_names({folder / "absent"}).error().code, ErrorCode::not_found);
  std::ofstream(photos / "broken.jpg") << "not a photo";
  const Result<NamesImport> import = library.import_names({photos});
  ASSERT_TRUE(import);
  ASSERT_EQ(import->problems.size(), 1U);
  EXPECT_NE(import->problems[0].message.find("broken.jpg"), std::string::npos);
}

TEST_F(MetadataTest, NamesBesidePhotosComeInToo) {
  std::ofstream(photos / ".picasa.ini") << "[Contacts2]\na1=Anna;;\n[a.jpg]\nfaces=rect64(05542800"
                                           "3aaa7800),a1\n";
  std::ofstream(photos / "b.jpg.json")
      << R"({"title": "b.jpg", "photoTakenTime": {"timestamp": "1"}, "people": [{"name": "Ben"}]})";
  Library library = open();
  scan(library);
  const Result<NamesImport> import = library.import_names({photos});
  ASSERT_TRUE(import);
  EXPECT_EQ(import->confirmed, 1U);
  EXPECT_EQ(import->conflicts, 1U) << "Ben may be either of two faces";
  EXPECT_EQ(library.faces_on(photos / "a.jpg")->at(0).person, "Anna");
}

// ---- texts

TEST_F(MetadataTest, AnEditedDescriptionLeavesThePhotoKnown) {
  Library library = open();
  scan(library);
  name(library, "a.jpg", "Anna");
  write(library);
  Result<MetadataEdit> edit = edit_texts(photos / "a.jpg", "At the sea", "Sony");
  ASSERT_TRUE(edit);
  ASSERT_TRUE(library.commit(*edit, photos / "a.jpg"));
  EXPECT_EQ(read_metadata(photos / "a.jpg", frame)->details.description, "At the sea");
  EXPECT_EQ(names_in(photos / "a.jpg"), (Names{"Anna"}));
  EXPECT_EQ(scan(library).unchanged, 2U);
  write(library);
  EXPECT_TRUE(reports.empty()) << "nothing to open";
}

TEST_F(MetadataTest, AnEditOfAPhotoThatChangedIsSeenByTheNextScan) {
  Library library = open();
  scan(library);
  write_scene(photos / "a.jpg", {.faces = 3, .person = 0});
  Result<MetadataEdit> edit = edit_texts(photos / "a.jpg", "At the sea", {});
  ASSERT_TRUE(edit);
  ASSERT_TRUE(library.commit(*edit, photos / "a.jpg"));
  EXPECT_EQ(scan(library).changed, 1U);
  EXPECT_EQ(library.faces_on(photos / "a.jpg")->size(), 3U);
}

}  // namespace
}  // namespace kith
