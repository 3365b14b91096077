// SPDX-License-Identifier: Apache-2.0
#include "interop/takeout.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "interop/files.h"
#include "support/temporary_folder.h"

namespace kith::test {
namespace {

using interop::Claims;
using interop::read_takeout_folder;
using interop::takeout_sidecar_names;

std::string sidecar(const std::string& people, const std::string& title = "a.jpg") {
  return R"({"title": ")" + title +
         R"(", "description": "", "photoTakenTime": {"timestamp": "1600596727"}, )" +
         R"("geoData": {"latitude": 0.0}, "people": )" + people + "}";
}

class TakeoutFolder : public ::testing::Test {
 protected:
  void photo(const std::string& name) { write_text(folder_ / name, "photo"); }
  void json(const std::string& name, const std::string& person) {
    write_text(folder_ / name, sidecar(R"([{"name": ")" + person + "\"}]"));
  }
  Claims read() {
    const Result<Claims> claims = read_takeout_folder(folder_.path());
    EXPECT_TRUE(claims) << claims.error().message;
    return claims.value_or(Claims());
  }

  TemporaryFolder folder_;
};

TEST_F(TakeoutFolder, PeopleHaveNamesAndNoPlaces) {
  photo("a.jpg");
  write_text(folder_ / "a.jpg.json", sidecar(R"([{"name": "Дочь"}, {"name": "Ben"}, {"name": "Ben"}])"));
  const Claims claims = read();
  EXPECT_EQ(told(claims), "a.jpg: Дочь; Ben");
  EXPECT_EQ(claims.photos[0].photo, folder_ / "a.jpg");
  EXPECT_EQ(claims.photos[0].claims[0].source, "takeout");
  EXPECT_FALSE(claims.photos[0].claims[0].stale);
}

TEST_F(TakeoutFolder, EachPhotoHasTheSidecarOfItsName) {
  const std::string long_name = "Screenshot_2024-01-14-14-13-33-16_948cd9899890cbd5c2798760b2b95377.jpg";
  const struct {
    std::string photo;
    std::string json;
  } pairs[] = {
      {"old.jpg", "old.jpg.json"},
      {"new.jpg", "new.jpg.supplemental-metadata.json"},
      {"IMG_20160819_201122-01.jpeg", "IMG_20160819_201122-01.jpeg.supplemental-metad.json"},
      {"short.jpg", "short.jpg.s.json"},
      {"dot.jpg", "dot.jpg..json"},
      {"twin.jpg", "twin.jpg.supplemental-metadata.json"},
      {"twin(1).jpg", "twin.jpg.supplemental-metadata(1).json"},
      {"pair.jpg", "pair.jpg.json"},
      {"pair(2).jpg", "pair.jpg(2).json"},
      {"inner(3).jpg", "inner(3).jpg.supplemental-metadata.json"},
      {long_name, long_name.substr(0, 46) + ".json"},
      {"abcdefghijklmnopqrstu-vwxyzabcde-fghijklmnopqrs.jpg",
       "abcdefghijklmnopqrstu-vwxyzabcde-fghijklmnopqr.json"},
      {"abcdefghijklmnopqrstu-vwxyzabcde-fghijklmnopqrs(1).jpg",
       "abcdefghijklmnopqrstu-vwxyzabcde-fghijklmnopqr(1).json"},
      {"no extension", "no extension.supplemental-metadata.json"},
      {"IMG~2.jpg", "IMG~2.jpg.json"},
      {"UPPER.JPG", "UPPER.JPG.json"},
  };
  for (const auto& pair : pairs) {
    photo(pair.photo);
    json(pair.json, "of " + pair.photo);
  }
  const Claims claims = read();
  EXPECT_EQ(claims.photos.size(), std::size(pairs));
  for (const auto& found : claims.photos) {
    ASSERT_EQ(found.claims.size(), 1U) << found.photo;
    EXPECT_EQ(found.claims[0].name, "of " + found.photo.filename().string());
  }
}

TEST_F(TakeoutFolder, EditedPhotosHaveTheirOriginalsPeople) {
  json("a.jpg.supplemental-metadata.json", "Anna");
  json("a.jpg.supplemental-metadata(1).json", "Ben");
  for (const char* name : {"a.jpg", "a-edited.jpg", "a-bearbeitet.jpg", "a-編集済み.jpg"}) photo(name);
  for (const char* name : {"a(1).jpg", "a-edited(1).jpg", "a(1)-edited.jpg"}) photo(name);
  EXPECT_EQ(told(read()),
            "a(1)-edited.jpg: Ben | a(1).jpg: Ben | a-bearbeitet.jpg: Anna | a-edited(1).jpg: Ben | "
            "a-edited.jpg: Anna | a-編集済み.jpg: Anna | a.jpg: Anna");
}

TEST_F(TakeoutFolder, ANumberedPhotoNeverHasTheSidecarOfTheOneWithout) {
  photo("a(1).jpg");
  json("a.jpg.json", "Anna");
  const std::string stem = "abcdefghijklmnopqrstu-vwxyzabcde-fghijklmnopqrs";
  photo(stem + "(1).jpg");
  json(stem.substr(0, 46) + ".json", "Anna");
  EXPECT_EQ(told(read()), "");
}

TEST(TakeoutNames, AreCutByCharactersOfUtf16) {
  std::string umlauts;
  for (int i = 0; i < 50; ++i) umlauts += "ü";
  const auto names = takeout_sidecar_names(umlauts + ".jpg");
  EXPECT_NE(std::ranges::find(names, umlauts.substr(0, 92) + ".json"), names.end());
  for (const std::string& name : names) EXPECT_EQ(name.find("\xc3."), std::string::npos) << name;
}

TEST(TakeoutNames, OfWhatIsNoFileNameAreNone) {
  for (const char* name : {"", ".", "..", "../a.jpg", "a/b.jpg", "a\\b.jpg"})
    EXPECT_TRUE(takeout_sidecar_names(name).empty()) << name;
  EXPECT_FALSE(takeout_sidecar_names("(1)").empty());
  EXPECT_FALSE(takeout_sidecar_names("-edited.jpg").empty());
  EXPECT_FALSE(takeout_sidecar_names(std::string(255, '(')).empty());
}

TEST_F(TakeoutFolder, ATitleLeadsNowhere) {
  photo("a.jpg");
  write_text(folder_ / "a.jpg.json", sidecar(R"([{"name": "Anna"}])", "../../x.jpg"));
  EXPECT_EQ(told(read()), "a.jpg: Anna");
}

TEST_F(TakeoutFolder, JsonOfOtherProgramsIsPassedOver) {
  for (const char* name : {"a.jpg", "b.jpg", "c.jpg", "metadata"}) photo(name);
  write_text(folder_ / "a.jpg.json", R"({"people": [{"name": "Anna"}]})");
  write_text(folder_ / "b.jpg.json", R"(["title", "photoTakenTime"])");
  write_text(folder_ / "c.jpg.json", "42");
  write_text(folder_ / "metadata.json", R"({"title": "Holidays", "date": {"timestamp": "1"}})");
  const Claims claims = read();
  EXPECT_EQ(told(claims), "");
  EXPECT_TRUE(claims.problems.empty());
}

TEST_F(TakeoutFolder, PeopleOfOtherShapesArePassedOver) {
  photo("a.jpg");
  for (const char* people : {"null", "{}", "\"Anna\"", "[\"Anna\"]", "[{}]", "[{\"name\": 1}]",
                             "[{\"name\": \"\"}]", "[{\"name\": \" \\n\"}]", "[[{\"name\": \"Anna\"}]]"}) {
    write_text(folder_ / "a.jpg.json", sidecar(people));
    const Claims claims = read();
    EXPECT_EQ(told(claims), "") << people;
    EXPECT_TRUE(claims.problems.empty());
  }
  write_text(folder_ / "a.jpg.json",
             sidecar(R"([{"name": " A\u0000\nB "}, {"name": ")" + std::string(201, 'x') + "\"}]"));
  EXPECT_EQ(told(read()), "a.jpg: A  B");
}

TEST_F(TakeoutFolder, DamagedSidecarsAreProblemsThatNameTheFile) {
  photo("a.jpg");
  for (const std::string& text : {std::string("{"), std::string(""), std::string("{\"title\": \"\xff\"}"),
                                  std::string(5U << 20U, ' '), std::string(1'000'000, '[')}) {
    write_text(folder_ / "a.jpg.json", text);
    const Claims claims = read();
    EXPECT_EQ(told(claims), "");
    ASSERT_EQ(claims.problems.size(), 1U) << text.substr(0, 20);
    EXPECT_NE(claims.problems[0].message.find("a.jpg.json"), std::string::npos);
  }
}

TEST_F(TakeoutFolder, ThatIsNotThereIsAnError) {
  EXPECT_EQ(read_takeout_folder(folder_ / "none").error().code, ErrorCode::not_found);
  photo("a.jpg");
  EXPECT_EQ(read_takeout_folder(folder_ / "a.jpg").error().code, ErrorCode::unreadable);
}

}  // namespace
}  // namespace kith::test
