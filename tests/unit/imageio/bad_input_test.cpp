// SPDX-License-Identifier: Apache-2.0
// What is not a photo, or no longer one, gives its own error and never a picture.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <array>
#include <string>
#include <string_view>

#include "core/file_errors.h"
#include "imageio/format.h"
#include "imageio/pictures.h"

namespace kith::test {
namespace {

ErrorCode open_error(const std::filesystem::path& file, const DecodeSettings& settings = {}) {
  const Result<Photo> photo = Photo::open(file, settings);
  if (photo) {
    ADD_FAILURE() << file << " was opened";
    return ErrorCode::internal;
  }
  EXPECT_NE(photo.error().message.find(display_name(file)), std::string::npos) << photo.error().message;
  EXPECT_NE(photo.error().message.find("; "), std::string::npos) << "no advice: " << photo.error().message;
  return photo.error().code;
}

class Truncated : public ::testing::TestWithParam<const char*> {};

INSTANTIATE_TEST_SUITE_P(Formats, Truncated,
                         ::testing::Values(".jpg", ".jpg[interlace]", ".png", ".png[interlace]", ".webp",
                                           ".webp[lossless]", ".tif", ".tif[compression=lzw]", ".gif",
                                           ".heic", ".avif[effort=1]"));

TEST_P(Truncated, AtEveryTenthIsAnErrorNeverAPicture) {
  const Bytes whole = encode(noise(160, 120), GetParam());
  ASSERT_TRUE(decode(whole));
  for (std::size_t tenth = 1; tenth <= 9; ++tenth) {
    const std::size_t size = whole.size() * tenth / 10;
    const Result<Image> image =
        decode(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)));
    ASSERT_FALSE(image) << GetParam() << " cut to " << tenth * 10 << " %";
    EXPECT_EQ(image.error().code, ErrorCode::truncated) << tenth * 10 << " %: " << image.error().message;
  }
}

// A GIF ends with a semicolon. One in its midst is no end.
TEST(TruncatedGif, AfterAByteThatLooksLikeItsTrailer) {
  const Bytes whole = encode(noise(160, 120), ".gif");
  for (std::size_t tenth = 1; tenth <= 9; ++tenth) {
    Bytes part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(whole.size() * tenth / 10));
    part.back() = ';';
    const Result<Image> image = decode(part);
    ASSERT_FALSE(image) << "cut to " << tenth * 10 << " %";
    EXPECT_EQ(image.error().code, ErrorCode::truncated) << tenth * 10 << " %: " << image.error().message;
  }
}

TEST_P(Truncated, ToAFewBytes) {
  const Bytes whole = encode(noise(160, 120), GetParam());
  for (std::size_t size = 1; size <= 64; ++size) {
    EXPECT_FALSE(decode(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)))) << size;
  }
}

TEST(BadFile, Missing) {
  const TemporaryFolder folder;
  EXPECT_EQ(open_error(folder / "none.jpg"), ErrorCode::not_found);
  EXPECT_EQ(open_error(folder / "none/none.jpg"), ErrorCode::not_found);
}

TEST(BadFile, Empty) {
  const TemporaryFolder folder;
  write_bytes(folder / "empty.jpg", {});
  EXPECT_EQ(open_error(folder / "empty.jpg"), ErrorCode::empty_file);
  EXPECT_EQ(Photo::from_bytes({}, "x").error().code, ErrorCode::empty_file);
}

TEST(BadFile, AFolderAPipeADevice) {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder / "folder.jpg");
  EXPECT_EQ(open_error(folder / "folder.jpg"), ErrorCode::unreadable);
  ASSERT_EQ(::mkfifo((folder / "pipe.jpg").c_str(), 0600), 0);
  EXPECT_EQ(open_error(folder / "pipe.jpg"), ErrorCode::unreadable) << "and must not wait for a writer";
  EXPECT_EQ(open_error("/dev/zero"), ErrorCode::unreadable);
}

TEST(BadFile, ALoopOfLinks) {
  const TemporaryFolder folder;
  std::filesystem::create_symlink(folder / "b.jpg", folder / "a.jpg");
  std::filesystem::create_symlink(folder / "a.jpg", folder / "b.jpg");
  EXPECT_EQ(open_error(folder / "a.jpg"), ErrorCode::unreadable);
}

TEST(BadFile, NoPermission) {
  const TemporaryFolder folder;
  write_bytes(folder / "secret.jpg", encode(quarters(64, 64), ".jpg"));
  std::filesystem::permissions(folder / "secret.jpg", std::filesystem::perms::none);
  const WithoutRootRights ordinary;
  EXPECT_EQ(open_error(folder / "secret.jpg"), ErrorCode::unreadable);
}

TEST(BadFile, TextNamedJpg) {
  const TemporaryFolder folder;
  const std::string text = "This is a shopping list, not a photo.\nEggs\nMilk\n";
  write_bytes(folder / "list.jpg", Bytes(text.begin(), text.end()));
  EXPECT_EQ(open_error(folder / "list.jpg"), ErrorCode::unsupported_format);
}

TEST(BadFile, MoreBytesThanTheLimit) {
  const TemporaryFolder folder;
  write_bytes(folder / "photo.jpg", encode(noise(200, 200), ".jpg"));
  EXPECT_EQ(open_error(folder / "photo.jpg", {.max_file_bytes = 1000}), ErrorCode::too_large);
}

TEST(BadFile, TheContentDecidesNotTheName) {
  const TemporaryFolder folder;
  write_bytes(folder / "really_a_png.jpg", encode(quarters(64, 64), ".png"));
  const Result<Photo> photo = Photo::open(folder / "really_a_png.jpg");
  ASSERT_TRUE(photo);
  EXPECT_EQ(photo->info().format, "png");
}

TEST(BadFile, ANewlineInTheNameStaysOnOneLine) {
  const TemporaryFolder folder;
  const Result<Photo> photo = Photo::open(folder / "two\nlines\x7f.jpg");
  ASSERT_FALSE(photo);
  EXPECT_EQ(photo.error().message.find('\n'), std::string::npos);
  EXPECT_NE(photo.error().message.find("two\\x0alines\\x7f.jpg"), std::string::npos) << photo.error().message;
}

TEST(BadFile, RelativePathsAreShownInFull) {
  const Result<Photo> photo = Photo::open("no such file.jpg");
  ASSERT_FALSE(photo);
  EXPECT_NE(photo.error().message.find((std::filesystem::current_path() / "no such file.jpg").string()),
            std::string::npos);
}

TEST(BadSize, OnePixel) {
  for (const char* suffix : {".jpg", ".png", ".gif", ".tif", ".webp"}) {
    const Bytes bytes = encode(one_colour(1, 1, 9, 9, 9), suffix);
    const Result<Photo> photo = Photo::from_bytes(bytes, "x");
    ASSERT_FALSE(photo) << suffix;
    EXPECT_EQ(photo.error().code, ErrorCode::too_small);
    const Result<Photo> allowed = Photo::from_bytes(bytes, "x", {.min_side = 1});
    ASSERT_TRUE(allowed) << suffix;
    EXPECT_TRUE(allowed->decode(1)) << suffix;
  }
}

TEST(BadSize, AThinStripIsTooSmall) {
  EXPECT_EQ(Photo::from_bytes(encode(one_colour(400, 15, 9, 9, 9), ".jpg"), "x").error().code,
            ErrorCode::too_small);
}

TEST(BadSize, ThirtyThousandSquareOfOneColour) {
  VipsImage* black = nullptr;
  ASSERT_EQ(vips_black(&black, 30000, 30000, nullptr), 0);
  const Picture picture(black);
  const Bytes bytes = encode(picture, ".png[bitdepth=1,compression=1]");
  const Result<Photo> photo = Photo::from_bytes(bytes, "bomb");
  ASSERT_FALSE(photo);
  EXPECT_EQ(photo.error().code, ErrorCode::too_large);
}

// The smallest possible file of that kind: a header that promises what never comes.
TEST(BadSize, ThirtyThousandSquareInTheHeaderAlone) {
  Bytes bytes = encode(one_colour(64, 64, 0, 0, 0), ".jpg");
  const std::array<std::uint8_t, 2> frame{0xff, 0xc0};
  const auto at = std::search(bytes.begin(), bytes.end(), frame.begin(), frame.end());
  ASSERT_NE(at, bytes.end());
  const std::array<std::uint8_t, 4> size{0x75, 0x30, 0x75, 0x30};
  std::copy(size.begin(), size.end(), at + 5);
  EXPECT_EQ(Photo::from_bytes(bytes, "bomb").error().code, ErrorCode::too_large);
}

TEST(BadSize, TheLimitIsASetting) {
  for (const char* suffix : {".jpg", ".png", ".heic", ".webp", ".tif", ".gif"}) {
    const Bytes bytes = encode(quarters(200, 100), suffix);
    EXPECT_EQ(Photo::from_bytes(bytes, "x", {.max_pixels = 19999}).error().code, ErrorCode::too_large)
        << suffix;
    EXPECT_TRUE(Photo::from_bytes(bytes, "x", {.max_pixels = 20000})) << suffix;
  }
}

TEST(Sniffing, KnowsFormatsByTheirFirstBytes) {
  const auto sniff = [](std::string_view text) {
    const Bytes bytes(text.begin(), text.end());
    return imageio::sniff_format(bytes);
  };
  using namespace std::string_view_literals;
  using imageio::Format;
  EXPECT_EQ(sniff("\0\0\0\x18"
                  "ftypcrx \0\0\0\1isom"sv),
            Format::raw);
  EXPECT_EQ(sniff("\0\0\0\x1c"
                  "ftypmif1\0\0\0\0mif1avif"sv),
            Format::avif);
  EXPECT_EQ(sniff("\0\0\0\x1c"
                  "ftypmif1\0\0\0\0mif1heic"sv),
            Format::heic);
  EXPECT_EQ(sniff("\0\0\0\x18"
                  "ftypmp42\0\0\0\0isom"sv),
            Format::unknown)
      << "a film";
  EXPECT_EQ(sniff("FUJIFILMCCD-RAW 0201"sv), Format::raw);
  EXPECT_EQ(sniff("IIU\0\x18\0\0\0"sv), Format::raw);
  EXPECT_EQ(sniff("II*\0\x10\0\0\0CR\2\0"sv), Format::raw);
  EXPECT_EQ(sniff("IIRO\x08\0\0\0"sv), Format::raw);
  EXPECT_EQ(sniff("RIFF\0\0\0\0WAVE"sv), Format::unknown);
  EXPECT_EQ(sniff(""sv), Format::unknown);
  EXPECT_EQ(sniff("\xff\xd8"sv), Format::unknown);
}

}  // namespace
}  // namespace kith::test
