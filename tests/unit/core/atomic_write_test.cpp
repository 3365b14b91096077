// SPDX-License-Identifier: Apache-2.0
#include "core/atomic_write.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <string>

#include <gtest/gtest.h>

#include "imageio/pictures.h"
#include "support/files.h"

namespace kith {
namespace {

namespace fs = std::filesystem;
using test::content_of;
using test::entries;

TEST(AtomicWrite, WritesAllBytes) {
  const test::TemporaryFolder folder;
  for (const std::string& bytes : {std::string(), std::string("a\0b\n", 4), std::string(3'000'000, 'x')}) {
    ASSERT_TRUE(write_atomically(folder / "file", bytes));
    EXPECT_EQ(content_of(folder / "file"), bytes);
    EXPECT_EQ(entries(folder.path()), 1U);
  }
}

TEST(AtomicWrite, TheUsersMaskDecidesWhoMayReadTheFileAsForAnyNewOne) {
  const test::TemporaryFolder folder;
  for (const auto& [mask, mode] : {std::pair{0077U, 0600U}, std::pair{0022U, 0644U}}) {
    const mode_t before = ::umask(mask);
    const Status written = write_atomically(folder / "file", "text");
    ::umask(before);
    ASSERT_TRUE(written);
    EXPECT_EQ(fs::status(folder / "file").permissions(), static_cast<fs::perms>(mode));
  }
}

TEST(AtomicWrite, ReplacesALinkAndNotWhatItLeadsTo) {
  const test::TemporaryFolder folder;
  ASSERT_TRUE(write_atomically(folder / "original", "original"));
  fs::create_symlink(folder / "original", folder / "link");
  ASSERT_TRUE(write_atomically(folder / "link", "new"));
  EXPECT_FALSE(fs::is_symlink(folder / "link"));
  EXPECT_EQ(content_of(folder / "link"), "new");
  EXPECT_EQ(content_of(folder / "original"), "original");
}

TEST(AtomicWrite, WithoutAFolderIsAnError) {
  const test::TemporaryFolder folder;
  const Status written = write_atomically(folder / "none/file", "text");
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ErrorCode::write_failed);
  EXPECT_NE(written.error().message.find("none/file"), std::string::npos);
  EXPECT_EQ(entries(folder.path()), 0U);
}

TEST(AtomicWrite, AFailedRenameLeavesNothingBeside) {
  const test::TemporaryFolder folder;
  fs::create_directories(folder / "target/inside");
  const Status written = write_atomically(folder / "target", "text");
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ErrorCode::write_failed);
  EXPECT_TRUE(fs::is_directory(folder / "target/inside"));
  EXPECT_EQ(entries(folder.path()), 1U);
}

TEST(AtomicWrite, AFailedWriteKeepsTheTarget) {
  const test::TemporaryFolder folder;
  ASSERT_TRUE(write_atomically(folder / "target", "as it was"));
  // A limit on the size of files stands in for a full disk: the first blocks are written, the rest is not.
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{4096, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const Status written = write_atomically(folder / "target", std::string(100'000, 'x'));
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ErrorCode::write_failed);
  EXPECT_EQ(content_of(folder / "target"), "as it was");
  EXPECT_EQ(entries(folder.path()), 1U);
}

TEST(AtomicWrite, AProcessKilledInMidWriteLeavesNothing) {
  const test::TemporaryFolder folder;
  const int unnamed = ::open(folder.path().c_str(), O_TMPFILE | O_WRONLY, 0666);
  if (unnamed < 0) GTEST_SKIP() << "the temporary folder's file system has no files without names";
  ::close(unnamed);
  for (const bool replaces : {false, true}) {
    if (replaces) {
      ASSERT_TRUE(write_atomically(folder / "target", "as it was"));
    }
    const pid_t child = ::fork();
    if (child == 0) {
      // Killed by the kernel at the byte that goes beyond the limit.
      const rlimit none{0, 0};
      const rlimit small{4096, 4096};
      ::setrlimit(RLIMIT_CORE, &none);
      std::signal(SIGXFSZ, SIG_DFL);
      ::setrlimit(RLIMIT_FSIZE, &small);
      static_cast<void>(write_atomically(folder / "target", std::string(100'000, 'x')));
      ::_exit(0);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGXFSZ) << status;
    EXPECT_EQ(entries(folder.path()), replaces ? 1U : 0U);
    if (replaces) {
      EXPECT_EQ(content_of(folder / "target"), "as it was");
    }
  }
}

TEST(AtomicWrite, AFolderThatMayNotBeWrittenToKeepsTheTarget) {
  const test::TemporaryFolder folder;
  ASSERT_TRUE(write_atomically(folder / "target", "as it was"));
  fs::permissions(folder.path(), static_cast<fs::perms>(0555));
  {
    const test::WithoutRootRights ordinary;
    const Status written = write_atomically(folder / "target", "new");
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().code, ErrorCode::write_failed);
  }
  fs::permissions(folder.path(), fs::perms::all);
  EXPECT_EQ(content_of(folder / "target"), "as it was");
  EXPECT_EQ(entries(folder.path()), 1U);
}

TEST(AtomicWrite, OfSeveralPiecesTakesTheRestFromTheFileItReplaces) {
  const test::TemporaryFolder folder;
  ASSERT_TRUE(write_atomically(folder / "file", "0123456789"));
  const std::vector<FilePiece> pieces{{"<", 0, 3}, {"|", 5, 5}, {">"}};
  ASSERT_TRUE(replace_atomically(folder / "file", pieces, *file_state(folder / "file"), false));
  EXPECT_EQ(content_of(folder / "file"), "<012|56789>");
  EXPECT_EQ(entries(folder.path()), 1U);
}

TEST(AtomicWrite, LeavesAFileThatIsNotAsExpected) {
  const test::TemporaryFolder folder;
  ASSERT_TRUE(write_atomically(folder / "file", "one"));
  const FileState before = *file_state(folder / "file");
  ASSERT_TRUE(write_atomically(folder / "file", "two"));
  const std::vector<FilePiece> pieces{{"three"}};
  EXPECT_EQ(replace_atomically(folder / "file", pieces, before, false).error().code,
            ErrorCode::changed_meanwhile);
  EXPECT_EQ(create_atomically(folder / "file", "three").error().code, ErrorCode::changed_meanwhile);
  EXPECT_EQ(remove_unchanged(folder / "file", before).error().code, ErrorCode::changed_meanwhile);
  EXPECT_EQ(content_of(folder / "file"), "two");
  EXPECT_EQ(entries(folder.path()), 1U);
}

TEST(MakeFolder, MakesThoseAboveAndTakesOneThatIsThere) {
  const test::TemporaryFolder folder;
  EXPECT_TRUE(make_folder(folder / "a" / "b"));
  EXPECT_TRUE(make_folder(folder / "a" / "b"));
  fs::create_directory_symlink(folder / "a", folder / "link");
  EXPECT_TRUE(make_folder(folder / "link"));
  EXPECT_TRUE(fs::is_directory(folder / "a" / "b"));
}

TEST(MakeFolder, WhereAFileIsInTheWayIsAnErrorThatNamesTheFolder) {
  const test::TemporaryFolder folder;
  ASSERT_TRUE(write_atomically(folder / "file", "text"));
  for (const fs::path& blocked : {folder / "file", folder / "file" / "below"}) {
    const Status made = make_folder(blocked);
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code, ErrorCode::write_failed);
    EXPECT_EQ(made.error().message.find(blocked.string() + ": "), 0U) << made.error().message;
    EXPECT_NE(made.error().message.find("a file is in the way"), std::string::npos) << made.error().message;
  }
}

TEST(WriteError, TellsAFullDiskFromTheRest) {
  EXPECT_EQ(write_error("a/b", ENOSPC).code, ErrorCode::no_space);
  EXPECT_EQ(write_error("a/b", EDQUOT).code, ErrorCode::no_space);
  const Error other = write_error("a/b", EACCES);
  EXPECT_EQ(other.code, ErrorCode::write_failed);
  EXPECT_NE(other.message.find("a/b"), std::string::npos);
  EXPECT_NE(other.message.find("; "), std::string::npos) << "no advice: " << other.message;
}

}  // namespace
}  // namespace kith
