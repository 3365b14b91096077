// SPDX-License-Identifier: Apache-2.0
#include <kith/dataset.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "dataset/manifest.h"
#include "pipeline/fake_stages.h"
#include "support/files.h"
#include "support/temporary_folder.h"

namespace kith {
namespace {

namespace fs = std::filesystem;
using test::content_of;
using test::Scene;
using test::write_scene;

// Frames of one colour each, ten a second; after the last one an error where one is given.
class FakeFrames final : public FrameSource {
 public:
  explicit FakeFrames(std::vector<Scene> scenes, std::optional<Error> end = std::nullopt,
                      std::string name = "film.avi")
      : scenes_(std::move(scenes)), end_(std::move(end)) {
    info_.name = std::move(name);
    info_.format = "avi";
  }
  [[nodiscard]] const VideoInfo& info() const noexcept override { return info_; }
  [[nodiscard]] Result<std::optional<VideoFrame>> next() override {
    if (at_ == scenes_.size()) {
      if (end_) return tl::unexpected(*std::exchange(end_, std::nullopt));
      return std::nullopt;
    }
    const Scene& scene = scenes_[at_];
    Image picture(96, 64);
    const std::array<int, 3> colour{scene.faces * 40, scene.person * 80, scene.delay_ms * 80};
    for (std::size_t i = 0; i < picture.bytes().size(); ++i)
      picture.bytes()[i] = static_cast<std::uint8_t>(colour[i % 3]);
    const auto number = static_cast<std::int64_t>(at_++);
    return VideoFrame{std::move(picture), number, static_cast<double>(number) / 10};
  }

 private:
  std::vector<Scene> scenes_;
  std::optional<Error> end_;
  VideoInfo info_;
  std::size_t at_ = 0;
};

class BuildDataset : public testing::Test {
 protected:
  BuildDataset() {
    // Pictures of one colour: nothing is sharp, and no two are alike as far as their pixels tell.
    settings.min_face = 0;
    settings.min_sharpness = 0;
    settings.min_quality = 0;
    settings.likeness.min_quality = 0;
    settings.frame_gap_seconds = 0;
    input.people = people;
  }

  Result<DatasetSummary> try_build() {
    events.clear();
    return build_dataset(out, input, models, {.threads = 3}, settings,
                         {[&] { ++looked; }, [&](const DatasetEvent& event) { events.push_back(event); }},
                         stop.get_token());
  }
  DatasetSummary build() {
    Result<DatasetSummary> result = try_build();
    if (!result) throw std::runtime_error(result.error().message);
    return std::move(*result);
  }
  // How many pictures each person's folder holds.
  [[nodiscard]] std::map<std::string, int> pictures() const {
    std::map<std::string, int> result;
    for (const auto& entry : fs::recursive_directory_iterator(out)) {
      if (entry.is_regular_file() && entry.path().filename() != "dataset.json")
        ++result[entry.path().lexically_relative(out).parent_path().string()];
    }
    return result;
  }
  [[nodiscard]] std::map<DropReason, int> drops() const {
    std::map<DropReason, int> result;
    for (const DatasetEvent& event : events) {
      if (event.drop) ++result[event.drop->reason];
    }
    return result;
  }
  [[nodiscard]] int noted(const DatasetSummary& summary, EnrolmentNote::Kind kind) const {
    return static_cast<int>(std::ranges::count(summary.notes, kind, &EnrolmentNote::kind));
  }
  [[nodiscard]] dataset::Manifest manifest() const {
    Result<dataset::Manifest> read = dataset::read_manifest(content_of(out / "dataset.json"), "dataset.json");
    if (!read) throw std::runtime_error(read.error().message);
    return std::move(*read);
  }
  void use_video(FakeFrames& frames) {
    std::ofstream(folder / "film.avi") << "the bytes of a film";
    input.videos = {{&frames, folder / "film.avi"}};
    input.naming = DatasetNaming::one_person;
    input.person = "Anna";
    input.people.clear();
  }

  using Kind = EnrolmentNote::Kind;
  using Folders = std::map<std::string, int>;
  using Reasons = std::map<DropReason, int>;

  test::TemporaryFolder folder;
  fs::path people = folder / "people";
  fs::path out = folder / "out";
  DatasetInput input;
  DatasetSettings settings;
  Models models = test::fake_models();
  std::stop_source stop;
  std::vector<DatasetEvent> events;
  int looked = 0;
};

TEST_F(BuildDataset, OfPeoplesFoldersHasAFolderAPerson) {
  write_scene(people / "Anna" / "1.png", {.person = 0});
  write_scene(people / "Anna" / "2019" / "1.png", {.person = 0, .delay_ms = 1});
  write_scene(people / "Ben.png", {.person = 1});
  write_scene(people / "Carl" / "wall.png", {.faces = 0});
  const DatasetSummary summary = build();
  EXPECT_EQ(pictures(), (Folders{{"Anna", 2}, {"Ben", 1}}));
  EXPECT_EQ(summary.added, 3U);
  EXPECT_EQ(summary.photos, 4U);
  EXPECT_EQ(summary.people, 2U);
  EXPECT_EQ(drops(), (Reasons{{DropReason::no_face, 1}}));
  EXPECT_TRUE(summary.notes.empty());
  EXPECT_EQ(looked, 4);
}

TEST_F(BuildDataset, SaysWhereEachPictureComesFrom) {
  write_scene(people / "Anna" / "1.png", {.person = 0});
  build();
  const dataset::Manifest read = manifest();
  ASSERT_EQ(read.pictures.size(), 1U);
  const dataset::Picture& picture = read.pictures[0];
  EXPECT_EQ(picture.source, (people / "Anna" / "1.png").string());
  EXPECT_EQ(picture.person, "Anna");
  EXPECT_EQ(picture.face.box.width, 20);
  EXPECT_NEAR(picture.landmarks[0].x, AlignTemplate{}.landmarks[0].x, 1e-3);
  EXPECT_EQ(events[0].file, picture.file);
  EXPECT_TRUE(events[0].added);
  const Result<Photo> photo = Photo::open(out / picture.file);
  ASSERT_TRUE(photo);
  EXPECT_EQ(photo->info().width, 112);
}

TEST_F(BuildDataset, AgainAddsNothingAndLooksAtNothing) {
  write_scene(people / "Anna" / "1.png", {.person = 0});
  write_scene(people / "Anna" / "wall.png", {.faces = 0});
  build();
  const std::string before = content_of(out / "dataset.json");
  const DatasetSummary again = build();
  EXPECT_EQ(again.added, 0U);
  EXPECT_EQ(again.present, 1U);
  EXPECT_EQ(again.known, 2U);
  EXPECT_EQ(again.photos, 0U);
  EXPECT_EQ(content_of(out / "dataset.json"), before);
  // Even where everything is looked at again.
  settings.again = true;
  const DatasetSummary afresh = build();
  EXPECT_EQ(afresh.added, 0U);
  EXPECT_EQ(afresh.photos, 2U);
  EXPECT_EQ(content_of(out / "dataset.json"), before);
  EXPECT_EQ(pictures(), (Folders{{"Anna", 1}}));
}

TEST_F(BuildDataset, TakesUpWhatIsNew) {
  write_scene(people / "Anna" / "1.png", {.person = 0});
  build();
  write_scene(people / "Anna" / "2.png", {.person = 0, .delay_ms = 1});
  write_scene(people / "Ben" / "1.png", {.person = 1});
  const DatasetSummary summary = build();
  EXPECT_EQ(summary.known, 1U);
  EXPECT_EQ(summary.added, 2U);
  EXPECT_EQ(summary.present, 1U);
  EXPECT_EQ(pictures(), (Folders{{"Anna", 2}, {"Ben", 1}}));
}

TEST_F(BuildDataset, WithOtherSettingsLooksAgain) {
  write_scene(people / "Anna" / "1.png", {.person = 0});
  settings.min_face = 1000;
  EXPECT_EQ(build().added, 0U);
  EXPECT_EQ(drops(), (Reasons{{DropReason::small, 1}}));
  settings.min_face = 0;
  EXPECT_EQ(build().added, 1U);
  EXPECT_TRUE(manifest().dropped.empty());
}

TEST_F(BuildDataset, APictureThatWasDeletedStaysAway) {
  write_scene(people / "Anna" / "1.png", {.person = 0});
  write_scene(people / "Anna" / "2.png", {.person = 0, .delay_ms = 1});
  build();
  fs::remove(out / manifest().pictures[0].file);
  settings.again = true;
  const DatasetSummary summary = build();
  EXPECT_EQ(summary.added, 0U);
  EXPECT_EQ(drops(), (Reasons{{DropReason::removed, 1}}));
  EXPECT_EQ(pictures(), (Folders{{"Anna", 1}}));
}

TEST_F(BuildDataset, WritesOverNothing) {
  write_scene(people / "Anna" / "1.png", {.person = 0});
  write_scene(people / "Anna" / "2.png", {.person = 0, .delay_ms = 1});
  build();
  const std::string taken = manifest().pictures[0].file;
  fs::remove_all(out);
  settings.min_face = 1000;
  build();
  fs::create_directories(out / "Anna");
  std::ofstream(out / taken) << "notes of mine";
  settings.min_face = 0;
  const DatasetSummary summary = build();
  EXPECT_EQ(summary.failed, 1U);
  EXPECT_EQ(summary.added, 1U);
  EXPECT_EQ(content_of(out / taken), "notes of mine");
  const auto failed =
      std::ranges::find_if(events, [](const DatasetEvent& event) { return event.error.has_value(); });
  ASSERT_NE(failed, events.end());
  EXPECT_EQ(failed->error->code, ErrorCode::write_failed);
}

TEST_F(BuildDataset, GoesOnAfterARunThatWasKilledBeforeItsManifest) {
  write_scene(people / "Anna" / "1.png", {.person = 0});
  settings.min_face = 1000;
  build();
  const std::string empty = content_of(out / "dataset.json");
  settings.min_face = 0;
  build();
  std::ofstream(out / "dataset.json") << empty;
  const DatasetSummary summary = build();
  EXPECT_EQ(summary.failed, 0U);
  EXPECT_EQ(summary.added, 1U);
  EXPECT_EQ(manifest().pictures.size(), 1U);
}

TEST_F(BuildDataset, AnExceptionAtAnEarlierPictureIsNoEnd) {
  write_scene(people / "Anna" / "1.png", {.person = 0});
  EXPECT_EQ(build().added, 1U);
  write_scene(people / "Anna" / "2.png", {.person = 1});
  models.embedder = std::make_unique<test::ThrowingEmbedder>(0);
  EXPECT_EQ(build().added, 1U);
}

TEST_F(BuildDataset, AFaceUnlikeThePersonsOthersIsLeftOutAndSaid) {
  for (int i = 0; i < 3; ++i)
    write_scene(people / "Anna" / (std::to_string(i) + ".png"), {.person = 0, .delay_ms = i});
  write_scene(people / "Anna" / "wrong.png", {.person = 2});
  const DatasetSummary summary = build();
  EXPECT_EQ(pictures(), (Folders{{"Anna", 3}}));
  EXPECT_EQ(drops(), (Reasons{{DropReason::unlike, 1}}));
  EXPECT_EQ(noted(summary, Kind::unlike_others), 1);
}

TEST_F(BuildDataset, TwoFoldersOfOnePersonAreSaid) {
  write_scene(people / "Anna" / "1.png", {.person = 0});
  write_scene(people / "Annie" / "1.png", {.person = 0, .delay_ms = 1});
  EXPECT_EQ(noted(build(), Kind::looks_like), 1);
  // Also where only one of them is new.
  write_scene(people / "Anne" / "1.png", {.person = 0, .delay_ms = 2});
  EXPECT_EQ(noted(build(), Kind::looks_like), 3);
}

TEST_F(BuildDataset, OnAPersonsPhotoTheOtherFacesAreOthers) {
  write_scene(people / "Anna" / "1.png", {.faces = 2, .person = 0});
  build();
  EXPECT_EQ(pictures(), (Folders{{"Anna", 1}}));
  EXPECT_EQ(drops(), (Reasons{{DropReason::other_face, 1}}));
  EXPECT_EQ(manifest().pictures[0].face.box.width, 28);
}

TEST_F(BuildDataset, NearDuplicatesGoAndTheBestStays) {
  for (int i = 0; i < 3; ++i)
    write_scene(people / "Anna" / (std::to_string(i) + ".png"), {.person = 0, .delay_ms = i});
  settings.duplicate_correlation = -1;
  build();
  EXPECT_EQ(pictures(), (Folders{{"Anna", 1}}));
  EXPECT_EQ(drops(), (Reasons{{DropReason::near_duplicate, 2}}));
  const std::string kept = manifest().pictures[0].file;
  for (const DatasetEvent& event : events) {
    EXPECT_TRUE(!event.drop || event.drop->of == kept);
  }
  // And of what an earlier run put there.
  write_scene(people / "Anna" / "3.png", {.person = 0, .delay_ms = 3});
  EXPECT_EQ(build().added, 0U);
}

TEST_F(BuildDataset, NoMoreThanWantedAPerson) {
  for (int i = 0; i < 4; ++i)
    write_scene(people / "Anna" / (std::to_string(i) + ".png"), {.person = 0, .delay_ms = i});
  settings.max_per_person = 3;
  build();
  EXPECT_EQ(pictures(), (Folders{{"Anna", 3}}));
  EXPECT_EQ(drops(), (Reasons{{DropReason::too_many, 1}}));
}

TEST_F(BuildDataset, WhoIsOnPhotosIsToldByTheReferences) {
  write_scene(people / "Anna.png", {.person = 0});
  write_scene(people / "Ben.png", {.person = 1});
  const fs::path photos = folder / "photos";
  write_scene(photos / "a.png", {.person = 0, .delay_ms = 1});
  write_scene(photos / "b.png", {.person = 1, .delay_ms = 1});
  write_scene(photos / "c.png", {.person = 2, .delay_ms = 1});
  input.naming = DatasetNaming::identify;
  input.photos = {photos};
  build();
  EXPECT_EQ(pictures(), (Folders{{"Anna", 1}, {"Ben", 1}}));
  EXPECT_EQ(drops(), (Reasons{{DropReason::unknown, 1}}));
}

TEST_F(BuildDataset, WhomNobodyKnowsIsGrouped) {
  const fs::path photos = folder / "photos";
  for (int i = 0; i < 3; ++i)
    write_scene(photos / ("a" + std::to_string(i) + ".png"), {.person = 3, .delay_ms = i});
  for (int i = 0; i < 2; ++i)
    write_scene(photos / ("b" + std::to_string(i) + ".png"), {.person = 1, .delay_ms = i});
  write_scene(photos / "c.png", {.person = 2});
  input = {};
  input.naming = DatasetNaming::cluster;
  input.photos = {photos};
  build();
  EXPECT_EQ(pictures(), (Folders{{"person-001", 3}, {"person-002", 2}}));
  EXPECT_EQ(drops(), (Reasons{{DropReason::seen_once, 1}}));
  // New photos join the groups that there are; a new group gets the next number.
  write_scene(photos / "b9.png", {.person = 1, .delay_ms = 3});
  for (int i = 0; i < 2; ++i)
    write_scene(photos / ("d" + std::to_string(i) + ".png"), {.person = 0, .delay_ms = i});
  build();
  EXPECT_EQ(pictures(), (Folders{{"person-001", 3}, {"person-002", 3}, {"person-003", 2}}));
}

TEST_F(BuildDataset, AFaceThatIsSeenOnceWaitsForAnother) {
  const fs::path photos = folder / "photos";
  write_scene(photos / "a.png", {.person = 2});
  input = {};
  input.naming = DatasetNaming::cluster;
  input.photos = {photos};
  EXPECT_EQ(build().added, 0U);
  write_scene(photos / "b.png", {.person = 2, .delay_ms = 1});
  EXPECT_EQ(build().added, 2U);
}

TEST_F(BuildDataset, WholePhotosAreCopiedByteForByte) {
  write_scene(people / "Anna" / "1.PNG", {.person = 0});
  settings.picture = DatasetPicture::whole;
  build();
  const std::string file = manifest().pictures[0].file;
  EXPECT_TRUE(file.ends_with(".PNG")) << file;
  EXPECT_EQ(content_of(out / file), content_of(people / "Anna" / "1.PNG"));
}

TEST_F(BuildDataset, BoxesShowTheSquareAboutTheFace) {
  write_scene(people / "Anna" / "1.png", {.person = 0});
  settings.picture = DatasetPicture::box;
  settings.size = 200;
  build();
  const Result<Photo> photo = Photo::open(out / manifest().pictures[0].file);
  ASSERT_TRUE(photo);
  EXPECT_EQ(photo->info().width, 200);
  EXPECT_EQ(photo->info().height, 200);
  // A second run finds the face at its landmarks again: it is the same person's.
  write_scene(people / "Annie" / "1.png", {.person = 0, .delay_ms = 1});
  EXPECT_EQ(noted(build(), Kind::looks_like), 1);
}

TEST_F(BuildDataset, OfAVideoTakesFramesOfOnePerson) {
  FakeFrames frames({{.person = 0}, {.faces = 0}, {.person = 0, .delay_ms = 1}});
  use_video(frames);
  const DatasetSummary summary = build();
  EXPECT_EQ(summary.photos, 3U);
  EXPECT_EQ(pictures(), (Folders{{"Anna", 2}}));
  EXPECT_EQ(manifest().pictures[1].frame->number, 2);
  EXPECT_NE(manifest().pictures[1].file.find("-000000200.jpg"), std::string::npos)
      << manifest().pictures[1].file;
  // Known by its bytes, whatever it is called.
  FakeFrames again({Scene{.person = 0}});
  input.videos[0].frames = &again;
  const DatasetSummary second = build();
  EXPECT_EQ(second.known, 1U);
  EXPECT_EQ(second.photos, 0U);
}

TEST_F(BuildDataset, FramesNearInTimeAreOnePicture) {
  FakeFrames frames(std::vector<Scene>(25, {.person = 0}));
  use_video(frames);
  settings.frame_gap_seconds = 1;
  build();
  EXPECT_EQ(pictures(), (Folders{{"Anna", 3}}));  // at 0, 1 and 2 seconds
}

TEST_F(BuildDataset, WhatComesBeforeAVideosEndIsKept) {
  FakeFrames frames({Scene{.person = 0}}, Error{ErrorCode::truncated, "film.avi: ends early"});
  use_video(frames);
  const DatasetSummary summary = build();
  EXPECT_EQ(summary.failed, 1U);
  EXPECT_EQ(summary.added, 1U);
  // It was not looked at to its end: another run looks again, and adds nothing twice.
  FakeFrames again({Scene{.person = 0}}, Error{ErrorCode::truncated, "film.avi: ends early"});
  input.videos[0].frames = &again;
  EXPECT_EQ(build().added, 0U);
}

TEST_F(BuildDataset, OfACameraEachPictureIsNew) {
  FakeFrames frames({{.person = 0}, {.person = 0, .delay_ms = 1}}, std::nullopt, "camera 0");
  use_video(frames);
  input.videos[0].file.clear();
  EXPECT_EQ(build().added, 2U);
  FakeFrames more({Scene{.person = 0, .delay_ms = 2}}, std::nullopt, "camera 0");
  input.videos[0].frames = &more;
  EXPECT_EQ(build().added, 1U);
  EXPECT_EQ(pictures(), (Folders{{"Anna", 3}}));
  EXPECT_TRUE(manifest().pictures[0].source_sha256.empty());
}

TEST_F(BuildDataset, AStopKeepsWhatWasLookedAt) {
  std::vector<Scene> scenes(200, {.person = 0});
  FakeFrames frames(std::move(scenes));
  use_video(frames);
  events.clear();
  const Result<DatasetSummary> summary = build_dataset(out, input, models, {.threads = 1}, settings,
                                                       {[&] {
                                                          if (++looked == 5) stop.request_stop();
                                                        },
                                                        {}},
                                                       stop.get_token());
  ASSERT_TRUE(summary) << summary.error().message;
  EXPECT_TRUE(summary->cancelled);
  EXPECT_GE(summary->added, 5U);
  EXPECT_LT(summary->added, 200U);
  EXPECT_EQ(pictures()["Anna"], static_cast<int>(summary->added));
  EXPECT_EQ(manifest().pictures.size(), summary->added);
  EXPECT_TRUE(manifest().sources.empty());
}

TEST_F(BuildDataset, APersonsNameMakesASafeFolder) {
  FakeFrames frames({Scene{.person = 0}});
  use_video(frames);
  input.person = "../A/na";
  build();
  EXPECT_EQ(pictures(), (Folders{{"_A_na", 1}}));
  EXPECT_EQ(manifest().folders.at("../A/na"), "_A_na");
  input.person = "line\nbreak";
  EXPECT_EQ(try_build().error().code, ErrorCode::bad_argument);
}

TEST_F(BuildDataset, IntoAFolderOfSomethingElseIsRefused) {
  write_scene(people / "Anna" / "1.png", {});
  fs::create_directories(out);
  std::ofstream(out / "notes.txt") << "mine";
  EXPECT_EQ(try_build().error().code, ErrorCode::bad_argument);
  EXPECT_EQ(pictures(), (Folders{{"", 1}}));
  for (const fs::path& place : {people / "new", people, folder.path()}) {
    out = place;
    EXPECT_EQ(try_build().error().code, ErrorCode::bad_argument) << place;
  }
}

TEST_F(BuildDataset, OfAnotherKindOfPicturesIsRefused) {
  write_scene(people / "Anna" / "1.png", {});
  build();
  settings.size = 160;
  const auto refused = try_build();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::bad_argument);
  EXPECT_NE(refused.error().message.find("--size 112"), std::string::npos) << refused.error().message;
}

TEST_F(BuildDataset, WithADamagedManifestIsRefusedAndLeftAlone) {
  write_scene(people / "Anna" / "1.png", {});
  fs::create_directories(out);
  std::ofstream(out / "dataset.json") << "{\"kith_dataset\": 1";
  EXPECT_EQ(try_build().error().code, ErrorCode::damaged);
  EXPECT_EQ(content_of(out / "dataset.json"), "{\"kith_dataset\": 1");
}

TEST_F(BuildDataset, APhotoThatFailsIsNamedAndTheRestGoesOn) {
  write_scene(people / "Anna" / "1.png", {});
  std::ofstream(people / "Anna" / "0.jpg") << "no photo";
  const DatasetSummary summary = build();
  EXPECT_EQ(summary.failed, 1U);
  EXPECT_EQ(summary.added, 1U);
  EXPECT_EQ(events[0].error->code, ErrorCode::unsupported_format);
  // It is looked at again, since it may be mended.
  EXPECT_EQ(build().failed, 1U);
}

}  // namespace
}  // namespace kith
