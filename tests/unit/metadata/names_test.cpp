// SPDX-License-Identifier: Apache-2.0
// Names among what other programs left, in forms that are seldom seen.
#include "metadata/names.h"

#include <gtest/gtest.h>

#include "metadata/packets.h"

namespace kith::metadata {
namespace {

using test::packet;

constexpr PhotoFrame frame{.width = 4000, .height = 3000};

struct Written {
  std::string text;
  NamesPlan plan;
};

// Anna, in the photo's left half, written and found again.
Written written_names(const std::string& before) {
  const auto wanted = wanted_names(std::vector<NamedFace>{{"Anna", {400, 600, 800, 1200}}}, {}, frame);
  auto xmp = XmpPacket::parse(before, "a.xmp");
  EXPECT_TRUE(xmp) << xmp.error().message;
  const MetadataSettings settings{.microsoft = true};
  NamesPlan plan = plan_names(*xmp, *wanted, {}, frame, settings);
  apply_names(*xmp, plan, frame);
  const auto again = XmpPacket::parse(xmp->text(), "a.xmp");
  EXPECT_TRUE(again) << xmp->text();
  EXPECT_TRUE(plan_names(*again, *wanted, plan.record(), frame, settings).changes_nothing()) << xmp->text();
  return {xmp->text(), std::move(plan)};
}

const std::string area =
    "<mwg-rs:Area stArea:x='0.2' stArea:y='0.4' stArea:w='0.2' stArea:h='0.4' stArea:unit='normalized'/>";

TEST(Names, APropertyThatSaysSomethingWithoutBeingAListIsLeft) {
  for (const std::string property :
       {"<dc:subject xmp:by='me'/>", "<dc:subject rdf:resource='http://example.com/'/>",
        "<mwg-rs:Regions xmp:by='me'/>", "<mwg-rs:Regions>none</mwg-rs:Regions>",
        "<mwg-rs:Regions rdf:parseType='Resource'><mwg-rs:RegionList xmp:by='me'/></mwg-rs:Regions>",
        "<MP:RegionInfo MPRI:Regions='none'/>"}) {
    const std::string text = written_names(packet(property)).text;
    EXPECT_NE(text.find(property), std::string::npos) << text;
  }
}

TEST(Names, APropertyThatSaysNothingIsReplaced) {
  for (const std::string property :
       {"<dc:subject/>", "<mwg-rs:Regions rdf:parseType='Resource'> </mwg-rs:Regions>", "<MP:RegionInfo/>"}) {
    const Written after = written_names(packet(property));
    EXPECT_EQ(after.text.find(property), std::string::npos) << after.text;
    EXPECT_EQ(after.plan.regions.add.size() + after.plan.microsoft.add.size(), 2U);
  }
}

TEST(Names, ANameThatIsGivenLeavesWhatStandsAroundIt) {
  const std::string qualified =
      "<mwg-rs:Name><rdf:Description><rdf:value> "
      "</rdf:value><xmp:by>me</xmp:by></rdf:Description></mwg-rs:Name>";
  const std::string text = written_names(packet(test::mwg_regions("<rdf:li rdf:parseType='Resource'>" +
                                                                  qualified + area + "</rdf:li>")))
                               .text;
  EXPECT_NE(text.find("<rdf:value>Anna</rdf:value><xmp:by>me</xmp:by>"), std::string::npos) << text;
}

}  // namespace
}  // namespace kith::metadata
