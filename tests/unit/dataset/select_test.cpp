// SPDX-License-Identifier: Apache-2.0
#include "dataset/select.h"

#include <cmath>
#include <random>

#include <gtest/gtest.h>

#include "support/pictures.h"

namespace kith::dataset {
namespace {

// A face drawn at random, the same for the same seed.
Image drawn(unsigned seed, int side = 112) {
  std::mt19937 random(seed);
  Image picture = test::plain(side, side, test::grey);
  for (int i = 0; i < 12; ++i) {
    const auto part = [&](unsigned from, unsigned to) {
      return static_cast<float>(from + random() % (to - from)) * static_cast<float>(side) / 112;
    };
    const auto level = static_cast<std::uint8_t>(random() % 256);
    test::fill(picture, {part(0, 90), part(0, 90), part(10, 50), part(10, 50)}, {level, level, level});
  }
  return picture;
}

Image changed(Image picture, float contrast, float brightness, int noise) {
  std::mt19937 random(7);
  for (std::uint8_t& value : picture.bytes()) {
    const float moved = contrast * static_cast<float>(value) + brightness +
                        (noise > 0 ? static_cast<float>(random() % static_cast<unsigned>(noise)) : 0);
    value = static_cast<std::uint8_t>(std::clamp(moved, 0.0F, 255.0F));
  }
  return picture;
}

TEST(PictureSignature, HasMeanZeroAndUnitLength) {
  const Signature signature = picture_signature(drawn(1));
  EXPECT_EQ(signature.size(), 256U);
  float sum = 0;
  for (const float value : signature) sum += value;
  EXPECT_NEAR(sum, 0, 1e-3);
  EXPECT_NEAR(dot(signature, signature), 1, 1e-4);
}

TEST(PictureSignature, DoesNotMindBrightnessContrastAndNoise) {
  EXPECT_GT(dot(picture_signature(drawn(1)), picture_signature(changed(drawn(1), 0.7F, 20, 8))), 0.98F);
}

TEST(PictureSignature, DoesNotMindTheSize) {
  EXPECT_GT(dot(picture_signature(drawn(1, 112)), picture_signature(drawn(1, 224))), 0.99F);
}

TEST(PictureSignature, OfAnotherPictureIsAnother) {
  EXPECT_LT(dot(picture_signature(drawn(1)), picture_signature(drawn(2))), 0.7F);
}

TEST(PictureSignature, OfOneColourResemblesNothing) {
  const Signature plain = picture_signature(test::plain(112, 112, test::grey));
  EXPECT_EQ(dot(plain, plain), 0);
}

// Faces of one person in a space of two dimensions: their angle in degrees is their likeness.
class NearDuplicates : public testing::Test {
 protected:
  void add(float degrees, unsigned picture, float quality, bool present = false,
           std::optional<double> seconds = std::nullopt, std::size_t source = 0) {
    const float angle = degrees * 3.14159265F / 180;
    vectors.push_back({std::cos(angle), std::sin(angle)});
    signatures.push_back(picture_signature(drawn(picture)));
    sights.push_back(
        {nullptr, nullptr, quality, source == 0 ? sights.size() + 100 : source, seconds, present});
  }
  // Which of them go, and because of which.
  std::vector<std::pair<std::size_t, std::size_t>> found() {
    for (std::size_t i = 0; i < sights.size(); ++i) {
      sights[i].vector = &vectors[i];
      sights[i].signature = &signatures[i];
    }
    std::vector<std::pair<std::size_t, std::size_t>> result;
    const auto duplicates = near_duplicates(sights, settings);
    for (std::size_t i = 0; i < duplicates.size(); ++i) {
      if (duplicates[i]) result.emplace_back(i, duplicates[i]->of);
    }
    return result;
  }

  std::vector<Embedding> vectors;
  std::vector<Signature> signatures;
  std::vector<Sight> sights;
  DatasetSettings settings;
};

using Pairs = std::vector<std::pair<std::size_t, std::size_t>>;

TEST_F(NearDuplicates, GoAndTheBetterStays) {
  add(0, 1, 0.4F);
  add(5, 1, 0.6F);
  EXPECT_EQ(found(), (Pairs{{0, 1}}));
}

TEST_F(NearDuplicates, AreAlikeInVectorAndPixels) {
  add(0, 1, 0.5F);
  add(5, 2, 0.5F);   // another picture of the same person
  add(60, 1, 0.5F);  // the same pixels, as far as a signature tells, and another face
  EXPECT_EQ(found(), Pairs{});
}

TEST_F(NearDuplicates, OfEqualQualityTheFirstStays) {
  add(0, 1, 0.5F);
  add(0, 1, 0.5F);
  add(0, 1, 0.5F);
  EXPECT_EQ(found(), (Pairs{{1, 0}, {2, 0}}));
}

TEST_F(NearDuplicates, WhatIsPresentStaysHoweverBad) {
  add(0, 1, 0.9F);
  add(0, 1, 0.1F, true);
  add(0, 1, 0.2F, true);
  EXPECT_EQ(found(), (Pairs{{0, 2}}));
}

TEST_F(NearDuplicates, OfSeveralTheNearestIsNamed) {
  add(0, 1, 0.9F);
  add(40, 1, 0.8F);
  add(25, 1, 0.1F);
  EXPECT_EQ(found(), (Pairs{{2, 1}}));
}

TEST_F(NearDuplicates, NearInTimeAreThoseOfOneVideo) {
  add(0, 1, 0.5F, false, 3.0, 1);
  add(60, 2, 0.6F, false, 3.5, 1);
  add(60, 3, 0.6F, false, 3.5, 2);  // another video
  add(10, 4, 0.5F, false, 4.5, 1);  // a second later
  EXPECT_EQ(found(), (Pairs{{0, 1}}));
}

TEST_F(NearDuplicates, OfNobodyAreNone) { EXPECT_EQ(found(), Pairs{}); }

TEST_F(NearDuplicates, BeyondTheBestAreTheWorstThatAreNew) {
  add(0, 1, 0.9F);
  add(0, 1, 0.1F, true);
  add(0, 1, 0.5F);
  add(0, 1, 0.7F);
  EXPECT_EQ(beyond_the_best(sights, 2), (std::vector<std::size_t>{3, 2}));
  EXPECT_EQ(beyond_the_best(sights, 0), std::vector<std::size_t>{});
  EXPECT_EQ(beyond_the_best(sights, 4), std::vector<std::size_t>{});
}

Face face_at(float degrees, float side) {
  const float angle = degrees * 3.14159265F / 180;
  Face face;
  face.box = {0, 0, side, side};
  face.embedding = {std::cos(angle), std::sin(angle)};
  return face;
}

TEST(FacesOfOnePerson, AreTheLargestUnlessAnotherIsMoreLikeTheRest) {
  const Face anna = face_at(0, 50);
  const Face anna_again = face_at(5, 50);
  const Face anna_behind = face_at(2, 30);
  const Face stranger = face_at(90, 80);
  const Face small_stranger = face_at(120, 20);
  const std::vector<std::vector<const Face*>> photos{
      {&anna}, {&anna_again, &small_stranger}, {&stranger, &anna_behind}};
  EXPECT_EQ(faces_of_one_person(photos, {}, 0.2F), (std::vector<std::size_t>{0, 0, 1}));
}

TEST(FacesOfOnePerson, OnOnePhotoIsTheLargest) {
  const Face one = face_at(0, 30);
  const Face other = face_at(90, 80);
  const std::vector<std::vector<const Face*>> photos{{&one, &other}};
  EXPECT_EQ(faces_of_one_person(photos, {}, 0.2F), (std::vector<std::size_t>{1}));
  // Somebody known to be the person decides it.
  const Embedding known{1, 0};
  const std::vector<const Embedding*> vectors{&known};
  EXPECT_EQ(faces_of_one_person(photos, vectors, 0.2F), (std::vector<std::size_t>{0}));
}

TEST(FacesOfOnePerson, IsNoStrangerWhoIsMerelyLessUnlike) {
  const Face large = face_at(100, 80);
  const Face small = face_at(80, 30);  // a cosine of 0.17
  const Face anna = face_at(0, 50);
  const std::vector<std::vector<const Face*>> photos{{&anna}, {&large, &small}};
  EXPECT_EQ(faces_of_one_person(photos, {}, 0.2F), (std::vector<std::size_t>{0, 0}));
}

}  // namespace
}  // namespace kith::dataset
