// SPDX-License-Identifier: Apache-2.0
// The feeding of an embedder, on a tiny network whose vector is the mean of each input plane over the
// crop's left half.
#include "embed/network_embedder.h"

#include <gtest/gtest.h>

#include "support/pictures.h"
#include "support/tiny_models.h"

namespace kith::embed {
namespace {

constexpr int side = 16;

AlignTemplate crop_template() {
  AlignTemplate result;
  result.width = result.height = side;
  return result;
}

void expect_direction(const Result<Embedding>& actual, Embedding expected) {
  ASSERT_TRUE(actual);
  normalise(expected);
  ASSERT_EQ(actual->size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR((*actual)[i], expected[i], 1e-4F);
  EXPECT_NEAR(dot(*actual, *actual), 1, 1e-4F);
}

class NetworkEmbedderTest : public testing::Test {
 protected:
  test::TemporaryFolder folder;
  infer::Engine engine{{.threads = 1, .precision = infer::Precision::float32}};
  std::filesystem::path model = test::write_embedder(folder.path(), side);
};

TEST_F(NetworkEmbedderTest, FeedsChannelsInTheOrderTheModelWants) {
  const Image crop = test::plain(side, side, {200, 100, 50});
  const auto rgb = load_network_embedder(
      engine, model,
      {.order = ChannelOrder::rgb, .mean = 0, .scale = 1, .dimension = 3, .crop = crop_template()});
  ASSERT_TRUE(rgb) << rgb.error().message;
  expect_direction((*rgb)->embed(crop), {200, 100, 50});
  const auto bgr = load_network_embedder(
      engine, model,
      {.order = ChannelOrder::bgr, .mean = 0, .scale = 1, .dimension = 3, .crop = crop_template()});
  ASSERT_TRUE(bgr);
  expect_direction((*bgr)->embed(crop), {50, 100, 200});
  EXPECT_EQ((*bgr)->dimension(), 3);
  EXPECT_EQ((*bgr)->crop_template().width, side);
}

TEST_F(NetworkEmbedderTest, SubtractsTheMeanAndScales) {
  const auto embedder = load_network_embedder(
      engine, model,
      {.order = ChannelOrder::rgb, .mean = 100, .scale = -0.5F, .dimension = 3, .crop = crop_template()});
  ASSERT_TRUE(embedder);
  expect_direction((*embedder)->embed(test::plain(side, side, {130, 100, 60})), {-15, 0, 20});
}

TEST_F(NetworkEmbedderTest, TheMirrorImageCountsAsMuchAsTheCrop) {
  Image crop = test::plain(side, side, {200, 0, 0});
  test::fill(crop, {side / 2, 0, side / 2, side}, {0, 100, 0});
  const auto both = load_network_embedder(
      engine, model,
      {.order = ChannelOrder::rgb, .mean = 0, .scale = 1, .dimension = 3, .crop = crop_template()});
  ASSERT_TRUE(both);
  expect_direction((*both)->embed(crop), {200, 100, 0});
  const auto one = load_network_embedder(engine, model,
                                         {.order = ChannelOrder::rgb,
                                          .mean = 0,
                                          .scale = 1,
                                          .with_mirror = false,
                                          .dimension = 3,
                                          .crop = crop_template()});
  ASSERT_TRUE(one);
  expect_direction((*one)->embed(crop), {200, 0, 0});
}

TEST_F(NetworkEmbedderTest, RefusesCropsOfAnotherSize) {
  const auto embedder = load_network_embedder(engine, model, {.dimension = 3, .crop = crop_template()});
  ASSERT_TRUE(embedder);
  for (const Image& crop :
       {test::plain(side + 1, side, test::grey), test::plain(side, 112, test::grey), Image()}) {
    const Result<Embedding> vector = (*embedder)->embed(crop);
    ASSERT_FALSE(vector);
    EXPECT_EQ(vector.error().code, ErrorCode::bad_argument);
  }
}

TEST_F(NetworkEmbedderTest, AVectorThatIsZeroOrNotFiniteIsAnError) {
  const auto embedder = load_network_embedder(
      engine, model,
      {.order = ChannelOrder::rgb, .mean = 0, .scale = 1, .dimension = 3, .crop = crop_template()});
  ASSERT_TRUE(embedder);
  const Result<Embedding> zero = (*embedder)->embed(test::plain(side, side, test::black));
  ASSERT_FALSE(zero);
  EXPECT_EQ(zero.error().code, ErrorCode::internal);

  const auto broken = load_network_embedder(engine, test::write_broken_embedder(folder.path(), side),
                                            {.dimension = 3, .crop = crop_template()});
  ASSERT_TRUE(broken) << broken.error().message;
  const Result<Embedding> nan = (*broken)->embed(test::plain(side, side, test::grey));
  ASSERT_FALSE(nan);
  EXPECT_EQ(nan.error().code, ErrorCode::internal);
}

TEST_F(NetworkEmbedderTest, RefusesWrongFiles) {
  const auto error = [&](const std::filesystem::path& file, int dimension) {
    const auto embedder =
        load_network_embedder(engine, file, {.dimension = dimension, .crop = crop_template()});
    return embedder ? ErrorCode::cancelled : embedder.error().code;
  };
  EXPECT_EQ(error(model, 512), ErrorCode::model_mismatch);
  EXPECT_EQ(error(test::write_foreign_model(folder.path()), 3), ErrorCode::model_mismatch);
  EXPECT_EQ(error(test::write_garbage(folder.path()), 3), ErrorCode::model_damaged);
  EXPECT_EQ(error(folder.path() / "nowhere.onnx", 3), ErrorCode::model_missing);
}

}  // namespace
}  // namespace kith::embed
