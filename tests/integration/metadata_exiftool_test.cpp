// SPDX-License-Identifier: Apache-2.0
// What exiftool wrote, in every format, and in the forms of other programs, is read right.
#include <gtest/gtest.h>
#include <kith/metadata.h>

#include <cstdlib>

#include "imageio/pictures.h"

namespace kith::test {
namespace {

constexpr const char* regions =
    " '-XMP-mwg-rs:RegionInfo={AppliedToDimensions={W=400,H=300,Unit=pixel},RegionList=["
    "{Name=Anna,Type=Face,Area={X=0.3,Y=0.4,W=0.1,H=0.2,Unit=normalized}},"
    "{Name=Rex,Type=Pet,Area={X=0.8,Y=0.8,W=0.1,H=0.1,Unit=normalized}}]}'";
constexpr const char* microsoft_regions =
    " '-XMP-MP:RegionInfoMP={Regions=[{PersonDisplayName=Ben,Rectangle=0.6|, 0.1|, 0.1|, 0.2}]}'";
constexpr const char* people =
    " -XMP-iptcExt:PersonInImage=Carl '-XMP-lr:HierarchicalSubject=People|Dora' "
    "-XMP-digiKam:TagsList=People/Emil"
    " -XMP-dc:Subject=sea -XMP-dc:Description='By the sea'";

class Exiftool : public ::testing::Test {
 protected:
  void SetUp() override {
    if (std::system("exiftool -ver > /dev/null 2>&1") != 0) GTEST_SKIP() << "exiftool is not installed";
  }

  // A photo of the format with what exiftool's arguments say.
  std::filesystem::path photo(const std::string& ending, const std::string& arguments) {
    const std::filesystem::path file = folder_ / ("photo" + ending);
    write_bytes(file, encode(quarters(400, 300), ending));
    tag(file, arguments);
    return file;
  }

  static void tag(const std::filesystem::path& file, const std::string& arguments) {
    const std::string command = "exiftool -q -m -overwrite_original" + arguments + " '" + file.string() + "'";
    ASSERT_EQ(std::system(command.c_str()), 0) << command;
  }

  TemporaryFolder folder_;
};

PhotoMetadata read(const std::filesystem::path& file, const PhotoFrame& frame) {
  Result<PhotoMetadata> metadata = read_metadata(file, frame);
  if (!metadata) ADD_FAILURE() << metadata.error().message;
  return metadata.value_or(PhotoMetadata());
}

void expect_claim(const NameClaim& claim, RegionKind kind, const std::string& name, const Box& box) {
  EXPECT_EQ(claim.kind, kind);
  EXPECT_EQ(claim.name, name);
  ASSERT_TRUE(claim.box) << name;
  EXPECT_NEAR(claim.box->x, box.x, 0.1F);
  EXPECT_NEAR(claim.box->y, box.y, 0.1F);
  EXPECT_NEAR(claim.box->width, box.width, 0.1F);
  EXPECT_NEAR(claim.box->height, box.height, 0.1F);
}

void expect_everything(const PhotoMetadata& metadata) {
  ASSERT_EQ(metadata.claims.size(), 6U);
  expect_claim(metadata.claims[0], RegionKind::face, "Anna", {100, 90, 40, 60});
  expect_claim(metadata.claims[1], RegionKind::pet, "Rex", {300, 225, 40, 30});
  expect_claim(metadata.claims[2], RegionKind::face, "Ben", {240, 30, 40, 60});
  const std::vector<std::string> others{metadata.claims[3].name, metadata.claims[4].name,
                                        metadata.claims[5].name};
  EXPECT_EQ(others, (std::vector<std::string>{"Carl", "Dora", "Emil"}));
  EXPECT_EQ(metadata.keywords, std::vector<std::string>{"sea"});
  EXPECT_EQ(metadata.details.description, "By the sea");
}

class ExiftoolFormat : public Exiftool, public ::testing::WithParamInterface<const char*> {};

TEST_P(ExiftoolFormat, IsReadWithItsNamesAndDetails) {
  const auto file =
      photo(GetParam(), std::string(regions) + microsoft_regions + people +
                            " -EXIF:DateTimeOriginal='2019:07:31 18:05:11' -EXIF:Make=Canon"
                            " -EXIF:Model='Canon EOS 5D' -EXIF:GPSLatitude=48.5 -EXIF:GPSLatitudeRef=N"
                            " -EXIF:GPSLongitude=2.25 -EXIF:GPSLongitudeRef=W -EXIF:UserComment='Windy'");
  if (HasFatalFailure()) return;
  const PhotoMetadata metadata = read(file, {.width = 400, .height = 300, .orientation = 1});
  expect_everything(metadata);
  EXPECT_EQ(metadata.details.taken, "2019-07-31T18:05:11");
  EXPECT_EQ(metadata.details.camera, "Canon EOS 5D");
  EXPECT_EQ(metadata.details.comment, "Windy");
  ASSERT_TRUE(metadata.details.place);
  EXPECT_NEAR(metadata.details.place->latitude, 48.5, 1e-4);
  EXPECT_NEAR(metadata.details.place->longitude, -2.25, 1e-4);
}

INSTANTIATE_TEST_SUITE_P(Formats, ExiftoolFormat,
                         ::testing::Values(".jpg", ".png", ".tif", ".webp", ".heic", ".avif"),
                         [](const auto& format) { return std::string(format.param).substr(1); });

TEST_F(Exiftool, SidecarOfItsMakingIsReadAlike) {
  const std::filesystem::path file = folder_ / "photo.jpg";
  write_bytes(file, encode(quarters(400, 300), ".jpg"));
  tag(folder_ / "photo.jpg.xmp", std::string(regions) + microsoft_regions + people);
  const PhotoMetadata metadata = read(file, {.width = 400, .height = 300, .orientation = 1});
  expect_everything(metadata);
  EXPECT_EQ(metadata.sidecars.size(), 1U);
}

TEST_F(Exiftool, CommentInUtf16IsReadInBothByteOrders) {
  for (const char* order : {"MM", "II"}) {
    const auto file = photo(".jpg", std::string(" -ExifByteOrder=") + order +
                                        " -EXIF:UserComment='Gr\xc3\xbc\xc3\x9f\x65 \xf0\x9f\x98\x80'");
    EXPECT_EQ(read(file, {.width = 400, .height = 300, .orientation = 1}).details.comment,
              "Gr\xc3\xbc\xc3\x9f\x65 \xf0\x9f\x98\x80");
  }
}

TEST_F(Exiftool, ExtendedXmpIsReadWhereXmpDoesNotFitOneSegment) {
  std::string arguments = regions;
  arguments += " -XMP-dc:Rights='" + std::string(70'000, 'r') + "'";
  const auto file = photo(".jpg", arguments);
  const PhotoMetadata metadata = read(file, {.width = 400, .height = 300, .orientation = 1});
  ASSERT_EQ(metadata.claims.size(), 2U);
  expect_claim(metadata.claims[0], RegionKind::face, "Anna", {100, 90, 40, 60});
}

// The stored picture has 400 x 300 pixels whatever the orientation, and so has what the areas relate to.
TEST_F(Exiftool, RegionsRelateToTheStoredPicture) {
  const auto file = photo(".jpg", regions);
  const std::vector<Box> upright{{100, 90, 40, 60},  {260, 90, 40, 60}, {260, 150, 40, 60},
                                 {100, 150, 40, 60}, {90, 100, 60, 40}, {150, 100, 60, 40},
                                 {150, 260, 60, 40}, {90, 260, 60, 40}};
  for (int orientation = 1; orientation <= 8; ++orientation) {
    SCOPED_TRACE(orientation);
    const bool turned = orientation > 4;
    const PhotoMetadata metadata =
        read(file, {.width = turned ? 300 : 400, .height = turned ? 400 : 300, .orientation = orientation});
    ASSERT_EQ(metadata.claims.size(), 2U);
    expect_claim(metadata.claims[0], RegionKind::face, "Anna",
                 upright[static_cast<std::size_t>(orientation) - 1]);
  }
}

}  // namespace
}  // namespace kith::test
