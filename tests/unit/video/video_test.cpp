// SPDX-License-Identifier: Apache-2.0
// Real files through OpenCV and FFmpeg: videos that these tests draw, and what is no video.
#include <kith/video.h>

#include <fstream>
#include <string>

#include <gtest/gtest.h>
#include <opencv2/imgproc.hpp>
#include <opencv2/videoio.hpp>

#include "support/files.h"
#include "support/pictures.h"
#include "support/temporary_folder.h"

namespace kith {
namespace {

namespace fs = std::filesystem;
using test::content_of;

constexpr int width = 96;
constexpr int height = 64;
constexpr double rate = 10;

// The upper left quarter is red, the rest as bright as the frame's number times 5.
void write_video(const fs::path& file, const char* codec, int frames) {
  cv::VideoWriter writer(file.string(), cv::CAP_FFMPEG,
                         cv::VideoWriter::fourcc(codec[0], codec[1], codec[2], codec[3]), rate,
                         {width, height});
  ASSERT_TRUE(writer.isOpened());
  for (int i = 0; i < frames; ++i) {
    cv::Mat frame(height, width, CV_8UC3, cv::Scalar::all(i * 5));
    frame(cv::Rect(0, 0, width / 2, height / 2)).setTo(cv::Scalar(0, 0, 255));
    writer.write(frame);
  }
}

void write(const fs::path& file, const std::string& bytes) { std::ofstream(file, std::ios::binary) << bytes; }

struct Read {
  std::vector<VideoFrame> frames;
  std::optional<Error> error;  // at the end, or of opening
  VideoInfo info;
};

Read read(const fs::path& file, const VideoSettings& settings = {.every_seconds = 0}) {
  Read result;
  Result<std::unique_ptr<FrameSource>> video = open_video(file, settings);
  if (!video) {
    result.error = video.error();
    return result;
  }
  result.info = (*video)->info();
  while (true) {
    Result<std::optional<VideoFrame>> frame = (*video)->next();
    if (!frame) result.error = frame.error();
    if (!frame || !*frame) return result;
    result.frames.push_back(std::move(**frame));
  }
}

bool is_red(const Image& image, int x, int y) {
  const test::Colour colour = test::at(image, x, y);
  return colour[0] > 200 && colour[1] < 80 && colour[2] < 80;
}

class VideoFile : public testing::Test {
 protected:
  test::TemporaryFolder folder;
};

TEST_F(VideoFile, GivesItsFramesWithTheirTimes) {
  const fs::path file = folder / "film.avi";
  write_video(file, "MJPG", 20);
  const Read found = read(file);
  ASSERT_FALSE(found.error) << found.error->message;
  ASSERT_EQ(found.frames.size(), 20U);
  EXPECT_EQ(found.info.format, "avi");
  EXPECT_EQ(found.info.width, width);
  EXPECT_EQ(found.info.height, height);
  EXPECT_EQ(found.info.frames, 20U + 1U);
  EXPECT_NEAR(found.info.seconds, 2, 0.01);
  for (std::size_t i = 0; i < found.frames.size(); ++i) {
    const VideoFrame& frame = found.frames[i];
    EXPECT_EQ(frame.number, static_cast<std::int64_t>(i));
    EXPECT_NEAR(frame.seconds, static_cast<double>(i) / rate, 0.01);
    EXPECT_TRUE(is_red(frame.picture, 10, 10));
    EXPECT_NEAR(test::at(frame.picture, 80, 50)[1], static_cast<int>(i) * 5, 6);
  }
}

TEST_F(VideoFile, GivesAFrameAStep) {
  const fs::path file = folder / "film.avi";
  write_video(file, "MJPG", 30);
  const Read found = read(file, {.every_seconds = 0.5, .max_seconds = 2.2});
  ASSERT_EQ(found.frames.size(), 5U);
  EXPECT_EQ(found.frames[3].number, 15);
}

// ISO/IEC 14496-12, 8.3.2: a track header holds the matrix that turns its pictures.
TEST_F(VideoFile, IsUprightWhateverItsRotation) {
  const fs::path file = folder / "film.mp4";
  write_video(file, "mp4v", 5);
  EXPECT_EQ(read(file).info.format, "mp4");
  std::string bytes = content_of(file);
  const std::size_t header = bytes.find("tkhd");
  ASSERT_NE(header, std::string::npos);
  // Version 0: 4 bytes of version, 20 of times and numbers, 16 of layer and volume.
  const std::size_t matrix = header + 4 + 4 + 20 + 16;
  const auto put = [&](std::size_t place, std::uint32_t value) {
    for (int byte = 0; byte < 4; ++byte)
      bytes[matrix + place * 4 + static_cast<std::size_t>(byte)] =
          static_cast<char>(value >> (24 - 8 * byte));
  };
  ASSERT_EQ(static_cast<unsigned char>(bytes[matrix + 1]), 1) << "the matrix is not where it should be";
  // Turned right by a quarter: x' = -y, y' = x.
  put(0, 0), put(1, 0x00010000), put(3, 0xFFFF0000), put(4, 0);
  write(file, bytes);
  const Read found = read(file);
  ASSERT_FALSE(found.error) << found.error->message;
  ASSERT_EQ(found.frames.size(), 5U);
  EXPECT_EQ(found.info.rotation, 90);
  EXPECT_EQ(found.info.width, height);
  EXPECT_EQ(found.info.height, width);
  const Image& picture = found.frames[0].picture;
  EXPECT_EQ(picture.width(), height);
  EXPECT_EQ(picture.height(), width);
  // The stored upper left corner is now the upper right one.
  EXPECT_TRUE(is_red(picture, height - 10, 10));
  EXPECT_FALSE(is_red(picture, 10, 10));
}

TEST_F(VideoFile, CutOffGivesWhatIsThereOrAnError) {
  const fs::path file = folder / "film.avi";
  write_video(file, "MJPG", 60);
  const std::string whole = content_of(file);
  for (const int part : {3, 10, 30, 50, 70, 90}) {
    write(file, whole.substr(0, whole.size() * static_cast<std::size_t>(part) / 100));
    const Read found = read(file);
    EXPECT_LT(found.frames.size(), 60U);
    // The last frames' absence may pass for a wrong estimate of the length.
    EXPECT_TRUE(found.error || part > 70) << part << " % and " << found.frames.size() << " frames";
    EXPECT_TRUE(!found.frames.empty() || part < 50) << part;
  }
  // An MP4 has its table at the end: without it nothing can be had.
  const fs::path mp4 = folder / "film.mp4";
  write_video(mp4, "mp4v", 60);
  write(mp4, content_of(mp4).substr(0, fs::file_size(mp4) / 2));
  const Read found = read(mp4);
  ASSERT_TRUE(found.error);
  EXPECT_EQ(found.error->code, ErrorCode::damaged);
}

TEST_F(VideoFile, ThatIsNoneIsAnErrorWithItsName) {
  const auto expect = [&](const std::string& name, const std::string& bytes, ErrorCode code) {
    write(folder / name, bytes);
    const Read found = read(folder / name);
    ASSERT_TRUE(found.error) << name;
    EXPECT_EQ(found.error->code, code) << found.error->message;
    EXPECT_NE(found.error->message.find(name), std::string::npos) << found.error->message;
  };
  expect("empty.mp4", "", ErrorCode::empty_file);
  expect("text.mp4", "Dear diary, today I pretended to be a film.\n", ErrorCode::unsupported_format);
  expect("list.mp4", "#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", ErrorCode::unsupported_format);
  expect("head.mp4",
         std::string("\0\0\0\x18"
                     "ftypisom\0\0\0\0isommp42",
                     24),
         ErrorCode::damaged);
  expect("head.avi",
         "RIFF\xFF\xFF\xFF\xFF"
         "AVI LIST\xFF\xFF\xFF\xFFhdrl",
         ErrorCode::damaged);
  EXPECT_EQ(read(folder / "none.mp4").error->code, ErrorCode::not_found);
  EXPECT_EQ(read(folder.path()).error->code, ErrorCode::unreadable);
}

TEST_F(VideoFile, OfTooManyPixelsIsRefused) {
  const fs::path file = folder / "film.avi";
  write_video(file, "MJPG", 3);
  const Read found = read(file, {.max_pixels = width * height - 1});
  ASSERT_TRUE(found.error);
  EXPECT_EQ(found.error->code, ErrorCode::too_large);
  // Sizes that the header makes up.
  std::string bytes = content_of(file);
  const std::size_t format = bytes.find("strf") + 8;
  for (const std::size_t side : {format + 4, format + 8})
    bytes.replace(side, 4, std::string("\xFF\xFF\xFF\x7F", 4));
  write(file, bytes);
  const Read absurd = read(file);
  EXPECT_TRUE(absurd.error || absurd.frames.size() == 3U);
}

TEST_F(VideoFile, WithAnyByteChangedIsReadOrRefused) {
  const fs::path file = folder / "film.avi";
  write_video(file, "MJPG", 4);
  const std::string whole = content_of(file);
  for (int i = 0; i < 60; ++i) {
    std::string bytes = whole;
    for (int change = 0; change < 4; ++change)
      bytes[static_cast<std::size_t>(i * 131 + change * 977) % bytes.size()] =
          static_cast<char>(i * 41 + change);
    write(file, bytes);
    static_cast<void>(read(file, {.max_frames = 20}));
  }
}

TEST_F(VideoFile, OfAnyNameIsTheFileOfThatName) {
  for (const char* name : {"a:b.avi", "http:x.avi", "%03d.avi", "-i.avi", "concat:a|b.avi"}) {
    const fs::path file = folder / name;
    write_video(folder / "film.avi", "MJPG", 3);
    fs::rename(folder / "film.avi", file);
    EXPECT_EQ(read(file).frames.size(), 3U) << name;
  }
}

TEST(Camera, ThatIsNotThereIsSaidToBe) {
  const auto camera = open_camera(251);
  ASSERT_FALSE(camera);
  EXPECT_EQ(camera.error().code, ErrorCode::not_found);
  EXPECT_NE(camera.error().message.find("/dev/video251"), std::string::npos) << camera.error().message;
}

}  // namespace
}  // namespace kith
