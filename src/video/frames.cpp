// SPDX-License-Identifier: Apache-2.0
#include "video/frames.h"

#include <algorithm>
#include <cmath>

#include "core/file_errors.h"

namespace kith::video {
namespace {

// A video's own word on its length is an estimate: from its bit rate, or of its sound. It was cut off where
// this part of it is missing, and at least a second.
constexpr double missing_part = 0.1;
constexpr double missing_seconds = 1;

std::size_t expected_frames(const CaptureFacts& facts, const VideoSettings& settings) {
  double seconds = facts.info.seconds;
  if (settings.max_seconds > 0) {
    seconds = seconds > 0 ? std::min(seconds, settings.max_seconds) : settings.max_seconds;
  }
  const double rate = facts.frames_per_second;
  const double step = std::max(settings.every_seconds, rate > 0 ? 1 / rate : 0);
  if (!(seconds > 0) || !(step > 0)) return 0;
  return static_cast<std::size_t>(std::min(seconds / step + 1, static_cast<double>(settings.max_frames)));
}

class Frames final : public FrameSource {
 public:
  Frames(std::unique_ptr<Capture> capture, CaptureFacts facts, const VideoSettings& settings)
      : capture_(std::move(capture)), facts_(std::move(facts)), settings_(settings) {
    facts_.info.frames = expected_frames(facts_, settings_);
  }

  [[nodiscard]] const VideoInfo& info() const noexcept override { return facts_.info; }

  [[nodiscard]] Result<std::optional<VideoFrame>> next() override {
    while (!over_) {
      if (given_ == settings_.max_frames) break;
      if (!capture_->grab()) return at_the_end();
      step_time();
      if (settings_.max_seconds > 0 && now_ >= settings_.max_seconds) break;
      if (now_ < due_) continue;
      Result<Image> picture = capture_->picture();
      if (!picture) {
        over_ = true;
        return tl::unexpected(std::move(picture.error()));
      }
      // From when this one was due, so that the mean distance is the one asked for; not before it, after a
      // gap.
      due_ = std::max(due_ + settings_.every_seconds, now_ + settings_.every_seconds / 2);
      ++given_;
      return VideoFrame{std::move(*picture), number_, now_};
    }
    over_ = true;
    return std::nullopt;
  }

 private:
  void step_time() {
    const double interval = facts_.frames_per_second > 0 ? 1 / facts_.frames_per_second : 0;
    const double said = capture_->seconds();
    const double before = now_;
    now_ = std::isfinite(said) && said >= before ? said : (number_ < 0 ? 0 : before + interval);
    ++number_;
  }

  Result<std::optional<VideoFrame>> at_the_end() {
    over_ = true;
    const std::string name = display_name(facts_.info.name);
    if (!facts_.is_file)
      return cannot_read(ErrorCode::unreadable, facts_.info.name, "it gives no more pictures",
                         "connect it again");
    if (number_ < 0)
      return cannot_read(ErrorCode::damaged, name, "no frame of it can be decoded",
                         "copy it again from its source");
    const double length = facts_.info.seconds;
    if (length - now_ > std::max(missing_seconds, length * missing_part)) {
      return cannot_read(ErrorCode::truncated, name,
                         "it ends after " + std::to_string(std::lround(now_)) + " of " +
                             std::to_string(std::lround(length)) + " seconds",
                         "what comes before is used; copy it again for the rest");
    }
    return std::nullopt;
  }

  std::unique_ptr<Capture> capture_;
  CaptureFacts facts_;
  VideoSettings settings_;
  std::int64_t number_ = -1;  // of the frame grabbed last
  double now_ = 0;            // its time
  double due_ = 0;            // when the next frame may be given
  std::size_t given_ = 0;
  bool over_ = false;
};

}  // namespace

Status check_size(const std::string& name, double width, double height, std::uint64_t max_pixels) {
  if (width * height <= static_cast<double>(max_pixels)) return {};
  return cannot_read(ErrorCode::too_large, name,
                     "its frames have " + std::to_string(std::lround(width)) + " x " +
                         std::to_string(std::lround(height)) + " pixels, the limit is " +
                         std::to_string(max_pixels),
                     "raise the limit if it is a genuine video");
}

Result<std::unique_ptr<FrameSource>> sampled(std::unique_ptr<Capture> capture, CaptureFacts facts,
                                             const VideoSettings& settings) {
  const Status fits = check_size(facts.info.name, facts.info.width, facts.info.height, settings.max_pixels);
  if (!fits) return tl::unexpected(fits.error());
  return std::make_unique<Frames>(std::move(capture), std::move(facts), settings);
}

}  // namespace kith::video
