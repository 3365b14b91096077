// SPDX-License-Identifier: Apache-2.0
#include "infer/compiled_cache.h"

#include <chrono>
#include <fstream>

#include <gtest/gtest.h>

#include "support/files.h"
#include "support/temporary_folder.h"

namespace kith::infer {
namespace {

using test::content_of;

std::filesystem::path only_file(const std::filesystem::path& folder) {
  return *std::filesystem::directory_iterator(folder);
}

class CompiledCacheTest : public testing::Test {
 protected:
  test::TemporaryFolder folder;
  CompiledCache cache{folder / "below" / "cache"};
};

TEST_F(CompiledCacheTest, FindsWhatWasStoredUnderTheKeyAlone) {
  EXPECT_EQ(cache.find("key"), std::nullopt);
  cache.store("key", std::string("by\0tes", 6));
  EXPECT_EQ(cache.find("key"), std::string("by\0tes", 6));
  EXPECT_EQ(cache.find("another key"), std::nullopt);
  cache.store("key", "others");
  EXPECT_EQ(cache.find("key"), "others");
}

TEST_F(CompiledCacheTest, DamageAnywhereIsAsGoodAsMissing) {
  cache.store("key", "compiled");
  const std::filesystem::path file = only_file(folder / "below" / "cache");
  const std::string whole = content_of(file);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::string flipped = whole;
    flipped[i] ^= 1;
    std::ofstream(file, std::ios::binary) << flipped;
    EXPECT_EQ(cache.find("key"), std::nullopt) << "flipped at " << i;
    std::ofstream(file, std::ios::binary) << whole.substr(0, i);
    EXPECT_EQ(cache.find("key"), std::nullopt) << "cut at " << i;
  }
  std::ofstream(file, std::ios::binary) << whole;
  EXPECT_EQ(cache.find("key"), "compiled");
}

TEST_F(CompiledCacheTest, DoesNotKeepForEverWhatNobodyCompilesAgain) {
  const auto age = [](const std::filesystem::path& file, int days) {
    std::filesystem::last_write_time(file,
                                     std::filesystem::file_time_type::clock::now() - std::chrono::days(days));
  };
  cache.store("old", "compiled");
  age(only_file(folder / "below" / "cache"), 181);
  std::ofstream(folder / "below" / "cache" / "of another program") << "bytes";
  age(folder / "below" / "cache" / "of another program", 1000);
  EXPECT_EQ(cache.find("old"), "compiled") << "until something is stored";
  cache.store("young", "compiled");
  EXPECT_EQ(cache.find("old"), std::nullopt);
  EXPECT_TRUE(std::filesystem::exists(folder / "below" / "cache" / "of another program"));
  cache.store("new", "compiled");
  EXPECT_EQ(cache.find("young"), "compiled");
}

TEST_F(CompiledCacheTest, AFolderThatCannotBeMadeKeepsNothing) {
  std::ofstream(folder / "file") << "in the way";
  const CompiledCache blocked(folder / "file" / "cache");
  blocked.store("key", "bytes");
  EXPECT_EQ(blocked.find("key"), std::nullopt);
}

}  // namespace
}  // namespace kith::infer
