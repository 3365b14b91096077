// SPDX-License-Identifier: Apache-2.0
#include "dataset/manifest.h"

#include <random>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace kith::dataset {
namespace {

const std::string hash(64, 'a');

Manifest example() {
  Manifest manifest;
  manifest.size = 112;
  manifest.margin = 0.25F;
  manifest.settings = R"({"min_face":40.0})";
  manifest.folders = {{"Anna", "Anna"}, {"B/n", "B_n"}};
  Picture picture;
  picture.file = "Anna/beach.jpg";
  picture.sha256 = hash;
  picture.person = "Anna";
  picture.source = "/photos/\"beach\"\n.jpg";
  picture.source_sha256 = std::string(64, 'b');
  picture.face.box = {1.5F, -2, 30.25F, 40};
  picture.face.landmarks = {{{1, 2}, {3, 4}, {5, 6}, {7, 8}, {9.123456F, 10}}};
  picture.face.score = 0.1F;
  picture.face.quality = 0.5F;
  picture.measures = {12, 3.5F, 0.9F};
  picture.landmarks = {{{11, 12}, {13, 14}, {15, 16}, {17, 18}, {19, 20}}};
  manifest.pictures.push_back(picture);
  picture.file = "B_n/film.jpg";
  picture.person = "B/n";
  picture.frame = {12, 0.48};
  manifest.pictures.push_back(picture);
  manifest.dropped.push_back({"/photos/a.jpg", hash, {}, {}, "", {DropReason::no_face, 0, 0, ""}});
  manifest.dropped.push_back(
      {"/photos/b.jpg", hash, {}, Box{1, 2, 3, 4}, "Anna", {DropReason::blurred, 1.5F, 4, ""}});
  manifest.dropped.push_back({"film.avi",
                              "",
                              FrameTime{3, 0.1},
                              Box{1, 2, 3, 4},
                              "Anna",
                              {DropReason::near_duplicate, 0.95F, 0.9F, "Anna/beach.jpg"}});
  manifest.sources.push_back({"/photos/a.jpg", hash, "Anna"});
  return manifest;
}

TEST(DatasetManifest, IsReadBackAsItWasWritten) {
  const std::string text = manifest_text(example());
  const Result<Manifest> read = read_manifest(text, "dataset.json");
  ASSERT_TRUE(read) << read.error().message;
  // Every field stands in the text, so equal texts are equal manifests.
  EXPECT_EQ(manifest_text(*read), text);
  EXPECT_EQ(read->pictures.size(), 2U);
  EXPECT_EQ(read->pictures[0].source, example().pictures[0].source);
  EXPECT_EQ(read->pictures[0].face.landmarks[4].x, 9.123456F);
  EXPECT_EQ(read->pictures[1].frame->number, 12);
  EXPECT_EQ(read->dropped[1].drop.reason, DropReason::blurred);
  EXPECT_EQ(read->folders.at("B/n"), "B_n");
  EXPECT_TRUE(nlohmann::json::accept(text));
}

TEST(DatasetManifest, HasALineAPicture) {
  const std::string text = manifest_text(example());
  EXPECT_NE(text.find("\n{\"file\":\"Anna/beach.jpg\""), std::string::npos);
  EXPECT_NE(text.find("\n{\"reason\":\"no-face\""), std::string::npos);
}

std::string with(const std::string& from, const std::string& to) {
  std::string text = manifest_text(example());
  const std::size_t at = text.find(from);
  if (at == std::string::npos) throw std::invalid_argument(from);
  return text.replace(at, from.size(), to);
}

TEST(DatasetManifest, ThatLeadsOutOfTheFolderIsRefused) {
  for (const char* file :
       {"../beach.jpg", "/etc/passwd", "Anna/../x.jpg", "Anna", "./x.jpg", "Anna/", "a/b/c.jpg", ""}) {
    const auto read =
        read_manifest(with("Anna/beach.jpg\",\"sha", std::string(file) + "\",\"sha"), "dataset.json");
    ASSERT_FALSE(read) << file;
    EXPECT_EQ(read.error().code, ErrorCode::damaged);
    EXPECT_NE(read.error().message.find("dataset.json"), std::string::npos);
  }
  EXPECT_FALSE(read_manifest(with("\"B/n\":\"B_n\"", "\"B/n\":\"..\""), "dataset.json"));
}

TEST(DatasetManifest, OfALaterKithIsSaidToBe) {
  const auto read = read_manifest(with("\"kith_dataset\": 1", "\"kith_dataset\": 2"), "dataset.json");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ErrorCode::unsupported_format);
}

TEST(DatasetManifest, WithOtherKindsOfValuesIsRefused) {
  const std::pair<const char*, const char*> changes[] = {
      {"\"size\": 112", "\"size\": 1e300"},
      {"\"size\": 112", "\"size\": \"112\""},
      {"\"score\":0.1", "\"score\":1e300"},
      {"\"score\":0.1", "\"score\":true"},
      {"\"frame\":12", "\"frame\":-1"},
      {"\"frame\":12", "\"frame\":1.5"},
      {"[1.5,-2.0,30.25,40.0]", "[1.5,-2.0,30.25]"},
      {"\"no-face\"", "\"no-nose\""},
      {"\"pictures\": [", "\"photos\": ["},
      {"\"people\": {", "\"people\": 3, \"x\": {"},
  };
  for (const auto& [from, to] : changes) {
    const auto read = read_manifest(with(from, to), "dataset.json");
    ASSERT_FALSE(read) << to;
    EXPECT_EQ(read.error().code, ErrorCode::damaged) << to;
  }
}

// Cut anywhere, or with any byte changed, it is read or refused; what is read can be written and read again.
TEST(DatasetManifest, OfAnyBytesIsReadOrRefused) {
  const std::string whole = manifest_text(example());
  const auto check = [](const std::string& text) {
    const Result<Manifest> read = read_manifest(text, "dataset.json");
    if (!read) return;
    const std::string again = manifest_text(*read);
    const Result<Manifest> second = read_manifest(again, "dataset.json");
    ASSERT_TRUE(second) << second.error().message;
    EXPECT_EQ(manifest_text(*second), again);
  };
  for (std::size_t length = 0; length < whole.size(); length += 7) check(whole.substr(0, length));
  std::mt19937 random(1);
  for (int i = 0; i < 3000; ++i) {
    std::string text = whole;
    for (int change = 0; change < 2; ++change) text[random() % text.size()] = static_cast<char>(random());
    check(text);
  }
}

}  // namespace
}  // namespace kith::dataset
