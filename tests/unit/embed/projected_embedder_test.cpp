// SPDX-License-Identifier: Apache-2.0
// A projection of the tiny network of network_embedder_test.cpp.
#include "embed/projected_embedder.h"

#include <gtest/gtest.h>

#include "embed/network_embedder.h"
#include "support/pictures.h"
#include "support/tiny_models.h"

namespace kith::embed {
namespace {

constexpr int side = 16;

// Neither symmetric nor close to a rotation: nothing about it could commute by luck.
const Projection skewed{3, {1, 2, 0, 0, 0.5F, -1, 3, 0, 1}};

class ProjectedEmbedderTest : public testing::Test {
 protected:
  // Two views that see different halves of the crop.
  [[nodiscard]] std::unique_ptr<Embedder> network() const {
    EmbedderFeeding feeding{.order = ChannelOrder::rgb, .mean = 100, .scale = 0.5F, .dimension = 3};
    feeding.crop.width = feeding.crop.height = side;
    feeding.views = {{1, false}, {1, true}};
    Result<std::unique_ptr<Embedder>> loaded =
        load_network_embedder(engine, test::write_embedder(folder.path(), side), feeding);
    if (!loaded) throw std::runtime_error(loaded.error().message);
    return std::move(*loaded);
  }

  static void expect_near(const Embedding& one, const Embedding& other) {
    ASSERT_EQ(one.size(), other.size());
    for (std::size_t i = 0; i < one.size(); ++i) EXPECT_NEAR(one[i], other[i], 1e-5F);
  }

  test::TemporaryFolder folder;
  infer::Engine engine{{.threads = 1, .precision = infer::Precision::float32}};
};

// Why stored vectors can be projected without looking at the photo again.
TEST_F(ProjectedEmbedderTest, ProjectingEachLookIsProjectingTheVector) {
  const auto base = network();
  const auto projected = project(network(), skewed);
  ASSERT_TRUE(projected) << projected.error().message;
  for (const auto& [left, right] : {std::pair{test::Colour{200, 120, 10}, test::Colour{90, 220, 160}},
                                    std::pair{test::Colour{10, 10, 250}, test::Colour{255, 0, 30}}}) {
    Image crop = test::plain(side, side, left);
    test::fill(crop, {side / 2, 0, side / 2, side}, right);
    const Image crops[] = {crop.clone(), crop.clone()};
    const Result<Embedding> vector = base->embed(crops);
    ASSERT_TRUE(vector);
    const Result<Embedding> of_looks = (*projected)->embed(crops);
    ASSERT_TRUE(of_looks) << of_looks.error().message;
    expect_near(*of_looks, direction(skewed(*vector)).value());
    EXPECT_LT(dot(*of_looks, *vector), 0.99F) << "the projection does something";

    Embedding sum = base->look(crops[0], 0).value();
    const Embedding second = base->look(crops[1], 1).value();
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += second[i];
    expect_near(*of_looks, direction(skewed(sum)).value());
  }
}

TEST_F(ProjectedEmbedderTest, TakesTheCropsThatItsBaseTakes) {
  const auto projected = project(network(), skewed);
  ASSERT_TRUE(projected);
  EXPECT_EQ((*projected)->dimension(), 3);
  ASSERT_EQ((*projected)->crop_templates().size(), 2U);
  EXPECT_EQ((*projected)->crop_templates()[0].width, side);
  const Image crop = test::plain(side + 1, side, test::grey);
  const Result<Embedding> vector = (*projected)->look(crop, 0);
  ASSERT_FALSE(vector);
  EXPECT_EQ(vector.error().code, ErrorCode::bad_argument) << "what the base says against a crop";
}

TEST_F(ProjectedEmbedderTest, AProjectionOfAnotherDimensionIsAMismatch) {
  const auto projected = project(network(), Projection{2, {1, 0, 0, 1}});
  ASSERT_FALSE(projected);
  EXPECT_EQ(projected.error().code, ErrorCode::model_mismatch);
}

TEST_F(ProjectedEmbedderTest, AProjectionToNothingIsAnErrorOfTheFace) {
  const auto projected = project(network(), Projection{3, std::vector<float>(9, 0.0F)});
  ASSERT_TRUE(projected);
  const Image crops[] = {test::plain(side, side, test::grey), test::plain(side, side, test::grey)};
  const Result<Embedding> vector = (*projected)->embed(crops);
  ASSERT_FALSE(vector);
  EXPECT_EQ(vector.error().code, ErrorCode::internal);
}

}  // namespace
}  // namespace kith::embed
