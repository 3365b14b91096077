// SPDX-License-Identifier: Apache-2.0
// Following folders: what is told, and what scans come of it.
#include "library/watch.h"

#include <poll.h>

#include <atomic>
#include <condition_variable>
#include <fstream>
#include <functional>
#include <mutex>
#include <thread>

#include <gtest/gtest.h>
#include <kith/library.h>

#include "pipeline/fake_stages.h"

namespace kith {
namespace {

namespace fs = std::filesystem;
using library::FolderWatch;
using test::fake_models;
using test::write_scene;

// ---- what is told

class FolderWatchTest : public testing::Test {
 protected:
  FolderWatchTest() {
    fs::create_directories(photos);
    watch.follow(photos);
  }

  // inotify tells of what a thread did as soon as it is done.
  bool changed() { return watch.read().changed; }

  test::TemporaryFolder folder;
  fs::path photos = folder / "photos é";
  FolderWatch watch{folder / "photos é" / "library"};
};

TEST_F(FolderWatchTest, NothingHappensNothingIsTold) { EXPECT_FALSE(changed()); }

TEST_F(FolderWatchTest, PhotosThatComeChangeMoveAndGoAreTold) {
  test::write_bytes(photos / "a.jpg", {1});
  EXPECT_TRUE(changed());
  test::write_bytes(photos / "a.jpg", {2});
  EXPECT_TRUE(changed());
  fs::rename(photos / "a.jpg", photos / "b.jpg");
  EXPECT_TRUE(changed());
  fs::remove(photos / "b.jpg");
  EXPECT_TRUE(changed());
  EXPECT_FALSE(changed());
}

TEST_F(FolderWatchTest, WhatIsNoPhotoIsPassedOver) {
  test::write_bytes(photos / "film.mp4", {1});
  test::write_bytes(photos / ".a.jpg.part", {1});
  fs::create_directories(photos / ".hidden");
  test::write_bytes(photos / ".hidden" / "a.jpg", {1});
  EXPECT_FALSE(changed());
}

TEST_F(FolderWatchTest, NewFoldersAreWatchedWithAllThatIsInThem) {
  fs::create_directories(photos / "2026" / "05" / "17");
  EXPECT_TRUE(changed());
  test::write_bytes(photos / "2026" / "05" / "17" / "a.jpg", {1});
  EXPECT_TRUE(changed());
}

TEST_F(FolderWatchTest, AFolderThatMovesIsWatchedWhereItIsNow) {
  fs::create_directories(photos / "old" / "deep");
  EXPECT_TRUE(changed());
  fs::rename(photos / "old", photos / "new");
  EXPECT_TRUE(changed());
  fs::create_directories(photos / "new" / "deep" / "deeper");
  EXPECT_TRUE(changed());
  test::write_bytes(photos / "new" / "deep" / "deeper" / "a.jpg", {1});
  EXPECT_TRUE(changed());
  fs::rename(photos / "new", folder / "away");
  EXPECT_TRUE(changed());
  test::write_bytes(folder / "away" / "deep" / "b.jpg", {1});
  EXPECT_FALSE(changed()) << "what was moved out is no concern any more";
}

TEST_F(FolderWatchTest, LinksInARingEnd) {
  fs::create_directories(photos / "one");
  fs::create_directory_symlink(photos, photos / "one" / "up");
  watch.follow(photos);
  static_cast<void>(watch.read());
  test::write_bytes(photos / "one" / "a.jpg", {1});
  EXPECT_TRUE(changed());
}

TEST_F(FolderWatchTest, AFileIsBeingWrittenUntilItIsClosed) {
  std::ofstream file(photos / "a.jpg", std::ios::binary);
  file << "half" << std::flush;
  EXPECT_TRUE(watch.read().activity);
  EXPECT_TRUE(watch.is_being_written());
  file.close();
  EXPECT_TRUE(changed());
  EXPECT_FALSE(watch.is_being_written());
  file.open(photos / "a.jpg", std::ios::binary);
  file << "half" << std::flush;
  EXPECT_TRUE(watch.read().activity);
  fs::remove(photos / "a.jpg");
  EXPECT_TRUE(changed());
  EXPECT_FALSE(watch.is_being_written()) << "it is gone";
}

TEST_F(FolderWatchTest, TheLibraryItselfIsLeftOut) {
  fs::create_directories(photos / "library");
  static_cast<void>(watch.read());
  test::write_bytes(photos / "library" / "a.jpg", {1});
  EXPECT_FALSE(changed());
}

TEST_F(FolderWatchTest, MoreThanTheSystemKeepsIsAnOverflow) {
  std::size_t most = 16384;
  std::ifstream("/proc/sys/fs/inotify/max_queued_events") >> most;
  if (most > 100'000) GTEST_SKIP() << "SKIPPED: the system keeps " << most << " events";
  // Two files in turns: equal events in a row are kept as one.
  test::write_bytes(photos / "a.jpg", {1});
  for (std::size_t i = 0; i < most; ++i) {
    fs::rename(photos / "a.jpg", photos / "b.jpg");
    fs::rename(photos / "b.jpg", photos / "a.jpg");
  }
  EXPECT_TRUE(watch.read().overflowed);
  EXPECT_FALSE(watch.read().overflowed);
}

TEST(FolderWatchLimit, NamesTheSettingToRaise) {
  const test::TemporaryFolder folder;
  for (int i = 0; i < 5; ++i) fs::create_directories(folder / std::to_string(i));
  FolderWatch watch({}, 3);
  watch.follow(folder.path());
  EXPECT_NE(watch.limit().find("fs.inotify.max_user_watches"), std::string::npos) << watch.limit();
  EXPECT_NE(watch.limit().find(" 3 folders"), std::string::npos) << watch.limit();
}

// ---- what scans come of it

class WatchTest : public testing::Test {
 protected:
  WatchTest() {
    fs::create_directories(photos);
    settings.quiet = std::chrono::milliseconds(200);
    settings.interval = std::chrono::milliseconds(300);
  }
  ~WatchTest() override { end(); }

  void start() {
    events.scanned = [this](const ScanSummary& summary) {
      const std::lock_guard lock(mutex_);
      rounds_.push_back(summary);
      told_.notify_all();
    };
    events.warning = [this](const std::string& text) {
      const std::lock_guard lock(mutex_);
      warnings_.push_back(text);
      told_.notify_all();
    };
    thread_ = std::thread([this] {
      Result<Library> library = Library::open(folder / "library", Library::Mode::create);
      ended_ = library ? library->watch({photos}, models, settings, events, stop_.get_token())
                       : tl::unexpected(library.error());
    });
    await_round([](const ScanSummary&) { return true; });
  }

  Status end() {
    stop_.request_stop();
    if (thread_.joinable()) thread_.join();
    return ended_;
  }

  // A scan, since the last one that was awaited, of which this holds.
  bool await_round(const std::function<bool(const ScanSummary&)>& holds) {
    std::unique_lock lock(mutex_);
    return told_.wait_for(lock, std::chrono::seconds(30), [&] {
      while (next_ < rounds_.size()) {
        if (holds(rounds_[next_++])) return true;
      }
      return false;
    });
  }

  bool await_warning(const std::string& words) {
    std::unique_lock lock(mutex_);
    return told_.wait_for(lock, std::chrono::seconds(30), [&] {
      return std::ranges::any_of(
          warnings_, [&](const std::string& text) { return text.find(words) != std::string::npos; });
    });
  }

  std::size_t rounds() {
    const std::lock_guard lock(mutex_);
    return rounds_.size();
  }

  test::TemporaryFolder folder;
  fs::path photos = folder / "photos";
  Models models = fake_models();
  WatchSettings settings;
  WatchEvents events;

 private:
  std::mutex mutex_;
  std::condition_variable told_;
  std::vector<ScanSummary> rounds_;
  std::vector<std::string> warnings_;
  std::size_t next_ = 0;
  std::stop_source stop_;
  std::thread thread_;
  Status ended_;
};

TEST_F(WatchTest, PhotosAreTakenInAsTheyCome) {
  write_scene(photos / "a.png", {.person = 0});
  start();
  write_scene(photos / "b.png", {.person = 1});
  EXPECT_TRUE(await_round([](const ScanSummary& round) { return round.fresh == 1 && round.photos == 2; }));
  write_scene(photos / "2026" / "05" / "c.png", {.person = 2});
  EXPECT_TRUE(await_round([](const ScanSummary& round) { return round.fresh == 1 && round.photos == 3; }));
  write_scene(photos / "2026" / "05" / "c.png", {.faces = 2, .person = 2});
  EXPECT_TRUE(await_round([](const ScanSummary& round) { return round.changed == 1; }));
  fs::rename(photos / "2026", photos / "2027");
  EXPECT_TRUE(await_round([](const ScanSummary& round) { return round.moved == 1; }));
  fs::remove(photos / "a.png");
  EXPECT_TRUE(await_round([](const ScanSummary& round) { return round.missing == 1; }));
  EXPECT_TRUE(end());
}

TEST_F(WatchTest, AFileThatIsStillBeingCopiedIsNotRead) {
  start();
  write_scene(folder / "whole.png", {.person = 0});
  std::ifstream whole(folder / "whole.png", std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(whole), {}};
  const std::size_t before = rounds();
  std::ofstream copy(photos / "copy.png", std::ios::binary);
  copy << bytes.substr(0, bytes.size() / 2) << std::flush;
  // Longer than the quiet that is waited for: it is still open.
  std::this_thread::sleep_for(settings.quiet * 3);
  EXPECT_EQ(rounds(), before);
  copy << bytes.substr(bytes.size() / 2);
  copy.close();
  EXPECT_TRUE(await_round([](const ScanSummary& round) { return round.fresh == 1 && round.failed == 0; }));
}

TEST_F(WatchTest, AFileThatIsNeverClosedDoesNotHoldOffScansForEver) {
  settings.longest_write = std::chrono::milliseconds(500);
  start();
  std::ofstream open(photos / "open.png", std::ios::binary);
  open << "half" << std::flush;
  write_scene(photos / "a.png", {});
  EXPECT_TRUE(await_round([](const ScanSummary& round) { return round.fresh == 2; }));
}

TEST_F(WatchTest, BetweenTheScansTheLibraryIsFree) {
  write_scene(photos / "a.png", {.person = 0});
  start();
  Result<Library> other = Library::open(folder / "library", Library::Mode::write);
  ASSERT_TRUE(other) << other.error().message;
  const Result<ScanSummary> summary = other->scan({photos}, models, {});
  ASSERT_TRUE(summary) << summary.error().message;
  EXPECT_EQ(summary->unchanged, 1U);
  EXPECT_TRUE(other->confirm({}, "Anna"));
}

TEST_F(WatchTest, WhereFoldersCannotBeWatchedTheyAreScannedAtIntervals) {
  settings.most_folders = 1;
  write_scene(photos / "sub" / "a.png", {.person = 0});
  start();
  EXPECT_TRUE(await_warning("fs.inotify.max_user_watches"));
  write_scene(photos / "sub" / "b.png", {.person = 1});
  EXPECT_TRUE(await_round([](const ScanSummary& round) { return round.fresh == 1 && round.photos == 2; }));
}

TEST_F(WatchTest, AFolderThatGoesIsWaitedForAndLosesNothing) {
  write_scene(photos / "a.png", {.person = 0});
  start();
  fs::rename(photos, folder / "away");
  EXPECT_TRUE(await_warning("removed, renamed or unmounted"));
  fs::create_directories(photos);  // as the mount point of a disk that was taken away
  std::this_thread::sleep_for(settings.interval * 2);
  {
    Result<Library> other = Library::open(folder / "library", Library::Mode::write);
    ASSERT_TRUE(other) << other.error().message;
    EXPECT_EQ(other->forget_missing(), 0U) << "nothing is marked as missing";
  }
  fs::remove(photos);
  write_scene(folder / "away" / "b.png", {.person = 1});
  fs::rename(folder / "away", photos);
  EXPECT_TRUE(await_warning("is back"));
  EXPECT_TRUE(await_round([](const ScanSummary& round) { return round.fresh == 1 && round.unchanged == 1; }));
  write_scene(photos / "c.png", {.person = 2});
  EXPECT_TRUE(await_round([](const ScanSummary& round) { return round.fresh == 1 && round.photos == 3; }));
  EXPECT_TRUE(end());
}

TEST_F(WatchTest, OnlyFoldersAreWatched) {
  write_scene(photos / "a.png", {});
  Result<Library> library = Library::open(folder / "library", Library::Mode::create);
  ASSERT_TRUE(library);
  EXPECT_EQ(library->watch({photos / "a.png"}, models, {}, {}, {}).error().code, ErrorCode::bad_argument);
  EXPECT_EQ(library->watch({photos / "nowhere"}, models, {}, {}, {}).error().code, ErrorCode::not_found);
}

}  // namespace
}  // namespace kith
