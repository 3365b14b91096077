// SPDX-License-Identifier: Apache-2.0
#include "infer/shaped_networks.h"

#include <cstdint>
#include <filesystem>
#include <iterator>
#include <memory>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "support/tiny_models.h"

namespace kith::infer {
namespace {

using Pool = std::shared_ptr<NetworkPool>;

class ShapedNetworksTest : public testing::Test {
 protected:
  // `cache_folder`: where compiled networks are kept.
  void load(const std::filesystem::path& cache_folder, const OwnNetworkRule& rule) {
    compiler = std::make_shared<Compiler>(EngineSettings{.cache_folder = cache_folder});
    const WeightsFile examined = compiler->examined(weights).value();
    any_shape = compiler->network(examined, contract).value();
    networks = std::make_unique<ShapedNetworks>(compiler, examined, contract, any_shape, rule);
  }

  // The network after the shape was asked for so many times.
  Pool asked(int times, const Shape& shape) const {
    Pool last;
    for (int i = 0; i < times; ++i) last = networks->for_input(shape);
    return last;
  }

  static std::vector<float> outputs_of(NetworkPool& pool, std::size_t height, std::size_t width) {
    std::unique_ptr<NetworkCopy> network = pool.take();
    ov::Tensor input = network->request().get_input_tensor();
    input.set_shape({1, 3, height, width});
    for (std::size_t i = 0; i < input.get_size(); ++i) input.data<float>()[i] = static_cast<float>(i % 251);
    network->infer();
    std::vector<float> result;
    for (std::size_t output = 0; output < 4; ++output) {
      const ov::Tensor tensor = network->request().get_output_tensor(output);
      result.insert(result.end(), tensor.data<const float>(), tensor.data<const float>() + tensor.get_size());
    }
    pool.give_back(std::move(network));
    return result;
  }

  test::TemporaryFolder folder;
  std::filesystem::path cache = folder / "cache";
  std::filesystem::path weights = test::write_centerface(folder.path());
  ModelContract contract{.input = {1, 3, -1, -1},
                         .outputs = {{1, 1, -1, -1}, {1, 2, -1, -1}, {1, 2, -1, -1}, {1, 10, -1, -1}}};
  std::shared_ptr<Compiler> compiler;
  Pool any_shape;
  std::unique_ptr<ShapedNetworks> networks;
};

TEST_F(ShapedNetworksTest, AShapeThatIsOftenAskedForGetsItsOwnWhichComputesTheSame) {
  load(cache, {.asked_before = 3});
  EXPECT_EQ(asked(3, {1, 3, 96, 128}), any_shape);
  const Pool own = asked(1, {1, 3, 96, 128});
  EXPECT_NE(own, any_shape);
  EXPECT_EQ(own->compiled().input().get_partial_shape(), (ov::PartialShape{1, 3, 96, 128}));
  EXPECT_EQ(asked(1, {1, 3, 96, 128}), own);
  EXPECT_EQ(outputs_of(*own, 96, 128), outputs_of(*any_shape, 96, 128));
}

TEST_F(ShapedNetworksTest, LargeOnesDoNot) {
  load(cache, {.asked_before = 0, .most_values = 3 * 96 * 128});
  EXPECT_EQ(asked(9, {1, 3, 128, 128}), any_shape);
}

TEST_F(ShapedNetworksTest, OneThatIsNotMostOfTheWorkDoesNot) {
  load(cache, {.asked_before = 3, .most_values = 3 * 96 * 128});
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(asked(1, {1, 3, 96, 128}), any_shape);
    EXPECT_EQ(asked(1, {1, 3, 128, 128}), any_shape);
  }
}

TEST_F(ShapedNetworksTest, OnlyOneDoes) {
  load(cache, {.asked_before = 0});
  EXPECT_NE(asked(1, {1, 3, 96, 128}), any_shape);
  EXPECT_EQ(asked(50, {1, 3, 96, 96}), any_shape);
}

TEST_F(ShapedNetworksTest, NoneIsMadeWhereNothingIsKept) {
  load({}, {.asked_before = 0});
  EXPECT_EQ(asked(9, {1, 3, 96, 128}), any_shape);
}

TEST_F(ShapedNetworksTest, OtherWeightsInTheFilesPlaceAreNotTaken) {
  load(cache, {.asked_before = 0});
  std::filesystem::create_directory(folder / "other");
  const std::filesystem::path other = test::write_centerface(folder / "other", {.box_side = 30});
  std::filesystem::copy_file(other, weights, std::filesystem::copy_options::overwrite_existing);
  EXPECT_EQ(asked(9, {1, 3, 96, 128}), any_shape);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(cache), {}), 1) << "the other's were kept";
}

TEST_F(ShapedNetworksTest, ManyThreadsGetOne) {
  load(cache, {.asked_before = 3});
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back([&] { asked(20, {1, 3, 96, 128}); });
  for (std::thread& thread : threads) thread.join();
  EXPECT_NE(networks->for_input({1, 3, 96, 128}), any_shape);
}

}  // namespace
}  // namespace kith::infer
