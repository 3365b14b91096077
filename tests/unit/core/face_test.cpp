// SPDX-License-Identifier: Apache-2.0
#include <kith/face.h>

#include <cmath>
#include <limits>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <kith/image.h>
#include <kith/result.h>

namespace kith {
namespace {

TEST(Overlap, IsIntersectionOverUnion) {
  EXPECT_FLOAT_EQ(overlap({0, 0, 10, 10}, {0, 0, 10, 10}), 1);
  EXPECT_FLOAT_EQ(overlap({0, 0, 10, 10}, {5, 0, 10, 10}), 50.0F / 150);
  EXPECT_FLOAT_EQ(overlap({0, 0, 10, 10}, {2, 2, 5, 5}), 25.0F / 100);
}

TEST(Overlap, IsZeroForBoxesThatOnlyTouchOrAreEmpty) {
  EXPECT_EQ(overlap({0, 0, 10, 10}, {10, 0, 10, 10}), 0);
  EXPECT_EQ(overlap({0, 0, 10, 10}, {20, 20, 1, 1}), 0);
  EXPECT_EQ(overlap({0, 0, 0, 0}, {0, 0, 0, 0}), 0);
  EXPECT_EQ(overlap({5, 5, 0, 3}, {0, 0, 10, 10}), 0);
}

TEST(Overlap, IsSymmetricAndBounded) {
  std::mt19937 random(1);
  std::uniform_real_distribution<float> place(-50, 50);
  std::uniform_real_distribution<float> size(1, 80);
  for (int i = 0; i < 1000; ++i) {
    const Box a{place(random), place(random), size(random), size(random)};
    const Box b{place(random), place(random), size(random), size(random)};
    EXPECT_NEAR(overlap(a, b), overlap(b, a), 1e-6F);
    EXPECT_GE(overlap(a, b), 0);
    EXPECT_LE(overlap(a, b), 1 + 1e-5F);
  }
}

TEST(Scaled, MovesAndGrowsAboutTheOrigin) {
  const Box box = scaled(Box{2, 4, 6, 8}, 0.5F);
  EXPECT_FLOAT_EQ(box.x, 1);
  EXPECT_FLOAT_EQ(box.y, 2);
  EXPECT_FLOAT_EQ(box.width, 3);
  EXPECT_FLOAT_EQ(box.height, 4);
  Landmarks landmarks{};
  landmarks[3] = {10, 20};
  EXPECT_FLOAT_EQ(scaled(landmarks, 3)[3].x, 30);
  EXPECT_FLOAT_EQ(scaled(landmarks, 3)[3].y, 60);
}

TEST(Dot, AddsUpTheProductsOfVectorsOfAnyLength) {
  std::mt19937 random(1);
  std::normal_distribution<float> value;
  for (std::size_t length = 0; length <= 70; ++length) {
    std::vector<float> a(length);
    std::vector<float> b(length);
    double expected = 0;
    for (std::size_t i = 0; i < length; ++i) {
      a[i] = value(random);
      b[i] = value(random);
      expected += static_cast<double>(a[i]) * static_cast<double>(b[i]);
    }
    EXPECT_NEAR(dot(a, b), expected, 1e-5) << length;
  }
}

TEST(Normalise, GivesUnitLengthAndKeepsTheDirection) {
  std::vector<float> vector{3, 0, -4};
  normalise(vector);
  EXPECT_FLOAT_EQ(vector[0], 0.6F);
  EXPECT_FLOAT_EQ(vector[1], 0);
  EXPECT_FLOAT_EQ(vector[2], -0.8F);
  EXPECT_FLOAT_EQ(dot(vector, vector), 1);
}

TEST(Normalise, LeavesAZeroOrEmptyVectorAlone) {
  std::vector<float> zero(4, 0.0F);
  normalise(zero);
  EXPECT_EQ(zero, std::vector<float>(4, 0.0F));
  std::vector<float> empty;
  normalise(empty);
  EXPECT_TRUE(empty.empty());
}

TEST(ErrorCodeName, IsDistinctForEachCode) {
  std::set<std::string> names;
  for (int code = 0; code <= static_cast<int>(ErrorCode::internal); ++code) {
    const std::string name(error_code_name(static_cast<ErrorCode>(code)));
    EXPECT_FALSE(name.empty());
    EXPECT_EQ(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz-"), std::string::npos) << name;
    EXPECT_TRUE(names.insert(name).second) << name << " twice";
  }
  EXPECT_EQ(error_code_name(ErrorCode::not_found), "not-found");
  EXPECT_EQ(error_code_name(static_cast<ErrorCode>(1000)), "internal");
}

TEST(Image, CloneIsEqualAndApart) {
  Image image(3, 2);
  std::uint8_t value = 0;
  for (std::uint8_t& byte : image.bytes()) byte = value++;
  Image copy = image.clone();
  EXPECT_TRUE(std::ranges::equal(image.bytes(), copy.bytes()));
  copy.row(1)[0] = 200;
  EXPECT_EQ(image.row(1)[0], 9);
  EXPECT_TRUE(Image().clone().empty());
}

TEST(LargestFace, IsTheFirstOfTheLargestBox) {
  std::vector<Face> faces(3);
  faces[0].box = {0, 0, 30, 2};
  faces[1].box = faces[2].box = {50, 0, 10, 10};
  EXPECT_EQ(largest_face(faces), &faces[1]);
  EXPECT_EQ(largest_face({}), nullptr);
}

}  // namespace
}  // namespace kith
