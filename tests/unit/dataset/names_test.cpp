// SPDX-License-Identifier: Apache-2.0
#include "dataset/names.h"

#include <random>

#include <gtest/gtest.h>

#include "core/fold.h"

namespace kith::dataset {
namespace {

TEST(SafeComponent, KeepsWhatIsSafe) {
  EXPECT_EQ(safe_component("Émile 小明", 100), "Émile 小明");
  EXPECT_EQ(safe_component("a.b", 100), "a.b");
}

TEST(SafeComponent, HasNothingThatLeadsElsewhere) {
  EXPECT_EQ(safe_component("..", 100), "_");
  EXPECT_EQ(safe_component("../../etc", 100), "_.._etc");
  EXPECT_EQ(safe_component(".hidden", 100), "hidden");
  EXPECT_EQ(safe_component("", 100), "_");
  EXPECT_EQ(safe_component("a/b\\c:d", 100), "a_b_c_d");
  EXPECT_EQ(safe_component("line\nbreak\x7f", 100), "line_break_");
  EXPECT_EQ(safe_component(std::string_view("nul\0l", 5), 100), "nul_l");
}

TEST(SafeComponent, IsNoDeviceOfWindows) {
  EXPECT_EQ(safe_component("con", 100), "_con");
  EXPECT_EQ(safe_component("LPT1.jpg", 100), "_LPT1.jpg");
  EXPECT_EQ(safe_component("Conny", 100), "Conny");
}

TEST(SafeComponent, IsCutBetweenCharacters) {
  EXPECT_EQ(safe_component("ééé", 5), "éé");
  EXPECT_EQ(safe_component("ab ", 100), "ab");
  EXPECT_EQ(safe_component("ab cd", 3), "ab");
}

TEST(SafeComponent, IsSafeForAnyBytes) {
  std::mt19937 random(1);
  for (int i = 0; i < 20'000; ++i) {
    std::string text(random() % 40, ' ');
    constexpr std::string_view nasty = "./\\ \n\xC3\xA9\xF0";
    for (char& letter : text)
      letter = random() % 4 == 0 ? nasty[random() % nasty.size()] : static_cast<char>(random());
    const std::string name = safe_component(text, 20);
    EXPECT_TRUE(is_utf8(name));
    EXPECT_GE(name.size(), 1U);
    EXPECT_LE(name.size(), 21U);  // with the underscore before a device's name
    EXPECT_EQ(name.find_first_of("/\\\n"), std::string::npos);
    EXPECT_FALSE(name.starts_with('.') || name.ends_with('.') || name.ends_with(' ')) << name;
    EXPECT_EQ(safe_component(name, 20 + 1), name);
  }
}

TEST(FolderNames, OfTwoPeopleAreNeverOne) {
  FolderNames names;
  const std::string anna = names.of("Anna");
  EXPECT_EQ(anna, "Anna");
  const std::string lower = names.of("anna");
  const std::string slash = names.of("A/na");
  const std::string other = names.of("A:na");
  EXPECT_EQ(slash, "A_na");
  EXPECT_NE(folded(lower), folded(anna));
  EXPECT_NE(folded(slash), folded(other));
  EXPECT_EQ(names.of("anna"), lower);
}

TEST(FolderNames, AreThoseOfEarlierRuns) {
  FolderNames names;
  EXPECT_TRUE(names.take("Anna", "Aunt Anna"));
  EXPECT_FALSE(names.take("Ben", "aunt anna"));
  EXPECT_EQ(names.of("Anna"), "Aunt Anna");
  EXPECT_NE(names.of("Aunt Anna"), "Aunt Anna");
}

TEST(PictureName, TellsSourcesFacesAndFramesApart) {
  const std::string hash(64, 'a');
  EXPECT_EQ(picture_name("beach", hash, "", ".jpg"), "beach-aaaaaaaa.jpg");
  EXPECT_EQ(picture_name("beach", hash, "2", ".jpg"), "beach-aaaaaaaa-2.jpg");
  EXPECT_LE(picture_name(std::string(4000, 'x'), hash, "000012345-2", ".jpg").size(), 120U);
}

}  // namespace
}  // namespace kith::dataset
