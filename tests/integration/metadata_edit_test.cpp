// SPDX-License-Identifier: Apache-2.0
#include <kith/metadata.h>

#include <sys/stat.h>
#include <sys/xattr.h>

#include <algorithm>
#include <chrono>
#include <iterator>

#include <gtest/gtest.h>

#include "imageio/pictures.h"
#include "integration/exiftool.h"
#include "support/files.h"

namespace kith {
namespace {

namespace fs = std::filesystem;
using test::all_tags;
using test::content_of;
using test::entries;
using Kind = MetadataChange::Kind;
using Json = nlohmann::json;
using Names = std::vector<std::string>;

constexpr PhotoFrame frame{.width = 160, .height = 120};
constexpr Box left{16, 12, 32, 30};
constexpr Box right{100, 20, 32, 30};
const std::vector<NamedFace> anna{{"Anna", left}};
const MetadataSettings plain{};

void write(const fs::path& file, const std::string& text) {
  test::write_bytes(file, test::Bytes(text.begin(), text.end()));
}

fs::path make_photo(const fs::path& file) {
  const std::string ending =
      file.extension() == ".tif" ? ".tif[compression=lzw,predictor=horizontal]" : file.extension().string();
  test::write_bytes(file, test::encode(test::quarters(160, 120), ending));
  return file;
}

// The record of an edit that had to work.
std::string write_names(const fs::path& photo, const std::vector<NamedFace>& faces, const Names& people = {},
                        const std::string& record = "", const MetadataSettings& settings = plain,
                        const PhotoFrame& of = frame) {
  auto edit = edit_names(photo, of, faces, people, record, settings);
  if (!edit) throw std::runtime_error(edit.error().message);
  if (const Status done = edit->commit(); !done) throw std::runtime_error(done.error().message);
  return edit->record();
}

bool has_change(const MetadataEdit& edit, Kind kind, const std::string& field, const std::string& before,
                const std::string& after) {
  return std::ranges::any_of(edit.changes(), [&](const MetadataChange& change) {
    return change.kind == kind && change.field == field && change.before == before && change.after == after;
  });
}

constexpr std::string_view rdf_head =
    "<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>\n"
    "<rdf:Description rdf:about='' xmlns:mwg-rs='http://www.metadataworkinggroup.com/schemas/regions/'\n"
    " xmlns:stDim='http://ns.adobe.com/xap/1.0/sType/Dimensions#' "
    "xmlns:stArea='http://ns.adobe.com/xmp/sType/Area#'\n"
    " xmlns:MP='http://ns.microsoft.com/photo/1.2/' "
    "xmlns:MPRI='http://ns.microsoft.com/photo/1.2/t/RegionInfo#'\n"
    " xmlns:MPReg='http://ns.microsoft.com/photo/1.2/t/Region#' xmlns:dc='http://purl.org/dc/elements/1.1/'\n"
    " xmlns:Iptc4xmpExt='http://iptc.org/std/Iptc4xmpExt/2008-02-29/' xmlns:my='http://example.com/my/'>\n";
constexpr std::string_view rdf_tail = "</rdf:Description></rdf:RDF></x:xmpmeta>";

// A sidecar with MWG's regions of these items.
std::string regions_xmp(const std::string& items,
                        const std::string& dimensions = "stDim:w='160' stDim:h='120' stDim:unit='pixel'") {
  return std::string(rdf_head) + "<mwg-rs:Regions rdf:parseType='Resource'><mwg-rs:AppliedToDimensions " +
         dimensions + "/><mwg-rs:RegionList><rdf:Bag>" + items +
         "</rdf:Bag></mwg-rs:RegionList></mwg-rs:Regions>" + std::string(rdf_tail);
}
const std::string area_of_left =
    "<mwg-rs:Area stArea:x='0.2' stArea:y='0.225' stArea:w='0.2' stArea:h='0.25' stArea:unit='normalized'/>";
const MetadataSettings beside{.sidecar = SidecarUse::always};

// What is compared before and after: all but what kith writes, and what tells of the file as such.
Json others(Json tags) {
  for (const char* group : {"System:", "File:", "ExifTool:", "SourceFile",
                            "Composite:", "XMP-mwg-rs:", "XMP-MP:", "XMP-iptcExt:PersonInImage",
                            "XMP-dc:Subject", "XMP-lr:", "XMP-digiKam:", "IFD1:ThumbnailOffset"}) {
    for (auto tag = tags.begin(); tag != tags.end();) {
      tag = tag.key().starts_with(group) && tag.key() != "File:Comment" ? tags.erase(tag) : std::next(tag);
    }
  }
  return tags;
}

class RichPhotos : public testing::Test {
 protected:
  // Photos with whatever other programs put into them.
  void SetUp() override {
    const std::string items =
        "<rdf:li><rdf:Description mwg-rs:Name='Rex' mwg-rs:Type='Pet' my:tame='yes'><mwg-rs:Area "
        "stArea:x='0.8' stArea:y='0.8' "
        "stArea:w='0.1' stArea:h='0.1' stArea:unit='normalized'/></rdf:Description></rdf:li>";
    std::string packet = regions_xmp(items);
    packet.insert(packet.find(rdf_tail),
                  "<my:nested><rdf:Seq><rdf:li "
                  "rdf:parseType='Resource'><my:a>1</my:a><my:b><rdf:Bag><rdf:li>x</rdf:li><rdf:li>y"
                  "</rdf:li></rdf:Bag></my:b></rdf:li></rdf:Seq></my:nested><my:language "
                  "xml:lang='fr'>oui</my:language>"
                  "<dc:subject><rdf:Bag><rdf:li>holiday</rdf:li></rdf:Bag></dc:subject>"
                  "<dc:title><rdf:Alt><rdf:li xml:lang='x-default'>T</rdf:li><rdf:li "
                  "xml:lang='de'>U</rdf:li></rdf:Alt></dc:title>");
    write(folder_ / "packet",
          "<?xpacket begin='' id='W5M0MpCehiHzreSzNTczkc9d'?>" + packet + "<?xpacket end='w'?>");
    test::write_bytes(folder_ / "thumbnail", test::encode(test::quarters(16, 12), ".jpg"));
    test::write_bytes(folder_ / "profile.jpg", test::encode(test::quarters(16, 16), ".jpg[profile=srgb]"));
    std::vector<std::string> arguments{"-overwrite_original",
                                       "-q",
                                       "-m",
                                       "-tagsFromFile",
                                       (folder_ / "profile.jpg").string(),
                                       "-icc_profile",
                                       "-XMP<=" + (folder_ / "packet").string(),
                                       "-EXIF:Make=Maker",
                                       "-EXIF:Model=Some Model",
                                       "-EXIF:DateTimeOriginal=2019:07:31 18:05:11",
                                       "-EXIF:UserComment=a comment",
                                       "-EXIF:GPSLatitude=48.5",
                                       "-EXIF:GPSLatitudeRef=N",
                                       "-EXIF:MakerNoteUnknownText=offsets are nobody's business",
                                       "-ThumbnailImage<=" + (folder_ / "thumbnail").string(),
                                       "-IPTC:Keywords=iptc keyword",
                                       "-IPTC:City=Rome",
                                       "-Comment=a comment of the file"};
    for (const char* name : {"a.jpg", "a.png", "a.tif", "a.webp"}) {
      photos_.push_back(make_photo(folder_ / name));
      arguments.push_back(photos_.back().string());
    }
    test::exiftool(arguments);
    for (const fs::path& photo : photos_) {
      before_.push_back(content_of(photo));
    }
    tags_before_ = all_tags(photos_, true);
  }

  void expect_others_unchanged() {
    const auto after = all_tags(photos_, true);
    for (std::size_t i = 0; i < photos_.size(); ++i) {
      SCOPED_TRACE(photos_[i].filename());
      const Json was = others(tags_before_.at(photos_[i].string()));
      const Json is = others(after.at(photos_[i].string()));
      EXPECT_GT(was.size(), 10U);
      EXPECT_EQ(was, is) << Json::diff(was, is).dump(1);
      expect_same_picture(before_[i], content_of(photos_[i]), photos_[i].extension());
      if (is.contains("IFD0:StripOffsets")) {
        expect_same_strips(before_[i], content_of(photos_[i]), is);
      }
    }
    EXPECT_EQ(entries(folder_.path()), photos_.size() + 3);
  }

  static void expect_same_picture(const std::string& before, const std::string& after,
                                  const fs::path& ending) {
    const test::Bytes bytes(after.begin(), after.end());
    const auto decoded = test::decode(bytes);
    ASSERT_TRUE(decoded) << decoded.error().message;
    EXPECT_EQ(test::difference(*decoded, *test::decode(test::Bytes(before.begin(), before.end()))), 0);
    // The part of the file in which the pixels lie, as it was. (Where a TIFF's lie, the tags tell.)
    if (ending == ".jpg") {
      EXPECT_TRUE(after.ends_with(before.substr(before.rfind("\xff\xda"))));
    } else if (ending == ".png") {
      expect_holds(after, before.substr(before.find("IDAT"), before.find("IEND") - before.find("IDAT")));
    } else if (ending == ".webp") {
      expect_holds(after, before.substr(before.find("VP8 "), before.find("EXIF") - before.find("VP8 ")));
    }
  }

  static void expect_holds(const std::string& file, const std::string& part) {
    EXPECT_GT(part.size(), 100U);
    EXPECT_NE(file.find(part), std::string::npos);
  }

  void expect_same_strips(const std::string& before, const std::string& after, const Json& tags) {
    const auto at = tags.at("IFD0:StripOffsets").get<std::size_t>();
    const auto count = tags.at("IFD0:StripByteCounts").get<std::size_t>();
    EXPECT_EQ(after.substr(at, count) == before.substr(at, count), true);
  }

  test::TemporaryFolder folder_;
  std::vector<fs::path> photos_;
  std::vector<std::string> before_;
  std::map<std::string, Json> tags_before_;
};

TEST_F(RichPhotos, NamesComeInAndNothingElseChanges) {
  MetadataSettings settings;
  settings.microsoft = true;
  for (const fs::path& photo : photos_)
    write_names(photo, {{"Anna", left}, {"Ben <&> \"O'B\"", right}}, {"Carl"}, "", settings);
  expect_others_unchanged();
  for (const auto& [file, tags] : all_tags(photos_)) {
    SCOPED_TRACE(file);
    const Json& regions = tags.at("XMP-mwg-rs:RegionInfo").at("RegionList");
    ASSERT_EQ(regions.size(), 3U);
    EXPECT_EQ(regions[0].at("Name"), "Rex");
    EXPECT_EQ(regions[1].at("Name"), "Anna");
    EXPECT_EQ(regions[1].at("Type"), "Face");
    EXPECT_NEAR(regions[1].at("Area").at("X").get<double>(), 0.2, 1e-6);
    EXPECT_NEAR(regions[1].at("Area").at("H").get<double>(), 0.25, 1e-6);
    EXPECT_EQ(regions[2].at("Name"), "Ben <&> \"O'B\"");
    EXPECT_EQ(tags.at("XMP-MP:RegionInfoMP").at("Regions").size(), 2U);
    EXPECT_EQ(tags.at("XMP-MP:RegionInfoMP").at("Regions")[0].at("Rectangle"), "0.1, 0.1, 0.2, 0.25");
    EXPECT_EQ(tags.at("XMP-iptcExt:PersonInImage"), Json({"Anna", "Ben <&> \"O'B\"", "Carl"}));
    EXPECT_EQ(tags.at("XMP-dc:Subject"), Json({"holiday", "Anna", "Ben <&> \"O'B\"", "Carl"}));
    EXPECT_EQ(tags.at("XMP-lr:HierarchicalSubject")[0], "People|Anna");
    EXPECT_EQ(tags.at("XMP-digiKam:TagsList")[2], "People/Carl");
  }
}

TEST_F(RichPhotos, NamesTakenBackLeaveTheFileAsItWas) {
  for (std::size_t i = 0; i < photos_.size(); ++i) {
    SCOPED_TRACE(photos_[i].filename());
    const std::string record = write_names(photos_[i], anna);
    EXPECT_NE(content_of(photos_[i]), before_[i]);
    EXPECT_EQ(write_names(photos_[i], {}, {}, record), "");
    if (photos_[i].extension() != ".tif") {
      EXPECT_EQ(content_of(photos_[i]), before_[i]);
    }
  }
  const auto after = all_tags(photos_, true);
  for (const fs::path& photo : photos_) {
    EXPECT_EQ(after.at(photo.string()).at("XMP-dc:Subject"), Json({"holiday"}));
    EXPECT_EQ(after.at(photo.string()).at("XMP-mwg-rs:RegionInfo").at("RegionList").size(), 1U);
  }
  expect_others_unchanged();
}

TEST_F(RichPhotos, TextsAreReadByExiftoolAsTheyWereGivenAndGoAgain) {
  for (const fs::path& photo : photos_) {
    auto edit = edit_texts(photo, "Mémé & Ünal\nam Meer 🙂", "Ein Kommentar: 日本 🙂");
    ASSERT_TRUE(edit) << edit.error().message;
    ASSERT_TRUE(edit->commit());
    const auto again = edit_texts(photo, "Mémé & Ünal\nam Meer 🙂", "Ein Kommentar: 日本 🙂");
    EXPECT_TRUE(again->empty()) << photo;
  }
  for (const auto& [file, tags] : all_tags(photos_)) {
    SCOPED_TRACE(file);
    EXPECT_EQ(tags.at("IFD0:ImageDescription"), "Mémé & Ünal\nam Meer 🙂");
    EXPECT_EQ(tags.at("ExifIFD:UserComment"), "Ein Kommentar: 日本 🙂");
    EXPECT_EQ(tags.at("XMP-dc:Description"), "Mémé & Ünal\nam Meer 🙂");
    EXPECT_EQ(tags.at("XMP-exif:UserComment"), "Ein Kommentar: 日本 🙂");
  }
  for (const fs::path& photo : photos_) {
    auto edit = edit_texts(photo, "", "a comment");
    ASSERT_TRUE(edit->commit());
    ASSERT_TRUE(edit_texts(photo, std::nullopt, "a comment")->empty());
  }
  for (const auto& [file, tags] : all_tags(photos_)) {
    EXPECT_FALSE(tags.contains("IFD0:ImageDescription"));
    EXPECT_EQ(tags.at("ExifIFD:UserComment"), "a comment");
  }
  for (auto& [file, tags] : tags_before_) tags["XMP-exif:UserComment"] = "a comment";
  expect_others_unchanged();
}

TEST(MetadataEdit, OfAPhotoWithoutAnyMetadataIsReadByExiftoolAndLeavesNoTrace) {
  const test::TemporaryFolder folder;
  for (const char* name : {"a.jpg", "a.png", "a.tif", "a.webp"}) {
    SCOPED_TRACE(name);
    const fs::path photo = make_photo(folder / name);
    test::exiftool({"-overwrite_original", "-q", "-all=", photo.string()});
    const std::string before = content_of(photo);
    const std::string record = write_names(photo, anna);
    const auto second = edit_names(photo, frame, anna, {}, record);
    ASSERT_TRUE(second) << second.error().message;
    EXPECT_TRUE(second->empty());
    EXPECT_EQ(second->record(), record);
    const Json tags = all_tags({photo}).begin()->second;
    EXPECT_FALSE(tags.contains("ExifTool:Warning")) << tags.dump(1);
    EXPECT_EQ(tags.at("XMP-mwg-rs:RegionInfo").at("AppliedToDimensions").at("W"), 160);
    EXPECT_EQ(tags.at("XMP-mwg-rs:RegionInfo").at("RegionList")[0].at("Name"), "Anna");
    EXPECT_EQ(write_names(photo, {}, {}, record), "");
    if (photo.extension() == ".jpg" || photo.extension() == ".png") {
      EXPECT_EQ(content_of(photo), before);
    }
    EXPECT_FALSE(all_tags({photo}).begin()->second.contains("XMP-mwg-rs:RegionInfo"));
    EXPECT_TRUE(test::decode(test::read_bytes(photo)));
    fs::remove(photo);
  }
}

TEST(MetadataEdit, OurNamesChangeAndOthersStay) {
  const test::TemporaryFolder folder;
  const fs::path photo = make_photo(folder / "a.jpg");
  std::string record = write_names(photo, {{"Anna", left}, {"Ben", right}});
  test::exiftool({"-overwrite_original", "-q", "-XMP-dc:Subject+=mine", "-XMP-iptcExt:PersonInImage+=Zoe",
                  photo.string()});
  record = write_names(photo, {{"Anne", left}}, {}, record);
  const Json tags = all_tags({photo}).begin()->second;
  ASSERT_EQ(tags.at("XMP-mwg-rs:RegionInfo").at("RegionList").size(), 1U);
  EXPECT_EQ(tags.at("XMP-mwg-rs:RegionInfo").at("RegionList")[0].at("Name"), "Anne");
  EXPECT_EQ(tags.at("XMP-dc:Subject"), Json({"mine", "Anne"}));
  EXPECT_EQ(tags.at("XMP-iptcExt:PersonInImage"), Json({"Zoe", "Anne"}));
}

TEST(MetadataEdit, WithoutARecordNothingIsRemoved) {
  const test::TemporaryFolder folder;
  const fs::path photo = make_photo(folder / "a.jpg");
  write_names(photo, anna);
  const std::string before = content_of(photo);
  EXPECT_TRUE(edit_names(photo, frame, {}, {}, "")->empty());
  EXPECT_EQ(content_of(photo), before);
}

TEST(MetadataEdit, AnothersRegionGetsTheNameItLacksInEverySpelling) {
  const test::TemporaryFolder folder;
  const fs::path photo = make_photo(folder / "a.jpg");
  for (const std::string& item :
       {"<rdf:li rdf:parseType='Resource'><mwg-rs:Type>Face</mwg-rs:Type>" + area_of_left + "</rdf:li>",
        "<rdf:li rdf:parseType='Resource'><mwg-rs:Name></mwg-rs:Name>" + area_of_left + "</rdf:li>",
        "<rdf:li><rdf:Description mwg-rs:Type='Face'>" + area_of_left + "</rdf:Description></rdf:li>",
        "<rdf:li><rdf:Description mwg-rs:Name='' mwg-rs:Type='Face'>" + area_of_left +
            "</rdf:Description></rdf:li>"}) {
    SCOPED_TRACE(item);
    write(folder / "a.jpg.xmp", regions_xmp(item));
    const std::string record = write_names(photo, anna, {}, "", beside);
    const Json tags = all_tags({folder / "a.jpg.xmp"}).begin()->second;
    const Json regions = tags.at("XMP-mwg-rs:RegionInfo").at("RegionList");
    ASSERT_EQ(regions.size(), 1U);
    EXPECT_EQ(regions[0].at("Name"), "Anna");
    write_names(photo, {}, {}, record, beside);
    const Json back =
        all_tags({folder / "a.jpg.xmp"}).begin()->second.at("XMP-mwg-rs:RegionInfo").at("RegionList");
    ASSERT_EQ(back.size(), 1U);
    EXPECT_EQ(back[0].value("Name", ""), "");
  }
}

TEST(MetadataEdit, AnothersNameOnAFaceIsKeptAndReported) {
  const test::TemporaryFolder folder;
  const fs::path photo = make_photo(folder / "a.jpg");
  write(folder / "a.xmp", regions_xmp("<rdf:li rdf:parseType='Resource'><mwg-rs:Name>Ben</mwg-rs:Name>" +
                                      area_of_left + "</rdf:li>"));
  auto edit = edit_names(photo, frame, anna, {}, "");
  ASSERT_TRUE(edit);
  EXPECT_EQ(edit->file(), folder / "a.xmp");
  EXPECT_TRUE(has_change(*edit, Kind::kept, "region", "Ben", "Anna"));
  ASSERT_TRUE(edit->commit());
  const Json regions =
      all_tags({folder / "a.xmp"}).begin()->second.at("XMP-mwg-rs:RegionInfo").at("RegionList");
  ASSERT_EQ(regions.size(), 1U);
  EXPECT_EQ(regions[0].at("Name"), "Ben");
}

TEST(MetadataEdit, RegionsOfAnotherCropAreLeftAndNamesWrittenBesides) {
  const test::TemporaryFolder folder;
  const fs::path photo = make_photo(folder / "a.jpg");
  const std::string item =
      "<rdf:li rdf:parseType='Resource'><mwg-rs:Name>Ben</mwg-rs:Name>" + area_of_left + "</rdf:li>";
  const std::string of_scaled = regions_xmp(item, "stDim:w='1600' stDim:h='1200' stDim:unit='pixel'");
  write(folder / "a.xmp", of_scaled);
  EXPECT_TRUE(has_change(*edit_names(photo, frame, std::vector<NamedFace>{{"Anna", right}}, {}, ""),
                         Kind::add, "region", "", "Anna"));
  write(folder / "a.xmp", regions_xmp(item, "stDim:w='120' stDim:h='160' stDim:unit='pixel'"));
  auto edit = edit_names(photo, frame, std::vector<NamedFace>{{"Anna", right}}, {}, "");
  ASSERT_TRUE(edit);
  EXPECT_TRUE(has_change(*edit, Kind::kept, "region", "of another crop or turn of the photo", "Anna"));
  EXPECT_TRUE(has_change(*edit, Kind::add, "person", "", "Anna"));
  ASSERT_TRUE(edit->commit());
  EXPECT_EQ(all_tags({folder / "a.xmp"}).begin()->second.at("XMP-mwg-rs:RegionInfo").at("RegionList").size(),
            1U);
  EXPECT_TRUE(edit_names(photo, frame, std::vector<NamedFace>{{"Anna", right}}, {}, edit->record())->empty());
}

TEST(MetadataEdit, OurOwnRegionsOfAnotherCropAreWrittenAnew) {
  const test::TemporaryFolder folder;
  const fs::path photo = make_photo(folder / "a.jpg");
  const std::string record = write_names(photo, anna, {}, "", plain, {.width = 120, .height = 160});
  const std::string now = write_names(photo, anna, {}, record);
  const Json info = all_tags({photo}).begin()->second.at("XMP-mwg-rs:RegionInfo");
  EXPECT_EQ(info.at("AppliedToDimensions").at("W"), 160);
  ASSERT_EQ(info.at("RegionList").size(), 1U);
  EXPECT_TRUE(edit_names(photo, frame, anna, {}, now)->empty());
}

TEST(MetadataEdit, NamesOfAllKindsComeBackAndMakeNoLevels) {
  const test::TemporaryFolder folder;
  const fs::path photo = make_photo(folder / "a.jpg");
  const Names names{"AC/DC | Friends", "Smith, John", "O'Neill \"Bud\"", "🙂 Zoë 日本", "tab\tand\nline",
                    "<b>&amp;</b>",    "]]>"};
  const std::string record = write_names(photo, {}, names);
  EXPECT_TRUE(edit_names(photo, frame, {}, names, record)->empty());
  Names expected = names;
  expected[4] = "tab and line";
  const Json tags = all_tags({photo}).begin()->second;
  EXPECT_EQ(tags.at("XMP-iptcExt:PersonInImage"), Json(expected));
  EXPECT_EQ(tags.at("XMP-dc:Subject"), Json(expected));
  EXPECT_EQ(tags.at("XMP-lr:HierarchicalSubject")[0], "People|AC∕DC ¦ Friends");
  EXPECT_EQ(tags.at("XMP-digiKam:TagsList")[0], "People/AC∕DC ¦ Friends");
  EXPECT_EQ(edit_names(photo, frame, {}, Names{"\xff"}, "").error().code, ErrorCode::bad_argument);
}

// ---- which file

TEST(MetadataTarget, IsTheSidecarThatIsThereElseThePhotoElseANewSidecar) {
  const test::TemporaryFolder folder;
  const fs::path photo = make_photo(folder / "a.jpg");
  EXPECT_EQ(*metadata_target(photo, plain), photo);
  EXPECT_EQ(*metadata_target(photo, beside), folder / "a.jpg.xmp");
  EXPECT_EQ(*metadata_target(photo, {.sidecar = SidecarUse::always, .sidecar_name = SidecarName::replaced}),
            folder / "a.xmp");
  write(folder / "a.xmp", regions_xmp(""));
  EXPECT_EQ(*metadata_target(photo, plain), folder / "a.xmp");
  EXPECT_EQ(*metadata_target(photo, beside), folder / "a.xmp");
  EXPECT_EQ(*metadata_target(photo, {.sidecar = SidecarUse::never}), photo);
  EXPECT_EQ(metadata_target(folder / "none.jpg", plain).error().code, ErrorCode::not_found);
  const fs::path gif = make_photo(folder / "b.gif");
  EXPECT_EQ(*metadata_target(gif, plain), folder / "b.gif.xmp");
  EXPECT_EQ(metadata_target(gif, {.sidecar = SidecarUse::never}).error().code, ErrorCode::bad_argument);
}

TEST(MetadataEdit, ASidecarOfOurMakingGoesWithItsLastName) {
  const test::TemporaryFolder folder;
  const fs::path photo = make_photo(folder / "a.jpg");
  const std::string before = content_of(photo);
  const std::string record = write_names(photo, anna, {}, "", beside);
  EXPECT_TRUE(fs::exists(folder / "a.jpg.xmp"));
  EXPECT_EQ(content_of(photo), before);
  EXPECT_EQ(all_tags({folder / "a.jpg.xmp"}).begin()->second.at("XMP-dc:Subject"), Json({"Anna"}));
  EXPECT_EQ(write_names(photo, {}, {}, record), "");
  EXPECT_EQ(entries(folder.path()), 1U);
}

TEST(MetadataEdit, AnothersSidecarStaysWhenOurNamesGo) {
  const test::TemporaryFolder folder;
  const fs::path photo = make_photo(folder / "a.jpg");
  const std::string text = std::string(rdf_head) + std::string(rdf_tail) + "\n";
  write(folder / "a.xmp", text);
  const std::string record = write_names(photo, anna);
  EXPECT_NE(content_of(folder / "a.xmp"), text);
  write_names(photo, {}, {}, record);
  EXPECT_EQ(content_of(folder / "a.xmp"), text);
}

TEST(MetadataEdit, WhatIsTooMuchForAJpegGoesIntoASidecarOrIsRefused) {
  const test::TemporaryFolder folder;
  const fs::path photo = make_photo(folder / "a.jpg");
  Names crowd;
  for (int i = 0; i < 1000; ++i) crowd.push_back("Somebody with a long name " + std::to_string(i));
  const std::string before = content_of(photo);
  auto edit = edit_names(photo, frame, {}, crowd, "");
  ASSERT_TRUE(edit) << edit.error().message;
  EXPECT_EQ(edit->file(), folder / "a.jpg.xmp");
  EXPECT_EQ(edit->changes().front().kind, Kind::kept);
  ASSERT_TRUE(edit->commit());
  EXPECT_EQ(content_of(photo), before);
  EXPECT_TRUE(edit_names(photo, frame, {}, crowd, edit->record())->empty());
  EXPECT_EQ(edit_names(photo, frame, {}, crowd, "", {.sidecar = SidecarUse::never}).error().code,
            ErrorCode::too_large);
}

TEST(MetadataEdit, NamesThatMoveToASidecarLeaveThePhoto) {
  const test::TemporaryFolder folder;
  const fs::path photo = make_photo(folder / "a.jpg");
  const std::string before = content_of(photo);
  const std::string record = write_names(photo, anna);
  ASSERT_NE(content_of(photo), before);
  Names crowd;
  for (int i = 0; i < 1000; ++i) crowd.push_back("Somebody with a long name " + std::to_string(i));
  auto edit = edit_names(photo, frame, anna, crowd, record);
  ASSERT_TRUE(edit) << edit.error().message;
  EXPECT_EQ(edit->file(), folder / "a.jpg.xmp");
  EXPECT_TRUE(has_change(*edit, Kind::remove, "photo's region", "Anna", ""));
  // If the sidecar can't be written then, the next edit does the rest.
  write(folder / "a.jpg.xmp", "");
  EXPECT_FALSE(edit->commit());
  EXPECT_EQ(content_of(photo), before);
  fs::remove(folder / "a.jpg.xmp");
  const std::string moved = write_names(photo, anna, crowd, record);
  EXPECT_EQ(content_of(photo), before);
  EXPECT_TRUE(edit_names(photo, frame, anna, crowd, moved)->empty());
  write_names(photo, {}, {}, moved);
  EXPECT_EQ(entries(folder.path()), 1U);
}

TEST(MetadataEdit, XmpInFurtherSegmentsSurvives) {
  const test::TemporaryFolder folder;
  const fs::path photo = make_photo(folder / "a.jpg");
  std::string big = std::string(rdf_head) + "<dc:title><rdf:Alt><rdf:li xml:lang='x-default'>" +
                    std::string(90'000, 'x') + "</rdf:li></rdf:Alt></dc:title>";
  // exiftool moves to further segments what is too much for the first.
  write(folder / "big.xmp", big + std::string(rdf_tail));
  test::exiftool({"-overwrite_original", "-q", "-tagsFromFile", (folder / "big.xmp").string(), "-XMP:all",
                  photo.string()});
  ASSERT_NE(content_of(photo).find("http://ns.adobe.com/xmp/extension/"), std::string::npos);
  write_names(photo, anna);
  const Json tags = all_tags({photo}).begin()->second;
  EXPECT_EQ(tags.at("XMP-dc:Title").get<std::string>().size(), 90'000U);
  EXPECT_EQ(tags.at("XMP-dc:Subject"), Json({"Anna"}));
  EXPECT_FALSE(tags.contains("ExifTool:Warning"));
}

// ---- the file as such

TEST(MetadataEdit, KeepsModeAttributesAndOnRequestTheTime) {
  const test::TemporaryFolder folder;
  const fs::path photo = make_photo(folder / "a.jpg");
  fs::permissions(photo, static_cast<fs::perms>(0640));
  const bool attributes = ::setxattr(photo.c_str(), "user.kith.test", "value", 5, 0) == 0;
  const auto time = fs::last_write_time(photo) - std::chrono::hours(1000);
  fs::last_write_time(photo, time);
  struct stat before {};
  ASSERT_EQ(::stat(photo.c_str(), &before), 0);
  write_names(photo, anna, {}, "", {.keep_modified_time = true});
  struct stat after {};
  ASSERT_EQ(::stat(photo.c_str(), &after), 0);
  EXPECT_EQ(after.st_mode, before.st_mode);
  EXPECT_EQ(after.st_uid, before.st_uid);
  EXPECT_EQ(fs::last_write_time(photo), time);
  char value[5] = {};
  if (attributes) {
    EXPECT_EQ(::getxattr(photo.c_str(), "user.kith.test", value, sizeof value), 5);
  }
  write_names(photo, {{"Ben", right}});
  EXPECT_NE(fs::last_write_time(photo), time);
}

TEST(MetadataEdit, FollowsALink) {
  const test::TemporaryFolder folder;
  fs::create_directory(folder / "away");
  const fs::path photo = make_photo(folder / "away" / "a.jpg");
  fs::create_symlink(photo, folder / "link.jpg");
  const std::string before = content_of(photo);
  write_names(folder / "link.jpg", anna);
  EXPECT_TRUE(fs::is_symlink(folder / "link.jpg"));
  EXPECT_NE(content_of(photo), before);
  EXPECT_EQ(entries(folder / "away"), 1U);
  EXPECT_EQ(entries(folder.path()), 2U);
}

TEST(MetadataEdit, AFileThatChangedMeanwhileIsLeft) {
  const test::TemporaryFolder folder;
  const fs::path photo = make_photo(folder / "a.jpg");
  auto edit = edit_names(photo, frame, anna, {}, "");
  write(photo, content_of(photo) + "x");
  const std::string changed = content_of(photo);
  const Status done = edit->commit();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::changed_meanwhile);
  EXPECT_EQ(content_of(photo), changed);

  auto fresh = edit_names(photo, frame, anna, {}, "", beside);
  write(folder / "a.jpg.xmp", "somebody else's");
  EXPECT_EQ(fresh->commit().error().code, ErrorCode::changed_meanwhile);
  EXPECT_EQ(content_of(folder / "a.jpg.xmp"), "somebody else's");
  EXPECT_EQ(entries(folder.path()), 2U);
}

TEST(MetadataEdit, AReadOnlyFileOrFolderIsLeft) {
  const test::TemporaryFolder folder;
  const fs::path photo = make_photo(folder / "a.jpg");
  const std::string before = content_of(photo);
  auto edit = edit_names(photo, frame, anna, {}, "");
  auto fresh = edit_names(photo, frame, anna, {}, "", beside);
  fs::permissions(photo, static_cast<fs::perms>(0444));
  auto of_read_only = edit_names(photo, frame, anna, {}, "");
  ASSERT_FALSE(of_read_only->commit());  // even for root
  EXPECT_EQ(edit_names(photo, frame, anna, {}, "")->commit().error().code, ErrorCode::unreadable);
  fs::permissions(photo, static_cast<fs::perms>(0666));
  fs::permissions(folder.path(), static_cast<fs::perms>(0555));
  {
    const test::WithoutRootRights ordinary;
    EXPECT_EQ(edit_names(photo, frame, anna, {}, "")->commit().error().code, ErrorCode::unreadable);
    EXPECT_EQ(fresh->commit().error().code, ErrorCode::unreadable);
  }
  fs::permissions(folder.path(), fs::perms::all);
  EXPECT_EQ(content_of(photo), before);
  EXPECT_EQ(entries(folder.path()), 1U);
}

TEST(MetadataEdit, ADamagedFileIsNotWritten) {
  const test::TemporaryFolder folder;
  for (const char* name : {"a.jpg", "a.png", "a.tif", "a.webp"}) {
    SCOPED_TRACE(name);
    const fs::path photo = make_photo(folder / name);
    write_names(photo, anna);
    const std::string good = content_of(photo);
    const std::size_t xmp = good.find("</rdf:RDF>");
    std::string broken = good;
    broken.replace(xmp, 5, "<<<<<");
    write(photo, broken);
    const auto edit = edit_names(photo, frame, {{{"Ben", right}}}, {}, "");
    ASSERT_FALSE(edit);
    EXPECT_EQ(edit.error().code, ErrorCode::damaged);
    EXPECT_NE(edit.error().message.find(name), std::string::npos);
  }
  EXPECT_EQ(edit_names(folder / "a.jpg", frame, anna, {}, "{}").error().code, ErrorCode::bad_argument);
}

}  // namespace
}  // namespace kith
