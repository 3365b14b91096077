// SPDX-License-Identifier: Apache-2.0
#include "pipeline/walker.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <kith/pipeline.h>

#include "imageio/pictures.h"

namespace kith::pipeline {
namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;

class WalkerTest : public testing::Test {
 protected:
  // The walker opens no file, so an empty one will do.
  void touch(const std::string& name) const {
    fs::create_directories((folder / name).parent_path());
    test::write_bytes(folder / name, {});
  }

  static std::vector<Found> walk(std::vector<fs::path> inputs) {
    Walker walker(std::move(inputs));
    std::vector<Found> all;
    while (std::optional<Found> found = walker.next()) all.push_back(std::move(*found));
    EXPECT_FALSE(walker.next()) << "the end stays the end";
    return all;
  }

  // Photos by their place below the test's folder; a failure has its code behind it.
  [[nodiscard]] Names names(const std::vector<fs::path>& inputs) const {
    Names result;
    for (const Found& found : walk(inputs)) {
      result.push_back(found.photo.lexically_relative(folder.path()).string());
      if (found.error) result.back() += ": " + std::string(error_code_name(found.error->code));
    }
    return result;
  }

  test::TemporaryFolder folder;
};

TEST_F(WalkerTest, WalksFoldersSortedByName) {
  for (const char* name : {"c.jpg", "a.jpg", "b/z.jpg", "b/y/x.jpg", "B.jpg", "d/1.jpg"}) touch(name);
  EXPECT_EQ(names({folder.path()}), (Names{"B.jpg", "a.jpg", "b/y/x.jpg", "b/z.jpg", "c.jpg", "d/1.jpg"}));
}

TEST_F(WalkerTest, KeepsTheOrderOfTheInputs) {
  for (const char* name : {"b/1.jpg", "a/2.jpg", "a/1.jpg", "c.jpg"}) touch(name);
  EXPECT_EQ(names({folder / "c.jpg", folder / "b", folder / "a"}),
            (Names{"c.jpg", "b/1.jpg", "a/1.jpg", "a/2.jpg"}));
  EXPECT_TRUE(names({}).empty());
}

TEST_F(WalkerTest, LeavesOutHiddenFilesAndFolders) {
  for (const char* name : {".hidden.jpg", ".thumbnails/a.jpg", "seen.jpg"}) touch(name);
  EXPECT_EQ(names({folder.path()}), Names{"seen.jpg"});
  EXPECT_EQ(names({folder / ".hidden.jpg", folder / ".thumbnails"}),
            (Names{".hidden.jpg", ".thumbnails/a.jpg"}))
      << "unless they are named";
}

TEST_F(WalkerTest, LeavesOutWhatIsNoPhotoUnlessItIsNamed) {
  for (const char* name : {"film.mp4", "notes.txt", "a.jpg.xmp", "jpg", "A.JPG", "b.Heic", "c.cr2"})
    touch(name);
  EXPECT_EQ(names({folder.path()}), (Names{"A.JPG", "b.Heic", "c.cr2"}));
  EXPECT_EQ(names({folder / "notes.txt", folder / "jpg"}), (Names{"notes.txt", "jpg"}));
}

TEST_F(WalkerTest, ALinkBackUpIsNotFollowedForEver) {
  touch("a/photo.jpg");
  fs::create_directory_symlink(folder.path(), folder / "a/up");
  fs::create_directory_symlink(folder / "a", folder / "b");
  EXPECT_EQ(names({folder.path()}), Names{"a/photo.jpg"});
}

TEST_F(WalkerTest, FollowsLinksToPhotosAndFolders) {
  const test::TemporaryFolder other;
  test::write_bytes(other / "far.jpg", {});
  fs::create_directory_symlink(other.path(), folder / "link");
  fs::create_symlink(other / "far.jpg", folder / "near.jpg");
  EXPECT_EQ(names({folder.path()}), (Names{"link/far.jpg", "near.jpg"}));
}

TEST_F(WalkerTest, BrokenLinksAreReportedWhereTheyArePhotos) {
  fs::create_symlink(folder / "gone.jpg", folder / "broken.jpg");
  fs::create_symlink(folder / "loop.jpg", folder / "loop.jpg");
  fs::create_symlink(folder / "gone", folder / "broken.txt");
  EXPECT_EQ(names({folder.path()}), (Names{"broken.jpg: not-found", "loop.jpg: unreadable"}));
}

TEST_F(WalkerTest, AFolderNamedTwiceIsWalkedOnce) {
  touch("a/1.jpg");
  touch("b.jpg");
  EXPECT_EQ(names({folder / "a", folder / "a/", folder.path()}), (Names{"a/1.jpg", "b.jpg"}));
}

TEST_F(WalkerTest, MissingInputsAreReported) {
  EXPECT_EQ(names({folder / "none.jpg", folder / "none"}), (Names{"none.jpg: not-found", "none: not-found"}));
}

TEST_F(WalkerTest, AnUnreadableFolderIsReportedAndTheRestWalked) {
  touch("a/1.jpg");
  touch("b/2.jpg");
  touch("c/3.jpg");
  fs::permissions(folder / "b", fs::perms::none);
  {
    const test::WithoutRootRights ordinary;
    EXPECT_EQ(names({folder.path()}), (Names{"a/1.jpg", "b: unreadable", "c/3.jpg"}));
  }
  fs::permissions(folder / "b", fs::perms::all);
}

TEST_F(WalkerTest, AFolderThatCanOnlyBeListedOrOnlyBeEnteredIsReported) {
  touch("a/1.jpg");
  touch("b/2.jpg");
  touch("b/below/3.jpg");
  touch("c/4.jpg");
  for (const fs::perms half : {fs::perms::owner_read | fs::perms::group_read | fs::perms::others_read,
                               fs::perms::owner_exec | fs::perms::group_exec | fs::perms::others_exec}) {
    fs::permissions(folder / "b", half);
    {
      const test::WithoutRootRights ordinary;
      EXPECT_EQ(names({folder.path()}), (Names{"a/1.jpg", "b: unreadable", "c/4.jpg"}));
      EXPECT_EQ(names({folder / "b"}), Names{"b: unreadable"});
    }
    fs::permissions(folder / "b", fs::perms::all);
  }
}

TEST_F(WalkerTest, APhotoThatVanishesIsReported) {
  touch("a.jpg");
  touch("b.jpg");
  touch("c.txt");
  Walker walker({folder.path()});
  EXPECT_FALSE(walker.next()->error);
  fs::remove(folder / "b.jpg");
  fs::remove(folder / "c.txt");
  const std::optional<Found> vanished = walker.next();
  ASSERT_TRUE(vanished);
  ASSERT_TRUE(vanished->error);
  EXPECT_EQ(vanished->error->code, ErrorCode::not_found);
  EXPECT_NE(vanished->error->message.find("b.jpg"), std::string::npos);
  EXPECT_FALSE(walker.next());
}

TEST_F(WalkerTest, NamesMayHoldAnything) {
  for (const char* name :
       {"two\nlines.jpg", "J\u00fcrgen \u2764.jpg", "not\xff utf8.jpg", " space.jpg", "-rf.jpg"})
    touch(name);
  Names expected{" space.jpg", "-rf.jpg", "J\u00fcrgen \u2764.jpg", "not\xff utf8.jpg", "two\nlines.jpg"};
  EXPECT_EQ(names({folder.path()}), expected);
}

TEST_F(WalkerTest, TellsThePlaceBelowTheInput) {
  touch("a/b/c.jpg");
  touch("d.jpg");
  EXPECT_EQ(walk({folder.path()})[0].relative, "a/b/c.jpg");
  EXPECT_EQ(walk({folder / "a"})[0].relative, "b/c.jpg");
  EXPECT_EQ(walk({folder / "d.jpg"})[0].relative, "d.jpg");
}

TEST_F(WalkerTest, CountsWithoutOpening) {
  for (const char* name : {"a/1.jpg", "a/2.png", "b.txt", ".c.jpg"}) touch(name);
  EXPECT_EQ(count_photos({folder.path()}, 10), 2U);
  EXPECT_EQ(count_photos({folder.path()}, 1), 1U);
}

}  // namespace
}  // namespace kith::pipeline
