// SPDX-License-Identifier: Apache-2.0
// MTCNN's cascade and coordinates, on tiny networks to which a red square is a face.
#include "detect/mtcnn.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "support/pictures.h"
#include "support/tiny_models.h"

namespace kith::detect {
namespace {

class MtcnnTest : public testing::Test {
 protected:
  MtcnnTest() {
    // The tiny networks are less sure than the real ones of a square that is not quite in the middle.
    settings.pnet_score = settings.rnet_score = settings.onet_score = 0.5F;
  }

  std::unique_ptr<Detector> load() {
    Result<std::unique_ptr<Detector>> detector =
        load_mtcnn(engine, models.pnet, models.rnet, models.onet, settings);
    EXPECT_TRUE(detector) << detector.error().message;
    return std::move(*detector);
  }

  std::vector<Face> faces(const Image& image) {
    ImageView view(image);
    Result<std::vector<Face>> found = load()->detect(view);
    EXPECT_TRUE(found);
    return found ? std::move(*found) : std::vector<Face>();
  }

  // The square in the middle of the P-Net's cell (column, row) on this level, in pixels of the picture.
  Box square_at(int column, int row, int level) const {
    const float scale = 12 / settings.min_face * std::pow(settings.pyramid_factor, static_cast<float>(level));
    return {static_cast<float>(2 * column + 2) / scale, static_cast<float>(2 * row + 2) / scale, 8 / scale,
            8 / scale};
  }

  static void expect_face(const Face& face, const Box& square) {
    EXPECT_GT(overlap(face.box, square), 0.75F);
    EXPECT_GT(face.score, 0.5F);
    // The O-Net saw a window of 1.5 times its box, and its landmarks are relative to that.
    const Box window{face.box.x - face.box.width / 4, face.box.y - face.box.height / 4, face.box.width * 1.5F,
                     face.box.height * 1.5F};
    for (std::size_t i = 0; i < face.landmarks.size(); ++i) {
      EXPECT_NEAR(face.landmarks[i].x, window.x + test::mtcnn_landmarks()[i] * window.width, 0.1F);
      EXPECT_NEAR(face.landmarks[i].y, window.y + test::mtcnn_landmarks()[i + 5] * window.height, 0.1F);
    }
  }

  test::TemporaryFolder folder;
  test::TinyMtcnn models = test::write_mtcnn(folder.path());
  infer::Engine engine{{.threads = 1}};
  MtcnnSettings settings;
};

TEST_F(MtcnnTest, FindsFacesOnEveryLevelSortedLeftToRight) {
  Image image = test::plain(640, 480, test::black);
  const Box large = square_at(4, 6, 4);
  const Box small = square_at(110, 20, 1);
  const Box middle = square_at(40, 40, 2);
  for (const Box& square : {small, middle, large}) test::fill(image, square, test::red);
  const std::vector<Face> found = faces(image);
  ASSERT_EQ(found.size(), 3U);
  expect_face(found[0], large);
  expect_face(found[1], middle);
  expect_face(found[2], small);
}

TEST_F(MtcnnTest, GivesPixelsOfTheFullPhoto) {
  Image image = test::plain(3072, 2000, test::black);
  const Box square = scaled(square_at(16, 10, 4), 3);  // the picture is brought to 1024
  test::fill(image, square, test::red);
  const std::vector<Face> found = faces(image);
  ASSERT_EQ(found.size(), 1U);
  expect_face(found[0], square);
}

TEST_F(MtcnnTest, RunsInBatchesOfAnySize) {
  Image image = test::plain(640, 480, test::black);
  std::vector<Box> squares;
  for (const int column : {10, 30, 50, 70}) squares.push_back(square_at(column, 20, 2));
  for (const Box& square : squares) test::fill(image, square, test::red);
  for (const int batch : {1, 3, 64}) {
    settings.batch = batch;
    const std::vector<Face> found = faces(image);
    ASSERT_EQ(found.size(), squares.size());
    for (std::size_t i = 0; i < squares.size(); ++i) expect_face(found[i], squares[i]);
  }
}

TEST_F(MtcnnTest, KeepsToItsLimits) {
  Image image = test::plain(640, 480, test::black);
  for (const int column : {10, 30, 50, 70}) test::fill(image, square_at(column, 20, 2), test::red);
  settings.max_onet_windows = 2;
  EXPECT_EQ(faces(image).size(), 2U);
  settings.max_rnet_windows = 1;
  EXPECT_EQ(faces(image).size(), 1U);
  settings.max_level_windows = 1;
  EXPECT_LE(faces(image).size(), 1U);
}

TEST_F(MtcnnTest, FindsNothingWhereThereIsNothing) {
  EXPECT_TRUE(faces(test::plain(640, 480, test::grey)).empty());
  EXPECT_TRUE(faces(test::plain(1, 1, test::red)).empty());
  EXPECT_TRUE(faces(test::plain(5000, 1, test::red)).empty());
  EXPECT_TRUE(faces(test::plain(20, 20, test::grey)).empty());
  EXPECT_TRUE(faces(Image()).empty());
}

TEST_F(MtcnnTest, RefusesWrongFiles) {
  const auto error = [&](const std::filesystem::path& pnet, const std::filesystem::path& rnet,
                         const std::filesystem::path& onet) {
    const Result<std::unique_ptr<Detector>> detector = load_mtcnn(engine, pnet, rnet, onet);
    return detector ? ErrorCode::cancelled : detector.error().code;
  };
  EXPECT_EQ(error(models.pnet, models.rnet, models.onet), ErrorCode::cancelled);
  EXPECT_EQ(error(models.pnet, models.rnet, folder.path() / "nowhere.onnx"), ErrorCode::model_missing);
  EXPECT_EQ(error(models.pnet, test::write_garbage(folder.path()), models.onet), ErrorCode::model_damaged);
  EXPECT_EQ(error(test::write_foreign_model(folder.path()), models.rnet, models.onet),
            ErrorCode::model_mismatch);
  // The three in the wrong order.
  EXPECT_EQ(error(models.rnet, models.pnet, models.onet), ErrorCode::model_mismatch);
  EXPECT_EQ(error(models.pnet, models.onet, models.rnet), ErrorCode::model_mismatch);
}

TEST_F(MtcnnTest, RefusesSettingsThatMakeNoSense) {
  const auto refused = [&](auto change) {
    MtcnnSettings wrong;
    change(wrong);
    const Result<std::unique_ptr<Detector>> detector =
        load_mtcnn(engine, models.pnet, models.rnet, models.onet, wrong);
    return !detector && detector.error().code == ErrorCode::bad_argument;
  };
  EXPECT_TRUE(refused([](MtcnnSettings& s) { s.min_face = 0; }));
  EXPECT_TRUE(refused([](MtcnnSettings& s) { s.min_face = std::numeric_limits<float>::quiet_NaN(); }));
  EXPECT_TRUE(refused([](MtcnnSettings& s) { s.pyramid_factor = 1; }));
  EXPECT_TRUE(refused([](MtcnnSettings& s) { s.pyramid_factor = 0; }));
  EXPECT_TRUE(refused([](MtcnnSettings& s) { s.long_side = 0; }));
  EXPECT_TRUE(refused([](MtcnnSettings& s) { s.batch = 0; }));
  EXPECT_TRUE(refused([](MtcnnSettings& s) { s.max_rnet_windows = -1; }));
}

}  // namespace
}  // namespace kith::detect
