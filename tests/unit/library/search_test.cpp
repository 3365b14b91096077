// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <kith/library.h>

#include "search/query.h"
#include "store/search.h"
#include "support/library_rows.h"

namespace kith {
namespace {

using Paths = std::vector<std::string>;

class Search : public ::testing::Test {
 protected:
  Paths found(const std::string& query) {
    const Result<std::vector<FoundPhoto>> photos = rows_.library().search(query);
    EXPECT_TRUE(photos) << query << ": " << (photos ? "" : photos.error().message);
    Paths paths;
    for (const FoundPhoto& photo : photos.value_or(std::vector<FoundPhoto>{}))
      paths.push_back(photo.path.string());
    return paths;
  }
  std::string problem(const std::string& query) {
    const Result<std::vector<FoundPhoto>> photos = rows_.library().search(query);
    EXPECT_FALSE(photos) << query;
    return photos ? "" : photos.error().message;
  }

  test::LibraryRows rows_;
};

TEST_F(Search, NamesCountWhetherConfirmedOrSuggested) {
  rows_.confirmed(rows_.photo("/a"), "Anna");
  rows_.suggested(rows_.photo("/b"), "Anna");
  const PhotoId both = rows_.photo("/c");
  rows_.confirmed(both, "Anna");
  rows_.suggested(both, "Ben", 300);
  rows_.photo("/d");
  EXPECT_EQ(found("Anna"), (Paths{"/a", "/b", "/c"}));
  EXPECT_EQ(found("Anna AND Ben"), Paths{"/c"});
  EXPECT_EQ(found("Anna NOT Ben"), (Paths{"/a", "/b"}));
  EXPECT_EQ(found("NOT Anna"), Paths{"/d"});
  EXPECT_EQ(found("Ben OR NOT Anna"), (Paths{"/c", "/d"}));
  EXPECT_EQ(found("Anna confirmed:yes"), (Paths{"/a", "/c"}));
  EXPECT_EQ(found("Anna confirmed:no"), Paths{"/b"});
  EXPECT_EQ(found("confirmed:no"), (Paths{"/b", "/c"}));
}

TEST_F(Search, NamesAreFoundWhateverTheirCaseAndByAlias) {
  rows_.confirmed(rows_.photo("/a"), "Émile Zola");
  store::add_alias(*rows_.database, "Mimi", rows_.person("Émile Zola"));
  EXPECT_EQ(found("\"ÉMILE zola\""), Paths{"/a"});
  EXPECT_EQ(found("\"E\u0301mile Zola\""), Paths{"/a"});
  EXPECT_EQ(found("mimi"), Paths{"/a"});
}

TEST_F(Search, OfNamesThatDifferInCaseTheExactOneIsMeant) {
  rows_.confirmed(rows_.photo("/a"), "Anna");
  rows_.confirmed(rows_.photo("/b"), "ANNA");
  EXPECT_EQ(found("Anna"), Paths{"/a"});
  EXPECT_EQ(found("anna"), (Paths{"/a", "/b"}));
}

TEST_F(Search, AnUnknownNameIsAnErrorThatListsNearOnes) {
  EXPECT_NE(problem("Anna").find("nobody has a name yet"), std::string::npos);
  rows_.confirmed(rows_.photo("/a"), "Anna");
  const std::string message = problem("faces:1 Ana");
  EXPECT_NE(message.find("do you mean \"Anna\"?"), std::string::npos) << message;
  EXPECT_NE(message.find("\n  faces:1 Ana\n          ^^^"), std::string::npos) << message;
  EXPECT_NE(problem("Anna and Anna").find("in capitals"), std::string::npos);
  EXPECT_NE(problem("Zoltan").find("kith people list"), std::string::npos);
}

TEST_F(Search, IgnoredAndForgottenFacesHaveNoName) {
  const FaceId ignored = rows_.suggested(rows_.photo("/a"), "Anna");
  store::ignore(*rows_.database, ignored);
  const FaceId forgotten = rows_.suggested(rows_.photo("/b"), "Anna");
  rows_.database->sql().exec("INSERT INTO forgotten(face) VALUES (" + std::to_string(forgotten) + ")");
  EXPECT_EQ(found("Anna"), Paths{});
  EXPECT_EQ(found("unnamed:yes"), Paths{});
  EXPECT_EQ(found("faces:1"), Paths{"/a"});
  EXPECT_EQ(found("faces:0"), Paths{"/b"});
}

TEST_F(Search, ByNumberOfFacesAndByUnnamedOnes) {
  rows_.photo("/none");
  const PhotoId three = rows_.photo("/three");
  rows_.confirmed(three, "Anna", 100);
  rows_.suggested(three, "Ben", 300);
  rows_.face(three, 500);
  rows_.confirmed(rows_.photo("/one"), "Anna");
  EXPECT_EQ(found("faces:>1"), Paths{"/three"});
  EXPECT_EQ(found("faces:<=1"), (Paths{"/none", "/one"}));
  EXPECT_EQ(found("faces:1-3"), (Paths{"/one", "/three"}));
  EXPECT_EQ(found("unnamed:yes"), Paths{"/three"});
  EXPECT_EQ(found("unnamed:no"), (Paths{"/none", "/one"}));
}

TEST_F(Search, ByDateLeavesTheWholeOfBeforeAndAfterOut) {
  rows_.photo("/unknown");
  rows_.photo("/first", "2018-12-31T23:59:59");
  rows_.photo("/second", "2019-01-01T00:00:00");
  rows_.photo("/third", "2019-07-31T12:00:00");
  rows_.photo("/fourth", "2020-01-01T00:00:00");
  EXPECT_EQ(found("after:2019"), Paths{"/fourth"});
  EXPECT_EQ(found("before:2019"), Paths{"/first"});
  EXPECT_EQ(found("on:2019"), (Paths{"/second", "/third"}));
  EXPECT_EQ(found("on:2019-07"), Paths{"/third"});
  EXPECT_EQ(found("on:2019-07-31"), Paths{"/third"});
  EXPECT_EQ(found("after:2019-07-30"), (Paths{"/third", "/fourth"}));
  EXPECT_EQ(found("before:2019-07-31 after:2018"), Paths{"/second"});
  EXPECT_EQ(found("NOT on:2019"), (Paths{"/first", "/fourth", "/unknown"}));
}

TEST_F(Search, ByCameraAndByPath) {
  rows_.photo("/Été/50%_a.jpg", "", "Canon EOS 80D");
  rows_.photo("/winter/50xxb.jpg", "", "NIKON D850");
  EXPECT_EQ(found("camera:canon"), Paths{"/Été/50%_a.jpg"});
  EXPECT_EQ(found("camera:\"nikon d\""), Paths{"/winter/50xxb.jpg"});
  EXPECT_EQ(found("path:été"), Paths{"/Été/50%_a.jpg"});
  EXPECT_EQ(found("path:50%_"), Paths{"/Été/50%_a.jpg"});
  EXPECT_EQ(found("path:\"' OR 1=1 --\""), Paths{});
}

TEST_F(Search, ByPlace) {
  const auto at = [&](const std::string& path, double latitude, double longitude) {
    store::PhotoRow row;
    row.path = path;
    row.info.place = GeoPoint{latitude, longitude};
    store::put_photo(*rows_.database, row);
  };
  at("/eiffel", 48.8584, 2.2945);
  at("/versailles", 48.8049, 2.1204);
  at("/fiji", -17.7, 179.99);
  rows_.photo("/nowhere");
  EXPECT_EQ(found("near:Paris,10km"), Paths{"/eiffel"});
  EXPECT_EQ(found("near:paris,30km"), (Paths{"/eiffel", "/versailles"}));
  EXPECT_EQ(found("near:-17.7,-179.99,5km"), Paths{"/fiji"});
}

TEST(Distance, IsThatOfTheGlobe) {
  EXPECT_NEAR(store::distance_km(48.86, 2.35, 51.51, -0.13), 344, 3);  // Paris to London
  EXPECT_NEAR(store::distance_km(90, 0, -90, 0), 20015, 1);
  EXPECT_EQ(store::distance_km(10, 20, 10, 20), 0);
}

TEST_F(Search, MissingPhotosAreLeftOutUnlessAskedFor) {
  rows_.photo("/there");
  store::set_missing(*rows_.database, rows_.photo("/gone"), true);
  EXPECT_EQ(found("faces:0"), Paths{"/there"});
  EXPECT_EQ(found("faces:0 missing:yes"), Paths{"/gone"});
  EXPECT_EQ(found("missing:no"), Paths{"/there"});
  EXPECT_EQ(found("missing:yes OR missing:no"), (Paths{"/gone", "/there"}));
}

TEST_F(Search, SortsByDateThenPathAndNamesPeopleFromLeftToRight) {
  rows_.photo("/z", "2018-01-01T00:00:00");
  const PhotoId photo = rows_.photo("/a", "2019-01-01T00:00:00");
  rows_.photo("/0");
  rows_.photo("/y", "2018-01-01T00:00:00");
  rows_.suggested(photo, "Ben", 100);
  rows_.confirmed(photo, "Anna", 300);
  rows_.suggested(photo, "Ben", 500);
  EXPECT_EQ(found("faces:>=0"), (Paths{"/y", "/z", "/a", "/0"}));
  EXPECT_EQ(rows_.library().search("Anna")->front().people, (std::vector<std::string>{"Ben", "Anna"}));
  EXPECT_EQ(rows_.library().search("Anna confirmed:yes")->front().people, std::vector<std::string>{"Anna"});
}

TEST_F(Search, TheLargestQueryThatParsesIsAnswered) {
  rows_.confirmed(rows_.photo("/a"), "a");
  std::string wide;
  for (std::size_t i = 0; i < search::deepest_nesting; ++i) wide += "NOT ";
  wide += "a";
  for (std::size_t i = 1; i < search::most_terms; ++i) wide += i % 2 == 0 ? " OR a" : " a";
  EXPECT_EQ(found(wide), Paths{"/a"});
  for (const char* level : {"a OR a (", "a OR unnamed:yes faces:>1 (", "NOT ", "a OR a NOT ("}) {
    std::string deep;
    std::size_t open = 0;
    for (std::size_t depth = 0; depth < search::deepest_nesting; ++depth) {
      if (!search::parse(deep + level + "a" + std::string(open + 1, ')')) && std::string(level) != "NOT ")
        break;
      deep += level;
      if (std::string(level).ends_with('(')) ++open;
    }
    EXPECT_EQ(found(deep + "a" + std::string(open, ')')), Paths{"/a"});
  }
}

}  // namespace
}  // namespace kith
