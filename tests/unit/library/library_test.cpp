// SPDX-License-Identifier: Apache-2.0
// The photo library over stages that read what they answer from a photo's colour.
#include <kith/library.h>

#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <map>
#include <random>
#include <set>
#include <sstream>
#include <thread>

#include <SQLiteCpp/SQLiteCpp.h>
#include <gtest/gtest.h>

#include "core/projection.h"
#include "core/sha256.h"
#include "embed/projected_embedder.h"
#include "library/rules.h"
#include "pipeline/fake_stages.h"
#include "store/half.h"
#include "support/files.h"

namespace kith {
namespace {

namespace fs = std::filesystem;
using test::content_of;
using test::entries;
using test::fake_models;
using test::Scene;
using test::write_scene;

std::string person_number(std::size_t number) {
  std::string name = "P";
  name += std::to_string(number);
  return name;
}

class LibraryTest : public testing::Test {
 protected:
  Library open(Library::Mode mode = Library::Mode::create) {
    Result<Library> library = Library::open(folder / "library", mode);
    if (!library) throw std::runtime_error(library.error().message);
    return std::move(*library);
  }

  ScanSummary scan(Library& library) {
    const Result<ScanSummary> summary = library.scan({photos}, models, {});
    if (!summary) throw std::runtime_error(summary.error().message);
    return *summary;
  }

  FaceId only_face(Library& library, const std::string& photo) {
    const std::vector<LibraryFace> faces = library.faces_on(photos / photo).value();
    EXPECT_EQ(faces.size(), 1U) << photo;
    return faces.at(0).id;
  }

  std::optional<std::string> name_on(Library& library, const std::string& photo) {
    return library.faces_on(photos / photo).value().at(0).person;
  }

  void name(Library& library, const std::string& photo, const std::string& person) {
    const FaceId face = only_face(library, photo);
    const Status confirmed = library.confirm({&face, 1}, person);
    ASSERT_TRUE(confirmed) << confirmed.error().message;
    ASSERT_TRUE(library.update_names(models.embedder_spec));
  }

  test::TemporaryFolder folder;
  fs::path photos = folder / "photos with spaces, é 小明";
  Models models = fake_models();
};

// ---- scanning

TEST_F(LibraryTest, TellsNewUnchangedChangedMovedAndMissingPhotosApart) {
  write_scene(photos / "a.png", {.person = 0});
  write_scene(photos / "b.png", {.person = 1});
  write_scene(photos / "c.png", {.person = 2});
  Library library = open();
  ScanSummary summary = scan(library);
  EXPECT_EQ(summary.photos, 3U);
  EXPECT_EQ(summary.fresh, 3U);
  EXPECT_EQ(summary.faces, 3U);
  summary = scan(library);
  EXPECT_EQ(summary.fresh, 0U);
  EXPECT_EQ(summary.unchanged, 3U);

  const FaceId of_a = only_face(library, "a.png");
  fs::create_directories(photos / "elsewhere");
  fs::rename(photos / "a.png", photos / "elsewhere" / "renamed.png");
  fs::remove(photos / "c.png");
  write_scene(photos / "b.png", {.faces = 2, .person = 1});
  summary = scan(library);
  EXPECT_EQ(summary.photos, 2U);
  EXPECT_EQ(summary.moved, 1U);
  EXPECT_EQ(summary.changed, 1U);
  EXPECT_EQ(summary.missing, 1U);
  EXPECT_EQ(summary.fresh, 0U);
  EXPECT_EQ(only_face(library, "elsewhere/renamed.png"), of_a);
  EXPECT_EQ(library.faces_on(photos / "b.png")->size(), 2U);

  EXPECT_EQ(library.forget_missing(), 1U);
  EXPECT_EQ(library.faces_on(photos / "c.png").error().code, ErrorCode::not_found);
  EXPECT_EQ(scan(library).missing, 0U);
}

TEST_F(LibraryTest, AMoveIsRecognisedByAScanOfItsNewFolderAlone) {
  write_scene(photos / "old" / "a.png", {.person = 0});
  write_scene(photos / "old" / "b.png", {.person = 1});
  Library library = open();
  scan(library);
  const FaceId of_a = only_face(library, "old/a.png");
  fs::create_directories(photos / "new");
  fs::rename(photos / "old" / "a.png", photos / "new" / "a.png");
  const ScanSummary summary = library.scan({photos / "new"}, models, {}).value();
  EXPECT_EQ(summary.moved, 1U);
  EXPECT_EQ(summary.fresh, 0U);
  EXPECT_EQ(summary.missing, 0U) << "of the folder that was not scanned nothing is said";
  EXPECT_EQ(only_face(library, "new/a.png"), of_a);
  EXPECT_EQ(scan(library).unchanged, 2U);
}

TEST_F(LibraryTest, ACopyOfWhatLiesOnADiskThatIsNotMountedIsNoMove) {
  write_scene(folder / "disk" / "a.png", {.person = 0});
  Library library = open();
  ASSERT_TRUE(library.scan({folder / "disk"}, models, {}));
  fs::create_directories(photos);
  fs::rename(folder / "disk" / "a.png", photos / "a.png");  // leaves an empty folder, as a mount point is
  const ScanSummary summary = scan(library);
  EXPECT_EQ(summary.moved, 0U);
  EXPECT_EQ(summary.fresh, 1U);
  EXPECT_EQ(only_face(library, "../disk/a.png") == only_face(library, "a.png"), false);
}

TEST_F(LibraryTest, ATouchedPhotoIsNotLookedAtAgain) {
  write_scene(photos / "a.png", {});
  Library library = open();
  scan(library);
  fs::last_write_time(photos / "a.png", fs::file_time_type::clock::now() - std::chrono::hours(1000));
  const ScanSummary summary = scan(library);
  EXPECT_EQ(summary.changed, 0U);
  EXPECT_EQ(summary.unchanged, 1U);
}

TEST_F(LibraryTest, AClockThatGoesBackChangesNoOrderAndHidesNoChange) {
  write_scene(photos / "a.png", {.person = 0});
  write_scene(photos / "b.png", {.person = 1});
  Library library = open();
  scan(library);
  name(library, "a.png", "Anna");
  // The clock was wrong until now: what comes next is earlier.
  SQLite::Database((folder / "library" / "library.sqlite").string(), SQLite::OPEN_READWRITE)
      .exec("UPDATE journal SET at = '2099-01-01T00:00:00Z'");
  name(library, "b.png", "Ben");
  const std::vector<HistoryEntry> history = library.history(2).value();
  ASSERT_EQ(history.size(), 2U);
  EXPECT_LT(history[0].at, history[1].at);
  ASSERT_TRUE(library.undo());
  EXPECT_EQ(name_on(library, "a.png"), "Anna");
  EXPECT_EQ(name_on(library, "b.png"), std::nullopt) << "the last decision is undone, not the one of 2099";
  write_scene(photos / "a.png", {.faces = 2, .person = 0});
  fs::last_write_time(photos / "a.png", fs::file_time_type::clock::now() - std::chrono::hours(100'000));
  EXPECT_EQ(scan(library).changed, 1U);
}

TEST_F(LibraryTest, PhotosThatSwapTheirNamesKeepTheirDecisions) {
  write_scene(photos / "a.png", {.person = 0});
  write_scene(photos / "b.png", {.person = 1});
  Library library = open();
  scan(library);
  name(library, "a.png", "Anna");
  name(library, "b.png", "Ben");
  const FaceId anna = only_face(library, "a.png");
  fs::rename(photos / "a.png", photos / "between.png");
  fs::rename(photos / "b.png", photos / "a.png");
  fs::rename(photos / "between.png", photos / "b.png");
  const ScanSummary swapped = scan(library);
  EXPECT_EQ(swapped.moved, 2U);
  EXPECT_EQ(swapped.fresh + swapped.changed + swapped.missing, 0U);
  EXPECT_EQ(only_face(library, "b.png"), anna);
  EXPECT_EQ(name_on(library, "a.png"), "Ben");
  EXPECT_EQ(name_on(library, "b.png"), "Anna");
  EXPECT_EQ(scan(library).unchanged, 2U);
}

TEST_F(LibraryTest, PhotosThatAreRenumberedKeepTheirDecisions) {
  for (int i = 0; i < 3; ++i) write_scene(photos / (std::to_string(i) + ".png"), {.person = i});
  Library library = open();
  scan(library);
  for (int i = 0; i < 3; ++i)
    name(library, std::to_string(i) + ".png", person_number(static_cast<std::size_t>(i)));
  for (int i = 3; i > 0; --i)
    fs::rename(photos / (std::to_string(i - 1) + ".png"), photos / (std::to_string(i) + ".png"));
  const ScanSummary renumbered = scan(library);
  EXPECT_EQ(renumbered.moved, 3U);
  EXPECT_EQ(renumbered.fresh + renumbered.changed + renumbered.missing, 0U);
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(name_on(library, std::to_string(i + 1) + ".png"), person_number(static_cast<std::size_t>(i)));
}

TEST_F(LibraryTest, AnEditedPhotoKeepsItsDecisionsBesideACopyOfTheOriginal) {
  write_scene(photos / "a.png", {.person = 0});
  write_scene(photos / "other.png", {.person = 1});
  Library library = open();
  scan(library);
  name(library, "a.png", "Anna");
  fs::copy_file(photos / "a.png", photos / "a original.png");
  write_scene(photos / "a.png", {.person = 0, .delay_ms = 1});
  const ScanSummary edited = scan(library);
  EXPECT_EQ(edited.moved, 0U);
  EXPECT_EQ(edited.changed, 1U);
  EXPECT_EQ(edited.fresh, 1U);
  EXPECT_EQ(library.face(only_face(library, "a.png"))->naming, Naming::confirmed);
  // One photo put over another: what was decided of the one that is no more is kept, as missing.
  fs::rename(photos / "other.png", photos / "a original.png");
  const ScanSummary over = scan(library);
  EXPECT_EQ(over.moved, 0U);
  EXPECT_EQ(over.changed, 1U);
  EXPECT_EQ(over.missing, 1U);
}

TEST_F(LibraryTest, AMissingPhotoThatComesBackIsItself) {
  write_scene(photos / "a.png", {});
  Library library = open();
  scan(library);
  name(library, "a.png", "Anna");
  fs::rename(photos / "a.png", folder / "away.png");
  EXPECT_EQ(scan(library).missing, 1U);
  fs::rename(folder / "away.png", photos / "a.png");
  EXPECT_EQ(scan(library).missing, 0U);
  EXPECT_EQ(name_on(library, "a.png"), "Anna");
}

TEST_F(LibraryTest, PhotosOutsideOfTheScannedFoldersAreNotMissing) {
  write_scene(photos / "one" / "a.png", {});
  write_scene(photos / "one more" / "b.png", {});
  Library library = open();
  scan(library);
  const Result<ScanSummary> summary = library.scan({photos / "one"}, models, {});
  ASSERT_TRUE(summary);
  EXPECT_EQ(summary->missing, 0U) << "\"one more\" begins like \"one\" but is not below it";
}

TEST_F(LibraryTest, AFolderThatCannotBeReadLosesNothing) {
  if (::geteuid() == 0) GTEST_SKIP() << "SKIPPED: root reads everything";
  write_scene(photos / "sub" / "a.png", {});
  Library library = open();
  scan(library);
  fs::permissions(photos / "sub", fs::perms::none);
  EXPECT_EQ(scan(library).missing, 0U);
  fs::permissions(photos / "sub", fs::perms::owner_all);
}

TEST_F(LibraryTest, AFailedPhotoIsKeptWithItsReasonAndTriedAgain) {
  fs::create_directories(photos);
  test::write_bytes(photos / "a.png", {});
  test::write_bytes(photos / "b.png", {'D', 'e', 'a', 'r', ' ', 'd', 'i', 'a', 'r', 'y'});
  Library library = open();
  std::vector<std::string> said;
  const auto listen = [&](const ScanProgress& step) {
    if (step.report->error) said.push_back(step.report->error->message);
  };
  EXPECT_EQ(library.scan({photos}, models, {}, listen)->failed, 2U);
  EXPECT_EQ(library.scan({photos}, models, {}, listen)->failed, 2U);
  ASSERT_EQ(said.size(), 4U);
  write_scene(photos / "a.png", {});
  write_scene(photos / "b.png", {});
  EXPECT_EQ(scan(library).failed, 0U);
}

TEST_F(LibraryTest, AStoppedScanGoesOnWhereItWas) {
  for (int i = 0; i < 200; ++i)
    write_scene(photos / (std::to_string(i) + ".png"), {.person = i % 4, .delay_ms = 1});
  Library library = open();
  std::stop_source stop;
  std::size_t seen = 0;
  const Result<ScanSummary> first = library.scan(
      {photos}, models, {.pipeline = {.threads = 2}},
      [&](const ScanProgress&) {
        if (++seen == 50) stop.request_stop();
      },
      stop.get_token());
  ASSERT_TRUE(first);
  EXPECT_TRUE(first->cancelled);
  EXPECT_GE(seen, 50U);
  const ScanSummary second = scan(library);
  EXPECT_EQ(second.unchanged, seen);
  EXPECT_EQ(second.unchanged + second.fresh, 200U);
}

TEST_F(LibraryTest, ASecondScanSaysWhoHoldsTheLibrary) {
  write_scene(photos / "a.png", {});
  Library library = open();
  scan(library);
  const int other = ::open((folder / "library" / "scan.lock").c_str(), O_RDWR);
  ASSERT_EQ(::flock(other, LOCK_EX), 0);
  const Result<ScanSummary> refused = library.scan({photos}, models, {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::library_busy);
  EXPECT_NE(refused.error().message.find(std::to_string(::getpid())), std::string::npos)
      << refused.error().message;
  ::close(other);
  EXPECT_TRUE(library.scan({photos}, models, {}));
}

TEST_F(LibraryTest, AScanThatWaitsForAnotherOneCanBeStopped) {
  write_scene(photos / "a.png", {});
  Library library = open();
  scan(library);
  const int other = ::open((folder / "library" / "scan.lock").c_str(), O_RDWR);
  ASSERT_EQ(::flock(other, LOCK_EX), 0);
  std::stop_source stop;
  stop.request_stop();
  const Result<ScanSummary> stopped =
      library.scan({photos}, models, {.pipeline = {}, .identify = {}, .wait = true}, {}, stop.get_token());
  ::close(other);
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, ErrorCode::cancelled);
}

TEST_F(LibraryTest, TheOwnerDecidesWhileAScanRuns) {
  write_scene(photos / "a.png", {.person = 0});
  Library library = open();
  scan(library);
  const FaceId face = only_face(library, "a.png");
  for (int i = 0; i < 20; ++i) write_scene(photos / "new" / (std::to_string(i) + ".png"), {.person = 1});
  Library other = open(Library::Mode::write);
  std::size_t seen = 0;
  Status confirmed;
  const Result<ScanSummary> summary = library.scan({photos}, models, {}, [&](const ScanProgress&) {
    // Amid photos that are not written down yet.
    if (++seen == 5) confirmed = other.confirm({&face, 1}, "Anna");
  });
  ASSERT_TRUE(summary) << summary.error().message;
  EXPECT_TRUE(confirmed) << confirmed.error().message;
  EXPECT_EQ(summary->fresh, 20U);
  EXPECT_EQ(name_on(library, "a.png"), "Anna");
}

TEST_F(LibraryTest, PhotosThatAreForgottenWhileTheyAreLookedAtComeInAnew) {
  for (int i = 0; i < 8; ++i) write_scene(photos / (std::to_string(i) + ".png"), {.person = 0});
  Library library = open();
  scan(library);
  for (int i = 0; i < 8; ++i) write_scene(photos / (std::to_string(i) + ".png"), {.faces = 2, .person = 0});
  Library other = open(Library::Mode::write);
  bool forgotten = false;
  const Result<ScanSummary> summary = library.scan({photos}, models, {}, [&](const ScanProgress&) {
    if (std::exchange(forgotten, true)) return;
    EXPECT_EQ(other.forget_photos({photos}), 8U);
  });
  ASSERT_TRUE(summary) << summary.error().message;
  EXPECT_EQ(library.faces_on(photos / "3.png")->size(), 2U);
  EXPECT_TRUE(library.check(false)->empty());
}

TEST_F(LibraryTest, AFileThatBecomesAFolderMeanwhileTakesNoOthersFaces) {
  for (int i = 0; i < 50; ++i) write_scene(photos / (std::to_string(10 + i) + ".png"), {.person = i % 2});
  Library library = open();
  bool changed = false;
  const auto become_folders = [&](const ScanProgress&) {
    if (std::exchange(changed, true)) return;
    fs::remove(photos / "40.png");
    fs::create_directories(photos / "40.png");
    fs::remove(photos / "41.png");
    for (int i = 2; i < 5; ++i)
      write_scene(photos / "41.png" / (std::to_string(i) + ".png"), {.faces = i % 3, .person = 2});
  };
  const Result<ScanSummary> summary =
      library.scan({photos}, models, {.pipeline = {.threads = 1}}, become_folders);
  ASSERT_TRUE(summary) << summary.error().message;
  EXPECT_EQ(summary->faces, 48U);
  EXPECT_EQ(library.faces_on(photos / "40.png").error().code, ErrorCode::not_found);
  EXPECT_EQ(library.faces_on(photos / "41.png").error().code, ErrorCode::not_found);
  name(library, "10.png", "Anna");
  for (int i = 0; i < 50; ++i) {
    if (i == 30 || i == 31) continue;
    const std::string photo = std::to_string(10 + i) + ".png";
    EXPECT_EQ(name_on(library, photo).has_value(), i % 2 == 0) << photo;
  }
  EXPECT_EQ(scan(library).fresh, 3U);
}

TEST_F(LibraryTest, ForgettingSaysWhereAReaderKeepsTracesInTheLog) {
  write_scene(photos / "a.png", {.person = 0});
  Library library = open();
  scan(library);
  name(library, "a.png", "Anna");
  const fs::path file = folder / "library" / "library.sqlite";
  {
    SQLite::Database reader(file.string(), SQLite::OPEN_READONLY);
    SQLite::Statement reading(reader, "SELECT name FROM person");
    ASSERT_TRUE(reading.executeStep());
    const Result<Receipt> forgotten = library.forget_person("Anna", false);
    ASSERT_FALSE(forgotten);
    EXPECT_EQ(forgotten.error().code, ErrorCode::library_busy);
    EXPECT_NE(forgotten.error().message.find("kith check --repair"), std::string::npos);
  }
  ASSERT_TRUE(library.check(true));
  EXPECT_EQ(content_of(file).find("Anna"), std::string::npos);
  EXPECT_EQ(content_of(file.string() + "-wal").find("Anna"), std::string::npos);
}

// Breaks after some faces, as a process that is killed stops in the middle.
class BreakingEmbedder final : public Embedder {
 public:
  explicit BreakingEmbedder(int good) : left_(good) {}
  [[nodiscard]] std::span<const AlignTemplate> crop_templates() const noexcept override {
    return whole_.crop_templates();
  }
  [[nodiscard]] int dimension() const noexcept override { return whole_.dimension(); }
  [[nodiscard]] Result<Embedding> look(const Image& crop, std::size_t view) const override {
    if (left_-- <= 0) return fail(ErrorCode::model_damaged, "broken");
    return whole_.look(crop, view);
  }

 private:
  test::FakeEmbedder whole_;
  mutable std::atomic<int> left_;
};

TEST_F(LibraryTest, WhatABrokenOffScanWroteIsNamedByTheNextOne) {
  write_scene(photos / "000.png", {.person = 0});
  Library library = open();
  scan(library);
  name(library, "000.png", "Anna");
  for (int i = 0; i < 50; ++i) write_scene(photos / ("1" + std::to_string(10 + i) + ".png"), {.person = 0});
  models.embedder = std::make_unique<BreakingEmbedder>(40);
  EXPECT_FALSE(library.scan({photos}, models, {.pipeline = {.threads = 1}}));
  ASSERT_TRUE(library.faces_on(photos / "110.png")) << "the first ones were written";
  for (int i = 32; i < 50; ++i) fs::remove(photos / ("1" + std::to_string(10 + i) + ".png"));
  models = fake_models();
  EXPECT_EQ(scan(library).fresh, 0U) << "nothing is left to look at";
  EXPECT_EQ(name_on(library, "110.png"), "Anna");
}

// ---- names

TEST_F(LibraryTest, ANameSpreadsToFacesThatResembleIt) {
  write_scene(photos / "a1.png", {.person = 0});
  write_scene(photos / "a2.png", {.person = 0});
  write_scene(photos / "b.png", {.person = 1});
  Library library = open();
  scan(library);
  name(library, "a1.png", "Anna");
  EXPECT_EQ(name_on(library, "a2.png"), "Anna");
  EXPECT_EQ(name_on(library, "b.png"), std::nullopt);
  write_scene(photos / "a3.png", {.person = 0});
  EXPECT_EQ(scan(library).named, 1U) << "and to photos that come later";
  const std::vector<PersonSummary> people = library.people().value();
  ASSERT_EQ(people.size(), 1U);
  EXPECT_EQ(people[0].confirmed, 1U);
  EXPECT_EQ(people[0].suggested, 2U);
}

TEST_F(LibraryTest, WhoIsTakenForNobodyTakesNoRoom) {
  write_scene(photos / "0.png", {.person = 0});
  write_scene(photos / "1.png", {.person = 0});
  write_scene(photos / "2.png", {.person = 1});
  Library library = open();
  scan(library);
  const FaceId anna = only_face(library, "0.png");
  ASSERT_TRUE(library.confirm({&anna, 1}, "Anna"));
  const auto guesses = [&] {
    SQLite::Database file((folder / "library" / "library.sqlite").string(), SQLite::OPEN_READONLY);
    return file.execAndGet("SELECT count(*) FROM guess").getInt();
  };
  EXPECT_EQ(library.update_names(models.embedder_spec).value(), 1U);
  EXPECT_EQ(guesses(), 1);
  // Taken back: the name goes, and is counted as changed.
  ASSERT_TRUE(library.unname({&anna, 1}));
  EXPECT_EQ(library.update_names(models.embedder_spec).value(), 1U);
  EXPECT_EQ(guesses(), 0);
}

TEST_F(LibraryTest, ARejectedNameNeverComesBack) {
  write_scene(photos / "a1.png", {.person = 0});
  write_scene(photos / "a2.png", {.person = 0});
  Library library = open();
  scan(library);
  name(library, "a1.png", "Anna");
  const FaceId face = only_face(library, "a2.png");
  ASSERT_TRUE(library.reject({&face, 1}, "Anna"));
  EXPECT_EQ(name_on(library, "a2.png"), std::nullopt);
  ASSERT_TRUE(library.update_names(models.embedder_spec));
  EXPECT_EQ(name_on(library, "a2.png"), std::nullopt);
  write_scene(photos / "a2.png", {.person = 0, .delay_ms = 1});  // another content: looked at again
  EXPECT_EQ(scan(library).changed, 1U);
  EXPECT_EQ(only_face(library, "a2.png"), face);
  EXPECT_EQ(name_on(library, "a2.png"), std::nullopt);
  ASSERT_TRUE(library.rename("Anna", "Anne"));
  ASSERT_TRUE(library.update_names(models.embedder_spec));
  EXPECT_EQ(name_on(library, "a2.png"), std::nullopt) << "whatever the name is now";
}

TEST_F(LibraryTest, AnotherPictureUnderThePhotosNameDoesNotInheritItsNames) {
  write_scene(photos / "a.png", {.person = 0});
  Library library = open();
  scan(library);
  name(library, "a.png", "Anna");
  write_scene(photos / "a.png", {.person = 1});
  EXPECT_EQ(scan(library).changed, 1U);
  const std::vector<LibraryFace> faces = library.faces_on(photos / "a.png").value();
  ASSERT_EQ(faces.size(), 2U) << "what the owner said is kept beside the new face";
  EXPECT_EQ(faces[0].person, "Anna");
  EXPECT_EQ(faces[1].naming, Naming::unknown);
}

TEST_F(LibraryTest, TwoFacesOfOnePhotoAreNotOnePerson) {
  write_scene(photos / "a.png", {.faces = 1, .person = 0});
  write_scene(photos / "two.png", {.faces = 2, .person = 0});
  Library library = open();
  scan(library);
  const std::vector<LibraryFace> two = library.faces_on(photos / "two.png").value();
  ASSERT_TRUE(library.confirm({&two[0].id, 1}, "Anna"));
  ASSERT_TRUE(library.update_names(models.embedder_spec));
  EXPECT_EQ(name_on(library, "a.png"), "Anna");
  const std::vector<LibraryFace> after = library.faces_on(photos / "two.png").value();
  EXPECT_EQ(after[0].naming, Naming::confirmed);
  EXPECT_EQ(after[1].naming, Naming::unknown);
  const Explanation why = library.explain(after[1].id, models.embedder_spec).value();
  ASSERT_EQ(why.evidence.size(), 1U);
  EXPECT_NE(why.evidence[0].forbidden_by.find("another face of this photo"), std::string::npos);
  EXPECT_EQ(why.evidence[0].reference, photos / "two.png");
}

TEST_F(LibraryTest, AnIgnoredFaceIsAskedAboutNoMore) {
  write_scene(photos / "a1.png", {.person = 0});
  write_scene(photos / "a2.png", {.person = 0});
  Library library = open();
  scan(library);
  name(library, "a1.png", "Anna");
  EXPECT_EQ(library.suggestions(10)->size(), 1U);
  const FaceId face = only_face(library, "a2.png");
  ASSERT_TRUE(library.ignore({&face, 1}));
  EXPECT_TRUE(library.suggestions(10)->empty());
  EXPECT_EQ(library.face(face)->naming, Naming::ignored);
  ASSERT_TRUE(library.unname({&face, 1}));
  ASSERT_TRUE(library.update_names(models.embedder_spec));
  EXPECT_EQ(library.face(face)->naming, Naming::suggested);
}

TEST_F(LibraryTest, MergedPeopleComeApartExactlyByUndo) {
  for (int i = 0; i < 4; ++i) write_scene(photos / (std::to_string(i) + ".png"), {.person = i});
  Library library = open();
  scan(library);
  name(library, "0.png", "Anna");
  name(library, "1.png", "Annie");
  const FaceId two = only_face(library, "2.png");
  ASSERT_TRUE(library.reject({&two, 1}, "Annie"));
  ASSERT_TRUE(library.merge("Anna", "Annie"));
  EXPECT_EQ(library.people()->size(), 1U);
  EXPECT_EQ(library.person("Annie")->name, "Anna") << "an alias";
  EXPECT_EQ(library.person("Anna")->confirmed, 2U);
  EXPECT_EQ(library.undo().value()->action, "merge");
  ASSERT_EQ(library.people()->size(), 2U);
  EXPECT_EQ(library.person("Annie")->confirmed, 1U);
  EXPECT_TRUE(library.person("Anna")->aliases.empty());
  EXPECT_EQ(library.redo().value()->action, "merge");
  EXPECT_EQ(library.people()->size(), 1U);
  EXPECT_EQ(library.redo().value(), std::nullopt);
}

TEST_F(LibraryTest, ASplitMovesTheFacesThatResembleTheExamples) {
  for (int i = 0; i < 6; ++i) write_scene(photos / (std::to_string(i) + ".png"), {.person = i % 2});
  Library library = open();
  scan(library);
  for (int i = 0; i < 6; ++i) name(library, std::to_string(i) + ".png", "Twins");
  const FaceId example = only_face(library, "1.png");
  EXPECT_EQ(library.split("Twins", "Ben", {&example, 1}), 3U);
  EXPECT_EQ(name_on(library, "5.png"), "Ben");
  EXPECT_EQ(name_on(library, "4.png"), "Twins");
}

TEST_F(LibraryTest, ASplitGivesBackANameThatAMergeMadeAnAlias) {
  for (int i = 0; i < 4; ++i) write_scene(photos / (std::to_string(i) + ".png"), {.person = i % 2});
  Library library = open();
  scan(library);
  name(library, "0.png", "Anna");
  name(library, "1.png", "Ben");
  ASSERT_TRUE(library.merge("Anna", "Ben"));
  const FaceId example = only_face(library, "1.png");
  EXPECT_FALSE(library.split("Anna", "Anna", {&example, 1}));
  EXPECT_EQ(library.split("Anna", "Ben", {&example, 1}), 1U);
  EXPECT_EQ(name_on(library, "1.png"), "Ben");
  EXPECT_TRUE(library.person("Anna")->aliases.empty());
  ASSERT_TRUE(library.undo());
  EXPECT_EQ(library.person("Ben")->name, "Anna");
}

TEST_F(LibraryTest, ABoxDrawnByHandGetsAVectorAndSurvivesScans) {
  write_scene(photos / "a.png", {.person = 0});
  write_scene(photos / "none.png", {.faces = 0, .person = 0});
  Library library = open();
  scan(library);
  name(library, "a.png", "Anna");
  const FaceId drawn = library.draw(photos / "none.png", {10, 10, 30, 30}).value();
  scan(library);
  EXPECT_EQ(library.face(drawn)->person, "Anna");
  write_scene(photos / "none.png", {.faces = 0, .person = 0, .delay_ms = 1});
  EXPECT_EQ(scan(library).changed, 1U);
  EXPECT_TRUE(library.face(drawn)->drawn);
  ASSERT_TRUE(library.undo());
  EXPECT_FALSE(library.face(drawn));
}

TEST_F(LibraryTest, ErrorsSayWhatToDo) {
  write_scene(photos / "a.png", {});
  Library library = open();
  scan(library);
  name(library, "a.png", "Anna");
  const FaceId nobody = 99;
  EXPECT_EQ(library.confirm({&nobody, 1}, "Anna").error().code, ErrorCode::bad_argument);
  EXPECT_NE(library.rename("Bnna", "x").error().message.find("Anna"), std::string::npos);
  EXPECT_EQ(library.rename("Anna", "two\nlines").error().code, ErrorCode::bad_argument);
  const FaceId face = only_face(library, "a.png");
  EXPECT_EQ(library.confirm({&face, 1}, "two\nlines").error().code, ErrorCode::bad_argument);
  EXPECT_EQ(library.confirm({&face, 1}, "").error().code, ErrorCode::bad_argument);
  EXPECT_EQ(library.set_birth("Anna", "2001-13").error().code, ErrorCode::bad_argument);
  EXPECT_EQ(library.merge("Anna", "Anna").error().code, ErrorCode::bad_argument);
  EXPECT_EQ(library.scan({folder / "nowhere"}, models, {}).error().code, ErrorCode::not_found);
  EXPECT_EQ(library.history(100)->size(), 1U) << "what failed is not in the history";
}

TEST_F(LibraryTest, AnEmptyPathIsNoPhotosAndNoFolders) {
  write_scene(photos / "a.png", {.person = 0});
  Library library = open();
  scan(library);
  EXPECT_EQ(library.faces_on("").error().code, ErrorCode::not_found);
  EXPECT_EQ(library.draw("", {10, 10, 20, 20}).error().code, ErrorCode::not_found);
  EXPECT_EQ(library.forget_photos({""}).error().code, ErrorCode::not_found);
  EXPECT_EQ(library.write_names({""}, {}).error().code, ErrorCode::not_found);
  EXPECT_EQ(library.written("")->size(), 0U);
  EXPECT_EQ(library.import_names({""}).error().code, ErrorCode::not_found);
  EXPECT_EQ(library.faces_on(photos / "a.png")->size(), 1U);
}

// ---- groups

TEST_F(LibraryTest, GroupsFacesWithoutANameAndKeepsTheirNumbers) {
  for (int i = 0; i < 7; ++i) write_scene(photos / (std::to_string(i) + ".png"), {.person = i % 3});
  write_scene(photos / "stranger.png", {.person = 3});
  Library library = open();
  scan(library);
  name(library, "0.png", "Anna");  // and with it 3 and 6
  const ClusterSummary summary = library.group(models.embedder_spec, false).value();
  EXPECT_EQ(summary.faces, 5U);
  EXPECT_EQ(summary.clusters, 2U);
  EXPECT_EQ(summary.strangers, 1U);
  const std::optional<ClusterId> cluster = library.face(only_face(library, "1.png"))->cluster;
  ASSERT_TRUE(cluster);
  EXPECT_EQ(library.face(only_face(library, "4.png"))->cluster, cluster);
  write_scene(photos / "late.png", {.person = 1});
  scan(library);
  ASSERT_TRUE(library.group(models.embedder_spec, false));
  EXPECT_EQ(library.face(only_face(library, "late.png"))->cluster, cluster);
  EXPECT_EQ(library.faces_of_cluster(*cluster)->size(), 3U);

  const std::vector<Suggestion> suggestions = library.suggestions(10).value();
  ASSERT_EQ(suggestions.size(), 3U) << "Anna's two, and the two clusters";
  EXPECT_EQ(suggestions[0].person, "Anna");
  EXPECT_EQ(suggestions[1].person, std::nullopt);
  EXPECT_EQ(suggestions[1].faces.size(), 3U);

  ASSERT_TRUE(library.link(only_face(library, "1.png"), only_face(library, "4.png"), false));
  ASSERT_TRUE(library.group(models.embedder_spec, false));
  EXPECT_NE(library.face(only_face(library, "1.png"))->cluster,
            library.face(only_face(library, "4.png"))->cluster)
      << "the owner said they are two people";
}

TEST_F(LibraryTest, AFaceThatGoesWhileFacesAreGroupedIsLeftOut) {
  for (int i = 0; i < 4; ++i) write_scene(photos / (std::to_string(i) + ".png"), {.person = 0});
  Library library = open();
  scan(library);
  // Stands for another process that takes a photo out between the reading and the writing of the groups.
  SQLite::Database((folder / "library" / "library.sqlite").string(), SQLite::OPEN_READWRITE)
      .exec("CREATE TRIGGER goes BEFORE INSERT ON cluster_member BEGIN DELETE FROM face WHERE id = " +
            std::to_string(only_face(library, "3.png")) + "; END");
  const Result<ClusterSummary> grouped = library.group(models.embedder_spec, false);
  ASSERT_TRUE(grouped) << grouped.error().message;
  const std::vector<LibraryCluster> clusters = library.clusters().value();
  ASSERT_EQ(clusters.size(), 1U);
  EXPECT_EQ(clusters[0].faces.size(), 3U);
}

// ---- how good the names are

TEST_F(LibraryTest, EvaluatesOnTheOwnersOwnWord) {
  for (int i = 0; i < 40; ++i) write_scene(photos / (std::to_string(i) + ".png"), {.person = i % 2});
  Library library = open();
  scan(library);
  EXPECT_TRUE(library.evaluate(models.embedder_spec)->people.empty());
  for (int i = 0; i < 40; ++i) name(library, std::to_string(i) + ".png", i % 2 == 0 ? "Anna" : "Ben");
  // Somebody who looks like Ben, said to be Cleo: nobody could tell.
  name(library, "1.png", "Cleo");
  const LibraryEvaluation evaluation = library.evaluate(models.embedder_spec).value();
  std::map<std::string, PersonScore> scores;
  for (const PersonScore& score : evaluation.people) scores[score.person] = score;
  EXPECT_EQ(scores["Anna"].faces, 20U);
  EXPECT_EQ(scores["Anna"].right, 20U);
  EXPECT_EQ(scores["Ben"].faces, 19U);
  EXPECT_EQ(scores["Ben"].false_names, 1U);
  EXPECT_FALSE(scores.contains("Cleo")) << "one face, and it can't be recognised without itself";
  ASSERT_FALSE(evaluation.confusions.empty());
  EXPECT_EQ(evaluation.confusions.back().person, "Cleo");
  EXPECT_EQ(evaluation.confusions.back().taken_for, "Ben");
}

TEST_F(LibraryTest, TuningRaisesTheThresholdOverWhatWasRefused) {
  for (int i = 0; i < 4; ++i) write_scene(photos / (std::to_string(i) + ".png"), {.person = 0});
  Library library = open();
  scan(library);
  name(library, "0.png", "Anna");
  EXPECT_TRUE(library.tune(models.embedder_spec, true)->empty());
  const FaceId refused = only_face(library, "1.png");
  ASSERT_TRUE(library.reject({&refused, 1}, "Anna"));
  const std::vector<TunedThreshold> shown = library.tune(models.embedder_spec, false).value();
  ASSERT_EQ(shown.size(), 1U);
  EXPECT_EQ(shown[0].person, "Anna");
  EXPECT_GT(shown[0].after, 1.0F) << "the refused face was exactly alike";
  EXPECT_EQ(shown[0].refused, 1U);
  EXPECT_EQ(shown[0].names_lost, 2U);
  EXPECT_EQ(name_on(library, "2.png"), "Anna") << "nothing was changed";
  ASSERT_TRUE(library.tune(models.embedder_spec, true));
  ASSERT_TRUE(library.update_names(models.embedder_spec));
  EXPECT_EQ(name_on(library, "2.png"), std::nullopt);
  ASSERT_TRUE(library.undo());
  ASSERT_TRUE(library.update_names(models.embedder_spec));
  EXPECT_EQ(name_on(library, "2.png"), "Anna");
}

TEST_F(LibraryTest, TuningWeighsConfirmedFacesAgainstFacesOfOtherPeople) {
  for (int i = 0; i < 10; ++i) write_scene(photos / (std::to_string(i) + ".png"), {.person = 0});
  Library library = open();
  scan(library);
  for (int i = 0; i < 6; ++i) name(library, std::to_string(i) + ".png", "Anna");
  name(library, "6.png", "Ben");
  EXPECT_TRUE(library.tune(models.embedder_spec, false)->empty())
      << "one face that looks like Anna is not worth six that could not be recognised any more";
  name(library, "7.png", "Cleo");
  const std::vector<TunedThreshold> shown = library.tune(models.embedder_spec, true).value();
  ASSERT_EQ(shown.size(), 1U);
  EXPECT_EQ(shown[0].person, "Anna");
  EXPECT_EQ(shown[0].refused, 0U);
  EXPECT_EQ(shown[0].mistaken, 2U);
  EXPECT_EQ(shown[0].names_lost, 0U) << "who looks like three people is given no name as it is";
  EXPECT_EQ(shown[0].confirmed, 6U);
  EXPECT_EQ(shown[0].confirmed_lost, 6U);
  // Said to be Anna after all: her threshold goes back.
  name(library, "6.png", "Anna");
  const std::vector<TunedThreshold> back = library.tune(models.embedder_spec, true).value();
  ASSERT_EQ(back.size(), 1U);
  EXPECT_LT(back[0].after, 0.5F);
  EXPECT_TRUE(library.tune(models.embedder_spec, false)->empty());
}

TEST_F(LibraryTest, AnotherModelIsTriedFirstAndCanBeTakenBack) {
  write_scene(photos / "0.png", {.person = 0});
  write_scene(photos / "1.png", {.person = 0});
  write_scene(photos / "2.png", {.person = 1});
  Library library = open();
  scan(library);
  name(library, "0.png", "Anna");
  // The other model can't tell the first two axes apart.
  class Blurred final : public Embedder {
   public:
    [[nodiscard]] std::span<const AlignTemplate> crop_templates() const noexcept override {
      return sharp_.crop_templates();
    }
    [[nodiscard]] int dimension() const noexcept override { return 4; }
    [[nodiscard]] Result<Embedding> look(const Image& crop, std::size_t view) const override {
      Embedding seen = sharp_.look(crop, view).value();
      return Embedding{seen[0] + seen[1], 0, seen[2], seen[3]};
    }

   private:
    test::FakeEmbedder sharp_;
  };
  Models other = fake_models();
  other.embedder = std::make_unique<Blurred>();
  other.embedder_spec.name = "blurred";
  const std::vector<NameChange> changes = library.preview(other).value();
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(changes[0].face.path, photos / "2.png");
  EXPECT_EQ(changes[0].face.person, std::nullopt);
  EXPECT_EQ(changes[0].person, "Anna");
  EXPECT_EQ(name_on(library, "2.png"), std::nullopt) << "only a preview";
  ASSERT_TRUE(library.scan({photos}, other, {}));
  EXPECT_EQ(name_on(library, "2.png"), "Anna");
  EXPECT_EQ(library.face(only_face(library, "0.png"))->naming, Naming::confirmed);
  scan(library);
  EXPECT_EQ(name_on(library, "2.png"), std::nullopt) << "back to the first model";
}

TEST_F(LibraryTest, NobodyIsOnAPhotoTakenBeforeTheirBirth) {
  EXPECT_TRUE(library::before_birth("1989-12-31T10:00:00", "1990"));
  EXPECT_FALSE(library::before_birth("1990-01-01T10:00:00", "1990"));
  EXPECT_TRUE(library::before_birth("1990-04-30T10:00:00", "1990-05"));
  EXPECT_TRUE(library::before_birth("1990-05-16T23:59:59", "1990-05-17"));
  EXPECT_FALSE(library::before_birth("1990-05-17T00:00:00", "1990-05-17"));
  EXPECT_FALSE(library::before_birth("", "1990-05-17"));
  EXPECT_FALSE(library::before_birth("1990-05-17T00:00:00", ""));
}

TEST_F(LibraryTest, WhatIsMeasuredIsOfOneMomentHoweverTheOwnerGoesOn) {
  for (int i = 0; i < 8; ++i) write_scene(photos / (std::to_string(i) + ".png"), {.person = i % 2});
  Library library = open();
  scan(library);
  name(library, "0.png", "Anna");
  const FaceId ben = only_face(library, "1.png");
  ASSERT_TRUE(library.confirm({&ben, 1}, "Ben"));
  std::jthread owner([&](const std::stop_token& stop) {
    Library deciding = open(Library::Mode::write);
    while (!stop.stop_requested()) {
      EXPECT_TRUE(deciding.undo());  // Ben is nobody
      EXPECT_TRUE(deciding.redo());
    }
  });
  for (int i = 0; i < 300; ++i) {
    EXPECT_TRUE(library.preview(models));
    EXPECT_TRUE(library.evaluate(models.embedder_spec));
    EXPECT_TRUE(library.confirmed_vectors(models.embedder_spec));
  }
}

// Answers as FakeEmbedder does, and tells how often and how many at a time it was asked.
class CountingEmbedder final : public Embedder {
 public:
  [[nodiscard]] std::span<const AlignTemplate> crop_templates() const noexcept override {
    return sharp_.crop_templates();
  }
  [[nodiscard]] int dimension() const noexcept override { return 4; }
  [[nodiscard]] Result<Embedding> look(const Image& crop, std::size_t view) const override {
    const int now = ++at_once_;
    for (int most = most_at_once; now > most && !most_at_once.compare_exchange_weak(most, now);) {
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    ++looks;
    --at_once_;
    return sharp_.look(crop, view);
  }

  mutable std::atomic<int> looks{0};
  mutable std::atomic<int> most_at_once{0};

 private:
  test::FakeEmbedder sharp_;
  mutable std::atomic<int> at_once_{0};
};

class AnotherModel : public LibraryTest {
 protected:
  AnotherModel() {
    auto counting = std::make_unique<CountingEmbedder>();
    embedder = counting.get();
    other.embedder = std::move(counting);
    other.embedder_spec.name = "other";
  }

  // A scan with the other model that is stopped when it has embedded so many faces.
  ScanSummary stopped_scan(Library& library, std::size_t faces) {
    std::stop_source stop;
    const auto progress = [&](const ScanProgress& step) {
      if (step.step == ScanProgress::Step::faces && step.done == faces) stop.request_stop();
    };
    return library.scan({photos}, other, {}, progress, stop.get_token()).value();
  }

  Models other = fake_models();
  const CountingEmbedder* embedder = nullptr;
};

TEST_F(AnotherModel, EmbedsOnAllThreads) {
  for (int i = 0; i < 16; ++i) write_scene(photos / (std::to_string(i) + ".png"), {.person = i % 4});
  Library library = open();
  EXPECT_EQ(scan(library).embedded, 0U) << "faces of new photos are none that were known";
  const Result<ScanSummary> again = library.scan({photos}, other, {.pipeline = {.threads = 4}});
  ASSERT_TRUE(again);
  EXPECT_EQ(again->embedded, 16U);
  EXPECT_EQ(embedder->looks, 16);
  EXPECT_GT(embedder->most_at_once, 1);
}

TEST_F(AnotherModel, AStoppedScanKeepsTheNamesAndTheNextOneGoesOn) {
  for (int i = 0; i < 12; ++i) write_scene(photos / (std::to_string(i) + ".png"), {.person = i % 2});
  Library library = open();
  scan(library);
  name(library, "0.png", "Anna");
  EXPECT_TRUE(stopped_scan(library, 4).cancelled);
  const int done = embedder->looks;
  EXPECT_GE(done, 4);
  EXPECT_LT(done, 12);
  EXPECT_EQ(name_on(library, "10.png"), "Anna")
      << "the first model's names, while the other's vectors are made";
  // Nor do names go because the other model knows half of the faces.
  EXPECT_EQ(library.update_names(other.embedder_spec).value(), 0U);
  EXPECT_EQ(name_on(library, "10.png"), "Anna");
  EXPECT_EQ(library.group(other.embedder_spec, false).error().code, ErrorCode::bad_argument);
  const ScanSummary rest = library.scan({photos}, other, {}).value();
  EXPECT_FALSE(rest.cancelled);
  EXPECT_EQ(embedder->looks, 12) << "nothing is done twice";
  EXPECT_EQ(name_on(library, "10.png"), "Anna");
  EXPECT_EQ(name_on(library, "11.png"), std::nullopt);
  EXPECT_TRUE(library.group(other.embedder_spec, false));
}

TEST_F(AnotherModel, APreviewCanBeStoppedAndChangesNothing) {
  for (int i = 0; i < 8; ++i) write_scene(photos / (std::to_string(i) + ".png"), {.person = 0});
  Library library = open();
  scan(library);
  name(library, "0.png", "Anna");
  std::stop_source stop;
  const auto progress = [&](const ScanProgress& step) {
    if (step.done == 2) stop.request_stop();
  };
  EXPECT_EQ(library.preview(other, {}, progress, stop.get_token()).error().code, ErrorCode::cancelled);
  EXPECT_EQ(name_on(library, "7.png"), "Anna");
}

TEST_F(AnotherModel, AnExceptionAtOneFaceLeavesTheOthersTheirVectors) {
  for (int i = 0; i < 6; ++i) write_scene(photos / (std::to_string(i) + ".png"), {.person = i % 3});
  Library library = open();
  scan(library);
  other.embedder = std::make_unique<test::ThrowingEmbedder>(1);
  const Result<ScanSummary> summary = library.scan({photos}, other, {});
  ASSERT_TRUE(summary) << summary.error().message;
  EXPECT_EQ(summary->embedded, 4U);
  // They wait for a model that can.
  other.embedder = std::make_unique<test::FakeEmbedder>();
  EXPECT_EQ(library.scan({photos}, other, {})->embedded, 2U);
}

TEST_F(AnotherModel, WhoIsForgottenWhileVectorsAreMadeStaysForgotten) {
  for (int i = 0; i < 6; ++i) write_scene(photos / (std::to_string(i) + ".png"), {.person = i % 2});
  Library library = open();
  scan(library);
  name(library, "0.png", "Anna");  // and with it 2 and 4
  Library owner = open(Library::Mode::write);
  bool forgotten = false;
  const Result<ScanSummary> summary = library.scan({photos}, other, {}, [&](const ScanProgress& step) {
    if (step.step != ScanProgress::Step::faces || std::exchange(forgotten, true)) return;
    EXPECT_TRUE(owner.forget_person("Anna", false));
  });
  ASSERT_TRUE(summary) << summary.error().message;
  EXPECT_EQ(summary->embedded, 3U);
  EXPECT_EQ(library.check(false).value(), std::vector<std::string>()) << "no vector of a forgotten face";
  SQLite::Database rows((folder / "library" / "library.sqlite").string(), SQLite::OPEN_READONLY);
  EXPECT_EQ(rows.execAndGet("SELECT count(*) FROM face WHERE id IN (SELECT face FROM forgotten)").getInt(),
            3);
  EXPECT_EQ(rows.execAndGet("SELECT count(*) FROM face WHERE id IN (SELECT face FROM forgotten) AND "
                            "(landmarks IS NOT NULL OR score <> 0 OR quality <> 0)")
                .getInt(),
            0);
}

TEST_F(AnotherModel, PhotosThatAreTakenOutWhileVectorsAreMadeAreLeftOut) {
  for (int i = 0; i < 6; ++i) write_scene(photos / (std::to_string(i) + ".png"), {.person = i % 2});
  Library library = open();
  scan(library);
  Library owner = open(Library::Mode::write);
  bool taken_out = false;
  const Result<ScanSummary> summary = library.scan({photos}, other, {}, [&](const ScanProgress& step) {
    if (step.step != ScanProgress::Step::faces || std::exchange(taken_out, true)) return;
    EXPECT_EQ(owner.forget_photos({photos / "0.png", photos / "5.png"}), 2U);
  });
  ASSERT_TRUE(summary) << summary.error().message;
  EXPECT_EQ(summary->embedded, 4U);
  EXPECT_TRUE(library.check(false)->empty());
}

// ---- a projection of the model's vectors

class ProjectedModel : public LibraryTest {
 protected:
  ProjectedModel() {
    std::ofstream(file, std::ios::binary) << projection_bytes(projection);
    auto counting = std::make_unique<CountingEmbedder>();
    embedder = counting.get();
    adapted.embedder = embed::project(std::move(counting), projection).value();
    ModelSpec& spec = adapted.embedder_spec;
    spec.name = "adapted";
    spec.architecture = "projection";
    spec.files = {{file, sha256_of(projection_bytes(projection))}};
    spec.adaptation = Adaptation{.base = "fake", .files = {}, .base_sha256 = {}, .learned_from = {}};
  }

  static Embedding vector_on(Library& library, const std::string& person, const ModelSpec& model) {
    const ConfirmedVectors all = library.confirmed_vectors(model).value();
    const PersonId id = library.person(person).value().id;
    for (std::size_t i = 0; i < all.people.size(); ++i) {
      if (all.people[i] != id) continue;
      const auto row = std::span(all.values).subspan(i * all.dimension, all.dimension);
      return {row.begin(), row.end()};
    }
    return {};
  }

  Projection projection{4, {1, 0.5F, 0, 0, 0, 1, 0, 0.25F, 0, 0, 2, 0, -1, 0, 0, 1}};
  fs::path file = folder / "adapted.npy";
  Models adapted = fake_models();
  const CountingEmbedder* embedder = nullptr;
};

TEST_F(ProjectedModel, IsMadeOfStoredVectorsWithoutTheNetwork) {
  for (int i = 0; i < 6; ++i) write_scene(photos / (std::to_string(i) + ".png"), {.person = i % 3});
  Library library = open();
  scan(library);
  for (int i = 0; i < 3; ++i) name(library, std::to_string(i) + ".png", "Person " + std::to_string(i));
  ASSERT_TRUE(library.scan({photos}, adapted, {}));
  EXPECT_EQ(embedder->looks, 0);
  for (int i = 0; i < 3; ++i) {
    const std::string person = "Person " + std::to_string(i);
    const Embedding base = vector_on(library, person, models.embedder_spec);
    const Embedding expected = direction(projection(base)).value();
    const Embedding stored = vector_on(library, person, adapted.embedder_spec);
    ASSERT_EQ(stored.size(), 4U);
    for (std::size_t k = 0; k < 4; ++k) EXPECT_NEAR(stored[k], expected[k], 1e-3F);
  }
  EXPECT_EQ(name_on(library, "3.png"), "Person 0");
}

TEST_F(ProjectedModel, OfANewPhotoTheNetworkMakesTheSameVector) {
  write_scene(photos / "0.png", {.person = 1});
  Library library = open();
  scan(library);
  name(library, "0.png", "Anna");
  write_scene(photos / "1.png", {.person = 1});
  ASSERT_TRUE(library.scan({photos}, adapted, {}));
  EXPECT_EQ(embedder->looks, 1) << "at the new photo's face";
  EXPECT_EQ(name_on(library, "1.png"), "Anna");
  const FaceId fresh = library.faces_on(photos / "1.png").value().at(0).id;
  ASSERT_TRUE(library.confirm({&fresh, 1}, "Berta"));
  const Embedding projected = vector_on(library, "Anna", adapted.embedder_spec);
  const Embedding looked = vector_on(library, "Berta", adapted.embedder_spec);
  ASSERT_EQ(projected.size(), looked.size());
  for (std::size_t k = 0; k < 4; ++k) EXPECT_NEAR(projected[k], looked[k], 1e-3F);
  EXPECT_EQ(library.confirmed_vectors(models.embedder_spec)->without_vector, 1U)
      << "the base has not seen the new photo";
}

TEST_F(ProjectedModel, ADamagedFileStopsTheScanAndChangesNoName) {
  write_scene(photos / "0.png", {.person = 0});
  Library library = open();
  scan(library);
  name(library, "0.png", "Anna");
  std::ofstream(file, std::ios::binary) << "garbage";
  const Result<ScanSummary> scanned = library.scan({photos}, adapted, {});
  ASSERT_FALSE(scanned);
  EXPECT_EQ(scanned.error().code, ErrorCode::model_damaged);
  EXPECT_EQ(name_on(library, "0.png"), "Anna");
}

TEST_F(ProjectedModel, ALaterOneOfTheSameNameTakesNoVectorsOver) {
  write_scene(photos / "0.png", {.person = 0});
  Library library = open();
  scan(library);
  name(library, "0.png", "Anna");
  ASSERT_TRUE(library.scan({photos}, adapted, {}));
  ModelSpec later = adapted.embedder_spec;
  later.files[0].sha256 = sha256_of("another matrix");
  EXPECT_TRUE(library.confirmed_vectors(later)->people.empty());
  EXPECT_EQ(library.confirmed_vectors(later)->without_vector, 1U);
}

TEST_F(ProjectedModel, ForgettingAPersonErasesEverybodysVectorsOfProjections) {
  write_scene(photos / "0.png", {.person = 0});
  write_scene(photos / "1.png", {.person = 1});
  write_scene(photos / "2.png", {.person = 1});
  Library library = open();
  scan(library);
  name(library, "0.png", "Anna");
  name(library, "1.png", "Berta");
  ASSERT_TRUE(library.scan({photos}, adapted, {}));
  EXPECT_EQ(library.confirmed_vectors(adapted.embedder_spec)->people.size(), 2U);
  ASSERT_TRUE(library.forget_person("Anna", false));
  EXPECT_TRUE(library.confirmed_vectors(adapted.embedder_spec)->people.empty()) << "Berta's too";
  EXPECT_EQ(library.confirmed_vectors(models.embedder_spec)->people.size(), 1U) << "the base's stay";
  // Until a scan has made them again, nothing is named by what is not there.
  EXPECT_EQ(library.update_names(adapted.embedder_spec), 0U);
  EXPECT_EQ(name_on(library, "2.png"), "Berta");
  ASSERT_TRUE(library.scan({photos}, adapted, {}));
  EXPECT_EQ(library.confirmed_vectors(adapted.embedder_spec)->people.size(), 1U);
  EXPECT_EQ(name_on(library, "2.png"), "Berta");
}

TEST_F(ProjectedModel, WhoIsForgottenWhileItsVectorsAreMadeEndsThatAndTheNextScanMakesThem) {
  for (int i = 0; i < 3; ++i) write_scene(photos / (std::to_string(i) + ".png"), {.person = i});
  Library library = open();
  scan(library);
  name(library, "0.png", "Anna");
  name(library, "1.png", "Berta");
  Library owner = open(Library::Mode::write);
  bool forgotten = false;
  const Result<ScanSummary> summary = library.scan({photos}, adapted, {}, [&](const ScanProgress& step) {
    if (step.step != ScanProgress::Step::faces || std::exchange(forgotten, true)) return;
    EXPECT_TRUE(owner.forget_person("Anna", false));
  });
  ASSERT_FALSE(summary);
  EXPECT_EQ(summary.error().code, ErrorCode::changed_meanwhile);
  ASSERT_TRUE(library.scan({photos}, adapted, {}));
  EXPECT_EQ(library.confirmed_vectors(adapted.embedder_spec)->people.size(), 1U);
  EXPECT_TRUE(library.check(false)->empty());
}

TEST_F(LibraryTest, ItsIdStaysAndIsItsOwn) {
  const auto id_of = [](Library& library) { return library.id().value(); };
  Library library = open();
  const std::string id = id_of(library);
  EXPECT_EQ(id.size(), 32U);
  EXPECT_EQ(id.find_first_not_of("0123456789abcdef"), std::string::npos);
  EXPECT_EQ(id_of(library), id);
  Library reopened = open();
  EXPECT_EQ(id_of(reopened), id);
  ASSERT_TRUE(library.backup(folder / "backup.sqlite"));
  ASSERT_TRUE(Library::restore(folder / "backup.sqlite", folder / "restored", {}));
  Library restored = Library::open(folder / "restored", Library::Mode::write).value();
  EXPECT_EQ(id_of(restored), id);
  Library other = Library::open(folder / "another", Library::Mode::create).value();
  EXPECT_NE(id_of(other), id);
}

// ---- Ctrl-C

TEST_F(LibraryTest, WhatIsStoppedChangesNothing) {
  for (int i = 0; i < 4; ++i) write_scene(photos / (std::to_string(i) + ".png"), {.person = i % 2});
  Library library = open();
  scan(library);
  name(library, "0.png", "Anna");
  const FaceId face = only_face(library, "1.png");
  const fs::path exported = folder / "export.jsonl";
  ASSERT_TRUE(library.export_to(exported));
  const std::string before = content_of(folder / "library" / "library.sqlite");

  const auto entries_before = entries(folder.path());

  std::stop_source stop;
  Library stopped = Library::open(folder / "library", Library::Mode::write, stop.get_token()).value();
  EXPECT_EQ(stopped.people().value().size(), 1U) << "nobody has stopped it yet";
  stop.request_stop();
  const auto is_cancelled = [](const auto& result) {
    return !result.has_value() && result.error().code == ErrorCode::cancelled;
  };
  EXPECT_TRUE(is_cancelled(stopped.search("Anna")));
  EXPECT_TRUE(is_cancelled(stopped.people()));
  EXPECT_TRUE(is_cancelled(stopped.confirm({&face, 1}, "Ben")));
  EXPECT_TRUE(is_cancelled(stopped.update_names(models.embedder_spec)));
  EXPECT_TRUE(is_cancelled(stopped.evaluate(models.embedder_spec)));
  EXPECT_TRUE(is_cancelled(stopped.import_from(exported)));
  EXPECT_TRUE(is_cancelled(stopped.export_to(folder / "other.csv")));
  EXPECT_TRUE(is_cancelled(stopped.backup(folder / "backup")));
  EXPECT_TRUE(is_cancelled(stopped.check(false)));
  EXPECT_TRUE(is_cancelled(stopped.forget_person("Anna", false)));
  EXPECT_TRUE(is_cancelled(
      Library::restore(folder / "library" / "library.sqlite", folder / "restored", stop.get_token())));
  EXPECT_EQ(entries(folder / "restored"), 0U);
  fs::remove(folder / "restored");
  EXPECT_EQ(entries(folder.path()), entries_before);
  EXPECT_EQ(content_of(folder / "library" / "library.sqlite"), before);
  EXPECT_EQ(library.history(100).value().size(), 1U);
}

TEST_F(LibraryTest, AnExportThatIsStoppedInItsMidstEndsThere) {
  for (int i = 0; i < 8; ++i) write_scene(photos / (std::to_string(i) + ".png"), {.person = i % 2});
  {
    Library library = open();
    scan(library);
  }
  std::stop_source stop;
  Library library = Library::open(folder / "library", Library::Mode::read, stop.get_token()).value();
  std::size_t pieces = 0;
  const Status done = library.export_to([&](std::string_view) {
    if (++pieces == 3) stop.request_stop();
    return Status();
  });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::cancelled);
  EXPECT_LE(pieces, 4U);
}

TEST_F(LibraryTest, AnExportEndsWithTheFirstErrorOfWhoWritesIt) {
  for (int i = 0; i < 8; ++i) write_scene(photos / (std::to_string(i) + ".png"), {.person = i % 2});
  Library library = open();
  scan(library);
  std::size_t pieces = 0;
  const Status done = library.export_to([&](std::string_view) -> Status {
    if (++pieces < 3) return {};
    return tl::unexpected(Error{ErrorCode::no_space, "full"});
  });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::no_space);
  EXPECT_EQ(pieces, 3U);
}

// ---- history

// Everything the owner decided, as text.
std::string decisions(const fs::path& file) {
  SQLite::Database database(file.string(), SQLite::OPEN_READONLY);
  std::ostringstream text;
  for (const char* query :
       {"SELECT id, name, birth, cover, min_similarity FROM person ORDER BY id",
        "SELECT * FROM alias ORDER BY name", "SELECT * FROM confirmed ORDER BY face",
        "SELECT * FROM rejected ORDER BY face, person", "SELECT * FROM link ORDER BY face, other",
        "SELECT * FROM ignored ORDER BY face", "SELECT * FROM drawn ORDER BY face"}) {
    text << query << "\n";
    SQLite::Statement read(database, query);
    while (read.executeStep()) {
      for (int i = 0; i < read.getColumnCount(); ++i) text << read.getColumn(i).getString() << "|";
      text << "\n";
    }
  }
  return text.str();
}

TEST_F(LibraryTest, AThousandRandomDecisionsAreUndoneExactly) {
  for (int i = 0; i < 24; ++i)
    write_scene(photos / (std::to_string(i) + ".png"), {.faces = 1 + i % 3, .person = i % 4});
  Library library = open();
  scan(library);
  name(library, "0.png", "Start");
  const fs::path file = folder / "library" / "library.sqlite";
  const std::string before = decisions(file);
  std::mt19937 random(20260101);
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  std::vector<std::string> states{before};
  for (int step = 0; step < 1000; ++step) {
    const std::vector<PersonSummary> people = library.people().value();
    const auto some_name = [&] { return people.empty() ? "nobody" : people[below(people.size())].name; };
    const auto some_photo = [&] { return photos / (std::to_string(below(24)) + ".png"); };
    const auto some_face = [&] {
      const std::vector<LibraryFace> faces = library.faces_on(some_photo()).value();
      return faces[below(faces.size())].id;
    };
    const FaceId face = some_face();
    const std::string fresh = person_number(below(30));
    Status done;
    switch (below(11)) {
      case 0: done = library.confirm({&face, 1}, fresh); break;
      case 1: done = library.confirm({&face, 1}, some_name()); break;
      case 2: done = library.reject({&face, 1}, some_name()); break;
      case 3: done = library.ignore({&face, 1}); break;
      case 4: done = library.unname({&face, 1}); break;
      case 5: done = library.link(face, some_face(), below(2) == 0); break;
      case 6: done = library.rename(some_name(), fresh); break;
      case 7: done = library.merge(some_name(), some_name()); break;
      case 8:
        done =
            library.set_birth(some_name(), below(2) == 0 ? std::string() : std::to_string(1910 + below(90)));
        break;
      case 9: done = library.set_cover(some_name(), face); break;
      case 10: {
        const Result<std::size_t> parted = library.split(some_name(), fresh, {&face, 1});
        if (!parted) done = tl::unexpected(parted.error());
        break;
      }
      default: break;
    }
    ASSERT_TRUE(done || done.error().code == ErrorCode::bad_argument) << done.error().message;
    if (std::string now = decisions(file); now != states.back()) states.push_back(std::move(now));
  }
  EXPECT_GT(states.size(), 300U);
  for (std::size_t i = states.size() - 1; i > 0; --i) {
    const auto undone = library.undo();
    ASSERT_TRUE(undone) << undone.error().message;
    ASSERT_TRUE(*undone);
    ASSERT_EQ(decisions(file), states[i - 1]) << "after undoing: " << (*undone)->summary;
  }
  for (std::size_t i = 1; i < states.size(); ++i) {
    ASSERT_TRUE(library.redo());
    ASSERT_EQ(decisions(file), states[i]);
  }
  for (std::size_t i = 1; i < states.size(); ++i) ASSERT_TRUE(library.undo());
  EXPECT_EQ(decisions(file), before);
  EXPECT_TRUE(library.check(false)->empty());
}

// ---- forgetting

TEST_F(LibraryTest, ForgettingLeavesNoVectorCropOrNameInAnyFile) {
  for (int i = 0; i < 4; ++i) write_scene(photos / (std::to_string(i) + ".png"), {.person = i % 2});
  Library library = open();
  scan(library);
  name(library, "0.png", "Anna Forgotten");
  name(library, "1.png", "Ben Remembered");
  ASSERT_TRUE(library.rename("Anna Forgotten", "Annabel Forgotten"));
  const std::vector<std::uint8_t> crop_bytes = library.thumbnail(only_face(library, "0.png")).value();
  const std::string crop(crop_bytes.begin(), crop_bytes.end());
  const std::vector<std::uint8_t> half = store::to_half(Embedding{1, 0, 0, 0});
  const std::string vector(half.begin(), half.end());
  const auto holds = [&](const std::string& needle) {
    return std::ranges::any_of(fs::recursive_directory_iterator(folder / "library"),
                               [&](const fs::directory_entry& file) {
                                 return content_of(file.path()).find(needle) != std::string::npos;
                               });
  };
  ASSERT_TRUE(holds(crop));
  ASSERT_TRUE(holds(vector));
  ASSERT_TRUE(holds("Annabel Forgotten"));

  const Receipt receipt = library.forget_person("Annabel Forgotten", false).value();
  EXPECT_EQ(receipt.faces, 2U);
  EXPECT_EQ(receipt.vectors, 2U);
  EXPECT_EQ(receipt.crops, 2U);
  EXPECT_FALSE(holds(crop));
  EXPECT_FALSE(holds(vector));
  EXPECT_FALSE(holds("Annabel Forgotten"));
  EXPECT_FALSE(holds("Anna Forgotten"));
  EXPECT_TRUE(holds("Ben Remembered"));

  write_scene(photos / "0.png", {.person = 0, .delay_ms = 1});  // looked at again
  EXPECT_EQ(scan(library).changed, 1U);
  EXPECT_TRUE(library.faces_on(photos / "0.png")->empty());
  EXPECT_FALSE(holds(vector));
  EXPECT_EQ(name_on(library, "3.png"), "Ben Remembered");
  while (library.undo().value()) {
  }
  EXPECT_FALSE(holds("Annabel Forgotten")) << "undo brings nothing back";
}

TEST_F(LibraryTest, ForgettingMayKeepTheName) {
  write_scene(photos / "0.png", {});
  Library library = open();
  scan(library);
  name(library, "0.png", "Anna");
  EXPECT_EQ(library.forget_person("Anna", true)->faces, 1U);
  EXPECT_EQ(library.person("Anna")->confirmed, 0U);
}

TEST_F(LibraryTest, PhotosAreTakenOutWithTheirDecisions) {
  for (int i = 0; i < 3; ++i) write_scene(photos / (std::to_string(i) + ".png"), {.person = i});
  Library library = open();
  scan(library);
  for (int i = 0; i < 3; ++i)
    name(library, std::to_string(i) + ".png", person_number(static_cast<std::size_t>(i)));
  EXPECT_EQ(library.forget_photos({photos / "1.png"}), 1U);
  EXPECT_TRUE(fs::exists(photos / "1.png"));
  EXPECT_EQ(library.person("P1")->confirmed, 0U);
  while (library.undo().value()) {
  }
  EXPECT_TRUE(library.check(false)->empty());
  EXPECT_EQ(library.forget_photos({photos / "1.png"}).error().code, ErrorCode::not_found);
}

// ---- keeping

TEST_F(LibraryTest, ABackupRestoresEverything) {
  for (int i = 0; i < 3; ++i) write_scene(photos / (std::to_string(i) + ".png"), {.person = i});
  Library library = open();
  scan(library);
  name(library, "0.png", "Anna");
  ASSERT_TRUE(library.backup(folder / "backup.kith"));
  EXPECT_EQ(library.backup(folder / "backup.kith").error().code, ErrorCode::bad_argument);
  ASSERT_TRUE(library.rename("Anna", "Later"));
  ASSERT_TRUE(Library::restore(folder / "backup.kith", folder / "restored"));
  Library restored = Library::open(folder / "restored", Library::Mode::write).value();
  EXPECT_EQ(restored.person("Anna")->confirmed, 1U);
  EXPECT_EQ(restored.faces_on(photos / "2.png")->size(), 1U);
  EXPECT_TRUE(restored.check(false)->empty());
  EXPECT_EQ(Library::restore(folder / "backup.kith", folder / "restored").error().code,
            ErrorCode::bad_argument);
  test::write_bytes(folder / "no backup", {1, 2, 3});
  EXPECT_EQ(Library::restore(folder / "no backup", folder / "x").error().code, ErrorCode::library_damaged);
  EXPECT_FALSE(fs::exists(folder / "x" / "library.sqlite"));
}

TEST_F(LibraryTest, WhatIsNoLibraryIsRefused) {
  EXPECT_EQ(Library::open(folder / "none", Library::Mode::read).error().code, ErrorCode::library_missing);
  fs::create_directories(folder / "garbage");
  std::ofstream(folder / "garbage" / "library.sqlite") << std::string(5000, 'x');
  EXPECT_EQ(Library::open(folder / "garbage", Library::Mode::write).error().code, ErrorCode::library_damaged);
  fs::create_directories(folder / "foreign");
  {
    SQLite::Database other((folder / "foreign" / "library.sqlite").string(),
                           SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    other.exec("CREATE TABLE somebody_elses(x)");
  }
  EXPECT_EQ(Library::open(folder / "foreign", Library::Mode::create).error().code,
            ErrorCode::library_damaged);
  { Library library = open(); }
  {
    SQLite::Database newer((folder / "library" / "library.sqlite").string(), SQLite::OPEN_READWRITE);
    newer.exec("PRAGMA user_version = 99");
  }
  EXPECT_EQ(Library::open(folder / "library", Library::Mode::write).error().code, ErrorCode::library_newer);
}

TEST_F(LibraryTest, CheckFindsAndRepairsWhatCanBeMadeAgain) {
  write_scene(photos / "0.png", {});
  Library library = open();
  scan(library);
  EXPECT_TRUE(library.check(false)->empty());
  {
    SQLite::Database database((folder / "library" / "library.sqlite").string(), SQLite::OPEN_READWRITE);
    database.exec("UPDATE vector SET half = x'0000'");
  }
  EXPECT_EQ(library.check(false)->size(), 1U);
  EXPECT_EQ(library.check(true)->size(), 1U);
  EXPECT_TRUE(library.check(false)->empty());
  scan(library);
  name(library, "0.png", "Anna");
  EXPECT_EQ(name_on(library, "0.png"), "Anna") << "the vector was made again, from the crop";
}

}  // namespace
}  // namespace kith
