// SPDX-License-Identifier: Apache-2.0
#include <kith/pipeline.h>

#include <algorithm>
#include <atomic>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "pipeline/fake_stages.h"

namespace kith {
namespace {

namespace fs = std::filesystem;
using test::write_scene;
using Kind = EnrolmentNote::Kind;

class EnrolTest : public testing::Test {
 protected:
  [[nodiscard]] Result<Enrolment> try_enrol(EnrolmentSettings settings = {.min_quality = 0}) const {
    return enrol({detector, &embedder, nullptr, {.threads = 4}}, folder.path(), settings);
  }

  // A picture of one colour is not sharp, so that by default nobody would be learned from it.
  [[nodiscard]] Enrolment enrolled() const {
    Result<Enrolment> result = try_enrol();
    if (!result) throw std::runtime_error(result.error().message);
    return std::move(*result);
  }

  // "Anna: photo photo", by the photos' places below the folder.
  [[nodiscard]] std::vector<std::string> people(const Enrolment& enrolment) const {
    std::vector<std::string> result;
    for (const Person& person : enrolment.gallery) {
      result.push_back(person.name + ":");
      for (const Reference& reference : person.references) {
        result.back().append(" ").append(
            fs::path(reference.source).lexically_relative(folder.path()).string());
      }
    }
    return result;
  }

  void expect_only_note(const Enrolment& enrolment, Kind kind, const std::string& person,
                        const std::string& photo) const {
    ASSERT_EQ(enrolment.notes.size(), 1U);
    EXPECT_EQ(enrolment.notes[0].kind, kind);
    EXPECT_EQ(enrolment.notes[0].person, person);
    EXPECT_EQ(enrolment.notes[0].photo, folder / photo);
    EXPECT_NE(enrolment.notes[0].message.find(photo), std::string::npos) << enrolment.notes[0].message;
  }

  test::FakeDetector detector;
  test::FakeEmbedder embedder;
  test::TemporaryFolder folder;
};

using People = std::vector<std::string>;

TEST_F(EnrolTest, NamesComeFromFilesAndFolders) {
  write_scene(folder / "Anna.png", {.person = 0});
  write_scene(folder / "Ben/1.png", {.person = 1});
  write_scene(folder / "Ben/2019/party/2.png", {.person = 1});
  write_scene(folder / "Anna/more.jpg", {.person = 0});
  write_scene(folder / "Dr. J\u00fcrgen.png", {.person = 2});
  const Enrolment enrolment = enrolled();
  EXPECT_EQ(people(enrolment), (People{"Anna: Anna/more.jpg Anna.png", "Ben: Ben/1.png Ben/2019/party/2.png",
                                       "Dr. J\u00fcrgen: Dr. J\u00fcrgen.png"}));
  EXPECT_TRUE(enrolment.notes.empty());
  EXPECT_EQ(enrolment.gallery[1].references[0].embedding, (Embedding{0, 1, 0, 0}));
}

TEST_F(EnrolTest, AFolderWithASlashBehindItIsTheSame) {
  write_scene(folder / "Anna.png", {});
  write_scene(folder / "Ben/1.png", {.person = 1});
  const Result<Enrolment> enrolment =
      enrol({detector, &embedder, nullptr, {}}, folder.path() / "", {.min_quality = 0});
  ASSERT_TRUE(enrolment);
  ASSERT_EQ(enrolment->gallery.size(), 2U);
  EXPECT_EQ(enrolment->gallery[0].name, "Anna");
  EXPECT_EQ(enrolment->gallery[1].name, "Ben");
}

TEST_F(EnrolTest, APhotoWithoutAFaceIsNoted) {
  write_scene(folder / "Anna.png", {});
  write_scene(folder / "Ben.png", {.faces = 0});
  const Enrolment enrolment = enrolled();
  EXPECT_EQ(people(enrolment), People{"Anna: Anna.png"});
  expect_only_note(enrolment, Kind::no_face, "Ben", "Ben.png");
}

TEST_F(EnrolTest, AFaceOfNoUseIsNoted) {
  write_scene(folder / "Anna.png", {});
  const Result<Enrolment> enrolment = try_enrol({.min_quality = 0.1F});
  ASSERT_FALSE(enrolment);
  EXPECT_EQ(enrolment.error().code, ErrorCode::no_face);
  EXPECT_NE(enrolment.error().message.find("too small, blurred or turned away"), std::string::npos);
}

TEST_F(EnrolTest, OfSeveralFacesTheLargestIsTaken) {
  write_scene(folder / "Anna.png", {.faces = 3});
  const Enrolment enrolment = enrolled();
  ASSERT_EQ(enrolment.gallery.size(), 1U);
  EXPECT_EQ(enrolment.gallery[0].references.size(), 1U);
  expect_only_note(enrolment, Kind::several_faces, "Anna", "Anna.png");
  EXPECT_NE(enrolment.notes[0].message.find("several faces"), std::string::npos);
}

// Counts the faces it is shown.
class CountingEmbedder final : public Embedder {
 public:
  [[nodiscard]] std::span<const AlignTemplate> crop_templates() const noexcept override {
    return embedder_.crop_templates();
  }
  [[nodiscard]] int dimension() const noexcept override { return embedder_.dimension(); }
  [[nodiscard]] Result<Embedding> look(const Image& crop, std::size_t view) const override {
    ++looks;
    return embedder_.look(crop, view);
  }

  mutable std::atomic<int> looks = 0;

 private:
  test::FakeEmbedder embedder_;
};

TEST_F(EnrolTest, OnlyTheFaceThatIsLearnedIsEmbedded) {
  write_scene(folder / "Anna.png", {.faces = 3});
  write_scene(folder / "Ben.png", {.faces = 2, .person = 1});
  const CountingEmbedder counting;
  const Result<Enrolment> enrolment =
      enrol({detector, &counting, nullptr, {}}, folder.path(), {.min_quality = 0});
  ASSERT_TRUE(enrolment);
  EXPECT_EQ(enrolment->gallery.size(), 2U);
  EXPECT_EQ(enrolment->notes.size(), 2U) << "of several faces each";
  EXPECT_EQ(counting.looks, 2);
}

TEST_F(EnrolTest, APhotoThatFailsIsNoted) {
  write_scene(folder / "Anna.png", {});
  test::write_bytes(folder / "Ben.jpg", {});
  write_scene(folder / "Cleo.png", {.faces = test::throws});
  const Enrolment enrolment = enrolled();
  EXPECT_EQ(people(enrolment), People{"Anna: Anna.png"});
  ASSERT_EQ(enrolment.notes.size(), 2U);
  EXPECT_EQ(enrolment.notes[0].kind, Kind::failed);
  EXPECT_EQ(enrolment.notes[0].person, "Ben");
  EXPECT_EQ(enrolment.notes[1].person, "Cleo");
}

TEST_F(EnrolTest, AFaceUnlikeTheOthersIsLeftOutWhereTheyAgree) {
  for (const char* name : {"Anna/1.png", "Anna/2.png", "Anna/4.png"})
    write_scene(folder / name, {.person = 0});
  write_scene(folder / "Anna/3.png", {.person = 1});
  const Enrolment enrolment = enrolled();
  EXPECT_EQ(people(enrolment), People{"Anna: Anna/1.png Anna/2.png Anna/4.png"});
  expect_only_note(enrolment, Kind::unlike_others, "Anna", "Anna/3.png");
}

TEST_F(EnrolTest, OfTwoThatDisagreeBothAreKept) {
  write_scene(folder / "Anna/1.png", {.person = 0});
  write_scene(folder / "Anna/2.png", {.person = 1});
  const Enrolment enrolment = enrolled();
  EXPECT_EQ(people(enrolment), People{"Anna: Anna/1.png Anna/2.png"});
  expect_only_note(enrolment, Kind::unlike_others, "Anna", "Anna/1.png");
}

TEST_F(EnrolTest, OfThreeThatDisagreeNoneIsLeftOut) {
  write_scene(folder / "Anna/0.png", {.person = 0});
  write_scene(folder / "Anna/1.png", {.person = 1});
  write_scene(folder / "Anna/2.png", {.person = 2});
  const Enrolment enrolment = enrolled();
  EXPECT_EQ(people(enrolment), People{"Anna: Anna/0.png Anna/1.png Anna/2.png"})
      << "nobody can tell which is wrong";
  expect_only_note(enrolment, Kind::unlike_others, "Anna", "Anna/0.png");
}

TEST_F(EnrolTest, TwoNamesForOneFaceAreNotedOnce) {
  for (const char* name : {"Anna/1.png", "Anna/2.png", "Ann/1.png", "Ann/2.png"})
    write_scene(folder / name, {.person = 2});
  write_scene(folder / "Ben.png", {.person = 3});
  const Enrolment enrolment = enrolled();
  EXPECT_EQ(enrolment.gallery.size(), 3U) << "it is for the owner to say";
  expect_only_note(enrolment, Kind::looks_like, "Anna", "Anna/1.png");
  EXPECT_NE(enrolment.notes[0].message.find("\"Ann\""), std::string::npos);
}

TEST_F(EnrolTest, AFolderWithoutAnybodyIsAnErrorWithItsReasons) {
  write_scene(folder / "Ben.png", {.faces = 0});
  const Result<Enrolment> enrolment = try_enrol();
  ASSERT_FALSE(enrolment);
  EXPECT_EQ(enrolment.error().code, ErrorCode::no_face);
  EXPECT_NE(enrolment.error().message.find("Ben.png: no face found"), std::string::npos);
}

TEST_F(EnrolTest, AFolderThatCannotBeReadIsAnError) {
  const Pipeline pipeline{detector, &embedder, nullptr, {}};
  EXPECT_EQ(enrol(pipeline, folder / "none").error().code, ErrorCode::not_found);
  write_scene(folder / "Anna.png", {});
  EXPECT_EQ(enrol(pipeline, folder / "Anna.png").error().code, ErrorCode::not_found) << "a file is no folder";
  fs::create_directory(folder / "locked");
  fs::permissions(folder / "locked", fs::perms::none);
  const test::WithoutRootRights ordinary;
  EXPECT_EQ(enrol(pipeline, folder / "locked").error().code, ErrorCode::unreadable);
}

TEST_F(EnrolTest, CanBeStopped) {
  write_scene(folder / "Anna.png", {});
  std::stop_source stop;
  stop.request_stop();
  const Result<Enrolment> enrolment =
      enrol({detector, &embedder, nullptr, {}}, folder.path(), {}, stop.get_token());
  ASSERT_FALSE(enrolment);
  EXPECT_EQ(enrolment.error().code, ErrorCode::cancelled);
}

}  // namespace
}  // namespace kith
