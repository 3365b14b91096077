// SPDX-License-Identifier: Apache-2.0
#include "eval/detection.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace kith::eval {
namespace {

std::optional<double> precision_of(const std::vector<DetectionPhoto>& photos, float min_height) {
  return average_precision(match_detections(photos, min_height));
}

Face found(Box box, float score) {
  Face face;
  face.box = box;
  face.score = score;
  return face;
}

constexpr Box here{0, 0, 20, 20};
constexpr Box there{100, 0, 20, 20};
constexpr Box elsewhere{200, 0, 20, 20};

TEST(AveragePrecision, OfAHandComputedCase) {
  // Best first: right, wrong, right; one of three faces is missed. Precision 1 at recall 1/3, 2/3 at 2/3.
  const std::vector<DetectionPhoto> photos{
      {{{here}, {there}}, {found(here, 0.9F), found(elsewhere, 0.8F)}},
      {{{here}, {there}}, {found(there, 0.7F)}},
  };
  // Four faces: 1/4 at precision 1 and 1/4 at 2/3.
  EXPECT_NEAR(precision_of(photos, 0).value(), 0.25 + 0.25 * 2 / 3, 1e-12);
}

TEST(AveragePrecision, IsOneForAPerfectDetectorAndZeroForABlindOne) {
  EXPECT_EQ(precision_of(std::vector<DetectionPhoto>{{{{here}}, {found(here, 0.5F)}}}, 0), 1.0);
  EXPECT_EQ(precision_of(std::vector<DetectionPhoto>{{{{here}}, {}}}, 0), 0.0);
  EXPECT_EQ(precision_of(std::vector<DetectionPhoto>{{{}, {found(here, 0.5F)}}}, 0), std::nullopt)
      << "nothing to find";
}

TEST(AveragePrecision, NeedsHalfOfTheUnion) {
  const auto at = [](float shift) {
    return *precision_of(std::vector<DetectionPhoto>{{{{Box{0, 0, 30, 30}}}, {found({shift, 0, 30, 30}, 1)}}},
                         0);
  };
  EXPECT_DOUBLE_EQ(at(9), 1) << "21 of 39";
  EXPECT_DOUBLE_EQ(at(11), 0) << "19 of 41";
}

TEST(AveragePrecision, AFaceFoundTwiceIsFoundOnce) {
  const std::vector<DetectionPhoto> photos{
      {{{here}, {there}}, {found(here, 0.9F), found({1, 1, 20, 20}, 0.8F), found(there, 0.7F)}}};
  EXPECT_NEAR(precision_of(photos, 0).value(), 0.5 + 0.5 * 2 / 3, 1e-12);
}

TEST(AveragePrecision, IgnoredFacesCountNeitherWay) {
  const TrueFace ignored{there, true};
  const std::vector<DetectionPhoto> it_is_found{{{{here}, ignored}, {found(there, 0.9F), found(here, 0.8F)}}};
  EXPECT_EQ(precision_of(it_is_found, 0), 1.0);
  const std::vector<DetectionPhoto> it_is_missed{{{{here}, ignored}, {found(here, 0.8F)}}};
  EXPECT_EQ(precision_of(it_is_missed, 0), 1.0);
  const std::vector<DetectionPhoto> nobody_else{{{ignored}, {found(there, 0.9F)}}};
  EXPECT_EQ(precision_of(nobody_else, 0), std::nullopt) << "no face that counts";
}

TEST(AveragePrecision, SmallFacesCountNeitherWay) {
  const Box small{50, 50, 10, 10};
  const std::vector<DetectionPhoto> photos{
      {{{here}, {small}}, {found(small, 0.9F), found({80, 80, 10, 10}, 0.9F), found(here, 0.8F)}}};
  EXPECT_EQ(precision_of(photos, 15), 1.0);
  EXPECT_LT(precision_of(photos, 0), 1.0);
}

// ---- which, and how surely

TEST(MatchDetections, NamesWhatIsWrongAndWhatIsMissed) {
  const std::vector<DetectionPhoto> photos{{{{here}}, {found(here, 0.6F)}},
                                           {{{here}, {there}}, {found(elsewhere, 0.9F), found(there, 0.7F)}}};
  const DetectionMatches matches = match_detections(photos, 0);
  ASSERT_EQ(matches.found.size(), 3U);
  EXPECT_FALSE(matches.found[0].right);
  EXPECT_EQ(matches.found[0].photo, 1U);
  EXPECT_EQ(matches.found[0].face, 0U);
  EXPECT_TRUE(matches.found[1].right);
  EXPECT_EQ(matches.found[1].face, 1U);
  ASSERT_EQ(matches.missed.size(), 1U);
  EXPECT_EQ(matches.missed[0].photo, 1U);
  EXPECT_EQ(matches.missed[0].face, 0U);
  EXPECT_EQ(matches.faces, (std::vector<std::size_t>{1, 2}));
}

TEST(PrecisionRecallCurve, IsByHand) {
  const std::vector<DetectionPhoto> photos{
      {{{here}, {there}}, {found(here, 0.9F), found(elsewhere, 0.8F), found(there, 0.8F)}}};
  const PrecisionRecall curve = precision_recall(match_detections(photos, 0));
  EXPECT_EQ(curve.recall, (std::vector{0.5, 1.0})) << "equal scores count together";
  EXPECT_EQ(curve.precision, (std::vector{1.0, 2.0 / 3}));
  EXPECT_TRUE(precision_recall(match_detections(std::vector<DetectionPhoto>{}, 0)).recall.empty());
}

// Photos of two faces each; one in three photos lacks one, one in four has a false one.
std::vector<DetectionPhoto> photos_of(int count, float sure) {
  std::vector<DetectionPhoto> photos;
  for (int i = 0; i < count; ++i) {
    DetectionPhoto photo{{{here}, {there}}, {found(here, sure)}};
    if (i % 3 != 0) photo.found.push_back(found(there, 0.5F + 0.001F * static_cast<float>(i % 100)));
    if (i % 4 == 0) photo.found.push_back(found(elsewhere, 0.6F));
    photos.push_back(std::move(photo));
  }
  return photos;
}

TEST(AveragePrecision95, HoldsTheFigureNarrowsWithMorePhotosAndRepeats) {
  const DetectionMatches few = match_detections(photos_of(24, 0.9F), 0);
  const DetectionMatches many = match_detections(photos_of(2400, 0.9F), 0);
  const Interval wide = average_precision95(few);
  const Interval narrow = average_precision95(many);
  EXPECT_LT(wide.low, *average_precision(few));
  EXPECT_GT(wide.high, *average_precision(few));
  EXPECT_LT(narrow.high - narrow.low, (wide.high - wide.low) / 4);
  EXPECT_EQ(average_precision95(few).low, wide.low);
}

TEST(ComparePrecision, OfADetectorWithItselfIsNothing) {
  const DetectionMatches matches = match_detections(photos_of(60, 0.9F), 0);
  const auto same = compare_precision(matches, matches);
  ASSERT_TRUE(same);
  EXPECT_EQ(same->value, 0);
  EXPECT_EQ(same->interval.low, 0);
  EXPECT_EQ(same->interval.high, 0);
  // The other one finds no second face; far beyond chance.
  std::vector<DetectionPhoto> worse = photos_of(60, 0.9F);
  for (DetectionPhoto& photo : worse)
    std::erase_if(photo.found, [](const Face& face) { return face.box.x == there.x; });
  const auto better = compare_precision(matches, match_detections(worse, 0));
  ASSERT_TRUE(better);
  EXPECT_GT(better->interval.low, 0);
  EXPECT_GT(better->value, better->interval.low);
  EXPECT_LT(better->value, better->interval.high);
}

TEST(ComparePrecision, OfNoFacesIsNothingToCompare) {
  const DetectionMatches none = match_detections(std::vector<DetectionPhoto>{{{}, {found(here, 1)}}}, 0);
  EXPECT_FALSE(compare_precision(none, none));
}

}  // namespace
}  // namespace kith::eval
