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

// One crop, as it is.
const std::vector<EmbedderView> plain_view{{1, false}};

// The pixels' values as they are, in one plain view; a test says what it wants otherwise.
EmbedderFeeding fed_plainly(ChannelOrder order = ChannelOrder::rgb) {
  return {
      .order = order, .mean = 0, .scale = 1, .dimension = 3, .crop = crop_template(), .views = plain_view};
}

Result<Embedding> embed_one(const Embedder& embedder, const Image& crop) {
  return embedder.embed({&crop, 1});
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
  const auto rgb = load_network_embedder(engine, model, fed_plainly());
  ASSERT_TRUE(rgb) << rgb.error().message;
  expect_direction(embed_one(**rgb, crop), {200, 100, 50});
  const auto bgr = load_network_embedder(engine, model, fed_plainly(ChannelOrder::bgr));
  ASSERT_TRUE(bgr);
  expect_direction(embed_one(**bgr, crop), {50, 100, 200});
  EXPECT_EQ((*bgr)->dimension(), 3);
  ASSERT_EQ((*bgr)->crop_templates().size(), 1U);
  EXPECT_EQ((*bgr)->crop_templates().front().width, side);
}

TEST_F(NetworkEmbedderTest, SubtractsTheMeanAndScales) {
  EmbedderFeeding feeding = fed_plainly();
  feeding.mean = 100;
  feeding.scale = -0.5F;
  const auto embedder = load_network_embedder(engine, model, feeding);
  ASSERT_TRUE(embedder);
  expect_direction(embed_one(**embedder, test::plain(side, side, {130, 100, 60})), {-15, 0, 20});
}

TEST_F(NetworkEmbedderTest, EachViewCountsTheSameAndIsMirroredWhereItSaysSo) {
  Image crop = test::plain(side, side, {200, 0, 0});
  test::fill(crop, {side / 2, 0, side / 2, side}, {0, 100, 0});
  EmbedderFeeding mirrored_too = fed_plainly();
  mirrored_too.views = {{1, false}, {1, true}};
  const auto both = load_network_embedder(engine, model, mirrored_too);
  ASSERT_TRUE(both);
  const Image crops[] = {crop.clone(), crop.clone()};
  expect_direction((*both)->embed(crops), {200, 100, 0});
  const auto one = load_network_embedder(engine, model, fed_plainly());
  ASSERT_TRUE(one);
  expect_direction(embed_one(**one, crop), {200, 0, 0});
}

TEST_F(NetworkEmbedderTest, AViewsScaleEnlargesTheFaceAboutTheCropsCentre) {
  EmbedderFeeding feeding = fed_plainly();
  feeding.views = {{1, false}, {1.25F, true}};
  const auto embedder = load_network_embedder(engine, model, feeding);
  ASSERT_TRUE(embedder);
  const auto templates = (*embedder)->crop_templates();
  ASSERT_EQ(templates.size(), 2U);
  const float middle = side / 2.0F;
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_NEAR(templates[1].landmarks[i].x - middle, 1.25F * (templates[0].landmarks[i].x - middle), 1e-3F);
    EXPECT_NEAR(templates[1].landmarks[i].y - middle, 1.25F * (templates[0].landmarks[i].y - middle), 1e-3F);
  }
}

TEST_F(NetworkEmbedderTest, RefusesAnotherNumberOfCrops) {
  const auto embedder = load_network_embedder(engine, model, fed_plainly());
  ASSERT_TRUE(embedder);
  const Image crops[] = {test::plain(side, side, test::grey), test::plain(side, side, test::grey)};
  const Result<Embedding> vector = (*embedder)->embed(crops);
  ASSERT_FALSE(vector);
  EXPECT_EQ(vector.error().code, ErrorCode::bad_argument);
}

TEST_F(NetworkEmbedderTest, RefusesCropsOfAnotherSize) {
  const auto embedder = load_network_embedder(engine, model, fed_plainly());
  ASSERT_TRUE(embedder);
  for (const Image& crop :
       {test::plain(side + 1, side, test::grey), test::plain(side, 112, test::grey), Image()}) {
    const Result<Embedding> vector = embed_one(**embedder, crop);
    ASSERT_FALSE(vector);
    EXPECT_EQ(vector.error().code, ErrorCode::bad_argument);
  }
}

TEST_F(NetworkEmbedderTest, AVectorThatIsZeroOrNotFiniteIsAnError) {
  const auto embedder = load_network_embedder(engine, model, fed_plainly());
  ASSERT_TRUE(embedder);
  const Result<Embedding> zero = embed_one(**embedder, test::plain(side, side, test::black));
  ASSERT_FALSE(zero);
  EXPECT_EQ(zero.error().code, ErrorCode::internal);

  const auto broken =
      load_network_embedder(engine, test::write_broken_embedder(folder.path(), side), fed_plainly());
  ASSERT_TRUE(broken) << broken.error().message;
  const Result<Embedding> nan = embed_one(**broken, test::plain(side, side, test::grey));
  ASSERT_FALSE(nan);
  EXPECT_EQ(nan.error().code, ErrorCode::internal);
}

TEST_F(NetworkEmbedderTest, RefusesWrongFiles) {
  const auto error = [&](const std::filesystem::path& file, int dimension) {
    EmbedderFeeding feeding = fed_plainly();
    feeding.dimension = dimension;
    const auto embedder = load_network_embedder(engine, file, feeding);
    return embedder ? ErrorCode::cancelled : embedder.error().code;
  };
  EXPECT_EQ(error(model, 512), ErrorCode::model_mismatch);
  EXPECT_EQ(error(test::write_foreign_model(folder.path()), 3), ErrorCode::model_mismatch);
  EXPECT_EQ(error(test::write_garbage(folder.path()), 3), ErrorCode::model_damaged);
  EXPECT_EQ(error(folder.path() / "nowhere.onnx", 3), ErrorCode::model_missing);
}

}  // namespace
}  // namespace kith::embed
