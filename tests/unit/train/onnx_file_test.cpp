// SPDX-License-Identifier: Apache-2.0
#include "train/onnx_file.h"

#include <algorithm>
#include <cmath>
#include <fstream>

#include <gtest/gtest.h>

#include "core/sha256.h"
#include "infer/engine.h"
#include "support/temporary_folder.h"
#include "train/backbones.h"

namespace kith::train {
namespace {

constexpr int dimension = 16;

// Random weights, and normalisation as after some training, so that folding it is no matter of ones and
// noughts.
Network random_network(const Architecture& architecture) {
  torch::manual_seed(7);
  Network network(architecture);
  const torch::NoGradGuard no_gradients;
  for (std::size_t i = 0; i < architecture.layers.size(); ++i) {
    NetworkImpl::Weights& own = network->weights(i);
    if (!own.gamma.defined()) continue;
    own.gamma.uniform_(0.8, 1.2);
    own.beta.uniform_(-0.1, 0.1);
    own.mean.uniform_(-0.1, 0.1);
    own.variance.uniform_(0.8, 1.2);
  }
  network->eval();
  return network;
}

std::vector<float> unit_vector(const float* values, std::size_t count) {
  double length = 0;
  for (std::size_t i = 0; i < count; ++i) length += static_cast<double>(values[i]) * values[i];
  std::vector<float> vector(values, values + count);
  for (float& value : vector) value /= static_cast<float>(std::sqrt(length));
  return vector;
}

std::vector<float> by_torch(Network& network, const torch::Tensor& picture) {
  const torch::NoGradGuard no_gradients;
  const torch::Tensor seen = network->forward(picture).contiguous();
  return unit_vector(seen.data_ptr<float>(), static_cast<std::size_t>(seen.numel()));
}

class OnnxFile : public testing::TestWithParam<std::string> {
 protected:
  void write(const std::string& bytes) { std::ofstream(file_, std::ios::binary) << bytes; }

  test::TemporaryFolder folder_;
  std::filesystem::path file_ = folder_ / "network.onnx";
};

TEST_P(OnnxFile, GivesTheEngineTheSameNetwork) {
  const int side = GetParam() == "vgg-19" ? 32 : 80;
  const Architecture architecture = *make_backbone(GetParam(), side, dimension);
  Network network = random_network(architecture);
  write(to_onnx(network));

  const infer::Engine engine({.precision = infer::Precision::float32});
  const auto model = engine.load(file_, {.input = {1, 3, side, side}, .outputs = {{1, dimension}}});
  ASSERT_TRUE(model) << model.error().message;
  const torch::Tensor picture = torch::rand({1, 3, side, side}) * 2 - 1;
  Result<infer::Session> session = model->acquire({1, 3, side, side});
  ASSERT_TRUE(session) << session.error().message;
  const std::span<float> input = session->input();
  std::copy_n(picture.data_ptr<float>(), input.size(), input.begin());
  ASSERT_TRUE(session->run());
  const std::vector<float> by_engine = unit_vector(session->output(0).values.data(), dimension);
  const std::vector<float> expected = by_torch(network, picture);
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(by_engine[i], expected[i], 1e-4);

  // And back: another network with these weights says the same.
  Network again(architecture);
  again->eval();
  const Status loaded = load_onnx_weights(again, file_);
  ASSERT_TRUE(loaded) << loaded.error().message;
  const std::vector<float> same = by_torch(again, picture);
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(same[i], expected[i], 1e-4);
}

INSTANTIATE_TEST_SUITE_P(All, OnnxFile,
                         testing::Values("mobile-face-net", "mobilenet-v2", "inception-resnet-v1",
                                         "inception-resnet-v2", "vgg-19"),
                         [](const auto& one) {
                           std::string name = one.param;
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

class OnnxWeights : public OnnxFile {};

TEST_F(OnnxWeights, OfAnotherArchitectureAreRefused) {
  Network mobile(mobile_face_net(32, dimension));
  write(to_onnx(mobile));
  Network other(mobilenet_v2(32, dimension));
  EXPECT_EQ(load_onnx_weights(other, file_).error().code, ErrorCode::model_mismatch);
  Network wider(mobile_face_net(32, dimension * 2));
  EXPECT_EQ(load_onnx_weights(wider, file_).error().code, ErrorCode::model_mismatch);
}

TEST_F(OnnxWeights, ThatAreDamagedAreRefusedAndNeverRead) {
  Network network(mobile_face_net(32, dimension));
  const std::string bytes = to_onnx(network);
  EXPECT_EQ(load_onnx_weights(network, file_).error().code, ErrorCode::not_found);
  write("");
  EXPECT_FALSE(load_onnx_weights(network, file_));
  for (std::size_t length = 1; length < bytes.size(); length += bytes.size() / 9) {
    write(bytes.substr(0, length));
    EXPECT_FALSE(load_onnx_weights(network, file_)) << length;
  }
  // A bit here and there in the first part, where names and shapes are: an answer, whatever it is.
  for (std::size_t at = 0; at < 4000; at += 61) {
    std::string changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ 0x41);
    write(changed);
    (void)load_onnx_weights(network, file_);
  }
}

TEST_F(OnnxWeights, ThatAreNotFiniteAreRefused) {
  Network network(mobile_face_net(32, dimension));
  {
    const torch::NoGradGuard no_gradients;
    network->weights(0).weight.fill_(std::nanf(""));
  }
  write(to_onnx(network));
  EXPECT_EQ(load_onnx_weights(network, file_).error().code, ErrorCode::damaged);
}

}  // namespace
}  // namespace kith::train
