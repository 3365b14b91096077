// SPDX-License-Identifier: Apache-2.0
#include <kith/annotate.h>

#include <gtest/gtest.h>
#include <sys/mount.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "imageio/label_layout.h"
#include "imageio/pictures.h"
#include "imageio/text.h"

namespace kith::test {
namespace {

const std::vector<Label> one_label{{{40, 30, 60, 50}, "Anna", true}};

std::string exif(const std::filesystem::path& file, const char* field) {
  const Bytes bytes = read_bytes(file);
  const Picture picture(vips_image_new_from_buffer(bytes.data(), bytes.size(), "", nullptr));
  const char* text = nullptr;
  if (!picture || vips_image_get_string(picture.get(), field, &text) != 0) return "";
  return text;
}

std::size_t files_in(const std::filesystem::path& folder) {
  return static_cast<std::size_t>(
      std::distance(std::filesystem::directory_iterator(folder), std::filesystem::directory_iterator()));
}

class AnnotatedFormats : public ::testing::TestWithParam<const char*> {};

INSTANTIATE_TEST_SUITE_P(All, AnnotatedFormats,
                         ::testing::Values(".jpg", ".png", ".webp", ".tif", ".gif", ".heic",
                                           ".avif[effort=1]"));

TEST_P(AnnotatedFormats, IsUprightDrawnOnAndTheOriginalUntouched) {
  const TemporaryFolder folder;
  const Bytes original = encode(stored_for(quarters(320, 200), 6), GetParam());
  write_bytes(folder / "in", original);
  const Result<Photo> photo = Photo::open(folder / "in");
  ASSERT_TRUE(photo);
  const Status status = write_annotated(folder / "in", folder / "out", one_label);
  ASSERT_TRUE(status) << status.error().message;
  EXPECT_EQ(read_bytes(folder / "in"), original);
  EXPECT_EQ(files_in(folder.path()), 2U);

  const Result<Photo> copy = Photo::open(folder / "out");
  ASSERT_TRUE(copy) << copy.error().message;
  EXPECT_EQ(copy->info().width, photo->info().width);
  EXPECT_EQ(copy->info().height, photo->info().height);
  EXPECT_EQ(copy->info().orientation, 1);
  const bool as_jpeg = annotated_file_name("a.x", photo->info()) == "a.jpg";
  EXPECT_EQ(copy->info().format, as_jpeg ? "jpeg" : photo->info().format);
  const Result<Image> before = photo->decode(320);
  const Result<Image> after = copy->decode(320);
  ASSERT_TRUE(before && after);
  EXPECT_GT(difference(*before, *after), 0.5) << "nothing was drawn";
  // Far from the box the picture is as it was.
  EXPECT_NEAR(colour_at(*after, 0.9, 0.9)[0], colour_at(*before, 0.9, 0.9)[0], 8);
}

TEST(Annotate, KeepsExifAndResetsOrientation) {
  const TemporaryFolder folder;
  const Picture stored = stored_for(quarters(320, 200), 6);
  vips_image_set_string(stored.get(), "exif-ifd0-Model", "Kith Camera");
  vips_image_set_string(stored.get(), "exif-ifd2-DateTimeOriginal", "2001:02:03 04:05:06");
  for (const char* suffix : {".jpg", ".png", ".webp"}) {
    write_bytes(folder / "in", encode(stored, suffix));
    ASSERT_TRUE(write_annotated(folder / "in", folder / "out", one_label));
    EXPECT_EQ(exif(folder / "out", "exif-ifd0-Model").rfind("Kith Camera", 0), 0U) << suffix;
    EXPECT_EQ(exif(folder / "out", "exif-ifd2-DateTimeOriginal").rfind("2001:02:03 04:05:06", 0), 0U)
        << suffix;
    EXPECT_EQ(exif(folder / "out", "exif-ifd0-Orientation").rfind("1 ", 0), 0U) << suffix;
  }
}

TEST(Annotate, KeepsProfileAndPixelValues) {
  const TemporaryFolder folder;
  const Picture p3 = one_colour(320, 200, 150, 200, 100);
  write_bytes(folder / "in.jpg", encode(p3, ".jpg[Q=95,profile=p3]"));
  ASSERT_TRUE(write_annotated(folder / "in.jpg", folder / "out.jpg", one_label));
  const Bytes bytes = read_bytes(folder / "out.jpg");
  const Picture copy(vips_image_new_from_buffer(bytes.data(), bytes.size(), "", nullptr));
  ASSERT_TRUE(copy);
  EXPECT_NE(vips_image_get_typeof(copy.get(), VIPS_META_ICC_NAME), 0U);
  double* pixel = nullptr;
  int bands = 0;
  ASSERT_EQ(vips_getpoint(copy.get(), &pixel, &bands, 300, 180, nullptr), 0);
  EXPECT_NEAR(pixel[0], 150, 3) << "converted, though the profile is still there";
  g_free(pixel);
}

TEST(Annotate, GreyAndCmykBecomeSrgb) {
  const TemporaryFolder folder;
  const Picture grey = processed(quarters(320, 200), [](VipsImage* in, VipsImage** out) {
    return vips_colourspace(in, out, VIPS_INTERPRETATION_B_W, nullptr);
  });
  const Picture cmyk = processed(quarters(320, 200), [](VipsImage* in, VipsImage** out) {
    return vips_icc_transform(in, out, "cmyk", "input_profile", "srgb", nullptr);
  });
  for (const Picture* picture : {&grey, &cmyk}) {
    write_bytes(folder / "in.jpg", encode(*picture, ".jpg"));
    const Status status = write_annotated(folder / "in.jpg", folder / "out.jpg", one_label);
    ASSERT_TRUE(status) << status.error().message;
    const Result<Image> before = Photo::open(folder / "in.jpg")->decode(320);
    const Result<Image> after = Photo::open(folder / "out.jpg")->decode(320);
    ASSERT_TRUE(before && after);
    EXPECT_NEAR(colour_at(*after, 0.9, 0.9)[1], colour_at(*before, 0.9, 0.9)[1], 6);
  }
}

TEST(Annotate, DrawsAnyName) {
  const TemporaryFolder folder;
  write_bytes(folder / "in.png", encode(quarters(320, 200), ".png"));
  for (const std::string& name :
       {std::string("<b>&\"'</b>"), std::string("&amp;"), std::string("\xff\xfe broken"),
        std::string("two\nlines"), std::string("小明"), std::string("Ирина"), std::string("שרה"),
        std::string("😀"), std::string("a\0b", 3), std::string(" \n\t "), std::string(100000, 'x'),
        std::string("\u2028\u202e")}) {
    const Status status = write_annotated(folder / "in.png", folder / "out.png",
                                          std::vector<Label>{{{40, 30, 60, 50}, name, true}});
    EXPECT_TRUE(status) << name << ": " << status.error().message;
  }
}

TEST(Annotate, SurvivesAnyBox) {
  const TemporaryFolder folder;
  write_bytes(folder / "in.png", encode(quarters(64, 48), ".png"));
  const float nan = std::nanf("");
  const float huge = std::numeric_limits<float>::max();
  const float endless = std::numeric_limits<float>::infinity();
  for (const Box& box : {Box{-100, -100, 20, 20}, Box{0, 0, 0, 0}, Box{10, 10, -5, -5},
                         Box{nan, nan, nan, nan}, Box{-huge, -huge, huge, huge}, Box{0, 0, endless, endless},
                         Box{-10, -10, 500, 500}, Box{63, 47, 1, 1}, Box{10, 10, 0.2F, 0.2F}}) {
    const Status status =
        write_annotated(folder / "in.png", folder / "out.png",
                        std::vector<Label>{{box, "A rather long name for this", true}, {box, "", false}});
    EXPECT_TRUE(status) << status.error().message;
  }
}

TEST(Annotate, RefusesToOverwriteTheOriginal) {
  const TemporaryFolder folder;
  const Bytes original = encode(quarters(64, 48), ".jpg");
  write_bytes(folder / "in.jpg", original);
  std::filesystem::create_symlink(folder / "in.jpg", folder / "link.jpg");
  for (const char* target : {"in.jpg", "link.jpg"}) {
    const Status status = write_annotated(folder / "in.jpg", folder / target, one_label);
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, ErrorCode::bad_argument);
  }
  EXPECT_EQ(read_bytes(folder / "in.jpg"), original);
}

TEST(Annotate, ReplacesAFormerCopyInEveryFormatAndNoOtherFile) {
  const TemporaryFolder folder;
  for (const char* format : {".jpg", ".png", ".webp", ".tif"}) {
    const std::filesystem::path photo = folder / (std::string("in") + format);
    const std::filesystem::path copy = folder / (std::string("out") + format);
    write_bytes(photo, encode(quarters(320, 200), format));
    ASSERT_TRUE(write_annotated(photo, copy, one_label)) << format;
    const Bytes former = read_bytes(copy);
    EXPECT_TRUE(write_annotated(photo, copy, {})) << format;
    EXPECT_NE(read_bytes(copy), former) << format;

    for (const Bytes& others : {read_bytes(photo), Bytes{'a', 'b', 'c'}, Bytes{}}) {
      write_bytes(copy, others);
      const Status refused = write_annotated(photo, copy, one_label);
      ASSERT_FALSE(refused) << format;
      EXPECT_EQ(refused.error().code, ErrorCode::write_failed);
      EXPECT_NE(refused.error().message.find(copy.filename().string()), std::string::npos);
      EXPECT_EQ(read_bytes(copy), others) << format;
    }
  }
}

TEST(Annotate, ALinkInTheCopysPlaceIsLeftAlone) {
  const TemporaryFolder folder;
  write_bytes(folder / "in.jpg", encode(quarters(64, 48), ".jpg"));
  write_bytes(folder / "other.jpg", encode(quarters(64, 48), ".jpg"));
  std::filesystem::create_symlink(folder / "other.jpg", folder / "link.jpg");
  std::filesystem::create_symlink(folder / "nothing", folder / "broken.jpg");
  for (const char* target : {"link.jpg", "broken.jpg"}) {
    EXPECT_FALSE(write_annotated(folder / "in.jpg", folder / target, one_label)) << target;
    EXPECT_TRUE(std::filesystem::is_symlink(folder / target)) << target;
  }
}

TEST(Annotate, AFailureLeavesNothing) {
  const TemporaryFolder folder;
  write_bytes(folder / "in.jpg", encode(quarters(64, 48), ".jpg"));
  std::filesystem::create_directory(folder / "is_a_folder.jpg");
  std::filesystem::create_directory(folder / "is_a_folder.jpg/x");
  for (const std::string target : {"missing/out.jpg", "in.jpg/out.jpg", "is_a_folder.jpg"}) {
    const Status status = write_annotated(folder / "in.jpg", folder / target, one_label);
    ASSERT_FALSE(status) << target;
    EXPECT_EQ(status.error().code, ErrorCode::write_failed) << status.error().message;
    EXPECT_NE(status.error().message.find(target), std::string::npos) << status.error().message;
  }
  EXPECT_EQ(files_in(folder.path()), 2U);
}

TEST(Annotate, AFolderWithoutWritePermission) {
  const TemporaryFolder folder;
  write_bytes(folder / "in.jpg", encode(quarters(64, 48), ".jpg"));
  std::filesystem::create_directory(folder / "locked");
  std::filesystem::permissions(folder / "locked",
                               std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec);
  const WithoutRootRights ordinary;
  const Status status = write_annotated(folder / "in.jpg", folder / "locked" / "out.jpg", one_label);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::write_failed);
}

TEST(Annotate, AFullDisk) {
  const TemporaryFolder folder;
  write_bytes(folder / "in.jpg", encode(noise(400, 300), ".jpg"));
  std::filesystem::create_directory(folder / "small");
  if (::mount("kith-test", (folder / "small").c_str(), "tmpfs", 0, "size=16k") != 0) {
    GTEST_SKIP() << "needs the right to mount";
  }
  const Status status = write_annotated(folder / "in.jpg", folder / "small" / "out.jpg", one_label);
  const std::size_t left = files_in(folder / "small");
  ::umount((folder / "small").c_str());
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::no_space);
  EXPECT_EQ(left, 0U);
}

TEST(Annotate, ABadSourceIsReportedAsSuch) {
  const TemporaryFolder folder;
  Bytes cut = encode(noise(400, 300), ".jpg");
  cut.resize(cut.size() / 2);
  write_bytes(folder / "cut.jpg", cut);
  EXPECT_EQ(write_annotated(folder / "cut.jpg", folder / "out.jpg", one_label).error().code,
            ErrorCode::truncated);
  EXPECT_EQ(write_annotated(folder / "none.jpg", folder / "out.jpg", one_label).error().code,
            ErrorCode::not_found);
  EXPECT_EQ(files_in(folder.path()), 1U);
}

TEST(AnnotatedName, ChangesOnlyWhereTheFormatCannotBeWritten) {
  PhotoInfo info;
  info.format = "jpeg";
  EXPECT_EQ(annotated_file_name("/a/b.JPG", info), "b.JPG");
  info.format = "tiff";
  EXPECT_EQ(annotated_file_name("/a/b.c.tif", info), "b.c.tif");
  for (const char* format : {"gif", "raw", "heic", "avif"}) {
    info.format = format;
    EXPECT_EQ(annotated_file_name("/a/b.c.X", info), "b.c.jpg");
  }
}

TEST(Layout, PlatesStayInsideAndApart) {
  const imageio::Size photo{1000, 800};
  std::vector<imageio::PlateRequest> requests;
  for (int row = 0; row < 3; ++row) {
    for (int column = 0; column < 5; ++column) {
      const int x = 20 + column * 200;
      const int y = 10 + row * 280;
      requests.push_back({{x, y, x + 120, y + 160}, 20, 150});
    }
  }
  const auto placements = imageio::place_plates(photo, requests);
  for (std::size_t i = 0; i < placements.size(); ++i) {
    const imageio::Rect& plate = placements[i].plate;
    EXPECT_GE(plate.left, 0);
    EXPECT_GE(plate.top, 0);
    EXPECT_LE(plate.right, photo.width);
    EXPECT_LE(plate.bottom, photo.height);
    for (std::size_t j = 0; j < i; ++j) EXPECT_EQ(imageio::shared_area(plate, placements[j].plate), 0);
    for (const auto& request : requests) EXPECT_EQ(imageio::shared_area(plate, request.face), 0);
  }
}

TEST(Layout, TextIsLegibleWhenThePhotoIsShownSmall) {
  for (const int width : {1000, 4000, 8000}) {
    const float size = imageio::text_size({width, width * 3 / 4}, {0, 0, 10, 10});
    EXPECT_GE(static_cast<float>(imageio::plate_height(size)), static_cast<float>(width) / 45);
  }
}

TEST(Text, OneLine) {
  EXPECT_EQ(imageio::one_line("  Anna\r\nMaria "), "Anna  Maria");
  EXPECT_EQ(imageio::one_line("\n"), "");
  EXPECT_EQ(imageio::cut_after("Émile", 2), "Ém…");
  EXPECT_EQ(imageio::cut_after("Émile", 5), "Émile");
}

}  // namespace
}  // namespace kith::test
