// SPDX-License-Identifier: Apache-2.0
#include "core/new_file.h"

#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "imageio/pictures.h"
#include "support/files.h"

namespace kith {
namespace {

namespace fs = std::filesystem;
using test::content_of;
using test::entries;

// With a name, or without.
class NewFileMade : public ::testing::TestWithParam<bool> {
 protected:
  static tl::expected<NewFile, int> make(const fs::path& target) {
    return GetParam() ? NewFile::named_beside(target) : NewFile::beside(target);
  }
  tl::expected<NewFile, int> make() const { return make(folder_ / "file"); }

  test::TemporaryFolder folder_;
};

INSTANTIATE_TEST_SUITE_P(Named, NewFileMade, ::testing::Bool());

TEST_P(NewFileMade, IsNotThereBeforeItIsComplete) {
  auto file = make();
  ASSERT_TRUE(file);
  EXPECT_EQ(file->write("one, "), 0);
  EXPECT_EQ(file->write("two"), 0);
  EXPECT_FALSE(fs::exists(folder_ / "file"));
  EXPECT_EQ(file->become_target(), 0);
  EXPECT_EQ(content_of(folder_ / "file"), "one, two");
  EXPECT_EQ(entries(folder_.path()), 1U);
}

TEST_P(NewFileMade, VanishesWhereItIsGivenUp) {
  {
    auto file = make();
    ASSERT_TRUE(file);
    EXPECT_EQ(file->write("half"), 0);
  }
  EXPECT_EQ(entries(folder_.path()), 0U);
}

TEST_P(NewFileMade, ReplacesOnlyWhereItIsToldTo) {
  auto file = make();
  ASSERT_TRUE(file);
  EXPECT_EQ(file->write("new"), 0);
  std::ofstream(folder_ / "file") << "another program's";
  EXPECT_EQ(file->become_target(), EEXIST);
  EXPECT_EQ(content_of(folder_ / "file"), "another program's");
  EXPECT_EQ(file->replace_target(), 0);
  EXPECT_EQ(content_of(folder_ / "file"), "new");
  EXPECT_EQ(entries(folder_.path()), 1U);
}

TEST_P(NewFileMade, NeedsAFolder) { EXPECT_EQ(make(folder_ / "none" / "file").error(), ENOENT); }

TEST(NewFile, WithANameCanBeWrittenBySomebodyElse) {
  const test::TemporaryFolder folder;
  auto file = NewFile::named_beside(folder / "file");
  ASSERT_TRUE(file);
  std::ofstream(file->name()) << "by name";
  EXPECT_EQ(file->become_target(), 0);
  EXPECT_EQ(content_of(folder / "file"), "by name");
}

TEST(NewFile, LeftoversOfTheDeadAreRemovedAndNothingElse) {
  const test::TemporaryFolder folder;
  const std::string living = ".kith-" + std::to_string(::getpid()) + "-0.tmp";
  for (const std::string& name :
       {std::string(".kith-2147483647-3.tmp"), living, std::string(".kith-x.tmp"), std::string("a.tmp")}) {
    test::write_bytes(folder / name, {'x'});
  }
  remove_leftovers(folder.path());
  EXPECT_EQ(entries(folder.path()), 4U);  // too young
  remove_leftovers(folder.path(), std::chrono::seconds(0));
  EXPECT_EQ(entries(folder.path()), 3U);
  EXPECT_FALSE(fs::exists(folder / ".kith-2147483647-3.tmp"));
}

}  // namespace
}  // namespace kith
