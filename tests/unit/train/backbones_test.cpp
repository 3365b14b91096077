// SPDX-License-Identifier: Apache-2.0
#include "train/backbones.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace kith::train {
namespace {

std::int64_t without_embedding(const Architecture& architecture) {
  const Layer& last = architecture.layers.back();
  const std::int64_t embedding =
      std::int64_t{last.channels} * input_channels(architecture, last) + std::int64_t{2} * last.channels;
  return parameter_count(architecture) - embedding;
}

TEST(Backbones, HaveAsManyParametersAsTheirAuthorsSay) {
  // Published implementations less their classifiers: torchvision's mobilenet_v2 (3,504,872 less 1,281,000),
  // timm's inception_resnet_v2 (55,843,464 less 1,537,000), facenet-pytorch's InceptionResnetV1 (its
  // convolutions and their normalisation).
  EXPECT_EQ(without_embedding(mobilenet_v2(112, 128)), 2'223'872);
  EXPECT_EQ(without_embedding(inception_resnet_v2(112, 128)), 54'306'464);
  EXPECT_EQ(without_embedding(inception_resnet_v1(112, 128)), 22'564'096);
}

TEST(Backbones, OfVggCountsAsItsConfigurationE) {
  const Architecture vgg = vgg19(224, 128);
  std::int64_t convolutions = 0;
  std::int64_t weights = 0;
  for (const Layer& layer : vgg.layers) {
    if (layer.op != Op::conv) continue;
    ++convolutions;
    weights +=
        std::int64_t{layer.channels} * input_channels(vgg, layer) * layer.window.height * layer.window.width;
  }
  EXPECT_EQ(convolutions, 19);
  // The paper's 144 million at 224 pixels and 1,000 classes, less the biases and those classes.
  EXPECT_NEAR(static_cast<double>(weights), 139.6e6, 0.5e6);
}

TEST(Backbones, AllEndInOneVector) {
  for (const Backbone& backbone : backbones()) {
    const auto made = make_backbone(backbone.name, backbone.side, 64);
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(map_sides(*made).back(), 1) << backbone.name;
    EXPECT_EQ(made->layers.back().channels, 64) << backbone.name;
    EXPECT_GT(backbone.parameters, 500'000) << backbone.name;
    EXPECT_NE(std::ranges::find(backbone.layers, "embedding"), backbone.layers.end()) << backbone.name;
  }
}

TEST(Backbones, NamesAreUniqueWithinOne) {
  for (const Backbone& backbone : backbones()) {
    std::vector<std::string> names;
    const Architecture made = *make_backbone(backbone.name, backbone.side, 8);
    for (const Layer& layer : made.layers) names.push_back(layer.name);
    std::ranges::sort(names);
    EXPECT_EQ(std::ranges::adjacent_find(names), names.end()) << backbone.name;
  }
}

TEST(Backbones, RefuseWhatCannotBe) {
  EXPECT_EQ(make_backbone("resnet-9000", 112, 128).error().code, ErrorCode::bad_argument);
  EXPECT_NE(make_backbone("resnet-9000", 112, 128).error().message.find("mobilenet-v2"), std::string::npos);
  EXPECT_EQ(make_backbone("inception-resnet-v2", 40, 128).error().code, ErrorCode::bad_argument);
  EXPECT_EQ(make_backbone("vgg-19", 112, 1).error().code, ErrorCode::bad_argument);
  EXPECT_EQ(make_backbone("vgg-19", 0, 128).error().code, ErrorCode::bad_argument);
  EXPECT_EQ(make_backbone("vgg-19", 100'000, 128).error().code, ErrorCode::bad_argument);
}

}  // namespace
}  // namespace kith::train
