// SPDX-License-Identifier: Apache-2.0
// The frames of a video file or of a camera, as upright pictures, one after another.
//
// Reads MP4 and its kin (MOV, 3GP), AVI, Matroska and WebM, MPEG streams, FLV, Windows Media and Ogg. The
// content decides the format, never the file's name; playlists and streams of the network are not followed.
//
// All of this is in a library of its own (OpenCV's videoio, FFmpeg), which is loaded by the first call. A
// kith that is without it (built with KITH_VIDEO=OFF) answers with `unsupported_format`.
//
// Thread rule: a FrameSource is used by one thread at a time; different ones are independent.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include <kith/image.h>
#include <kith/result.h>

namespace kith {

struct VideoSettings {
  // Of a frame. An 8K frame has 33 million; above is a mistake or a bomb. Error: too_large.
  std::uint64_t max_pixels = 64'000'000;
  // Seconds from one frame that is given to the next, at least; 0: every frame. Five looks a second find a
  // moment at which a face is sharp.
  double every_seconds = 0.2;
  // The end, in seconds from the beginning; 0: the video's own. A camera has none.
  double max_seconds = 0;
  // No more frames than this are given: five and a half hours of the above.
  std::size_t max_frames = 100'000;
};

struct VideoInfo {
  std::string name;        // the file as it was given, or "camera 0"
  std::string format;      // "mp4", "avi", "matroska", "mpeg-ts", "mpeg", "flv", "asf", "ogg", "camera"
  int width = 0;           // of the upright frame, pixels
  int height = 0;          // of the upright frame, pixels
  int rotation = 0;        // degrees by which the stored frames were turned: 0, 90, 180, 270
  double seconds = 0;      // how long it says it is; 0: it does not say
  std::size_t frames = 0;  // how many next() will give, about; 0: it does not say
};

struct VideoFrame {
  Image picture;
  std::int64_t number = 0;  // among all frames of the video, from 0
  double seconds = 0;       // from the beginning, never falling
};

class FrameSource {
 public:
  virtual ~FrameSource() = default;

  [[nodiscard]] virtual const VideoInfo& info() const noexcept = 0;

  // The next frame; nothing at the end. After an error there is nothing more, and the frames given so far are
  // sound. Errors: truncated (the file ends well before the time it promises), damaged (no frame can be
  // decoded), too_large, unreadable (the camera fell silent), internal.
  [[nodiscard]] virtual Result<std::optional<VideoFrame>> next() = 0;
};

// Errors: not_found, unreadable, empty_file, unsupported_format, damaged, too_large.
[[nodiscard]] Result<std::unique_ptr<FrameSource>> open_video(const std::filesystem::path& file,
                                                              const VideoSettings& settings = {});

// The camera /dev/videoNUMBER. Its frames go on until max_seconds or max_frames. Errors: not_found (no such
// device), unreadable (no permission, or another program has it), too_large.
[[nodiscard]] Result<std::unique_ptr<FrameSource>> open_camera(int number,
                                                               const VideoSettings& settings = {});

}  // namespace kith
