// SPDX-License-Identifier: Apache-2.0
#include "metadata/xmp_guard.h"

#include <gtest/gtest.h>

#include "metadata/exiv2.h"
#include "metadata/packets.h"
#include "metadata/xmp_texts.h"

namespace kith::test {
namespace {

using metadata::parse_xmp;
using metadata::XmpLimits;
using metadata::XmpTexts;

std::string repeated(std::string_view text, std::size_t count) {
  std::string result;
  for (std::size_t i = 0; i < count; ++i) result += text;
  return result;
}

void expect_refused(const std::string& text, ErrorCode code, const std::string& why = "") {
  const auto xmp = parse_xmp(text, "holiday.xmp");
  ASSERT_FALSE(xmp) << why;
  EXPECT_EQ(xmp.error().code, code);
  EXPECT_NE(xmp.error().message.find("holiday.xmp"), std::string::npos) << xmp.error().message;
  EXPECT_NE(xmp.error().message.find(why), std::string::npos) << xmp.error().message;
  EXPECT_NE(xmp.error().message.find("; "), std::string::npos) << "no advice: " << xmp.error().message;
}

std::string utf16(std::string_view ascii, bool big, bool mark) {
  std::string text;
  const auto put = [&](char high, char low) {
    text += big ? std::string{high, low} : std::string{low, high};
  };
  if (mark) put('\xfe', '\xff');
  for (const char c : ascii) put('\0', c);
  return text;
}

const std::string subject = "<dc:subject><rdf:Bag><rdf:li>Anna</rdf:li></rdf:Bag></dc:subject>";
// In ASCII, and without the packet's header.
const std::string plain =
    "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><rdf:Description rdf:about='' "
    "xmlns:dc='http://purl.org/dc/elements/1.1/'>" +
    subject + "</rdf:Description></rdf:RDF>";

TEST(XmpPacket, IsReadInEveryEncodingOfUnicode) {
  const std::vector<std::string> texts{plain,
                                       "\xef\xbb\xbf" + plain,
                                       utf16(plain, true, true),
                                       utf16(plain, false, true),
                                       utf16(plain, true, false),
                                       utf16(plain, false, false),
                                       utf16("<?xml version='1.0' encoding='UTF-16'?>" + plain, true, true),
                                       "<?xml version='1.0' encoding='UTF-8'?>\n" + plain};
  for (const std::string& text : texts) {
    const auto xmp = parse_xmp(text, "holiday.xmp");
    ASSERT_TRUE(xmp) << xmp.error().message;
    EXPECT_EQ(XmpTexts(*xmp).text("dc.subject"), "Anna");
  }
}

TEST(XmpPacket, OfNothingIsEmpty) {
  const auto xmp = parse_xmp("", "holiday.xmp");
  ASSERT_TRUE(xmp);
  EXPECT_TRUE(xmp->empty());
}

TEST(XmpPacket, ThatIsDamagedIsAnError) {
  const std::string whole = packet(subject);
  for (const std::size_t size : {std::size_t{1}, whole.size() / 4, whole.size() / 2, whole.size() - 60})
    expect_refused(whole.substr(0, size), ErrorCode::damaged);
  expect_refused("this is no XML", ErrorCode::damaged);
  expect_refused("<a/>", ErrorCode::damaged);
  expect_refused(std::string(1000, '\0'), ErrorCode::damaged);
  expect_refused(packet("<dc:subject>\xff\xfe\xfa</dc:subject>"), ErrorCode::damaged);
  expect_refused(utf16(plain, true, true) + "x", ErrorCode::damaged);
  expect_refused("<?xml version='1.0' encoding='UTF-16'?>" + plain, ErrorCode::damaged);
  expect_refused("<?xml version='1.0' encoding='EBCDIC-9'?>" + plain, ErrorCode::damaged);
  expect_refused(packet(subject + subject), ErrorCode::damaged);
}

TEST(XmpPacket, WithEntitiesIsRefused) {
  std::string laughs = "<!DOCTYPE lol [<!ENTITY a0 'ha'>";
  for (int i = 1; i < 20; ++i)
    laughs +=
        "<!ENTITY a" + std::to_string(i) + " '" + repeated("&a" + std::to_string(i - 1) + ";", 10) + "'>";
  expect_refused(laughs + "]>" + packet("<dc:source>&a19;</dc:source>"), ErrorCode::damaged, "document type");
  expect_refused("<!DOCTYPE a SYSTEM 'file:///etc/passwd'>" + plain, ErrorCode::damaged, "document type");
}

TEST(XmpPacket, ThatIsNestedDeeplyIsRefused) {
  const std::size_t depth = 100'000;
  expect_refused(repeated("<a>", depth), ErrorCode::damaged, "nested");
  expect_refused(packet(repeated("<dc:a rdf:parseType='Resource'>", depth) + repeated("</dc:a>", depth)),
                 ErrorCode::damaged, "nested");
  EXPECT_TRUE(
      parse_xmp(packet(repeated("<dc:a rdf:parseType='Resource'>", 90) + repeated("</dc:a>", 90)), "a.xmp"));
}

TEST(XmpPacket, OfMorePropertiesThanAPhotoHasIsRefused) {
  std::string properties;
  std::string attributes;
  for (int i = 0; i < 6000; ++i) {
    properties += "<dc:a" + std::to_string(i) + ">x</dc:a" + std::to_string(i) + ">";
    attributes += " dc:a" + std::to_string(i) + "='x'";
  }
  expect_refused(packet(properties), ErrorCode::damaged, "too many properties");
  expect_refused(packet("<dc:b" + attributes + "/>"), ErrorCode::damaged, "too many properties");
  expect_refused(packet("<dc:b rdf:parseType='Resource'>" + properties + "</dc:b>"), ErrorCode::damaged,
                 "too many properties");
  // Spread over descriptions they are one photo's all the same.
  std::string spread;
  for (int i = 0; i < 6000; ++i)
    spread +=
        "</rdf:Description><rdf:Description rdf:about='' xmlns:dc='http://purl.org/dc/elements/1.1/' dc:a" +
        std::to_string(i) + "='x'>";
  expect_refused(packet(spread), ErrorCode::damaged, "too many properties");
}

TEST(XmpPacket, OfManyItemsIsFineUpToALimit) {
  EXPECT_TRUE(parse_xmp(packet(list("dc:subject", std::vector<std::string>(50'000, "x"))), "a.xmp"));
  expect_refused(packet(list("dc:subject", std::vector<std::string>(250'000, "x"))), ErrorCode::damaged,
                 "too many parts");
}

TEST(XmpPacket, OfManyNamespacesIsRefusedUnlessTheyAreTheSame) {
  std::string different;
  std::string same;
  for (int i = 0; i < 300; ++i) {
    const std::string number = std::to_string(i);
    different +=
        "<p" + number + ":a xmlns:p" + number + "='http://example.org/" + number + "/'>x</p" + number + ":a>";
    same += "<q:a" + number + " xmlns:q='http://example.org/'>x</q:a" + number + ">";
  }
  expect_refused(packet(different), ErrorCode::damaged, "too many namespaces");
  EXPECT_TRUE(parse_xmp(packet(same), "a.xmp"));
}

TEST(XmpPacket, HidesNothingFromTheGuardInCommentsAndTexts) {
  const std::string deep = repeated("<dc:a rdf:parseType='Resource'>", 200);
  const std::string end = repeated("</dc:a>", 200);
  expect_refused(packet("<!-- </dc:b> -->" + deep + "<!-- " + end + " -->" + end), ErrorCode::damaged,
                 "nested");
  expect_refused(packet("<dc:b>]]&gt;<![CDATA[" + end + "]]></dc:b>" + deep + end), ErrorCode::damaged,
                 "nested");
  expect_refused(packet("<dc:b dc:c='/>'/>" + deep + end), ErrorCode::damaged, "nested");
  EXPECT_TRUE(parse_xmp(packet("<dc:b><![CDATA[" + deep + "]]></dc:b><!-- " + deep + " -->"), "a.xmp"));
}

TEST(XmpPacket, BeyondTheLimitOfBytesIsTooLarge) {
  const Status status = metadata::check_packet(plain, "holiday.xmp", XmpLimits{.max_bytes = 10});
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::too_large);
}

// Exiv2 keeps prefixes in a global: the next photo's regions went into the namespace of this one.
TEST(XmpPacket, ThatMisusesAStandardPrefixIsRefusedAndChangesNothingForTheNext) {
  expect_refused(
      "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><rdf:Description rdf:about='' "
      "xmlns:mwg-rs='http://example.org/' mwg-rs:Regions='x'/></rdf:RDF>",
      ErrorCode::damaged, "standard prefix");
  const metadata::Exiv2Session session;
  const auto xmp = parse_xmp(packet(mwg_regions(attribute_region("Anna", "stArea:x='0.5'"))), "a.xmp");
  ASSERT_TRUE(xmp) << xmp.error().message;
  std::string text;
  ASSERT_EQ(Exiv2::XmpParser::encode(text, *xmp), 0);
  EXPECT_NE(text.find("http://www.metadataworkinggroup.com/schemas/regions/"), std::string::npos);
  EXPECT_EQ(text.find("example.org"), std::string::npos);
}

}  // namespace
}  // namespace kith::test
