// SPDX-License-Identifier: Apache-2.0
// Videos and cameras through OpenCV's videoio: FFmpeg for files, Video4Linux for cameras.
#include <chrono>
#include <filesystem>
#include <new>
#include <string>
#include <system_error>
#include <utility>

#include <opencv2/core/utils/logger.hpp>
#include <opencv2/imgproc.hpp>
#include <opencv2/videoio.hpp>

extern "C" {
#include <libavutil/log.h>
#include <libavutil/version.h>
}

#include "core/file_bytes.h"
#include "core/file_errors.h"
#include "video/container.h"
#include "video/frames.h"
#include "video/part.h"

namespace kith::video {
namespace {

// Both libraries write to standard error what they think of a file; kith says it itself.
void keep_quiet() {
  cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
  av_log_set_callback([](void*, int, const char*, va_list) {});
}

// Whatever OpenCV throws, as an error.
template <typename Work>
auto guarded(const std::string& name, Work work) -> decltype(work()) {
  try {
    return work();
  } catch (const std::bad_alloc&) {
    return cannot_read(ErrorCode::too_large, name, "there is not enough memory for a frame of it",
                       "close other programs");
  } catch (const cv::Exception& error) {
    if (error.code == cv::Error::StsNoMem) {
      return cannot_read(ErrorCode::too_large, name, "there is not enough memory for a frame of it",
                         "close other programs");
    }
    return cannot_read(ErrorCode::internal, name, error.what(), "please report this");
  }
}

// Clockwise degrees to turn stored frames by, 0..359. OpenCV would turn them itself, but before 4.7 it takes
// what FFmpeg 5 says, which counts the other way round, for its own.
int rotation_of(const cv::VideoCapture& capture) {
  constexpr bool counts_backwards =
      CV_VERSION_MAJOR == 4 && CV_VERSION_MINOR < 7 && LIBAVUTIL_VERSION_MAJOR >= 57;
  const int said = static_cast<int>(capture.get(cv::CAP_PROP_ORIENTATION_META));
  const int clockwise = counts_backwards ? -said : said;
  return (clockwise % 360 + 360) % 360;
}

cv::Mat turned(const cv::Mat& frame, int rotation) {
  cv::Mat result = frame;
  if (rotation == 90) cv::rotate(frame, result, cv::ROTATE_90_CLOCKWISE);
  if (rotation == 180) cv::rotate(frame, result, cv::ROTATE_180);
  if (rotation == 270) cv::rotate(frame, result, cv::ROTATE_90_COUNTERCLOCKWISE);
  return result;
}

class OpenCvCapture final : public Capture {
 public:
  OpenCvCapture(const cv::VideoCapture& capture, std::string name, int rotation, std::uint64_t max_pixels,
                bool live)
      : capture_(capture),  // a handle
        name_(std::move(name)),
        rotation_(rotation),
        max_pixels_(max_pixels),
        live_(live) {}

  [[nodiscard]] bool grab() override {
    try {
      return capture_.grab();
    } catch (const std::exception&) {
      return false;
    }
  }

  [[nodiscard]] double seconds() override {
    if (!live_) return capture_.get(cv::CAP_PROP_POS_MSEC) / 1000;
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

  [[nodiscard]] Result<Image> picture() override {
    return guarded(name_, [&]() -> Result<Image> {
      cv::Mat frame;
      if (!capture_.retrieve(frame) || frame.empty() || frame.type() != CV_8UC3)
        return cannot_read(ErrorCode::damaged, name_, "a frame cannot be decoded",
                           "copy it again from its source");
      // A stream may change its size half-way.
      if (Status fits = check_size(name_, frame.cols, frame.rows, max_pixels_); !fits)
        return tl::unexpected(fits.error());
      frame = turned(frame, rotation_);
      Image picture(frame.cols, frame.rows);
      cv::Mat rgb(frame.rows, frame.cols, CV_8UC3, picture.bytes().data(), picture.stride());
      cv::cvtColor(frame, rgb, cv::COLOR_BGR2RGB);
      return picture;
    });
  }

 private:
  cv::VideoCapture capture_;
  std::string name_;
  int rotation_;
  std::uint64_t max_pixels_;
  bool live_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

double positive(double value) { return std::isfinite(value) && value > 0 ? value : 0; }

CaptureFacts facts_of(const cv::VideoCapture& capture, std::string name, std::string_view format) {
  CaptureFacts facts;
  facts.info.name = std::move(name);
  facts.info.format = format;
  facts.info.width = static_cast<int>(capture.get(cv::CAP_PROP_FRAME_WIDTH));
  facts.info.height = static_cast<int>(capture.get(cv::CAP_PROP_FRAME_HEIGHT));
  // Absurd rates are those of time bases, not of frames.
  const double rate = positive(capture.get(cv::CAP_PROP_FPS));
  facts.frames_per_second = rate <= 1000 ? rate : 0;
  return facts;
}

Result<std::string_view> format_of(const std::filesystem::path& file, const std::string& name) {
  const Result<std::vector<std::uint8_t>> beginning = read_beginning(file, container_bytes);
  if (!beginning) return tl::unexpected(beginning.error());
  const std::string_view format = container_of(*beginning);
  if (!format.empty()) return format;
  return cannot_read(ErrorCode::unsupported_format, name, "it is no video file that kith knows",
                     "give MP4, MOV, AVI, Matroska, WebM, MPEG, FLV, WMV or Ogg");
}

}  // namespace

Result<std::unique_ptr<FrameSource>> open_video(const std::filesystem::path& file,
                                                const VideoSettings& settings) {
  const std::string name = display_name(file);
  const Result<std::string_view> format = format_of(file, name);
  if (!format) return tl::unexpected(format.error());
  keep_quiet();
  return guarded(name, [&]() -> Result<std::unique_ptr<FrameSource>> {
    // The absolute path: FFmpeg would take "a:b.mp4" for a protocol.
    cv::VideoCapture capture;
    if (!capture.open(std::filesystem::absolute(file).string(), cv::CAP_FFMPEG)) {
      return cannot_read(ErrorCode::damaged, name, "no video can be found in it",
                         "it may be cut off, or hold sound alone; copy it again from its source");
    }
    capture.set(cv::CAP_PROP_ORIENTATION_AUTO, 0);
    CaptureFacts facts = facts_of(capture, file.string(), *format);
    facts.info.rotation = rotation_of(capture);
    if (facts.info.rotation % 180 == 90) std::swap(facts.info.width, facts.info.height);
    if (facts.frames_per_second > 0)
      facts.info.seconds = positive(capture.get(cv::CAP_PROP_FRAME_COUNT)) / facts.frames_per_second;
    auto frames =
        std::make_unique<OpenCvCapture>(capture, name, facts.info.rotation, settings.max_pixels, false);
    return sampled(std::move(frames), std::move(facts), settings);
  });
}

Result<std::unique_ptr<FrameSource>> open_camera(int number, const VideoSettings& settings) {
  const std::string device = "/dev/video" + std::to_string(number);
  const std::string name = "camera " + std::to_string(number);
  std::error_code ignored;
  if (!std::filesystem::exists(device, ignored)) {
    return cannot_read(ErrorCode::not_found, name, "there is no device " + device,
                       "connect a camera, or give the number of another /dev/video*");
  }
  keep_quiet();
  return guarded(name, [&]() -> Result<std::unique_ptr<FrameSource>> {
    cv::VideoCapture capture;
    if (!capture.open(number, cv::CAP_V4L2)) {
      return cannot_read(
          ErrorCode::unreadable, name, device + " cannot be opened as a camera",
          "close other programs that use it, or give yourself the right to read it (group video)");
    }
    CaptureFacts facts = facts_of(capture, name, "camera");
    facts.is_file = false;
    auto frames = std::make_unique<OpenCvCapture>(capture, name, 0, settings.max_pixels, true);
    return sampled(std::move(frames), std::move(facts), settings);
  });
}

}  // namespace kith::video
