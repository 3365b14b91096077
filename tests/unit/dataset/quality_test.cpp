// SPDX-License-Identifier: Apache-2.0
#include "dataset/quality.h"

#include <limits>

#include <gtest/gtest.h>

namespace kith::dataset {
namespace {

class Shortcoming : public testing::Test {
 protected:
  Shortcoming() {
    face.box = {0, 0, 100, 120};
    face.score = 0.9F;
    face.quality = 0.5F;
    measures = {40, 10, 0.8F};
  }
  [[nodiscard]] std::optional<DropReason> reason() const {
    const std::optional<Drop> drop = shortcoming(face, measures, settings);
    return drop ? std::optional(drop->reason) : std::nullopt;
  }

  Face face;
  FaceMeasures measures;
  DatasetSettings settings;
};

TEST_F(Shortcoming, OfAGoodFaceIsNone) { EXPECT_EQ(reason(), std::nullopt); }

TEST_F(Shortcoming, IsMeasuredByTheShorterSideOfTheBox) {
  face.box = {0, 0, 30, 400};
  const std::optional<Drop> drop = shortcoming(face, measures, settings);
  ASSERT_TRUE(drop);
  EXPECT_EQ(drop->reason, DropReason::small);
  EXPECT_EQ(drop->measured, 30);
  EXPECT_EQ(drop->limit, settings.min_face);
}

TEST_F(Shortcoming, HasAReasonForEachMeasure) {
  face.score = 0.55F;
  EXPECT_EQ(reason(), DropReason::unsure);
  face.score = 0.9F;
  measures.sharpness = 1;
  EXPECT_EQ(reason(), DropReason::blurred);
  measures.sharpness = 10;
  measures.frontality = 0;
  EXPECT_EQ(reason(), DropReason::turned);
  measures.frontality = 0.8F;
  face.quality = 0.01F;
  EXPECT_EQ(reason(), DropReason::poor);
}

TEST_F(Shortcoming, OfTwoIsTheFirst) {
  face.box.width = 10;
  measures.sharpness = 0;
  EXPECT_EQ(reason(), DropReason::small);
}

TEST_F(Shortcoming, IsWhatIsNoNumber) {
  measures.sharpness = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(reason(), DropReason::blurred);
}

TEST_F(Shortcoming, ALimitThatIsReachedIsNone) {
  measures.sharpness = settings.min_sharpness;
  EXPECT_EQ(reason(), std::nullopt);
}

}  // namespace
}  // namespace kith::dataset
