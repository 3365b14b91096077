// SPDX-License-Identifier: Apache-2.0
// The video part: OpenCV's videoio and FFmpeg bring a hundred libraries into the process.
#include <kith/video.h>

#include <string>

#include "ondemand/part.h"
#include "video/part.h"

namespace kith {

Result<std::unique_ptr<FrameSource>> open_video(const std::filesystem::path& file,
                                                const VideoSettings& settings) {
  return ondemand::part<video::Part>(file.string()).and_then([&](const video::Part* one) {
    return one->video(file, settings);
  });
}

Result<std::unique_ptr<FrameSource>> open_camera(int number, const VideoSettings& settings) {
  return ondemand::part<video::Part>("camera " + std::to_string(number))
      .and_then([&](const video::Part* one) { return one->camera(number, settings); });
}

}  // namespace kith
