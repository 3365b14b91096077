// SPDX-License-Identifier: Apache-2.0
#include "dataset/triplets.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <random>
#include <set>

#include <gtest/gtest.h>

#include "core/npy.h"
#include "support/temporary_folder.h"

namespace kith::dataset {
namespace {

const std::vector<std::size_t> persons{0, 0, 0, 1, 2, 2, 0};  // 4, 1 and 2 pictures

TEST(RandomTriplets, AreSoundAndDifferent) {
  const auto triplets = random_triplets(persons, 20, 1);
  ASSERT_TRUE(triplets) << triplets.error().message;
  EXPECT_EQ(triplets->size(), 20U);
  EXPECT_TRUE(check_triplets(*triplets, persons));
  EXPECT_EQ(std::set<Triplet>(triplets->begin(), triplets->end()).size(), 20U);
}

TEST(RandomTriplets, ComeFromTheSeed) {
  EXPECT_EQ(*random_triplets(persons, 10, 1), *random_triplets(persons, 10, 1));
  EXPECT_NE(*random_triplets(persons, 10, 1), *random_triplets(persons, 10, 2));
  // On every machine the same.
  EXPECT_EQ(*random_triplets(persons, 2, 1), (std::vector<Triplet>{{2, 0, 3}, {0, 1, 3}}));
}

TEST(RandomTriplets, MayBeAllThereAre) {
  // 4 * 3 anchors and positives with 3 negatives, 2 * 1 with 5.
  const auto all = random_triplets(persons, 46, 3);
  ASSERT_TRUE(all);
  EXPECT_EQ(std::set<Triplet>(all->begin(), all->end()).size(), 46U);
  EXPECT_TRUE(check_triplets(*all, persons));
  const auto more = random_triplets(persons, 47, 3);
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().code, ErrorCode::bad_argument);
  EXPECT_NE(more.error().message.find("46"), std::string::npos) << more.error().message;
}

TEST(RandomTriplets, OfOnePersonOrOfPeopleWithOnePictureAreNone) {
  EXPECT_FALSE(random_triplets(std::vector<std::size_t>{0, 0, 0}, 1, 1));
  EXPECT_FALSE(random_triplets(std::vector<std::size_t>{0, 1, 2}, 1, 1));
  EXPECT_FALSE(random_triplets(std::vector<std::size_t>{}, 1, 1));
}

TEST(RandomTriplets, DrawEveryPictureAlike) {
  std::vector<std::size_t> many;
  for (std::size_t i = 0; i < 300; ++i) many.push_back(i / 3);
  const auto triplets = random_triplets(many, 30'000, 5);
  ASSERT_TRUE(triplets);
  for (std::size_t place = 0; place < 3; ++place) {
    std::map<std::int64_t, int> drawn;
    for (const Triplet& triplet : *triplets) ++drawn[triplet[place]];
    EXPECT_EQ(drawn.size(), 300U);
    // 100 each on average, with a standard deviation of 10.
    for (const auto& [picture, times] : drawn) EXPECT_NEAR(times, 100, 50);
  }
}

class TripletFile : public testing::Test {
 protected:
  std::string error_of(const std::vector<Triplet>& triplets) {
    write(triplets_npy(triplets));
    const auto read = read_triplets(file, persons);
    return read ? "" : read.error().message;
  }
  void write(const std::string& bytes) { std::ofstream(file, std::ios::binary) << bytes; }

  test::TemporaryFolder folder;
  std::filesystem::path file = folder / "triplets.npy";
};

TEST_F(TripletFile, IsReadBack) {
  const std::vector<Triplet> triplets{{0, 1, 3}, {5, 4, 6}};
  write(triplets_npy(triplets));
  const auto read = read_triplets(file, persons);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, triplets);
}

TEST_F(TripletFile, ThatIsWrongSaysWhereAndHow) {
  const auto said = [&](const std::vector<Triplet>& triplets, const char* words) {
    const std::string message = error_of(triplets);
    EXPECT_NE(message.find(words), std::string::npos) << message;
    EXPECT_NE(message.find("triplets.npy"), std::string::npos) << message;
  };
  said({{0, 1, 3}, {0, 1, 7}}, "triplet 1: 7 is no place");
  said({{-1, 1, 3}}, "triplet 0: -1 is no place");
  said({{0, 0, 3}}, "the same picture");
  said({{0, 3, 4}}, "two people's");
  said({{0, 1, 2}}, "one person's");
}

TEST_F(TripletFile, OfAnotherShapeIsRefused) {
  write(npy_bytes<std::int64_t>(std::vector<std::int64_t>{0, 1}, std::array<std::size_t, 2>{1, 2}));
  EXPECT_EQ(read_triplets(file, persons).error().code, ErrorCode::unsupported_format);
  write(npy_bytes<float>(std::vector<float>{0, 1, 3}, std::array<std::size_t, 2>{1, 3}));
  EXPECT_EQ(read_triplets(file, persons).error().code, ErrorCode::unsupported_format);
}

TEST_F(TripletFile, OfAnyBytesIsReadOrRefused) {
  const std::string whole = triplets_npy(std::vector<Triplet>{{0, 1, 3}, {5, 4, 6}});
  std::mt19937 random(1);
  for (int i = 0; i < 300; ++i) {
    std::string text = whole.substr(0, i % 4 == 0 ? random() % whole.size() : whole.size());
    for (int change = 0; change < 2 && !text.empty(); ++change)
      text[random() % text.size()] = static_cast<char>(random());
    write(text);
    const auto read = read_triplets(file, persons);
    EXPECT_TRUE(!read || check_triplets(*read, persons));
  }
}

class Listed : public testing::Test {
 protected:
  void put(const std::string& name) {
    std::filesystem::create_directories((folder / name).parent_path());
    std::ofstream(folder / name) << "x";
  }
  test::TemporaryFolder folder;
};

TEST_F(Listed, AreThePhotosOfEachPersonByTheirNames) {
  for (const char* name : {"Ben/2.png", "Anna/b.jpg", "Anna/a.jpg", "Anna B/c.jpg", "Ben/2019/x.jpg",
                           "loose.jpg", "Anna/notes.txt", "dataset.json"}) {
    put(name);
  }
  const auto list = list_pictures(folder.path());
  ASSERT_TRUE(list) << list.error().message;
  EXPECT_EQ(list->files, (std::vector<std::string>{"Anna B/c.jpg", "Anna/a.jpg", "Anna/b.jpg", "Ben/2.png",
                                                   "Ben/2019/x.jpg"}));
  EXPECT_EQ(list->persons, (std::vector<std::size_t>{0, 1, 1, 2, 2}));
  EXPECT_EQ(list->names, (std::vector<std::string>{"Anna B", "Anna", "Ben"}));
  const auto again = read_list(list_text(*list), "list.txt");
  ASSERT_TRUE(again);
  EXPECT_EQ(again->files, list->files);
  EXPECT_EQ(again->persons, list->persons);
}

TEST_F(Listed, ALineBreakInANameIsRefused) {
  put("Anna/a\nb.jpg");
  EXPECT_EQ(list_pictures(folder.path()).error().code, ErrorCode::bad_argument);
}

TEST_F(Listed, NoPhotoOrNoFolderIsAnError) {
  EXPECT_EQ(list_pictures(folder.path()).error().code, ErrorCode::no_face);
  EXPECT_EQ(list_pictures(folder / "nowhere").error().code, ErrorCode::not_found);
}

TEST(ReadList, TakesTheLineEndsOfWindows) {
  const auto list = read_list("Anna/1.jpg\r\n\r\nBen/2.jpg", "list.txt");
  ASSERT_TRUE(list);
  EXPECT_EQ(list->files, (std::vector<std::string>{"Anna/1.jpg", "Ben/2.jpg"}));
}

TEST(ReadList, ThatNamesNoPersonsPictureIsRefused) {
  const auto list = read_list("Anna/1.jpg\nloose.jpg\n", "list.txt");
  ASSERT_FALSE(list);
  EXPECT_NE(list.error().message.find("line 2"), std::string::npos);
}

}  // namespace
}  // namespace kith::dataset
