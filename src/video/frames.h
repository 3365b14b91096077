// SPDX-License-Identifier: Apache-2.0
// Of all frames that a decoder or a camera gives, those that were asked for, with sound time stamps, up to
// the limits.
#pragma once

#include <memory>

#include <kith/video.h>

namespace kith::video {

// What decodes: OpenCV, or a test's own.
class Capture {
 public:
  virtual ~Capture() = default;
  // Goes on to the next frame; false at the end and where that fails.
  [[nodiscard]] virtual bool grab() = 0;
  // When that frame is shown, by the file or the clock, in seconds; not to be relied on.
  [[nodiscard]] virtual double seconds() = 0;
  // That frame, upright. Errors: too_large, damaged, internal.
  [[nodiscard]] virtual Result<Image> picture() = 0;
};

// What a capture says of itself.
struct CaptureFacts {
  VideoInfo info;                // but for `frames`
  double frames_per_second = 0;  // 0: it does not say
  // Whether it is over before it should be where its end comes before info.seconds.
  bool is_file = true;
};

// Errors: too_large (the frames, by their stated size).
[[nodiscard]] Result<std::unique_ptr<FrameSource>> sampled(std::unique_ptr<Capture> capture,
                                                           CaptureFacts facts, const VideoSettings& settings);

// Errors: too_large.
[[nodiscard]] Status check_size(const std::string& name, double width, double height,
                                std::uint64_t max_pixels);

}  // namespace kith::video
