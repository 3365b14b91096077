// SPDX-License-Identifier: Apache-2.0
// CenterFace's handling of levels and coordinates, on a tiny network to which a red square is a face.
#include "detect/centerface.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <kith/align.h>

#include "support/pictures.h"
#include "support/tiny_models.h"

namespace kith::detect {
namespace {

// The tiny network takes a corner of a square that is too large for it for a face, but is less sure of it.
constexpr float corner_score = 0.7F;
constexpr auto square = static_cast<float>(test::TinyCenterFace::square);

class CenterFaceTest : public testing::Test {
 protected:
  // The tiny network sees one size alone, so most tests want each level looked at.
  CenterFaceTest() { settings.middle_level = settings.main_level; }

  std::unique_ptr<Detector> load(const test::TinyCenterFace& description = {}) {
    Result<std::unique_ptr<Detector>> detector =
        load_centerface(engine, test::write_centerface(folder.path(), description), landmark_file, settings);
    EXPECT_TRUE(detector) << detector.error().message;
    return std::move(*detector);
  }

  static std::vector<Face> faces(const Detector& detector, const Image& image) {
    ImageView view(image);
    Result<std::vector<Face>> found = detector.detect(view);
    EXPECT_TRUE(found);
    return found ? std::move(*found) : std::vector<Face>();
  }

  // A face that is `enlargement` times what the network knows.
  static void draw(Image& image, Point centre, float enlargement, test::Colour colour = test::red) {
    const float side = square * enlargement;
    test::fill(image, {centre.x - side / 2, centre.y - side / 2, side, side}, colour);
  }

  // The network's cells are 4 px of a level's pixel apart; a square between two of them is seen by either.
  static void expect_at(const Face& face, Point centre, float box_side, float cell) {
    EXPECT_NEAR(face.box.centre().x, centre.x, cell);
    EXPECT_NEAR(face.box.centre().y, centre.y, cell);
    EXPECT_NEAR(face.box.width, box_side, 0.02F * box_side);
    EXPECT_NEAR(face.box.height, box_side, 0.02F * box_side);
  }

  test::TemporaryFolder folder;
  infer::Engine engine{{.threads = 1, .precision = infer::Precision::float32}};
  std::filesystem::path landmark_file;  // empty: no close look
  CenterFaceSettings settings;
};

TEST_F(CenterFaceTest, FindsAFaceInASmallPicture) {
  Image image = test::plain(300, 200, test::grey);
  draw(image, {130, 90}, 1);
  const std::vector<Face> found = faces(*load(), image);
  ASSERT_EQ(found.size(), 1U);
  expect_at(found[0], {130, 90}, 60, 4);
  EXPECT_GT(found[0].score, 0.5F);
  EXPECT_LE(found[0].score, 1);
  EXPECT_TRUE(found[0].embedding.empty());
}

TEST_F(CenterFaceTest, ScalesBackFromTheLevelThatSeesTheFace) {
  settings.min_score = corner_score;
  // 3 times too large for the main level, right for the portrait level of 320.
  Image portrait = test::plain(1600, 1200, test::grey);
  draw(portrait, {700, 500}, 5);
  std::vector<Face> found = faces(*load(), portrait);
  ASSERT_EQ(found.size(), 1U);
  expect_at(found[0], {700, 500}, 300, 20);

  // Right for the main level of 1000.
  Image group = test::plain(2000, 1000, test::grey);
  draw(group, {1500, 300}, 2);
  found = faces(*load(), group);
  ASSERT_EQ(found.size(), 1U);
  expect_at(found[0], {1500, 300}, 120, 8);
}

TEST_F(CenterFaceTest, MergesLevelsAndSortsLeftToRight) {
  settings.min_score = corner_score;
  Image image = test::plain(2000, 1500, test::grey);
  draw(image, {1600, 800}, 2);     // main level
  draw(image, {500, 600}, 6.25F);  // portrait level
  draw(image, {1100, 1300}, 2);    // main level
  const std::vector<Face> found = faces(*load(), image);
  ASSERT_EQ(found.size(), 3U);
  expect_at(found[0], {500, 600}, 375, 26);
  expect_at(found[1], {1100, 1300}, 120, 8);
  expect_at(found[2], {1600, 800}, 120, 8);
}

TEST_F(CenterFaceTest, AFaceThatTwoLevelsSeeIsOneFace) {
  settings.portrait_level = 400;
  settings.main_level = 610;
  Image image = test::plain(1000, 1000, test::grey);
  draw(image, {520, 480}, 2);  // 0.8 of what the network knows at the one level, 1.2 at the other
  const std::vector<Face> found = faces(*load(), image);
  ASSERT_EQ(found.size(), 1U);
}

TEST_F(CenterFaceTest, PaysForTheFineLevelOnlyWhereTheMainLevelShowsSmallFaces) {
  settings.min_score = corner_score;
  Image image = test::plain(2048, 1024, test::grey);
  draw(image, {1500, 300}, 1);  // only the group level of 2048 can see it
  EXPECT_TRUE(faces(*load({.box_side = 30}), image).empty());

  draw(image, {500, 600}, 2);  // the main level reports a box of 30 px: small
  const std::vector<Face> found = faces(*load({.box_side = 30}), image);
  ASSERT_EQ(found.size(), 2U);
  expect_at(found[0], {500, 600}, 30 * 2.048F, 8);
  expect_at(found[1], {1500, 300}, 30, 4);

  // The same, but the box that it reports is not small.
  EXPECT_EQ(faces(*load({.box_side = 60}), image).size(), 1U);
}

TEST_F(CenterFaceTest, JudgesWhatIsSmallAtTheMainLevelWhicheverLevelSawTheFace) {
  settings.min_score = corner_score;
  Image image = test::plain(2048, 1024, test::grey);
  draw(image, {1500, 300}, 1);    // only the group level of 2048 can see it
  draw(image, {500, 600}, 6.4F);  // the portrait level reports a box of 30 px, which is 94 at the main level
  std::vector<Face> found = faces(*load({.box_side = 30}), image);
  ASSERT_EQ(found.size(), 1U);
  expect_at(found[0], {500, 600}, 30 * 6.4F, 26);

  settings.small_face = 95;
  found = faces(*load({.box_side = 30}), image);
  EXPECT_EQ(found.size(), 2U);
}

TEST_F(CenterFaceTest, LooksOnceMoreForAFaceThatFillsTheFrame) {
  settings.min_score = corner_score;
  Image image = test::plain(1280, 960, test::grey);
  draw(image, {640, 480}, 10);  // 2.5 times too large for the portrait level, right for 128
  const std::vector<Face> found = faces(*load(), image);
  ASSERT_EQ(found.size(), 1U);
  expect_at(found[0], {640, 480}, 600, 40);

  // Smaller ones are the other levels' to see.
  EXPECT_TRUE(faces(*load({.box_side = 58}), image).empty());
}

TEST_F(CenterFaceTest, DoesNotPayForTheCloseUpBesideALargeFace) {
  settings.min_score = corner_score;
  Image image = test::plain(1280, 960, test::grey);
  draw(image, {900, 600}, 10);  // only the close-up can see it
  draw(image, {200, 200}, 4);   // the portrait level reports a box of more than a quarter of the frame
  const std::vector<Face> found = faces(*load({.box_side = 90}), image);
  ASSERT_EQ(found.size(), 1U);
  expect_at(found[0], {200, 200}, 360, 16);
}

TEST_F(CenterFaceTest, StopsAtALargeFaceWhereTheLargestIsWanted) {
  settings.min_score = corner_score;
  Image image = test::plain(1280, 960, test::grey);
  draw(image, {900, 600}, 1.28F);  // only the main level can see it
  const std::unique_ptr<Detector> detector = load({.box_side = 90});
  const auto largest = [&] {
    ImageView view(image);
    return detector->detect(view, Wanted::largest);
  };
  Result<std::vector<Face>> found = largest();
  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), 1U) << "there may be no larger one";
  expect_at(found->at(0), {900, 600}, 90 * 1.28F, 6);

  draw(image, {300, 300}, 4);  // the portrait level sees it at its best
  found = largest();
  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), 1U);
  expect_at(found->at(0), {300, 300}, 360, 16);
  EXPECT_EQ(faces(*detector, image).size(), 2U) << "where all are wanted";
}

TEST_F(CenterFaceTest, AGlanceAtASmallPhotoIsEnoughWhereItShowsEachFaceAtItsBest) {
  settings.min_score = corner_score;
  Image image = test::plain(384, 192, test::grey);
  draw(image, {100, 100}, 1.2F);  // only the portrait level can see it
  draw(image, {280, 100}, 2);     // only the glance can
  const std::unique_ptr<Detector> detector = load();
  const std::vector<Face> found = faces(*detector, image);
  ASSERT_EQ(found.size(), 1U);
  expect_at(found[0], {280, 100}, 120, 8);

  ImageView view(image);
  const Result<std::vector<Face>> largest = detector->detect(view, Wanted::largest);
  ASSERT_TRUE(largest);
  ASSERT_EQ(largest->size(), 1U) << "which is not glanced for";
  expect_at(largest->at(0), {100, 100}, 72, 5);
}

TEST_F(CenterFaceTest, AGlanceThatShowsAFaceTooSmallOrTooLargeCountsForNothing) {
  settings.min_score = corner_score;
  Image image = test::plain(384, 192, test::grey);
  draw(image, {100, 100}, 1.2F);  // only the portrait level can see it
  draw(image, {280, 100}, 2);     // only the glance can
  for (const float box_side : {59.0F, 201.0F}) {
    const std::vector<Face> found = faces(*load({.box_side = box_side}), image);
    ASSERT_EQ(found.size(), 1U) << box_side;
    expect_at(found[0], {100, 100}, box_side * 1.2F, 5);
  }
}

// A photo on which the portrait level sees one face, and another that the main level alone can see.
class MiddleLevelTest : public CenterFaceTest {
 protected:
  MiddleLevelTest() {
    settings.middle_level = 640;
    settings.min_score = 0.8F;
    settings.hint_score = corner_score;
    draw(image, {500, 600}, 2000.0F / 320);
    draw(image, {1500, 300}, 2);
  }

  std::size_t faces_found(float box_side = 60) { return faces(*load({.box_side = box_side}), image).size(); }

  // Where a square of the middle level's size is seen in full.
  static constexpr Point on_middle_cells{1006.25F, 206.25F};

  Image image = test::plain(2000, 1000, test::grey);
};

TEST_F(MiddleLevelTest, StandsInForTheMainLevelWhereAllIsSeenAtItsBest) {
  const std::vector<Face> found = faces(*load(), image);
  ASSERT_EQ(found.size(), 1U);
  expect_at(found[0], {500, 600}, 375, 26);

  draw(image, on_middle_cells, 2000.0F / 640);
  EXPECT_EQ(faces_found(), 2U) << "one of them at the middle level";
}

TEST_F(MiddleLevelTest, HandsOverToTheMainLevelWhereItHintsAtASmallFace) {
  constexpr test::Colour pale_red{192, 0, 0};
  draw(image, on_middle_cells, 2000.0F / 640, pale_red);
  EXPECT_EQ(faces_found(), 1U) << "a hint at a large face";
  settings.small_face = 61;
  EXPECT_EQ(faces_found(), 2U);
  settings.hint_score = 0.76F;
  EXPECT_EQ(faces_found(), 1U) << "too weak for a hint";
}

TEST_F(MiddleLevelTest, HandsOverToTheMainLevelWhatIsNotAtItsBest) {
  EXPECT_EQ(faces_found(59), 2U) << "seen at the portrait level alone, and there too small";
  draw(image, on_middle_cells, 2000.0F / 640);
  EXPECT_EQ(faces_found(59), 3U);
}

TEST_F(MiddleLevelTest, IsNotPaidForWhereItCannotBeEnough) {
  draw(image, on_middle_cells, 2000.0F / 640);  // which the middle level would see
  EXPECT_EQ(faces_found(29), 2U) << "too small for the middle level, too";
  EXPECT_EQ(faces_found(201), 2U) << "too large for the portrait level";
  image = test::plain(2000, 1000, test::grey);
  draw(image, {1500, 300}, 2);
  draw(image, on_middle_cells, 2000.0F / 640);
  EXPECT_EQ(faces_found(), 1U) << "the portrait level shows nothing";
}

TEST_F(MiddleLevelTest, LeavesFacesThatTouchToTheMainLevel) {
  draw(image, {500, 300}, 2000.0F / 320);  // boxes of 375 pixels, 300 apart, at the portrait level
  EXPECT_EQ(faces_found(), 3U);
  image = test::plain(2000, 1000, test::grey);
  draw(image, {1500, 300}, 2);
  draw(image, {500, 600}, 2000.0F / 320);
  draw(image, {693.75F, 368.75F}, 2000.0F / 640);  // not seen by the portrait level
  EXPECT_EQ(faces_found(), 3U);
}

TEST_F(CenterFaceTest, LeavesWhatIsTooLargeForALevelToTheCoarserOnes) {
  Image image = test::plain(2000, 1000, test::grey);
  draw(image, {1500, 300}, 2);  // right for the main level
  EXPECT_EQ(faces(*load({.box_side = 299}), image).size(), 1U);
  EXPECT_TRUE(faces(*load({.box_side = 302}), image).empty());
}

TEST_F(CenterFaceTest, SeesInPartsWhatItSeesInTheWhole) {
  settings.min_score = corner_score;
  Image image = test::plain(900, 600, test::grey);
  // On the lines between parts of 320, where these cross, beside them, and at the edges.
  for (const Point centre : {Point{320, 320}, {640, 100}, {100, 318}, {500, 480}, {860, 40}, {326, 560}})
    draw(image, centre, 1);
  const std::vector<Face> whole = faces(*load(), image);
  ASSERT_EQ(whole.size(), 6U);
  settings.part_side = 320;
  const std::vector<Face> in_parts = faces(*load(), image);
  ASSERT_EQ(in_parts.size(), whole.size());
  for (std::size_t i = 0; i < whole.size(); ++i)
    expect_at(in_parts[i], whole[i].box.centre(), whole[i].box.width, 0.01F);
}

TEST_F(CenterFaceTest, APartDoesNotTakeWhatItsEdgeCutsOff) {
  settings.portrait_level = 64;  // sees nothing of these
  settings.part_side = 320;
  settings.part_margin = 32;
  Image image = test::plain(640, 320, test::grey);
  draw(image, {316, 160}, 1);
  EXPECT_EQ(faces(*load({.box_side = 60}), image).size(), 1U);
  EXPECT_TRUE(faces(*load({.box_side = 100}), image).empty());  // said to reach over the parts' edges
}

// Places in units of the crop, which is the face's box lowered by a twentieth of its height.
constexpr Landmarks close_look{{{0.2F, 0.1F}, {0.8F, 0.1F}, {0.5F, 0.6F}, {0.3F, 0.9F}, {0.7F, 0.9F}}};

TEST_F(CenterFaceTest, TakesTheMeanOfItsOwnLandmarksAndTheCloseLooks) {
  Image image = test::plain(300, 200, test::grey);
  draw(image, {130, 90}, 1);
  landmark_file = test::write_landmark_net(folder.path(), close_look);
  const std::vector<Face> found = faces(*load(), image);
  ASSERT_EQ(found.size(), 1U);
  expect_at(found[0], {130, 90}, 60, 4);
  const Point corner{found[0].box.x, found[0].box.y};
  const Landmarks& landmarks = found[0].landmarks;
  EXPECT_NEAR(landmarks[0].x - corner.x, (0.3F + 0.2F) / 2 * 60, 0.6F);
  EXPECT_NEAR(landmarks[0].y - corner.y, (0.3F + 0.1F + 0.05F) / 2 * 60, 0.6F);
  EXPECT_NEAR(landmarks[4].x - corner.x, (0.65F + 0.7F) / 2 * 60, 0.6F);
  EXPECT_NEAR(landmarks[4].y - corner.y, (0.8F + 0.9F + 0.05F) / 2 * 60, 0.6F);
}

TEST_F(CenterFaceTest, TrustsTheCloseLookMoreWhereThePyramidShowsTheFaceSmall) {
  Image image = test::plain(300, 200, test::grey);
  draw(image, {130, 90}, 1);
  landmark_file = test::write_landmark_net(folder.path(), close_look);
  // Half of the best size: the detector's word weighs a quarter.
  const std::vector<Face> found = faces(*load({.box_side = 30}), image);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_NEAR(found[0].landmarks[1].x - found[0].box.x, (0.25F * 0.7F + 0.75F * 0.8F) * 30, 0.6F);
}

TEST_F(CenterFaceTest, KeepsItsOwnLandmarksWithoutALandmarkNetwork) {
  Image image = test::plain(300, 200, test::grey);
  draw(image, {130, 90}, 1);
  const std::vector<Face> found = faces(*load(), image);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_NEAR(found[0].landmarks[0].x, found[0].box.x + 0.3F * 60, 0.5F);
  EXPECT_NEAR(found[0].landmarks[4].x, found[0].box.x + 0.65F * 60, 0.5F);
  EXPECT_NEAR(found[0].landmarks[4].y, found[0].box.y + 0.8F * 60, 0.5F);
}

TEST_F(CenterFaceTest, RefusesALandmarkNetworkThatIsNone) {
  const auto detector =
      load_centerface(engine, test::write_centerface(folder.path(), {}), test::write_garbage(folder.path()));
  ASSERT_FALSE(detector);
  EXPECT_EQ(detector.error().code, ErrorCode::model_damaged);
}

TEST_F(CenterFaceTest, TakesTheBestFacesWhereThereAreMoreThanTheMost) {
  Image image = test::plain(300, 200, test::grey);
  const auto draw_face = [&](Point centre, test::Colour colour) {
    test::fill(image, {centre.x - square / 2, centre.y - square / 2, square, square}, colour);
  };
  draw_face({60, 60}, {230, 0, 0});
  draw_face({150, 140}, {200, 0, 0});  // the least red is the least sure
  draw_face({240, 60}, test::red);
  settings.max_faces = 3;
  EXPECT_EQ(faces(*load(), image).size(), 3U);
  settings.max_faces = 2;
  const std::vector<Face> found = faces(*load(), image);
  ASSERT_EQ(found.size(), 2U);
  expect_at(found[0], {60, 60}, 60, 4);
  expect_at(found[1], {240, 60}, 60, 4);
  settings.max_faces = 0;
  EXPECT_TRUE(faces(*load(), image).empty());
}

// A photo with red squares for faces that decodes at 1/8, 1/4, 1/2 or 1 of its size, as a JPEG does.
class ShrinkOnLoad final : public ImageSource {
 public:
  ShrinkOnLoad(int width, int height, std::vector<Box> squares)
      : width_(width), height_(height), squares_(std::move(squares)) {}

  [[nodiscard]] int width() const noexcept override { return width_; }
  [[nodiscard]] int height() const noexcept override { return height_; }
  [[nodiscard]] Result<const Image*> at_least(int min_long_side) override {
    asked_.push_back(min_long_side);
    if (finest_.empty() || finest_.long_side() < std::min(min_long_side, long_side())) paint(min_long_side);
    return &finest_;
  }
  [[nodiscard]] int decodes() const { return decodes_; }
  [[nodiscard]] const std::vector<int>& asked() const { return asked_; }

 private:
  void paint(int min_long_side) {
    ++decodes_;
    int shrink = 8;
    while (shrink > 1 && long_side() / shrink < min_long_side) shrink /= 2;
    finest_ = test::plain(width_ / shrink, height_ / shrink, test::grey);
    for (const Box& box : squares_)
      test::fill(finest_, scaled(box, 1 / static_cast<float>(shrink)), test::red);
  }

  int width_;
  int height_;
  std::vector<Box> squares_;
  Image finest_;
  int decodes_ = 0;
  std::vector<int> asked_;
};

Box square_at(Point centre, float side) { return {centre.x - side / 2, centre.y - side / 2, side, side}; }

// The pipeline's first look, detection, and the crops of all faces found.
void expect_at_most_two_decodes(const Detector& detector, ShrinkOnLoad& source, std::size_t faces) {
  ASSERT_TRUE(source.at_least(1000));
  const Result<std::vector<Face>> found = detector.detect(source);
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->size(), faces);
  EXPECT_LE(source.decodes(), 2);
  for (const Face& face : *found) EXPECT_TRUE(align(source, face.landmarks));
  EXPECT_LE(source.decodes(), 2) << "aligning needs no more pixels than detecting had";
}

TEST_F(CenterFaceTest, APhotoIsDecodedAtMostTwice) {
  settings.min_score = corner_score;
  ShrinkOnLoad one_size(4000, 2000, {square_at({800, 1000}, 144), square_at({2400, 600}, 144)});
  expect_at_most_two_decodes(*load(), one_size, 2);

  ShrinkOnLoad portrait_and_group(4000, 2000, {square_at({800, 1000}, 450), square_at({2400, 600}, 144)});
  expect_at_most_two_decodes(*load(), portrait_and_group, 2);

  // The main level's face is small, so the group level runs.
  const float fine = 36 / 2.048F * 4;
  ShrinkOnLoad small(4000, 2000, {square_at({800, 1000}, 144), square_at({2400, 600}, fine)});
  expect_at_most_two_decodes(*load({.box_side = 30}), small, 2);

  ShrinkOnLoad nobody(4000, 2000, {});
  expect_at_most_two_decodes(*load(), nobody, 0);
  EXPECT_EQ(nobody.decodes(), 1);
}

TEST_F(CenterFaceTest, AsksForTheSmallestFaceOnceAndForAllFacesTogether) {
  settings.min_score = corner_score;
  ShrinkOnLoad source(
      4000, 2000, {square_at({800, 1000}, 144), square_at({2400, 600}, 144), square_at({3200, 1400}, 450)});
  const Result<std::vector<Face>> found = load()->detect(source);
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->size(), 3U);
  // None fills a quarter of the frame, so the close-up is asked for, too. The main level's faces have 240 px
  // and want 112.
  const std::vector<int> expected{320, 1000, 128, static_cast<int>(std::ceil(4000.0F * 112 / 240))};
  EXPECT_EQ(source.asked(), expected);
}

TEST_F(CenterFaceTest, AsksForNoMorePixelsThanThePhotoHas) {
  settings.max_enlargement = 0;  // the group level would ask for more than the faces do
  ShrinkOnLoad source(1000, 500, {square_at({400, 250}, 36)});
  const Result<std::vector<Face>> found = load()->detect(source);
  ASSERT_TRUE(found) << found.error().message;
  ASSERT_EQ(found->size(), 1U);
  EXPECT_EQ(source.asked().back(), 1000);
}

TEST_F(CenterFaceTest, ReportsABoxThatReachesOverTheEdge) {
  Image image = test::plain(300, 200, test::grey);
  draw(image, {20, 100}, 1);
  const std::vector<Face> found = faces(*load(), image);
  ASSERT_EQ(found.size(), 1U);
  expect_at(found[0], {20, 100}, 60, 4);
  EXPECT_LT(found[0].box.x, 0);
}

TEST_F(CenterFaceTest, FindsNothingWhereThereIsNothing) {
  const std::unique_ptr<Detector> detector = load();
  EXPECT_TRUE(faces(*detector, test::plain(640, 480, test::grey)).empty());
  EXPECT_TRUE(faces(*detector, test::plain(1, 1, test::grey)).empty());
  EXPECT_TRUE(faces(*detector, test::plain(3000, 1, test::grey)).empty());
  EXPECT_TRUE(faces(*detector, Image()).empty());
}

TEST_F(CenterFaceTest, DropsBoxesThatAreNotFinite) {
  Image image = test::plain(300, 200, test::grey);
  draw(image, {130, 90}, 1);
  EXPECT_TRUE(faces(*load({.box_side = std::numeric_limits<float>::infinity()}), image).empty());
  EXPECT_TRUE(faces(*load({.box_side = 0}), image).empty());
  // Finite and absurd: any answer will do that is not a crash.
  const std::vector<Face> absurd = faces(*load({.box_side = 1e30F}), image);
  EXPECT_TRUE(std::ranges::all_of(absurd, [](const Face& face) { return std::isfinite(face.box.width); }));
}

TEST_F(CenterFaceTest, RefusesWrongFiles) {
  const auto error = [&](const std::filesystem::path& file) {
    const Result<std::unique_ptr<Detector>> detector = load_centerface(engine, file, {});
    return detector ? ErrorCode::cancelled : detector.error().code;
  };
  EXPECT_EQ(error(folder.path() / "nowhere.onnx"), ErrorCode::model_missing);
  EXPECT_EQ(error(test::write_garbage(folder.path())), ErrorCode::model_damaged);
  EXPECT_EQ(error(test::write_foreign_model(folder.path())), ErrorCode::model_mismatch);
  EXPECT_EQ(error(test::write_embedder(folder.path(), 112)), ErrorCode::model_mismatch);
}

TEST_F(CenterFaceTest, AModelWhoseMapsDoNotFitTogetherIsAnError) {
  const Result<std::unique_ptr<Detector>> detector =
      load_centerface(engine, test::write_uneven_centerface(folder.path()), {});
  ASSERT_TRUE(detector) << detector.error().message;
  const Image image = test::plain(64, 64, test::grey);
  ImageView view(image);
  const Result<std::vector<Face>> found = (*detector)->detect(view);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::internal);
}

}  // namespace
}  // namespace kith::detect
