// SPDX-License-Identifier: Apache-2.0
#include "report/escape.h"

#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/utf8.h"

namespace kith::report {
namespace {

TEST(Escaped, LeavesOrdinaryTextAlone) {
  EXPECT_EQ(escaped("Zoë/Zoë_0001.jpg\t山田 \n"), "Zoë/Zoë_0001.jpg\t山田 \n");
  EXPECT_EQ(escaped(""), "");
}

TEST(Escaped, NoMarkupGetsThrough) {
  EXPECT_EQ(escaped(R"(<img src=x onerror='a("&")'>)"),
            "&lt;img src=x onerror=&#39;a(&quot;&amp;&quot;)&#39;&gt;");
  EXPECT_EQ(escaped("&lt;"), "&amp;lt;") << "what looks escaped is escaped again";
}

TEST(Escaped, WhatXmlForbidsIsReplaced) {
  EXPECT_EQ(escaped(std::string_view("a\0b\x1b[2Jc\x7f", 9)), "a\uFFFDb\uFFFD[2Jc\uFFFD");
  EXPECT_EQ(escaped("a\xC2\x85"
                    "b\uFFFE\uFFFF"),
            "a\uFFFDb\uFFFD\uFFFD");
  EXPECT_EQ(escaped("a\xFF\xC0\xAFz").find('\xFF'), std::string::npos) << "no UTF-8";
  EXPECT_EQ(escaped("\xC2\xA0\U0001F600"), "\xC2\xA0\U0001F600");
}

TEST(Escaped, NothingTurnsTheTextBehindIt) {
  EXPECT_EQ(escaped("photo\u202Egpj.exe\u2066x\u2069"), "photo\uFFFDgpj.exe\uFFFDx\uFFFD");
  EXPECT_EQ(escaped("a\u2029\u202F\u2065\u206Ab"), "a\u2029\u202F\u2065\u206Ab") << "their neighbours stay";
}

TEST(Escaped, OfAnyBytesIsTextWithoutMarkup) {
  std::mt19937 random(5);
  for (int round = 0; round < 2000; ++round) {
    std::string text(random() % 40, '\0');
    for (char& byte : text) byte = static_cast<char>(random());
    const std::string safe = escaped(text);
    EXPECT_EQ(safe, valid_utf8(safe));
    EXPECT_EQ(safe.find_first_of("<>\"'"), std::string::npos);
    for (const char byte : safe)
      EXPECT_TRUE(static_cast<unsigned char>(byte) >= 0x20 || byte == '\t' || byte == '\n' || byte == '\r');
  }
}

TEST(JpegUri, IsBase64) {
  const auto uri = [](std::string_view text) {
    const std::vector<std::uint8_t> bytes(text.begin(), text.end());
    return jpeg_uri(bytes);
  };
  // RFC 4648, section 10.
  EXPECT_EQ(uri(""), "data:image/jpeg;base64,");
  EXPECT_EQ(uri("f"), "data:image/jpeg;base64,Zg==");
  EXPECT_EQ(uri("fo"), "data:image/jpeg;base64,Zm8=");
  EXPECT_EQ(uri("foobar"), "data:image/jpeg;base64,Zm9vYmFy");
}

}  // namespace
}  // namespace kith::report
