// SPDX-License-Identifier: Apache-2.0
#include <kith/pipeline.h>

#include <array>
#include <atomic>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/sha256.h"
#include "imageio/dng.h"
#include "pipeline/fake_stages.h"

namespace kith {
namespace {

namespace fs = std::filesystem;
using test::Scene;
using test::write_scene;

struct Outcome {
  RunSummary summary;
  std::vector<PhotoReport> reports;
};

class PipelineTest : public testing::Test {
 protected:
  [[nodiscard]] Pipeline pipeline(const PipelineSettings& settings = {}) const {
    return {detector, &embedder, &identifier, settings};
  }

  static Outcome run(const Pipeline& pipeline, const std::vector<fs::path>& inputs) {
    Outcome outcome;
    outcome.summary =
        pipeline.run(inputs, [&](PhotoReport&& report) { outcome.reports.push_back(std::move(report)); });
    return outcome;
  }

  test::FakeDetector detector;
  test::FakeEmbedder embedder;
  test::FakeIdentifier identifier;
  test::TemporaryFolder folder;
};

TEST_F(PipelineTest, FillsAReport) {
  write_scene(folder / "photo.png", {.faces = 2, .person = 0});
  const Outcome outcome = run(pipeline(), {folder / "photo.png"});
  ASSERT_EQ(outcome.reports.size(), 1U);
  const PhotoReport& report = outcome.reports[0];
  EXPECT_FALSE(report.error);
  EXPECT_EQ(report.photo, folder / "photo.png");
  EXPECT_EQ(report.info.width, 96);
  EXPECT_EQ(report.info.format, "png");
  ASSERT_EQ(report.faces.size(), 2U);
  EXPECT_EQ(report.faces[1].embedding, (Embedding{1, 0, 0, 0}));
  EXPECT_EQ(report.faces[1].identity->name, "Anna");
  EXPECT_EQ(outcome.summary.photos, 1U);
  EXPECT_EQ(outcome.summary.faces, 2U);
  EXPECT_EQ(outcome.summary.named, 2U);
  EXPECT_EQ(outcome.summary.failed, 0U);
  EXPECT_FALSE(outcome.summary.cancelled);
  EXPECT_GT(outcome.summary.times.decode, 0);
  EXPECT_GE(outcome.summary.times.detect, 0);
}

TEST_F(PipelineTest, ReportsInTheOrderGivenHoweverLongEachTakes) {
  std::vector<fs::path> inputs;
  for (int i = 0; i < 60; ++i) {
    inputs.push_back(folder / ("photo" + std::to_string((i * 37) % 60) + (i % 2 == 0 ? ".png" : ".jpg")));
    write_scene(inputs.back(), {.faces = i % 3, .person = i % 4, .delay_ms = (i * 7) % 4});
  }
  const Outcome outcome = run(pipeline({.threads = 8}), inputs);
  ASSERT_EQ(outcome.reports.size(), inputs.size());
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    EXPECT_EQ(outcome.reports[i].photo, inputs[i]);
    ASSERT_FALSE(outcome.reports[i].error) << outcome.reports[i].error->message;
    EXPECT_EQ(outcome.reports[i].faces.size(), i % 3);
    for (const Face& face : outcome.reports[i].faces) EXPECT_EQ(face.embedding[i % 4], 1);
  }
  EXPECT_EQ(outcome.summary.photos, 60U);
}

TEST_F(PipelineTest, TheSinkIsCalledByOneThreadAtATime) {
  for (int i = 0; i < 40; ++i) write_scene(folder / (std::to_string(i) + ".png"), {.delay_ms = i % 3});
  std::atomic<int> inside = 0;
  int most = 0;
  (void)pipeline({.threads = 8}).run({folder.path()}, [&](PhotoReport&&) {
    most = std::max(most, ++inside);
    std::this_thread::yield();
    --inside;
  });
  EXPECT_EQ(most, 1);
}

TEST_F(PipelineTest, AFailingPhotoIsAReportAndTheRestGoOn) {
  write_scene(folder / "1.png", {});
  test::write_bytes(folder / "2.jpg", {});
  write_scene(folder / "3.png", {.faces = test::fails});
  write_scene(folder / "4.png", {.faces = test::throws});
  test::Bytes cut = test::encode(test::noise(96, 64), ".jpg");
  cut.resize(cut.size() / 2);
  test::write_bytes(folder / "5.jpg", cut);
  write_scene(folder / "6.png", {});
  for (const int threads : {1, 4}) {
    const Outcome outcome =
        run(pipeline({.threads = threads}), {folder.path(), folder / "none.jpg", folder / "1.png"});
    ASSERT_EQ(outcome.reports.size(), 8U);
    const auto code = [&](std::size_t i) { return outcome.reports[i].error.value().code; };
    EXPECT_FALSE(outcome.reports[0].error);
    EXPECT_EQ(code(1), ErrorCode::empty_file);
    EXPECT_EQ(code(2), ErrorCode::internal);
    EXPECT_EQ(outcome.reports[2].error->message, "the engine failed");
    EXPECT_EQ(code(3), ErrorCode::internal);
    EXPECT_NE(outcome.reports[3].error->message.find("4.png: a bug"), std::string::npos);
    EXPECT_EQ(code(4), ErrorCode::truncated);
    EXPECT_FALSE(outcome.reports[5].error);
    EXPECT_EQ(code(6), ErrorCode::not_found);
    EXPECT_EQ(outcome.reports[6].photo, folder / "none.jpg");
    EXPECT_FALSE(outcome.reports[7].error);
    for (std::size_t i : {1U, 2U, 3U, 4U, 6U}) EXPECT_TRUE(outcome.reports[i].faces.empty());
    EXPECT_EQ(outcome.summary.photos, 8U);
    EXPECT_EQ(outcome.summary.failed, 5U);
    EXPECT_EQ(outcome.summary.faces, 3U);
  }
}

// Two views, which see different things; counts its looks.
class TwoViews final : public Embedder {
 public:
  [[nodiscard]] std::span<const AlignTemplate> crop_templates() const noexcept override { return templates_; }
  [[nodiscard]] int dimension() const noexcept override { return 2; }
  [[nodiscard]] Result<Embedding> look(const Image& /*crop*/, std::size_t view) const override {
    ++looks[view];
    return view == 0 ? Embedding{3, 0} : Embedding{0, 4};
  }
  mutable std::array<std::atomic<int>, 2> looks{};

 private:
  std::array<AlignTemplate, 2> templates_;
};

// Sure of the first face from one look, and of no other.
class SureOfTheFirst final : public Identifier {
 public:
  void identify(std::span<Face>) const override {}
  [[nodiscard]] std::vector<bool> unsettled(std::span<const Face> faces) const override {
    std::vector<bool> result(faces.size(), true);
    result.front() = false;
    return result;
  }
};

TEST_F(PipelineTest, LooksAgainOnlyWhereItMatters) {
  write_scene(folder / "1.png", {.faces = 2});
  const TwoViews two_views;
  const SureOfTheFirst sure;
  const Outcome outcome = run({detector, &two_views, &sure, {}}, {folder.path()});
  ASSERT_EQ(outcome.reports.size(), 1U);
  ASSERT_EQ(outcome.reports[0].faces.size(), 2U);
  EXPECT_EQ(outcome.reports[0].faces[0].embedding, (Embedding{1, 0}));
  EXPECT_NEAR(outcome.reports[0].faces[1].embedding[1], 0.8F, 1e-6F);
  EXPECT_EQ(two_views.looks[0], 2);
  EXPECT_EQ(two_views.looks[1], 1);
}

TEST_F(PipelineTest, LooksAtEveryViewWithoutAnIdentifier) {
  write_scene(folder / "1.png", {.faces = 2});
  const TwoViews two_views;
  const Outcome outcome = run({detector, &two_views, nullptr, {}}, {folder.path()});
  EXPECT_EQ(two_views.looks[1], 2);
  EXPECT_NEAR(outcome.reports.at(0).faces.at(0).embedding[1], 0.8F, 1e-6F);
}

TEST_F(PipelineTest, MayEmbedTheLargestFaceAlone) {
  write_scene(folder / "1.png", {.faces = 3});
  write_scene(folder / "2.png", {.faces = 0});
  const TwoViews two_views;
  const Pipeline all(detector, &two_views, nullptr, {});
  const Outcome outcome = run(all.embedding(Embed::largest), {folder.path()});
  const std::vector<Face>& faces = outcome.reports.at(0).faces;
  ASSERT_EQ(faces.size(), 3U) << "what the detector found besides";
  EXPECT_TRUE(detector.asked_for_the_largest);
  EXPECT_TRUE(faces[0].embedding.empty());
  EXPECT_NEAR(faces[1].embedding.at(1), 0.8F, 1e-6F);
  EXPECT_TRUE(faces[2].embedding.empty());
  EXPECT_EQ(two_views.looks[0], 1);
  EXPECT_EQ(two_views.looks[1], 1);
  EXPECT_TRUE(outcome.reports.at(1).faces.empty());
  run(all, {folder.path()});
  EXPECT_EQ(two_views.looks[0], 4) << "and the pipeline itself is as it was";
  EXPECT_FALSE(detector.asked_for_the_largest);
}

TEST_F(PipelineTest, CountsWhatItWillComeAcross) {
  const fs::path copies = folder / "copies";
  for (const char* name : {"1.png", "2.png", "copies/1.png"}) write_scene(folder / name, {});
  const Pipeline writing = pipeline({.annotate_folder = copies});
  EXPECT_EQ(writing.count({folder.path()}), 2U) << "what lies among its own copies is no photo to look at";
  EXPECT_EQ(pipeline().count({folder.path()}), 3U);
  EXPECT_EQ(run(writing, {folder.path()}).summary.photos, 2U);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(writing.count({folder.path()}, stop.get_token()), 0U);
}

class ThrowingIdentifier final : public Identifier {
 public:
  void identify(std::span<Face>) const override { throw std::bad_alloc(); }
};

TEST_F(PipelineTest, AnExceptionInALateStageLeavesNoFaces) {
  write_scene(folder / "1.png", {});
  const ThrowingIdentifier out_of_memory;
  const Outcome outcome = run({detector, &embedder, &out_of_memory, {}}, {folder.path()});
  ASSERT_EQ(outcome.reports.size(), 1U);
  EXPECT_EQ(outcome.reports[0].error.value().code, ErrorCode::too_large);
  EXPECT_TRUE(outcome.reports[0].faces.empty());
  EXPECT_EQ(outcome.summary.faces, 0U);
}

TEST_F(PipelineTest, AStopEndsEarly) {
  for (int i = 0; i < 200; ++i) write_scene(folder / (std::to_string(i) + ".png"), {.delay_ms = 1});
  std::stop_source stop;
  std::size_t reported = 0;
  const RunSummary summary = pipeline({.threads = 4})
                                 .run(
                                     {folder.path()},
                                     [&](PhotoReport&& report) {
                                       EXPECT_FALSE(report.error) << "photos under way are finished";
                                       if (++reported == 3) stop.request_stop();
                                     },
                                     stop.get_token());
  EXPECT_TRUE(summary.cancelled);
  EXPECT_EQ(summary.photos, reported);
  EXPECT_GE(reported, 3U);
  EXPECT_LE(reported, 3U + 2 * 4) << "no more than were under way";
}

TEST_F(PipelineTest, AStopBeforeTheStartReportsNothing) {
  write_scene(folder / "1.png", {});
  std::stop_source stop;
  stop.request_stop();
  const RunSummary summary = pipeline().run(
      {folder.path()}, [](PhotoReport&&) { FAIL(); }, stop.get_token());
  EXPECT_TRUE(summary.cancelled);
  EXPECT_EQ(summary.photos, 0U);
}

TEST_F(PipelineTest, StagesMayBeLeftOut) {
  write_scene(folder / "1.png", {.faces = 2});
  const Outcome found = run({detector, nullptr, nullptr, {}}, {folder.path()});
  ASSERT_EQ(found.reports[0].faces.size(), 2U);
  EXPECT_TRUE(found.reports[0].faces[0].embedding.empty());
  EXPECT_FALSE(found.reports[0].faces[0].identity);
  const Outcome judged = run({detector, &embedder, nullptr, {.embed = Embed::none}}, {folder.path()});
  EXPECT_TRUE(judged.reports[0].faces[0].embedding.empty());
  EXPECT_FALSE(judged.reports[0].error);
}

TEST_F(PipelineTest, ThumbnailsShowTheFaceAndGreyAroundThePhoto) {
  write_scene(folder / "1.png", {.faces = 2, .person = 1});
  const Outcome outcome = run(pipeline({.thumbnail_side = 48}), {folder.path()});
  const PhotoReport& report = outcome.reports.at(0);
  ASSERT_FALSE(report.error) << report.error->message;
  ASSERT_EQ(report.thumbnails.size(), report.faces.size());
  for (std::size_t i = 0; i < report.faces.size(); ++i) {
    const Result<Image> thumbnail = test::decode(report.thumbnails[i]);
    ASSERT_TRUE(thumbnail) << thumbnail.error().message;
    EXPECT_EQ(thumbnail->width(), 48);
    EXPECT_EQ(thumbnail->height(), 48);
    const std::array<int, 3> middle = test::colour_at(*thumbnail, 0.5, 0.5);
    EXPECT_NEAR(middle[0], 80, 6);
    EXPECT_NEAR(middle[1], 80, 6);
    EXPECT_NEAR(middle[2], 0, 6);
    const bool beyond_the_edge = thumbnail_box(report.faces[i].box).x < -2;
    EXPECT_EQ(beyond_the_edge, i == 0);
    const std::array<int, 3> left = test::colour_at(*thumbnail, 0.03, 0.5);
    EXPECT_NEAR(left[2], beyond_the_edge ? 128 : 0, 12);
  }
}

TEST_F(PipelineTest, ThumbnailsAndFingerprintsNeedNoEmbedder) {
  write_scene(folder / "1.png", {.faces = 2});
  const PipelineSettings settings{.embed = Embed::none, .thumbnail_side = 32, .fingerprint = true};
  for (const Embedder* judge :
       {static_cast<const Embedder*>(&embedder), static_cast<const Embedder*>(nullptr)}) {
    const Outcome outcome = run({detector, judge, nullptr, settings}, {folder.path()});
    EXPECT_FALSE(outcome.reports.at(0).error);
    EXPECT_EQ(outcome.reports.at(0).thumbnails.size(), 2U);
    EXPECT_EQ(outcome.reports.at(0).content.size(), 64U);
    EXPECT_TRUE(outcome.reports.at(0).faces.at(0).embedding.empty());
  }
}

TEST_F(PipelineTest, WithoutBeingAskedForThereAreNoThumbnailsOrFingerprints) {
  write_scene(folder / "1.png", {.faces = 2});
  const Outcome outcome = run(pipeline(), {folder.path()});
  EXPECT_TRUE(outcome.reports.at(0).thumbnails.empty());
  EXPECT_EQ(outcome.reports.at(0).content, "");
}

TEST_F(PipelineTest, AFailureInALaterStageLeavesNoThumbnails) {
  write_scene(folder / "1.png", {});
  const ThrowingIdentifier out_of_memory;
  const PipelineSettings settings{.thumbnail_side = 32, .fingerprint = true};
  const Outcome outcome = run({detector, &embedder, &out_of_memory, settings}, {folder.path()});
  EXPECT_TRUE(outcome.reports.at(0).error);
  EXPECT_TRUE(outcome.reports.at(0).thumbnails.empty());
  EXPECT_EQ(outcome.reports.at(0).content.size(), 64U);
}

TEST_F(PipelineTest, TheFingerprintIsThatOfTheWholeFileWhateverBecomesOfIt) {
  write_scene(folder / "1.png", {});
  test::write_bytes(folder / "2.jpg", {'a', 'b', 'c'});
  test::write_bytes(folder / "3.jpg", {});
  test::Bytes cut = test::encode(test::noise(96, 64), ".jpg");
  cut.resize(cut.size() / 2);
  test::write_bytes(folder / "4.jpg", cut);
  const test::Bytes preview = test::encode(test::noise(128, 96), ".jpg[strip]");
  test::write_bytes(folder / "5.dng", test::make_dng({160, 120, 1, preview, 128, 96}));
  const Outcome outcome =
      run(pipeline({.threads = 2, .fingerprint = true}), {folder.path(), folder / "none.jpg"});
  ASSERT_EQ(outcome.reports.size(), 6U);
  const std::vector<PhotoReport>& reports = outcome.reports;
  for (const std::size_t i : {0U, 3U, 4U}) {
    const test::Bytes bytes = test::read_bytes(reports[i].photo);
    EXPECT_EQ(reports[i].content, sha256_of({reinterpret_cast<const char*>(bytes.data()), bytes.size()}))
        << i;
  }
  EXPECT_EQ(reports[1].content, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(reports[1].error.value().code, ErrorCode::unsupported_format);
  EXPECT_EQ(reports[2].content, "");
  EXPECT_EQ(reports[2].error.value().code, ErrorCode::empty_file);
  EXPECT_EQ(reports[3].error.value().code, ErrorCode::truncated);
  EXPECT_NE(reports[3].error->message.find((folder / "4.jpg").string()), std::string::npos);
  EXPECT_EQ(reports[4].info.format, "raw");
  EXPECT_EQ(reports[5].content, "");
  EXPECT_EQ(reports[5].error.value().code, ErrorCode::not_found);
}

TEST_F(PipelineTest, AnnotatedCopiesOfOneNameDoNotReplaceEachOther) {
  const Scene nobody{.faces = 0};
  for (const char* name : {"in/a/p.png", "in/a/p.jpg", "in/a/p-2.png", "in/b/p.png"})
    write_scene(folder / name, nobody);
  const PipelineSettings settings{.threads = 2, .annotate_folder = folder / "out"};
  // The folder as a whole keeps its places; the two as inputs of their own share one.
  Outcome outcome = run(pipeline(settings), {folder / "in"});
  for (const PhotoReport& report : outcome.reports) EXPECT_FALSE(report.error) << report.error->message;
  for (const char* name : {"a/p-2.png", "a/p.jpg", "a/p-3.png", "b/p.png"}) {
    EXPECT_TRUE(fs::exists(folder / "out" / name)) << name;
  }
  const auto count = [](const fs::path& path) {
    return std::count_if(fs::recursive_directory_iterator(path), fs::recursive_directory_iterator(),
                         [](const fs::directory_entry& entry) { return entry.is_regular_file(); });
  };
  EXPECT_EQ(count(folder / "out"), 4);

  fs::remove_all(folder / "out");
  outcome = run(pipeline(settings), {folder / "in/a", folder / "in/b"});
  EXPECT_EQ(outcome.summary.failed, 0U);
  EXPECT_EQ(count(folder / "out"), 4);
}

TEST_F(PipelineTest, AnAnnotatedCopyNeverReplacesItsOriginal) {
  write_scene(folder / "p.png", {});
  const test::Bytes before = test::read_bytes(folder / "p.png");
  const Outcome outcome = run(pipeline({.annotate_folder = folder.path()}), {folder / "p.png"});
  EXPECT_EQ(outcome.reports[0].error.value().code, ErrorCode::bad_argument);
  EXPECT_EQ(test::read_bytes(folder / "p.png"), before);
}

}  // namespace
}  // namespace kith
