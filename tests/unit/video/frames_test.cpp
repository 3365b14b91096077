// SPDX-License-Identifier: Apache-2.0
#include "video/frames.h"

#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

namespace kith::video {
namespace {

// Frames at these seconds; frame `broken` can't be decoded.
class FakeCapture final : public Capture {
 public:
  explicit FakeCapture(std::vector<double> seconds, std::size_t broken = 1000)
      : seconds_(std::move(seconds)), broken_(broken) {}
  [[nodiscard]] bool grab() override { return ++grabbed_ <= seconds_.size(); }
  [[nodiscard]] double seconds() override { return seconds_[grabbed_ - 1]; }
  [[nodiscard]] Result<Image> picture() override {
    if (grabbed_ - 1 == broken_) return fail(ErrorCode::damaged, "broken");
    return Image(4, 3);
  }

 private:
  std::vector<double> seconds_;
  std::size_t broken_;
  std::size_t grabbed_ = 0;
};

std::vector<double> evenly(int count, double step) {
  std::vector<double> result;
  for (int i = 0; i < count; ++i) result.push_back(i * step);
  return result;
}

class Frames : public testing::Test {
 protected:
  // The times of the frames that come; the error at the end, if any, in `error`.
  std::vector<double> times(std::vector<double> seconds, std::size_t broken = 1000) {
    auto frames = sampled(std::make_unique<FakeCapture>(std::move(seconds), broken), facts, settings);
    EXPECT_TRUE(frames);
    expected = (*frames)->info().frames;
    std::vector<double> result;
    numbers.clear();
    error.reset();
    while (true) {
      const auto frame = (*frames)->next();
      if (!frame) error = frame.error().code;
      if (!frame || !*frame) break;
      result.push_back((*frame)->seconds);
      numbers.push_back((*frame)->number);
    }
    // And nothing after the end.
    const auto after = (*frames)->next();
    EXPECT_TRUE(after && !*after);
    return result;
  }

  CaptureFacts facts{{.name = "film.avi", .format = "avi", .width = 4, .height = 3}, 10, true};
  VideoSettings settings{.every_seconds = 0};
  std::vector<std::int64_t> numbers;
  std::optional<ErrorCode> error;
  std::size_t expected = 0;
};

TEST_F(Frames, AreAllWhereNoStepIsAskedFor) {
  EXPECT_EQ(times(evenly(5, 0.1)), evenly(5, 0.1));
  EXPECT_EQ(numbers, (std::vector<std::int64_t>{0, 1, 2, 3, 4}));
  EXPECT_EQ(error, std::nullopt);
}

TEST_F(Frames, AreAStepApart) {
  settings.every_seconds = 0.3;
  EXPECT_EQ(times(evenly(10, 0.1)).size(), 4U);
  EXPECT_EQ(numbers, (std::vector<std::int64_t>{0, 3, 6, 9}));
}

TEST_F(Frames, KeepTheStepOnAverageWhereItIsNoMultiple) {
  settings.every_seconds = 0.25;  // ten frames a second
  EXPECT_NEAR(static_cast<double>(times(evenly(100, 0.1)).size()), 40, 1);
}

TEST_F(Frames, DoNotCatchUpAfterAGap) {
  settings.every_seconds = 1;
  times({0, 1, 60, 60.1, 60.2, 60.3, 60.4, 61});
  EXPECT_EQ(numbers, (std::vector<std::int64_t>{0, 1, 2, 7}));
}

TEST_F(Frames, EndWhereTheyShould) {
  settings.max_seconds = 0.35;
  EXPECT_EQ(times(evenly(10, 0.1)).size(), 4U);
  settings.max_seconds = 0;
  settings.max_frames = 2;
  EXPECT_EQ(times(evenly(10, 0.1)).size(), 2U);
}

TEST_F(Frames, OfNoGoodTimesFollowTheRate) {
  const double none = std::numeric_limits<double>::quiet_NaN();
  const std::vector<double> found = times({none, none, 0.5, 0.1, none});
  const std::vector<double> wanted{0, 0.1, 0.5, 0.6, 0.7};
  ASSERT_EQ(found.size(), wanted.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) EXPECT_NEAR(found[i], wanted[i], 1e-9);
}

TEST_F(Frames, ThatEndEarlyAreTruncated) {
  facts.info.seconds = 20;
  EXPECT_EQ(times(evenly(100, 0.1)).size(), 100U);
  EXPECT_EQ(error, ErrorCode::truncated);
  // The stated length is an estimate.
  facts.info.seconds = 10.9;
  times(evenly(100, 0.1));
  EXPECT_EQ(error, std::nullopt);
}

TEST_F(Frames, OfWhichNoneCanBeHadAreDamaged) {
  EXPECT_TRUE(times({}).empty());
  EXPECT_EQ(error, ErrorCode::damaged);
}

TEST_F(Frames, ComeUpToTheFirstThatIsBroken) {
  EXPECT_EQ(times(evenly(5, 0.1), 2).size(), 2U);
  EXPECT_EQ(error, ErrorCode::damaged);
}

TEST_F(Frames, OfACameraThatFallsSilentAreAnError) {
  facts.is_file = false;
  EXPECT_EQ(times(evenly(3, 0.1)).size(), 3U);
  EXPECT_EQ(error, ErrorCode::unreadable);
}

TEST_F(Frames, OfAbsurdSizeAreRefused) {
  facts.info.width = facts.info.height = 100'000;
  const auto refused = sampled(std::make_unique<FakeCapture>(evenly(1, 1)), facts, settings);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::too_large);
}

TEST_F(Frames, SayHowManyTheyWillBe) {
  facts.info.seconds = 10;
  settings.every_seconds = 0.5;
  times(evenly(100, 0.1));
  EXPECT_EQ(expected, 21U);
  facts.info.seconds = 0;
  times(evenly(100, 0.1));
  EXPECT_EQ(expected, 0U);
}

}  // namespace
}  // namespace kith::video
