// SPDX-License-Identifier: Apache-2.0
#include "video/container.h"

#include <string>

#include <gtest/gtest.h>

namespace kith::video {
namespace {

using namespace std::string_literals;

std::string_view format(const std::string& beginning) {
  return container_of({reinterpret_cast<const std::uint8_t*>(beginning.data()), beginning.size()});
}

TEST(Container, IsKnownByItsFirstBytes) {
  EXPECT_EQ(format("\0\0\0\x18"s + "ftypisom"), "mp4");
  EXPECT_EQ(format("\0\0\0\x08"s + "wide"), "mp4");
  EXPECT_EQ(format("RIFF\0\0\0\0AVI LIST"s), "avi");
  EXPECT_EQ(format("\x1A\x45\xDF\xA3\x01"s), "matroska");
  EXPECT_EQ(format("FLV\x01\x05"s), "flv");
  EXPECT_EQ(format("OggS\0"s), "ogg");
  EXPECT_EQ(format("\0\0\x01\xBA\x44"s), "mpeg");
  std::string packets(2 * 188, 'x');
  packets[0] = packets[188] = 0x47;
  EXPECT_EQ(format(packets), "mpeg-ts");
}

TEST(Container, ThatLeadsElsewhereOrIsNoneIsNone) {
  for (const std::string& text :
       {""s, "#EXTM3U\nhttp://example.com/a.ts"s, "ffconcat version 1.0\nfile /etc/passwd"s, "G"s,
        "RIFF\0\0\0\0WAVE"s,
        "just a text, and longer than any of the signatures, so that all of them can be compared with it"s,
        "\xFF\xD8\xFF\xE0"s}) {
    EXPECT_EQ(format(text), "") << text;
  }
}

}  // namespace
}  // namespace kith::video
