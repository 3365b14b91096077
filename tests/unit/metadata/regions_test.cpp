// SPDX-License-Identifier: Apache-2.0
#include "metadata/regions.h"

#include <gtest/gtest.h>

#include <random>

#include "core/frame.h"
#include "metadata/exiv2.h"
#include "metadata/packets.h"

namespace kith::test {
namespace {

using metadata::claims_of;
using metadata::parse_xmp;
using metadata::XmpTexts;

constexpr PhotoFrame frame{.width = 4000, .height = 3000, .orientation = 1};
constexpr const char* anna_area =
    "stArea:x='0.5' stArea:y='0.4' stArea:w='0.1' stArea:h='0.2' stArea:unit='normalized'";
constexpr const char* dimensions = "stDim:w='4000' stDim:h='3000' stDim:unit='pixel'";

std::vector<NameClaim> claims_in(const std::string& text, const PhotoFrame& photo = frame) {
  const auto xmp = parse_xmp(text, "test.xmp");
  if (!xmp) {
    ADD_FAILURE() << xmp.error().message;
    return {};
  }
  return claims_of(XmpTexts(*xmp), photo);
}

std::vector<NameClaim> claims_in_regions(const std::string& items, const std::string& size = "",
                                         const PhotoFrame& photo = frame) {
  return claims_in(packet(mwg_regions(items, size)), photo);
}

void expect_box(const NameClaim& claim, const Box& expected) {
  ASSERT_TRUE(claim.box.has_value()) << claim.name;
  EXPECT_NEAR(claim.box->x, expected.x, 0.01F);
  EXPECT_NEAR(claim.box->y, expected.y, 0.01F);
  EXPECT_NEAR(claim.box->width, expected.width, 0.01F);
  EXPECT_NEAR(claim.box->height, expected.height, 0.01F);
}

// anna_area on `frame`.
constexpr Box anna_box{1800, 900, 400, 600};

void expect_anna(const std::vector<NameClaim>& claims) {
  ASSERT_EQ(claims.size(), 1U);
  EXPECT_EQ(claims[0].name, "Anna");
  EXPECT_EQ(claims[0].kind, RegionKind::face);
  EXPECT_FALSE(claims[0].stale);
  expect_box(claims[0], anna_box);
}

std::vector<std::string> names_of(const std::vector<NameClaim>& claims) {
  std::vector<std::string> names;
  for (const NameClaim& claim : claims) names.push_back(claim.name);
  return names;
}

using Names = std::vector<std::string>;

// ---- the forms of MWG regions

TEST(Regions, OfLightroomAreAttributesInADescription) {
  expect_anna(claims_in_regions(attribute_region("Anna", anna_area), dimensions));
}

TEST(Regions, OfExiftoolAreElementsWithAParseType) {
  expect_anna(claims_in(packet(
      "<mwg-rs:Regions rdf:parseType='Resource'><mwg-rs:AppliedToDimensions rdf:parseType='Resource'>"
      "<stDim:h>3000</stDim:h><stDim:unit>pixel</stDim:unit><stDim:w>4000</stDim:w></"
      "mwg-rs:AppliedToDimensions>"
      "<mwg-rs:RegionList><rdf:Bag><rdf:li rdf:parseType='Resource'><mwg-rs:Area rdf:parseType='Resource'>"
      "<stArea:h>0.2</stArea:h><stArea:unit>normalized</stArea:unit><stArea:w>0.1</stArea:w><stArea:x>0.5</"
      "stArea:x>"
      "<stArea:y>0.4</stArea:y></mwg-rs:Area><mwg-rs:Name>Anna</mwg-rs:Name><mwg-rs:Type>Face</mwg-rs:Type>"
      "</rdf:li></rdf:Bag></mwg-rs:RegionList></mwg-rs:Regions>")));
}

TEST(Regions, OfPicasaAreDescriptionsWithinDescriptions) {
  expect_anna(claims_in(packet(
      "<mwg-rs:Regions><rdf:Description><mwg-rs:AppliedToDimensions><rdf:Description stDim:w='4000' "
      "stDim:h='3000' "
      "stDim:unit='pixel'/></mwg-rs:AppliedToDimensions><mwg-rs:RegionList><rdf:Bag><rdf:li><rdf:Description>"
      "<mwg-rs:Type>Face</mwg-rs:Type><mwg-rs:Name>Anna</mwg-rs:Name><mwg-rs:Area><rdf:Description "
      "stArea:x='0.5' "
      "stArea:y='0.4' stArea:w='0.1' stArea:h='0.2'/></mwg-rs:Area></rdf:Description></rdf:li></rdf:Bag>"
      "</mwg-rs:RegionList></rdf:Description></mwg-rs:Regions>")));
}

TEST(Regions, MayBeAttributesOfTheListItemInASequence) {
  expect_anna(claims_in(packet(
      "<mwg-rs:Regions rdf:parseType='Resource'><mwg-rs:RegionList><rdf:Seq><rdf:li rdf:parseType='Resource'>"
      "<mwg-rs:Area " +
      std::string(anna_area) +
      "/><mwg-rs:Name xml:lang='de'>Anna</mwg-rs:Name></rdf:li></rdf:Seq>"
      "</mwg-rs:RegionList></mwg-rs:Regions>")));
}

TEST(Regions, OfAnotherPrefixAndAnOlderAreaNamespaceAreTheSame) {
  expect_anna(claims_in(
      "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><rdf:Description rdf:about=''"
      " xmlns:r='http://www.metadataworkinggroup.com/schemas/regions/'"
      " xmlns:a='http://ns.adobe.com/xap/1.0/sType/Area#'>"
      "<r:Regions rdf:parseType='Resource'><r:RegionList><rdf:Bag><rdf:li><rdf:Description r:Name='Anna'>"
      "<r:Area a:x='0.5' a:y='0.4' a:w='0.1' a:h='0.2'/></rdf:Description></rdf:li></rdf:Bag></r:RegionList>"
      "</r:Regions></rdf:Description></rdf:RDF>"));
}

TEST(Regions, OfASingleOneWithoutAListCount) {
  expect_anna(claims_in(
      packet("<mwg-rs:Regions rdf:parseType='Resource'><mwg-rs:RegionList><rdf:Description "
             "mwg-rs:Name='Anna'><mwg-rs:Area " +
             std::string(anna_area) + "/></rdf:Description></mwg-rs:RegionList></mwg-rs:Regions>")));
}

// ---- their areas

TEST(Regions, InPixelsRelateToTheDimensionsTheyWereAppliedTo) {
  const std::string half = "stArea:x='1000' stArea:y='600' stArea:w='200' stArea:h='300' stArea:unit='pixel'";
  expect_anna(
      claims_in_regions(attribute_region("Anna", half), "stDim:w='2000' stDim:h='1500' stDim:unit='pixel'"));
  const std::string whole =
      "stArea:x='2000' stArea:y='1200' stArea:w='400' stArea:h='600' stArea:unit='pixel'";
  expect_anna(claims_in_regions(attribute_region("Anna", whole)));
}

TEST(Regions, WithDecimalCommasAreReadAlike) {
  expect_anna(claims_in_regions(
      attribute_region("Anna", "stArea:x='0,5' stArea:y='0,4' stArea:w='0,1' stArea:h='0,2'")));
  expect_anna(claims_in(packet(microsoft_regions(microsoft_region("Anna", "0,45, 0,3, 0,1, 0,2")))));
  expect_anna(claims_in(packet(microsoft_regions(microsoft_region("Anna", "0,45;0,3;0,1;0,2")))));
}

TEST(Regions, OfACircleHaveADiameterInUnitsOfTheShorterSide) {
  const auto claims =
      claims_in_regions(attribute_region("Anna", "stArea:x='0.5' stArea:y='0.5' stArea:d='0.1'"));
  ASSERT_EQ(claims.size(), 1U);
  expect_box(claims[0], {1850, 1350, 300, 300});
}

TEST(Regions, OfAPointNameWithoutAPlace) {
  const auto claims = claims_in_regions(attribute_region("Anna", "stArea:x='0.5' stArea:y='0.5'"));
  ASSERT_EQ(names_of(claims), Names{"Anna"});
  EXPECT_FALSE(claims[0].box);
  EXPECT_FALSE(claims[0].stale);
}

TEST(Regions, TakeTheAreaAsItStandsWhateverTheRotation) {
  expect_anna(
      claims_in(packet(mwg_regions("<rdf:li><rdf:Description mwg-rs:Name='Anna' mwg-rs:Type='Face' "
                                   "mwg-rs:Rotation='0.35'><mwg-rs:Area " +
                                   std::string(anna_area) + "/></rdf:Description></rdf:li>"))));
}

TEST(Regions, WithNumbersThatMakeNoSenseAreNamesWithoutAPlace) {
  for (const char* area : {"stArea:x='nan' stArea:y='0.4' stArea:w='0.1' stArea:h='0.2'",
                           "stArea:x='0.5' stArea:y='inf' stArea:w='0.1' stArea:h='0.2'",
                           "stArea:x='0.5' stArea:y='0.4' stArea:w='-0.1' stArea:h='0.2'",
                           "stArea:x='0.5' stArea:y='0.4' stArea:w='0' stArea:h='0.2'",
                           "stArea:x='0.5' stArea:y='0.4' stArea:w='1e-9' stArea:h='0.2'",
                           "stArea:x='0.5' stArea:y='0.4' stArea:w='7' stArea:h='0.2'",
                           "stArea:x='1.5' stArea:y='0.4' stArea:w='0.1' stArea:h='0.2'",
                           "stArea:x='-3' stArea:y='0.4' stArea:w='0.1' stArea:h='0.2'",
                           "stArea:x='1e400' stArea:y='0.4' stArea:w='0.1' stArea:h='0.2'",
                           "stArea:x='0.5x' stArea:y='0.4' stArea:w='0.1' stArea:h='0.2'",
                           "stArea:x='' stArea:y='0.4' stArea:w='0.1' stArea:h='0.2'",
                           "stArea:x='2000' stArea:y='1200' stArea:w='400' stArea:h='600'"}) {
    SCOPED_TRACE(area);
    const auto claims = claims_in_regions(attribute_region("Anna", area));
    ASSERT_EQ(names_of(claims), Names{"Anna"});
    EXPECT_FALSE(claims[0].box);
    EXPECT_TRUE(claims_in_regions(attribute_region("", area)).empty());
  }
  for (const char* rectangle :
       {"0.1", "0.1, 0.2, 0.3", "0.1, 0.2, 0.3, 0.4, 0.5", "a, b, c, d", "nan, 0, 1, 1"}) {
    SCOPED_TRACE(rectangle);
    const auto claims = claims_in(packet(microsoft_regions(microsoft_region("Anna", rectangle))));
    ASSERT_EQ(names_of(claims), Names{"Anna"});
    EXPECT_FALSE(claims[0].box);
  }
}

TEST(Regions, AtTheEdgeMayReachOverIt) {
  const auto claims = claims_in_regions(
      attribute_region("Anna", "stArea:x='0.01' stArea:y='0.4' stArea:w='0.1' stArea:h='0.2'"));
  ASSERT_EQ(claims.size(), 1U);
  expect_box(claims[0], {-160, 900, 400, 600});
}

// ---- kinds and names

TEST(Regions, OfPetsAndFocusAreKeptAndNoFaces) {
  const auto claims = claims_in_regions(
      attribute_region("Rex", anna_area, "Pet") + attribute_region("", anna_area, "Focus") +
      attribute_region("", anna_area, "BarCode") + attribute_region("Vase", anna_area, "Object"));
  ASSERT_EQ(claims.size(), 4U);
  EXPECT_EQ(claims[0].kind, RegionKind::pet);
  EXPECT_EQ(claims[1].kind, RegionKind::focus);
  EXPECT_EQ(claims[2].kind, RegionKind::bar_code);
  EXPECT_EQ(claims[3].kind, RegionKind::other);
}

TEST(Regions, OfAPetDoNotHideAPersonOfItsName) {
  const auto claims = claims_in(packet(mwg_regions(attribute_region("Rex", anna_area, "Pet")) +
                                       list("Iptc4xmpExt:PersonInImage", {"Rex"})));
  ASSERT_EQ(claims.size(), 2U);
  EXPECT_EQ(claims[1].kind, RegionKind::face);
  EXPECT_EQ(claims[1].source, "person-in-image");
}

TEST(Regions, WithoutATypeAreFacesAndWithoutANameFacesOfNobody) {
  const auto claims = claims_in_regions(attribute_region("", anna_area, ""));
  ASSERT_EQ(claims.size(), 1U);
  EXPECT_EQ(claims[0].kind, RegionKind::face);
  EXPECT_EQ(claims[0].name, "");
  expect_box(claims[0], anna_box);
}

TEST(Regions, KeepNamesAsTheyAreButInOneLine) {
  const std::string family = "\xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x91\xa9";  // an emoji of two and a joiner
  const auto claims = claims_in_regions(
      attribute_region("  O&apos;Neil / &quot;Bo&quot;, A|B &#10; C ", anna_area) +
      attribute_region(family, "stArea:x='0.1' stArea:y='0.1' stArea:w='0.1' stArea:h='0.1'"));
  ASSERT_EQ(claims.size(), 2U);
  EXPECT_EQ(claims[0].name, "O'Neil / \"Bo\", A|B   C");
  EXPECT_EQ(claims[1].name, family);
}

TEST(Regions, WithANameLongerThanAnyAreUnnamed) {
  const auto claims = claims_in_regions(attribute_region(std::string(201, 'a'), anna_area));
  ASSERT_EQ(claims.size(), 1U);
  EXPECT_EQ(claims[0].name, "");
}

// ---- Microsoft's

TEST(Regions, OfWindowsStartAtTheTopLeftCorner) {
  const auto claims = claims_in(packet(microsoft_regions(microsoft_region("Anna", "0.45, 0.3, 0.1, 0.2"))));
  expect_anna(claims);
  EXPECT_EQ(claims[0].source, "microsoft");
}

TEST(Regions, OfWindowsWithoutARectangleNameAPersonSomewhere) {
  const auto claims = claims_in(packet(microsoft_regions(microsoft_region("Anna", ""))));
  ASSERT_EQ(names_of(claims), Names{"Anna"});
  EXPECT_FALSE(claims[0].box);
}

TEST(Regions, InBothFormsAreOneClaim) {
  const auto claims = claims_in(packet(mwg_regions(attribute_region("Anna", anna_area)) +
                                       microsoft_regions(microsoft_region("anna", "0.45, 0.3, 0.1, 0.2") +
                                                         microsoft_region("Ben", "0.1, 0.1, 0.1, 0.1"))));
  ASSERT_EQ(names_of(claims), (Names{"Anna", "Ben"}));
  EXPECT_EQ(claims[0].source, "mwg");
}

TEST(Regions, InBothFormsMayNameEachOther) {
  expect_anna(claims_in(packet(mwg_regions(attribute_region("", anna_area)) +
                               microsoft_regions(microsoft_region("Anna", "0.45, 0.3, 0.1, 0.2")))));
}

TEST(Regions, InBothFormsThatDisagreeAreBothHeard) {
  const auto claims = claims_in(packet(mwg_regions(attribute_region("Anna", anna_area)) +
                                       microsoft_regions(microsoft_region("Ben", "0.45, 0.3, 0.1, 0.2"))));
  EXPECT_EQ(names_of(claims), (Names{"Anna", "Ben"}));
}

// ---- where they lie on the upright photo

TEST(Regions, LandWhereTheyBelongInAllOrientations) {
  std::mt19937 random(7);
  std::uniform_real_distribution<double> centre(0.2, 0.8);
  std::uniform_real_distribution<double> side(0.05, 0.3);
  std::uniform_int_distribution<int> pixels(600, 6000);
  for (int round = 0; round < 40; ++round) {
    const int orientation = round % 8 + 1;
    const PhotoFrame photo{.width = pixels(random), .height = pixels(random), .orientation = orientation};
    const Box face{static_cast<float>(centre(random) * photo.width / 2),
                   static_cast<float>(centre(random) * photo.height / 2),
                   static_cast<float>(side(random) * photo.width),
                   static_cast<float>(side(random) * photo.height)};
    const Area area = stored_from_upright(area_of(face, photo), orientation);
    const auto number = [](double value) { return std::to_string(value); };
    const FrameSize stored = stored_size(photo);
    const std::string size =
        "stDim:w='" + std::to_string(stored.width) + "' stDim:h='" + std::to_string(stored.height) + "'";
    const auto claims = claims_in(
        packet(
            mwg_regions(
                attribute_region("Anna", "stArea:x='" + number(area.x + area.width / 2) + "' stArea:y='" +
                                             number(area.y + area.height / 2) + "' stArea:w='" +
                                             number(area.width) + "' stArea:h='" + number(area.height) + "'"),
                size) +
            microsoft_regions(microsoft_region("Ben", number(area.x) + ", " + number(area.y) + ", " +
                                                          number(area.width) + ", " + number(area.height)))),
        photo);
    ASSERT_EQ(claims.size(), 2U) << orientation;
    for (const NameClaim& claim : claims) {
      ASSERT_TRUE(claim.box);
      EXPECT_NEAR(claim.box->x, face.x, 1) << orientation;
      EXPECT_NEAR(claim.box->y, face.y, 1) << orientation;
      EXPECT_NEAR(claim.box->width, face.width, 1) << orientation;
      EXPECT_NEAR(claim.box->height, face.height, 1) << orientation;
    }
  }
}

TEST(Regions, OfAShrunkenPhotoStillHold) {
  expect_anna(claims_in_regions(attribute_region("Anna", anna_area), "stDim:w='640' stDim:h='480'"));
  expect_anna(claims_in_regions(attribute_region("Anna", anna_area), "stDim:w='33' stDim:h='25'"));  // 33.3
  expect_anna(claims_in_regions(attribute_region("Anna", anna_area), "stDim:w='4012' stDim:h='3000'"));
}

TEST(Regions, OfACroppedOrTurnedPhotoAreStale) {
  for (const char* size :
       {"stDim:w='3000' stDim:h='4000'", "stDim:w='4000' stDim:h='2250'", "stDim:w='3000' stDim:h='3000'",
        "stDim:w='1e300' stDim:h='1e-300' stDim:unit='pixel'", "stDim:w='1e300' stDim:h='1'"}) {
    SCOPED_TRACE(size);
    const auto claims = claims_in(packet(mwg_regions(attribute_region("Anna", anna_area), size) +
                                         microsoft_regions(microsoft_region("Anna", "0.45, 0.3, 0.1, 0.2"))));
    ASSERT_EQ(names_of(claims), Names{"Anna"});
    if (std::string(size).find("1e-300") != std::string::npos) continue;  // no dimensions at all
    EXPECT_TRUE(claims[0].stale);
    EXPECT_FALSE(claims[0].box);
  }
}

TEST(Regions, OfAPhotoThatLiesOnItsSideRelateToTheStoredSize) {
  const PhotoFrame upright{.width = 3000, .height = 4000, .orientation = 6};
  const auto fresh = claims_in_regions(attribute_region("Anna", anna_area), dimensions, upright);
  ASSERT_EQ(fresh.size(), 1U);
  expect_box(fresh[0], {1500, 1800, 600, 400});  // its bottom, at half the height, is the left edge
  const auto turned =
      claims_in_regions(attribute_region("Anna", anna_area), "stDim:w='3000' stDim:h='4000'", upright);
  ASSERT_EQ(turned.size(), 1U);
  EXPECT_TRUE(turned[0].stale);
}

TEST(Regions, WithoutSoundDimensionsAreTakenAsTheyAre) {
  for (const char* size : {"", "stDim:w='0' stDim:h='0'", "stDim:w='-4000' stDim:h='3000'",
                           "stDim:w='nan' stDim:h='3000'", "stDim:w='4000'"}) {
    SCOPED_TRACE(size);
    expect_anna(claims_in_regions(attribute_region("Anna", anna_area), size));
  }
}

// ---- people without a region

TEST(People, AreNamedByPersonInImageAndByKeywordsBelowARoot) {
  const auto claims =
      claims_in(packet(list("Iptc4xmpExt:PersonInImage", {"Anna"}) +
                       list("lr:hierarchicalSubject", {"People|Ben", "Places|Paris", "People"}) +
                       list("digiKam:TagsList", {"Personen/Carl", "People/Ben", "Trip/People"}, "Seq") +
                       list("dc:subject", {"Dora", "Anna"})));
  ASSERT_EQ(names_of(claims), (Names{"Anna", "Ben", "Carl"}));
  EXPECT_EQ(claims[0].source, "person-in-image");
  EXPECT_EQ(claims[1].source, "keyword");
  EXPECT_FALSE(claims[1].box);
}

TEST(People, InGroupsAreTheLeavesAndNotTheGroups) {
  EXPECT_EQ(names_of(claims_in(packet(list("lr:hierarchicalSubject",
                                           {"People|Family", "People|Family|Anna", "People|Family|Ben"})))),
            (Names{"Anna", "Ben"}));
}

TEST(People, WhoseNameHasASlashAreKnownByTheirOtherMention) {
  EXPECT_EQ(names_of(claims_in(packet(list("Iptc4xmpExt:PersonInImage", {"AC/DC"}) +
                                      list("digiKam:TagsList", {"People/AC/DC"}, "Seq")))),
            Names{"AC/DC"});
}

TEST(People, WhomDigikamDoesNotKnowAreNobody) {
  EXPECT_TRUE(claims_in(packet(list("digiKam:TagsList",
                                    {"People/Unknown", "People/Unconfirmed", "People/Ignored"}, "Seq")))
                  .empty());
}

TEST(People, WithARegionAreNotNamedTwice) {
  expect_anna(claims_in(packet(mwg_regions(attribute_region("Anna", anna_area)) +
                               list("Iptc4xmpExt:PersonInImage", {"ANNA"}) +
                               list("lr:hierarchicalSubject", {"People|Anna"}))));
}

TEST(People, WithDetailsAndLanguagesCount) {
  EXPECT_EQ(names_of(claims_in(
                packet("<Iptc4xmpExt:PersonInImage><rdf:Bag><rdf:li>Anna</rdf:li><rdf:li "
                       "xml:lang='en'>Ben</rdf:li></rdf:Bag>"
                       "</Iptc4xmpExt:PersonInImage><Iptc4xmpExt:PersonInImageWDetails><rdf:Bag><rdf:li "
                       "rdf:parseType='Resource'>"
                       "<Iptc4xmpExt:PersonName><rdf:Alt><rdf:li xml:lang='x-default'>Carl</rdf:li></rdf:Alt>"
                       "</Iptc4xmpExt:PersonName></rdf:li></rdf:Bag></Iptc4xmpExt:PersonInImageWDetails>"))),
            (Names{"Anna", "Ben", "Carl"}));
}

// ---- several files

NameClaim region(const std::string& name, const Box& box) {
  return {RegionKind::face, name, box, false, "mwg"};
}
NameClaim person(const std::string& name) { return {RegionKind::face, name, std::nullopt, false, "keyword"}; }

TEST(UnitedClaims, BelieveTheFirstFileOnAPlaceAndOnAName) {
  const auto all = metadata::united({{region("Anna", {100, 100, 50, 50})},
                                     {region("Ben", {105, 100, 50, 50}), region("Anna", {500, 500, 50, 50}),
                                      region("Carl", {300, 300, 50, 50})}});
  EXPECT_EQ(names_of(all), (Names{"Anna", "Carl"}));
  EXPECT_EQ(all[0].box->x, 100);
}

TEST(UnitedClaims, TakeAPlaceFromALaterFileWhereTheFirstHasNone) {
  NameClaim stale = person("Anna");
  stale.stale = true;
  const auto all = metadata::united(
      {{stale, person("Ben")}, {region("Anna", {1, 1, 9, 9}), region("Ben", {50, 50, 9, 9})}});
  ASSERT_EQ(names_of(all), (Names{"Anna", "Ben"}));
  EXPECT_TRUE(all[0].box && all[1].box);
}

TEST(UnitedClaims, KeepTwoRegionsOfOneNameWithinAFile) {
  const auto all = metadata::united({{region("Anna", {0, 0, 9, 9}), region("Anna", {50, 0, 9, 9})}});
  EXPECT_EQ(all.size(), 2U);
}

}  // namespace
}  // namespace kith::test
