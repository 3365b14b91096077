// SPDX-License-Identifier: Apache-2.0
#include "eval/joint_embedder.h"

#include <cmath>

#include <gtest/gtest.h>

namespace kith::eval {
namespace {

// Says of a crop: its first pixel's values, and the view's number, times something.
class PixelEmbedder final : public Embedder {
 public:
  PixelEmbedder(int dimension, std::size_t views, float times)
      : templates_(views), dimension_(dimension), times_(times) {}
  [[nodiscard]] std::span<const AlignTemplate> crop_templates() const noexcept override { return templates_; }
  [[nodiscard]] Result<Embedding> look(const Image& crop, std::size_t view) const override {
    Embedding seen(static_cast<std::size_t>(dimension_), 0.0F);
    for (std::size_t i = 0; i < seen.size(); ++i)
      seen[i] = times_ * (static_cast<float>(crop.row(0)[i % 3]) + static_cast<float>(view));
    return seen;
  }
  [[nodiscard]] int dimension() const noexcept override { return dimension_; }

 private:
  std::vector<AlignTemplate> templates_;
  int dimension_;
  float times_;
};

Image pixel(std::uint8_t r, std::uint8_t g, std::uint8_t b) {
  Image image(1, 1);
  image.row(0)[0] = r;
  image.row(0)[1] = g;
  image.row(0)[2] = b;
  return image;
}

std::vector<Image> crops() {
  std::vector<Image> made;
  made.push_back(pixel(1, 2, 3));
  made.push_back(pixel(9, 0, 4));
  made.push_back(pixel(5, 5, 0));
  return made;
}

TEST(JointEmbedder, GivesEachWhatItWouldHaveMadeByItself) {
  const PixelEmbedder one(2, 2, 1);
  const PixelEmbedder other(3, 1, 1000);  // of another length altogether
  std::vector<std::unique_ptr<Embedder>> both;
  both.push_back(std::make_unique<PixelEmbedder>(one));
  both.push_back(std::make_unique<PixelEmbedder>(other));
  const JointEmbedder joint(std::move(both));
  EXPECT_EQ(joint.dimension(), 5);
  ASSERT_EQ(joint.crop_templates().size(), 3U);

  const std::vector<Image> seen = crops();
  const Result<Embedding> together = joint.embed(seen);
  ASSERT_TRUE(together) << together.error().message;
  const std::vector<Embedding> parts = joint.parts(*together);
  ASSERT_EQ(parts.size(), 2U);
  const std::span<const Image> all(seen);
  const Embedding expected[] = {one.embed(all.first(2)).value(), other.embed(all.subspan(2)).value()};
  for (std::size_t i = 0; i < parts.size(); ++i) {
    ASSERT_EQ(parts[i].size(), expected[i].size());
    for (std::size_t k = 0; k < parts[i].size(); ++k) EXPECT_NEAR(parts[i][k], expected[i][k], 1e-5F);
  }
}

TEST(JointEmbedder, RefusesAViewThatThereIsNot) {
  std::vector<std::unique_ptr<Embedder>> only;
  only.push_back(std::make_unique<PixelEmbedder>(2, 1, 1.0F));
  const JointEmbedder joint(std::move(only));
  EXPECT_FALSE(joint.look(pixel(1, 1, 1), 1));
}

}  // namespace
}  // namespace kith::eval
