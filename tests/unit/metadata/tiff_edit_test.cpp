// SPDX-License-Identifier: Apache-2.0
#include "metadata/tiff_edit.h"

#include <random>

#include <gtest/gtest.h>

namespace kith::metadata {
namespace {

using namespace std::string_literals;

std::string changed(const std::string& tiff, const std::vector<TiffChange>& changes) {
  const auto splices = changed_tiff(TextSource(tiff), changes);
  return splices ? spliced(tiff, *splices) : "";
}

std::optional<std::string> value_of(const std::string& tiff, TiffTag tag) {
  return tiff_value(TextSource(tiff), tag);
}

TEST(TiffEdit, ValuesOfAllLengthsAreReadAsTheyWereWritten) {
  for (const std::size_t length : {1U, 4U, 5U, 6U, 1000U}) {
    const std::string text(length, 'x');
    const std::string tiff = changed(empty_tiff(), {{tiff_tag::image_description, TiffType::ascii, text},
                                                    {tiff_tag::user_comment, TiffType::undefined, text}});
    EXPECT_EQ(value_of(tiff, tiff_tag::image_description), text);
    EXPECT_EQ(value_of(tiff, tiff_tag::user_comment), text);
  }
}

TEST(TiffEdit, ATagThatIsRemovedLeavesNothingOfItsValue) {
  const std::string tiff =
      changed(empty_tiff(), {{tiff_tag::image_description, TiffType::ascii, "a secret name"},
                             {tiff_tag::xmp, TiffType::byte, "more"}});
  const std::string without = changed(tiff, {{tiff_tag::image_description, TiffType::ascii, std::nullopt}});
  EXPECT_FALSE(value_of(without, tiff_tag::image_description));
  EXPECT_EQ(value_of(without, tiff_tag::xmp), "more");
  EXPECT_EQ(without.find("secret"), std::string::npos);
  const std::string longer =
      changed(tiff, {{tiff_tag::image_description, TiffType::ascii, "now another name, and a longer one"}});
  EXPECT_EQ(longer.find("secret"), std::string::npos);
}

TEST(TiffEdit, AValueThatGrowsAgainAndAgainDoesNotFillTheFile) {
  std::string tiff = changed(empty_tiff(), {{tiff_tag::image_description, TiffType::ascii, "something"}});
  for (std::size_t length = 10; length < 1000; length += 10) {
    tiff = changed(tiff, {{tiff_tag::xmp, TiffType::byte, std::string(length, 'x')}});
    ASSERT_EQ(value_of(tiff, tiff_tag::xmp), std::string(length, 'x'));
  }
  EXPECT_LT(tiff.size(), 1100U);
}

TEST(TiffEdit, NothingThatWasThereIsMoved) {
  const std::string before =
      changed(empty_tiff(), {{tiff_tag::image_description, TiffType::ascii, "stays here"},
                             {tiff_tag::user_comment, TiffType::undefined, "and this, too"}});
  const std::string after = changed(before, {{tiff_tag::xmp, TiffType::byte, "a packet"}});
  EXPECT_EQ(after.find("stays here"), before.find("stays here"));
  EXPECT_EQ(after.find("and this, too"), before.find("and this, too"));
}

// In a damaged stream they may be the same bytes: what is written into the one must not change the other.
TEST(TiffEdit, AValueThatAnotherTagPointsAtIsNotOverwritten) {
  std::string tiff = "II*\0\x08\0\0\0\x02\0"s;
  for (const std::size_t tag : {270U, 271U}) {
    tiff += little_endian_bytes(tag, 2) + little_endian_bytes(2, 2) + little_endian_bytes(8, 4);
    tiff += little_endian_bytes(38, 4);
  }
  tiff += little_endian_bytes(0, 4) + "shared!\0"s;
  const TiffChange other{tiff_tag::image_description, TiffType::ascii, "by us\0"s};
  EXPECT_FALSE(changed_tiff(TextSource(tiff), {&other, 1}));
  const TiffChange another{tiff_tag::user_comment, TiffType::undefined, "by us"};
  const auto splices = changed_tiff(TextSource(tiff), {&another, 1});
  ASSERT_TRUE(splices);
  EXPECT_EQ(tiff_value(TextSource(spliced(tiff, *splices)), {TiffDirectory::root, 271}), "shared!\0"s);
}

// A directory with one tag of one number. `next`: where the one after it lies.
std::string directory(std::size_t tag, std::size_t value, std::size_t next = 0) {
  constexpr std::size_t type_long = 4;
  return little_endian_bytes(1, 2) + little_endian_bytes(tag, 2) + little_endian_bytes(type_long, 2) +
         little_endian_bytes(1, 4) + little_endian_bytes(value, 4) + little_endian_bytes(next, 4);
}

// The first directory at 8, another one at 26: next in the chain, or below the first.
std::string chained(const std::string& other) { return "II*\0\x08\0\0\0"s + directory(256, 100, 26) + other; }
std::string nested(const std::string& other) { return "II*\0\x08\0\0\0"s + directory(330, 26) + other; }

TEST(TiffEdit, ACamerasRawFileIsKnownByAnyOfItsDirectories) {
  const std::vector<std::string> raw{directory(262, 32803), directory(262, 34892), directory(50706, 1),
                                     directory(259, 32767), directory(259, 34713), directory(259, 32770)};
  for (const std::string& sensor : raw) {
    EXPECT_TRUE(tiff_holds_raw(TextSource("II*\0\x08\0\0\0"s + sensor)));
    EXPECT_TRUE(tiff_holds_raw(TextSource(chained(sensor))));
    EXPECT_TRUE(tiff_holds_raw(TextSource(nested(sensor))));
  }
  for (const std::string& ordinary : {directory(262, 2), directory(259, 5), directory(259, 32773)}) {
    EXPECT_FALSE(tiff_holds_raw(TextSource(chained(ordinary))));
    EXPECT_FALSE(tiff_holds_raw(TextSource(nested(ordinary))));
  }
  const std::string loop = directory(256, 100, 8);
  EXPECT_FALSE(tiff_holds_raw(TextSource("II*\0\x08\0\0\0"s + loop)));
}

// Bytes at random, and good streams with some of them changed: never beyond the bounds (make asan), and never
// splices that overlap or lie outside.
TEST(TiffEdit, DamagedStreamsGiveNothingOrSplicesWithinThem) {
  std::mt19937 random(7);
  const std::string good =
      changed(empty_tiff(), {{tiff_tag::image_description, TiffType::ascii, "description"},
                             {tiff_tag::user_comment, TiffType::undefined, "comment, long"}});
  int done = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string tiff = good;
    for (int n = 0; n < 3; ++n) tiff[8 + random() % (tiff.size() - 8)] = static_cast<char>(random());
    if (i % 3 == 0) tiff.resize(random() % tiff.size());
    const std::vector<TiffChange> changes{
        {tiff_tag::image_description, TiffType::ascii, "another description"},
        {tiff_tag::user_comment, TiffType::undefined, std::nullopt},
        {tiff_tag::xmp, TiffType::byte, "packet"}};
    const auto splices = changed_tiff(TextSource(tiff), changes);
    if (!splices) continue;
    ++done;
    std::uint64_t at = 0;
    for (const Splice& splice : *splices) {
      ASSERT_GE(splice.from, at);
      at = splice.from + splice.count;
      ASSERT_LE(at, tiff.size());
    }
  }
  EXPECT_GT(done, 100);
}

}  // namespace
}  // namespace kith::metadata
