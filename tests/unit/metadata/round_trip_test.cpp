// SPDX-License-Identifier: Apache-2.0
// Boxes at random, on photos of all orientations and sizes: written by kith, read by exiftool and by kith.
#include <kith/metadata.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <random>

#include <gtest/gtest.h>

#include "imageio/pictures.h"
#include "metadata/exiftool.h"

namespace kith {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

struct Case {
  fs::path photo;
  PhotoFrame frame;
  Box box;
};

// Where the stored pixel's centre comes to lie in the upright photo: EXIF 2.32, tag 0x0112, said by rows and
// columns and not by the code that is tested.
Point upright(double x, double y, double width, double height, int orientation) {
  const auto point = [](double a, double b) { return Point{static_cast<float>(a), static_cast<float>(b)}; };
  switch (orientation) {
    case 2: return point(width - x, y);
    case 3: return point(width - x, height - y);
    case 4: return point(x, height - y);
    case 5: return point(y, x);
    case 6: return point(height - y, x);
    case 7: return point(height - y, width - x);
    case 8: return point(y, width - x);
    default: return point(x, y);
  }
}

// The box in upright pixels of MWG's area.
Box box_of(const Json& region, const PhotoFrame& frame) {
  const bool turned = frame.orientation > 4;
  const double width = turned ? frame.height : frame.width;
  const double height = turned ? frame.width : frame.height;
  const auto number = [&](const char* name) { return region.at("Area").at(name).get<double>(); };
  const double x = number("X") * width;
  const double y = number("Y") * height;
  const double half_width = number("W") * width / 2;
  const double half_height = number("H") * height / 2;
  const Point a = upright(x - half_width, y - half_height, width, height, frame.orientation);
  const Point b = upright(x + half_width, y + half_height, width, height, frame.orientation);
  return {std::min(a.x, b.x), std::min(a.y, b.y), std::abs(a.x - b.x), std::abs(a.y - b.y)};
}

void expect_near(const Box& box, const Box& expected) {
  EXPECT_NEAR(box.x, expected.x, 1);
  EXPECT_NEAR(box.y, expected.y, 1);
  EXPECT_NEAR(box.width, expected.width, 1);
  EXPECT_NEAR(box.height, expected.height, 1);
}

TEST(MetadataRoundTrip, BoxesComeBackWithinAPixelInEveryOrientation) {
  const test::TemporaryFolder folder;
  const test::Bytes jpeg = test::encode(test::quarters(32, 24), ".jpg");
  std::mt19937 random(20);
  std::vector<Case> cases;
  std::vector<fs::path> photos;
  for (int i = 0; i < 160; ++i) {
    const auto between = [&](int low, int high) { return std::uniform_int_distribution(low, high)(random); };
    Case one;
    one.frame = {.width = between(64, 12'000), .height = between(64, 12'000), .orientation = 1 + i % 8};
    const auto width = static_cast<float>(between(4, one.frame.width));
    const auto height = static_cast<float>(between(4, one.frame.height));
    one.box = {static_cast<float>(between(0, one.frame.width - static_cast<int>(width))),
               static_cast<float>(between(0, one.frame.height - static_cast<int>(height))), width, height};
    one.photo = folder / ("photo" + std::to_string(i) + ".jpg");
    test::write_bytes(one.photo, jpeg);
    MetadataSettings settings;
    settings.microsoft = i % 2 == 0;
    settings.sidecar = i % 3 == 0 ? SidecarUse::always : SidecarUse::automatic;
    auto edit = edit_names(one.photo, one.frame, std::array{NamedFace{"Anna", one.box}}, {}, "", settings);
    ASSERT_TRUE(edit) << edit.error().message;
    ASSERT_TRUE(edit->commit());
    photos.push_back(edit->file());
    const auto again = edit_names(one.photo, one.frame, std::array{NamedFace{"Anna", one.box}}, {},
                                  edit->record(), settings);
    EXPECT_TRUE(again->empty());
    cases.push_back(one);
  }
  const auto tags = test::all_tags(photos);
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const Case& one = cases[i];
    SCOPED_TRACE(photos[i].filename().string() + ", orientation " + std::to_string(one.frame.orientation));
    const Json& info = tags.at(photos[i].string()).at("XMP-mwg-rs:RegionInfo");
    EXPECT_EQ(info.at("AppliedToDimensions").at("W"),
              one.frame.orientation > 4 ? one.frame.height : one.frame.width);
    ASSERT_EQ(info.at("RegionList").size(), 1U);
    expect_near(box_of(info.at("RegionList")[0], one.frame), one.box);

    const auto read = read_metadata(one.photo, one.frame);
    ASSERT_TRUE(read) << read.error().message;
    ASSERT_EQ(read->claims.size(), 1U);
    EXPECT_EQ(read->claims[0].name, "Anna");
    ASSERT_TRUE(read->claims[0].box);
    expect_near(*read->claims[0].box, one.box);
  }
}

}  // namespace
}  // namespace kith
