// SPDX-License-Identifier: Apache-2.0
// The functions of include/kith/video.h as this stage does them. It is a shared library of its own
// (libkith_video.so), a part in the sense of ondemand/part.h.
#pragma once

#include <filesystem>
#include <memory>

#include <kith/video.h>

namespace kith::video {

[[nodiscard]] Result<std::unique_ptr<FrameSource>> open_video(const std::filesystem::path& file,
                                                              const VideoSettings& settings);

[[nodiscard]] Result<std::unique_ptr<FrameSource>> open_camera(int number, const VideoSettings& settings);

struct Part {
  static constexpr const char* name = "video";
  static constexpr const char* purpose = "read videos or cameras";
  decltype(&open_video) video;
  decltype(&open_camera) camera;
};

}  // namespace kith::video

// The one name that is looked up in the shared library.
extern "C" const void* kith_video_part();
