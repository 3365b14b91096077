// SPDX-License-Identifier: Apache-2.0
#include "report/page.h"

#include <string>

#include <gtest/gtest.h>

namespace kith::report {
namespace {

constexpr const char* hostile = "</title><script>alert(1)</script>&\"'\u202E";

// Every place that takes text, filled with `text`.
Page page_of(const std::string& text) {
  Plot plot{.title = text,
            .x = {.label = text},
            .y = {.label = text},
            .series = {{.name = text, .x = {0, 1}, .y = {0, 1}}}};
  return {.title = text,
          .summary = text,
          .facts = {{text, text}},
          .sections =
              {{.title = text,
                .paragraphs = {text},
                .tables = {{.caption = text, .head = {text, text}, .rows = {{{text, text}, {text, text}}}}},
                .figures = {{plot, text}},
                .cards = {{.title = text, .detail = text, .pictures = {{{0xFF, 0xD8}, text}, {{}, text}}}}}},
          .footer = text};
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

TEST(Html, NoTextIsMarkup) {
  const std::string page = html(page_of(hostile));
  EXPECT_EQ(page.find("<script"), std::string::npos);
  EXPECT_EQ(page.find("\u202E"), std::string::npos);
  EXPECT_EQ(count(page, "</title>"), 2U) << "the page's own and the plot's";
  EXPECT_GE(count(page, "&lt;script&gt;alert(1)&lt;/script&gt;&amp;&quot;&#39;"), 20U);
}

TEST(Html, NeedsNothingButItself) {
  const std::string page = html(page_of("x"));
  EXPECT_NE(page.find("default-src 'none'"), std::string::npos);
  for (const char* fetched : {"src=\"http", "href=", "url(", "@import", "<link"})
    EXPECT_EQ(page.find(fetched), std::string::npos) << fetched;
  EXPECT_EQ(count(page, "<img"), 1U);
  EXPECT_EQ(count(page, "src=\"data:image/jpeg;base64,/9g=\""), 1U);
  EXPECT_EQ(count(page, "class=\"blank\""), 1U) << "a picture that is not there";
}

TEST(Html, ElementsAreClosed) {
  const std::string page = html(page_of("x"));
  for (const char* name : {"section", "table", "tr", "th", "td", "figure", "figcaption", "div", "p", "h2",
                           "dl", "dd", "bdi", "svg", "small"}) {
    const std::string tag(name);
    EXPECT_EQ(count(page, "<" + tag + ">") + count(page, "<" + tag + " "), count(page, "</" + tag + ">"))
        << tag;
  }
}

TEST(Html, OfNothingIsAPage) {
  const std::string page = html({.title = "t"});
  EXPECT_NE(page.find("<title>t</title>"), std::string::npos);
  EXPECT_TRUE(page.ends_with("</html>\n"));
}

}  // namespace
}  // namespace kith::report
