// SPDX-License-Identifier: Apache-2.0
#include "pipeline/crops.h"

#include <gtest/gtest.h>

#include "pipeline/fake_stages.h"
#include "support/temporary_folder.h"

namespace kith {
namespace {

namespace fs = std::filesystem;
using pipeline::CropRun;
using pipeline::LabelledPhoto;
using test::write_scene;

TEST(Crops, AFileThatBecomesAFolderLendsNobodyItsName) {
  const test::TemporaryFolder folder;
  for (const char* photo : {"Anna/1.png", "Anna/2.png", "Ben/1.png", "Cleo/1.png"})
    write_scene(folder / photo, {.person = 0});
  const std::vector<LabelledPhoto> photos = pipeline::labelled_photos(folder.path()).value();
  ASSERT_EQ(photos.size(), 4U);
  fs::remove(folder / "Anna/1.png");
  fs::create_directories(folder / "Anna/1.png");
  fs::remove(folder / "Ben/1.png");
  for (const char* photo : {"a.png", "b.png", "c.png"})
    write_scene(folder / "Ben/1.png" / photo, {.person = 1});
  std::size_t looked_at = 0;
  const Result<CropRun> run =
      pipeline::prepare_crops(test::FakeDetector(), photos, {.side = 32}, [&] { ++looked_at; }, {});
  ASSERT_TRUE(run) << run.error().message;
  EXPECT_EQ(looked_at, 2U);
  EXPECT_EQ(run->crops.names, (std::vector<std::string>{"Anna", "Cleo"}));
  EXPECT_EQ(run->crops.photos, (std::vector<std::string>{folder / "Anna/2.png", folder / "Cleo/1.png"}));
}

}  // namespace
}  // namespace kith
