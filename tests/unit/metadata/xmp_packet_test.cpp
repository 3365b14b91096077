// SPDX-License-Identifier: Apache-2.0
#include "metadata/xmp_packet.h"

#include <gtest/gtest.h>

namespace kith::metadata {
namespace {

constexpr Property subject{"dc", ns::dc, "subject"};
constexpr Property description{"dc", ns::dc, "description"};

// Spellings that other programs choose, and things that no program understands.
const std::string foreign = R"(<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x='adobe:ns:meta/'><!-- a comment -->
<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:q='http://example.com/q/'>
	<r:Description r:about='uuid:1 &amp; 2' xmlns:d="http://purl.org/dc/elements/1.1/" q:one="1 &lt; 2"  q:two = 'b'>
		<d:subject><r:Bag><r:li q:by="me">sea &#x26; sand</r:li></r:Bag></d:subject>
		<q:odd><r:Description><r:value>x</r:value><q:qualifier>y</q:qualifier></r:Description></q:odd>
		<d:description><r:Alt><r:li xml:lang="fr">mer</r:li></r:Alt></d:description>
	</r:Description>
</r:RDF></x:xmpmeta>
<?xpacket end="w"?>)";

XmpPacket parsed(const std::string& text) {
  auto packet = XmpPacket::parse(text, "test");
  EXPECT_TRUE(packet) << packet.error().message;
  return std::move(*packet);
}

TEST(XmpPacket, ComesOutAsItWentIn) {
  EXPECT_EQ(parsed(foreign).text(), foreign);
  EXPECT_EQ(parsed(foreign + std::string(10, '\0')).text(), foreign + std::string(10, '\0'));
}

TEST(XmpPacket, TextsAreAddedInTheArraysOwnSpellingAndTakenOutAgainWithoutATrace) {
  XmpPacket packet = parsed(foreign);
  EXPECT_EQ(packet.texts(subject), std::vector<std::string>{"sea & sand"});
  const std::vector<std::string> more{"Anna <\"O'\">", "Ben"};
  packet.add_texts(subject, ArrayKind::bag, more);
  XmpPacket again = parsed(packet.text());
  EXPECT_EQ(again.texts(subject), (std::vector<std::string>{"sea & sand", "Anna <\"O'\">", "Ben"}));
  for (const std::string& text : more) again.remove_text(subject, text);
  EXPECT_EQ(again.text(), foreign);
}

TEST(XmpPacket, ANewPropertyIsOfTheSameSubjectAndGoesWithItsLastText) {
  constexpr Property tags{"digiKam", ns::digikam, "TagsList"};
  XmpPacket packet = parsed(foreign);
  packet.add_texts(tags, ArrayKind::sequence, std::vector<std::string>{"People/Anna"});
  XmpPacket again = parsed(packet.text());
  EXPECT_EQ(again.texts(tags), std::vector<std::string>{"People/Anna"});
  EXPECT_NE(again.text().find("r:about=\"uuid:1 &amp; 2\""), std::string::npos);
  again.remove_text(tags, "People/Anna");
  EXPECT_EQ(again.text(), foreign);
}

TEST(XmpPacket, TheDefaultLanguageIsSetBesideOthers) {
  XmpPacket packet = parsed(foreign);
  ASSERT_TRUE(packet.set_default_text(description, "the sea"));
  XmpPacket again = parsed(packet.text());
  EXPECT_EQ(again.default_text(description), "the sea");
  EXPECT_EQ(again.texts(description), (std::vector<std::string>{"mer", "the sea"}));
  ASSERT_TRUE(again.set_default_text(description, ""));
  EXPECT_EQ(again.text(), foreign);
}

TEST(XmpPacket, OfNoTextIsANewOneAndEmptyAgainAfterAll) {
  XmpPacket packet = parsed("");
  EXPECT_TRUE(packet.empty());
  packet.add_texts(subject, ArrayKind::bag, std::vector<std::string>{"Anna"});
  XmpPacket again = parsed(packet.text());
  EXPECT_FALSE(again.empty());
  again.remove_text(subject, "Anna");
  EXPECT_TRUE(again.empty());
}

TEST(XmpPacket, ThatIsNoSoundXmlIsDamaged) {
  std::string deep;
  for (int i = 0; i < 10'000; ++i) deep += "<a>";
  for (const std::string& bad :
       {std::string("<a>"), std::string("<a/>"), std::string("text"),
        foreign.substr(0, foreign.size() / 2) + ">", "<!DOCTYPE x [<!ENTITY e \"ee\">]>" + foreign,
        std::string("\xff\xfe<\0a\0/\0>\0", 10), std::move(deep)}) {
    const auto packet = XmpPacket::parse(bad, "photo.jpg");
    ASSERT_FALSE(packet) << bad.substr(0, 60);
    EXPECT_EQ(packet.error().code, ErrorCode::damaged);
    EXPECT_NE(packet.error().message.find("photo.jpg"), std::string::npos);
  }
}

TEST(XmpPacket, FieldsAreSetInWhicheverFormTheStructureHas) {
  constexpr Property regions{"MP", ns::microsoft, "RegionInfo"};
  constexpr Property rectangle{"MPReg", ns::microsoft_region, "Rectangle"};
  constexpr Property name{"MPReg", ns::microsoft_region, "PersonDisplayName"};
  const std::string head =
      "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"><rdf:Description rdf:about=\"\" "
      "xmlns:MP=\"http://ns.microsoft.com/photo/1.2/\" "
      "xmlns:z=\"http://ns.microsoft.com/photo/1.2/t/Region#\">";
  const std::string tail = "</rdf:Description></rdf:RDF>";
  for (const std::string& form :
       {std::string("<MP:RegionInfo rdf:parseType='Resource'><z:Rectangle>1</z:Rectangle></MP:RegionInfo>"),
        std::string("<MP:RegionInfo><rdf:Description z:Rectangle='1'/></MP:RegionInfo>"),
        std::string("<MP:RegionInfo z:Rectangle='1'/>"),
        std::string("<MP:RegionInfo z:Rectangle='1' z:PersonDisplayName=''/>"),
        std::string(
            "<MP:RegionInfo "
            "rdf:parseType='Resource'><z:Rectangle>1</z:Rectangle><z:PersonDisplayName/></MP:RegionInfo>")}) {
    SCOPED_TRACE(form);
    XmpPacket packet = parsed(head + form + tail);
    set_field(*packet.property(regions), name, "An\"na");
    XmpPacket again = parsed(packet.text());
    EXPECT_EQ(field_text(*again.property(regions), name), "An\"na");
    EXPECT_EQ(field_text(*again.property(regions), rectangle), "1");
    remove_field(*again.property(regions), name);
    XmpPacket without = parsed(again.text());
    EXPECT_EQ(field_text(*without.property(regions), name), "");
    EXPECT_EQ(field_text(*without.property(regions), rectangle), "1");
  }
}

}  // namespace
}  // namespace kith::metadata
