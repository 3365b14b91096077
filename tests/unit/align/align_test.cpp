// SPDX-License-Identifier: Apache-2.0
#include <kith/align.h>

#include <array>
#include <cmath>
#include <limits>
#include <numbers>
#include <random>

#include <gtest/gtest.h>

#include "support/pictures.h"

namespace kith {
namespace {

Landmarks moved(const Landmarks& points, const Similarity& by) {
  Landmarks result = points;
  for (Point& point : result) point = by(point);
  return result;
}

Similarity similarity(float scale, float angle, Point shift) {
  return {scale * std::cos(angle), scale * std::sin(angle), shift.x, shift.y};
}

constexpr std::array<test::Colour, 5> dot_colours{
    {{255, 0, 0}, {0, 255, 0}, {0, 0, 255}, {255, 255, 0}, {0, 255, 255}}};

// Discs of these radii around the landmarks, on black.
Image picture_with_dots(int width, int height, const Landmarks& landmarks, float radius) {
  Image image = test::plain(width, height, test::black);
  for (std::size_t i = 0; i < landmarks.size(); ++i) {
    const auto [cx, cy] = landmarks[i];
    const auto first = [](float value) { return std::max(0, static_cast<int>(value)); };
    for (int y = first(cy - radius); y < std::min(height, static_cast<int>(cy + radius) + 2); ++y) {
      for (int x = first(cx - radius); x < std::min(width, static_cast<int>(cx + radius) + 2); ++x) {
        if (std::hypot(static_cast<float>(x) - cx, static_cast<float>(y) - cy) > radius) continue;
        std::ranges::copy(dot_colours[i], image.row(y) + x * 3);
      }
    }
  }
  return image;
}

// The centre of mass of what has this hue, by brightness; weight 0 where nothing has.
struct Dot {
  Point centre;
  float weight = 0;
};
Dot find_dot(const Image& crop, const test::Colour& colour) {
  Dot dot;
  for (int y = 0; y < crop.height(); ++y) {
    for (int x = 0; x < crop.width(); ++x) {
      const test::Colour pixel = test::at(crop, x, y);
      float likeness = 1;
      float strength = 0;
      for (std::size_t c = 0; c < 3; ++c) strength = std::max(strength, static_cast<float>(pixel[c]) / 255);
      for (std::size_t c = 0; c < 3; ++c) {
        const float expected = strength * static_cast<float>(colour[c]) / 255;
        likeness -= std::abs(static_cast<float>(pixel[c]) / 255 - expected) / std::max(strength, 0.01F);
      }
      if (likeness < 0.8F) continue;
      dot.centre.x += strength * static_cast<float>(x);
      dot.centre.y += strength * static_cast<float>(y);
      dot.weight += strength;
    }
  }
  if (dot.weight > 0) dot.centre = {dot.centre.x / dot.weight, dot.centre.y / dot.weight};
  return dot;
}

TEST(FitSimilarity, RecoversAnySimilarity) {
  std::mt19937 random(42);
  std::uniform_real_distribution<float> place(-1000, 1000);
  std::uniform_real_distribution<float> angle(-std::numbers::pi_v<float>, std::numbers::pi_v<float>);
  std::uniform_real_distribution<float> log_scale(-4, 4);
  const Landmarks& points = AlignTemplate{}.landmarks;
  for (int i = 0; i < 1000; ++i) {
    const float scale = std::exp(log_scale(random));
    const Similarity expected = similarity(scale, angle(random), {place(random), place(random)});
    const Similarity actual = fit_similarity(points, moved(points, expected));
    EXPECT_NEAR(actual.a, expected.a, 1e-3F * scale);
    EXPECT_NEAR(actual.b, expected.b, 1e-3F * scale);
    EXPECT_NEAR(actual.tx, expected.tx, 0.1F * scale + 0.01F);
    EXPECT_NEAR(actual.ty, expected.ty, 0.1F * scale + 0.01F);
  }
}

TEST(FitSimilarity, IsTheBestForNoisyPoints) {
  std::mt19937 random(43);
  std::normal_distribution<float> noise(0, 3);
  const Landmarks& points = AlignTemplate{}.landmarks;
  Landmarks noisy = moved(points, similarity(2, 0.5F, {10, 20}));
  for (Point& point : noisy) point = {point.x + noise(random), point.y + noise(random)};
  const auto error = [&](const Similarity& s) {
    float sum = 0;
    for (std::size_t i = 0; i < points.size(); ++i) {
      const Point p = s(points[i]);
      sum += (p.x - noisy[i].x) * (p.x - noisy[i].x) + (p.y - noisy[i].y) * (p.y - noisy[i].y);
    }
    return sum;
  };
  const Similarity best = fit_similarity(points, noisy);
  for (const float step : {-0.02F, 0.02F}) {
    EXPECT_LT(error(best), error({best.a + step, best.b, best.tx, best.ty}));
    EXPECT_LT(error(best), error({best.a, best.b + step, best.tx, best.ty}));
    EXPECT_LT(error(best), error({best.a, best.b, best.tx + 50 * step, best.ty}));
    EXPECT_LT(error(best), error({best.a, best.b, best.tx, best.ty + 50 * step}));
  }
}

TEST(FitSimilarity, GivesScaleZeroForOnePoint) {
  Landmarks same;
  same.fill({5, 5});
  const Similarity fitted = fit_similarity(same, AlignTemplate{}.landmarks);
  EXPECT_EQ(fitted.a, 0);
  EXPECT_EQ(fitted.b, 0);
  EXPECT_TRUE(std::isfinite(fitted.tx));
}

TEST(Align, PutsLandmarksOnTheTemplateAtAnyPose) {
  std::mt19937 random(44);
  std::uniform_real_distribution<float> angle(-std::numbers::pi_v<float>, std::numbers::pi_v<float>);
  const AlignTemplate target;
  for (const float enlargement : {0.7F, 1.0F, 1.5F, 2.0F, 2.7F, 4.0F, 8.0F}) {
    for (int i = 0; i < 4; ++i) {
      const int side = static_cast<int>(240 * enlargement);
      Similarity pose = similarity(enlargement, angle(random), {0, 0});
      const Point middle = pose({56, 56});
      pose.tx = static_cast<float>(side) / 2 - middle.x;
      pose.ty = static_cast<float>(side) / 2 - middle.y;
      const Landmarks landmarks = moved(target.landmarks, pose);
      const Image image = picture_with_dots(side, side, landmarks, 4 * enlargement);
      ImageView view(image);
      const Result<Image> crop = align(view, landmarks);
      ASSERT_TRUE(crop);
      ASSERT_EQ(crop->width(), target.width);
      for (std::size_t dot = 0; dot < dot_colours.size(); ++dot) {
        const Dot found = find_dot(*crop, dot_colours[dot]);
        ASSERT_GT(found.weight, 20) << "dot " << dot << " at enlargement " << enlargement;
        EXPECT_NEAR(found.centre.x, target.landmarks[dot].x, 0.6F) << "dot " << dot << " at " << enlargement;
        EXPECT_NEAR(found.centre.y, target.landmarks[dot].y, 0.6F) << "dot " << dot << " at " << enlargement;
      }
    }
  }
}

TEST(Align, AveragesWhatIsTooFine) {
  // A checkerboard of single pixels, shrunk 8 times, is grey; sampled without averaging it is noise.
  Image image(1200, 1200);
  for (int y = 0; y < image.height(); ++y) {
    for (int x = 0; x < image.width(); ++x) {
      const std::uint8_t value = (x + y) % 2 == 0 ? 0 : 255;
      std::ranges::fill_n(image.row(y) + x * 3, 3, value);
    }
  }
  ImageView view(image);
  const Result<Image> crop = align(view, moved(AlignTemplate{}.landmarks, similarity(8, 0.3F, {300, 100})));
  ASSERT_TRUE(crop);
  for (const int at : {40, 56, 70}) EXPECT_NEAR(test::at(*crop, at, at)[0], 127, 12);
}

TEST(Align, IsBlackOutsideThePhoto) {
  const AlignTemplate target;
  const Image image = test::plain(200, 200, test::grey);
  ImageView view(image);
  // The crop's left half lies left of the photo.
  const Result<Image> crop = align(view, moved(target.landmarks, similarity(1, 0, {-56, 20})));
  ASSERT_TRUE(crop);
  EXPECT_EQ(test::at(*crop, 10, 56), test::black);
  EXPECT_EQ(test::at(*crop, 50, 56), test::black);
  EXPECT_EQ(test::at(*crop, 60, 56), test::grey);
  EXPECT_EQ(test::at(*crop, 111, 111), test::grey);

  for (const Point shift : {Point{5000, 0}, Point{-5000, -5000}, Point{1e7F, 1e7F}}) {
    const Result<Image> outside = align(view, moved(target.landmarks, similarity(1, 0, shift)));
    ASSERT_TRUE(outside);
    EXPECT_EQ(test::at(*outside, 56, 56), test::black);
  }
}

TEST(Align, KeepsADotInPlaceWhereTheFaceIsCutByTheEdge) {
  const AlignTemplate target;
  for (const float enlargement : {1.0F, 3.0F}) {
    // Left eye and left mouth corner are outside.
    const Landmarks landmarks = moved(target.landmarks, similarity(enlargement, 0, {-46 * enlargement, 10}));
    const Image image = picture_with_dots(300, 400, landmarks, 3.5F * enlargement);
    ImageView view(image);
    const Result<Image> crop = align(view, landmarks);
    ASSERT_TRUE(crop);
    for (const std::size_t dot : {1U, 4U}) {
      const Dot found = find_dot(*crop, dot_colours[dot]);
      ASSERT_GT(found.weight, 10);
      EXPECT_NEAR(found.centre.x, target.landmarks[dot].x, 0.6F);
      EXPECT_NEAR(found.centre.y, target.landmarks[dot].y, 0.6F);
    }
  }
}

TEST(Align, RefusesLandmarksThatSpanNoFace) {
  const Image image = test::plain(200, 200, test::grey);
  ImageView view(image);
  const auto error = [&](const Landmarks& landmarks) {
    const Result<Image> crop = align(view, landmarks);
    return crop ? ErrorCode::internal : crop.error().code;
  };
  Landmarks same;
  same.fill({50, 50});
  EXPECT_EQ(error(same), ErrorCode::bad_argument);
  const float infinity = std::numeric_limits<float>::infinity();
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float huge = std::numeric_limits<float>::max();
  for (const float bad : {infinity, -infinity, nan, huge, -huge}) {
    for (std::size_t i = 0; i < 5; ++i) {
      Landmarks landmarks = AlignTemplate{}.landmarks;
      landmarks[i].x = bad;
      EXPECT_EQ(error(landmarks), ErrorCode::bad_argument) << bad;
      landmarks = AlignTemplate{}.landmarks;
      landmarks[i].y = bad;
      EXPECT_EQ(error(landmarks), ErrorCode::bad_argument) << bad;
    }
    Landmarks all;
    all.fill({bad, bad});
    EXPECT_EQ(error(all), ErrorCode::bad_argument) << bad;
  }
}

TEST(Align, SurvivesExtremeScales) {
  const Image image = test::plain(50, 40, test::grey);
  ImageView view(image);
  for (const float scale : {1e-5F, 1e-3F, 0.01F, 100.0F, 1e4F, 1e5F}) {
    const Result<Image> crop = align(view, moved(AlignTemplate{}.landmarks, similarity(scale, 1, {20, 20})));
    EXPECT_TRUE(!crop || crop->width() == 112) << scale;
    if (scale > 1e-4F && scale < 1e3F) {
      EXPECT_TRUE(crop) << scale;
    }
  }
  const Image one = test::plain(1, 1, test::grey);
  ImageView tiny(one);
  EXPECT_TRUE(align(tiny, AlignTemplate{}.landmarks));
}

// ---- thumbnails

TEST(ThumbnailBox, IsASquareAboutTheFacesCentre) {
  const Box wide = thumbnail_box({100, 200, 50, 30});
  EXPECT_FLOAT_EQ(wide.width, 90);
  EXPECT_FLOAT_EQ(wide.height, 90);
  EXPECT_FLOAT_EQ(wide.centre().x, 125);
  EXPECT_FLOAT_EQ(wide.centre().y, 215);
  EXPECT_FLOAT_EQ(thumbnail_box({0, 0, 10, 20}).width, 36) << "reaches over the edge";
  EXPECT_FLOAT_EQ(thumbnail_box({0, 0, 10, 20}).x, -13);
}

TEST(Thumbnail, PlacesAFaceOnIt) {
  Face face;
  face.score = 0.5F;
  face.box = {100, 200, 50, 30};
  face.landmarks.fill({125, 215});
  const Face placed = in_thumbnail(face, 180);  // twice the size: the square has a side of 90
  EXPECT_FLOAT_EQ(placed.box.x, 40);
  EXPECT_FLOAT_EQ(placed.box.y, 60);
  EXPECT_FLOAT_EQ(placed.box.width, 100);
  EXPECT_FLOAT_EQ(placed.box.height, 60);
  for (const Point& point : placed.landmarks) {
    EXPECT_FLOAT_EQ(point.x, 90);
    EXPECT_FLOAT_EQ(point.y, 90);
  }
  EXPECT_FLOAT_EQ(placed.score, 0.5F);
}

// What was asked for of a photo of 400 x 300; gives a picture of half of that where it may.
class CountingSource final : public ImageSource {
 public:
  CountingSource() {
    test::fill(full_, {100, 100, 50, 50}, test::red);
    test::fill(half_, {50, 50, 25, 25}, test::red);
  }
  [[nodiscard]] int width() const noexcept override { return full_.width(); }
  [[nodiscard]] int height() const noexcept override { return full_.height(); }
  [[nodiscard]] Result<const Image*> at_least(int min_long_side) override {
    asked = min_long_side;
    return min_long_side <= half_.width() ? &half_ : &full_;
  }
  int asked = 0;

 private:
  Image full_ = test::plain(400, 300, test::black);
  Image half_ = test::plain(200, 150, test::black);
};

// The red square is the face, 50 of 90 pixels.
void expect_square(const Image& thumbnail, int side) {
  ASSERT_EQ(thumbnail.width(), side);
  ASSERT_EQ(thumbnail.height(), side);
  int red = 0;
  for (int x = 0; x < side; ++x) red += test::at(thumbnail, x, side / 2)[0];
  EXPECT_NEAR(red / 255.0, side * 50 / 90.0, 0.35) << side;
  for (const int margin : {1, 2}) {
    const int edge = side * 20 / 90;
    EXPECT_EQ(test::at(thumbnail, edge - 1 - margin, side / 2), test::black) << side;
    EXPECT_EQ(test::at(thumbnail, edge + 1 + margin, side / 2), test::red) << side;
    EXPECT_EQ(test::at(thumbnail, side - 1 - (edge - 1 - margin), side / 2), test::black) << side;
    EXPECT_EQ(test::at(thumbnail, side - 1 - (edge + 1 + margin), side / 2), test::red) << side;
  }
}

TEST(Thumbnail, ShowsTheFaceInItsMiddleWhateverTheScale) {
  CountingSource source;
  for (const int side : {30, 45, 64, 90, 180}) {
    const Result<Image> made = thumbnail(source, {100, 100, 50, 50}, side);
    ASSERT_TRUE(made) << made.error().message;
    expect_square(*made, side);
  }
}

TEST(Thumbnail, AsksForPixelsAsFineAsItsOwnAndNoFiner) {
  CountingSource source;
  ASSERT_TRUE(thumbnail(source, {100, 100, 50, 50}, 45));
  EXPECT_EQ(source.asked, 200);
  ASSERT_TRUE(thumbnail(source, {100, 100, 50, 50}, 500));
  EXPECT_EQ(source.asked, 400) << "there are no more";
}

TEST(Thumbnail, IsGreyOutsideOfThePhoto) {
  const Image photo = test::plain(100, 100, test::red);
  ImageView source(photo);
  const Image corner = thumbnail(source, {-20, -20, 40, 40}, 72).value();
  EXPECT_EQ(test::at(corner, 5, 5), test::grey);
  EXPECT_EQ(test::at(corner, 60, 5), test::grey);
  EXPECT_EQ(test::at(corner, 60, 60), test::red);
  EXPECT_EQ(test::at(thumbnail(source, {500, 500, 40, 40}, 72).value(), 36, 36), test::grey);
}

TEST(Thumbnail, RefusesABoxThatIsNone) {
  const Image photo = test::plain(100, 100, test::red);
  ImageView source(photo);
  constexpr float nan = std::numeric_limits<float>::quiet_NaN();
  constexpr float infinity = std::numeric_limits<float>::infinity();
  for (const Box& box : {Box{10, 10, 0, 0}, Box{10, 10, -5, -5}, Box{nan, 10, 5, 5}, Box{10, 10, nan, nan},
                         Box{10, 10, infinity, 5}}) {
    const Result<Image> made = thumbnail(source, box, 32);
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code, ErrorCode::bad_argument);
  }
  EXPECT_TRUE(thumbnail(source, {-1e9F, -1e9F, 2e9F, 2e9F}, 32)) << "however large";
  EXPECT_TRUE(thumbnail(source, {50, 50, 1e-6F, 1e-6F}, 32)) << "however small";
}

}  // namespace
}  // namespace kith
