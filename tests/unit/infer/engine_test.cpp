// SPDX-License-Identifier: Apache-2.0
#include "infer/engine.h"

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "support/tiny_models.h"

namespace kith::infer {
namespace {

class EngineTest : public testing::Test {
 protected:
  ErrorCode load_error(const std::filesystem::path& file, const ModelContract& contract) {
    Result<Model> model = engine.load(file, contract);
    EXPECT_FALSE(model) << file;
    if (model) return ErrorCode::cancelled;
    EXPECT_NE(model.error().message.find(file.filename().string()), std::string::npos)
        << model.error().message;
    return model.error().code;
  }

  test::TemporaryFolder folder;
  Engine engine{{.threads = 1}};
  ModelContract embedder{.input = {1, 3, 8, 8}, .outputs = {{1, 3}}};
};

TEST_F(EngineTest, RunsAModel) {
  const Result<Model> model = engine.load(test::write_embedder(folder.path(), 8), embedder);
  ASSERT_TRUE(model) << model.error().message;
  Session session = model->acquire({1, 3, 8, 8}).value();
  const std::span<float> input = session.input();
  ASSERT_EQ(input.size(), 3U * 64);
  std::ranges::fill(input.subspan(64, 64), 5.0F);
  std::ranges::fill(input.first(64), 1.0F);
  std::ranges::fill(input.last(64), 0.0F);
  ASSERT_TRUE(session.run());
  const TensorView output = session.output(0);
  EXPECT_EQ(output.shape, (Shape{1, 3}));
  EXPECT_NEAR(output.values[0], 1, 0.01F);
  EXPECT_NEAR(output.values[1], 5, 0.05F);
  EXPECT_NEAR(output.values[2], 0, 0.01F);
}

TEST_F(EngineTest, ServesManyThreadsFromOneModel) {
  const Result<Model> model = engine.load(test::write_embedder(folder.path(), 8), embedder);
  ASSERT_TRUE(model);
  std::vector<int> wrong(4, 0);
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < wrong.size(); ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 20; ++i) {
        Session session = model->acquire({1, 3, 8, 8}).value();
        std::ranges::fill(session.input(), static_cast<float>(t));
        if (!session.run() || session.output(0).values[2] != static_cast<float>(t)) ++wrong[t];
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, std::vector<int>(4, 0));
}

TEST_F(EngineTest, SessionsHeldAtTheSameTimeAreIndependent) {
  const Result<Model> model = engine.load(test::write_embedder(folder.path(), 8), embedder);
  ASSERT_TRUE(model);
  std::vector<Session> sessions;
  for (const float value : {1.0F, 2.0F, 3.0F}) {
    sessions.push_back(model->acquire({1, 3, 8, 8}).value());
    std::ranges::fill(sessions.back().input(), value);
  }
  for (Session& session : sessions) ASSERT_TRUE(session.run());
  for (std::size_t i = 0; i < sessions.size(); ++i)
    EXPECT_EQ(sessions[i].output(0).values[0], static_cast<float>(i + 1));
}

TEST_F(EngineTest, AMissingFileIsModelMissing) {
  EXPECT_EQ(load_error(folder.path() / "nowhere.onnx", embedder), ErrorCode::model_missing);
  EXPECT_EQ(load_error(folder.path(), embedder), ErrorCode::model_missing);
}

TEST_F(EngineTest, GarbageIsModelDamaged) {
  EXPECT_EQ(load_error(test::write_garbage(folder.path()), embedder), ErrorCode::model_damaged);
  const std::filesystem::path empty = folder.path() / "empty.onnx";
  std::ofstream(empty).close();
  EXPECT_EQ(load_error(empty, embedder), ErrorCode::model_damaged);
}

TEST_F(EngineTest, AnotherModelIsModelMismatch) {
  const std::filesystem::path file = test::write_embedder(folder.path(), 8);
  EXPECT_EQ(load_error(file, {.input = {1, 3, 8, 8}, .outputs = {{1, 512}}}), ErrorCode::model_mismatch);
  EXPECT_EQ(load_error(file, {.input = {1, 3, 8, 8}, .outputs = {{1, 3}, {1, 3}}}),
            ErrorCode::model_mismatch);
  EXPECT_EQ(load_error(file, {.input = {1, 3, 16, 16}, .outputs = {{1, 3}}}), ErrorCode::model_mismatch);
  EXPECT_EQ(load_error(file, {.input = {1, 4, 8, 8}, .outputs = {{1, 3}}}), ErrorCode::model_mismatch);
  EXPECT_EQ(load_error(test::write_foreign_model(folder.path()), embedder), ErrorCode::model_mismatch);
}

TEST_F(EngineTest, TensorsThatAreNotFloat32AreModelMismatch) {
  EXPECT_EQ(load_error(test::write_half_model(folder.path(), 8), embedder), ErrorCode::model_mismatch);
}

// What the network makes of the same input each time: enough to tell whether its weights are whole.
std::vector<float> outputs_of(const Model& model) {
  Session session = model.acquire({1, 3, 8, 8}).value();
  const std::span<float> input = session.input();
  for (std::size_t i = 0; i < input.size(); ++i) input[i] = static_cast<float>(i % 7);
  EXPECT_TRUE(session.run());
  const std::span<const float> values = session.output(0).values;
  return {values.begin(), values.end()};
}

TEST_F(EngineTest, ACompiledModelIsKeptAndComputesTheSame) {
  const std::filesystem::path file = test::write_embedder(folder.path(), 8);
  const std::filesystem::path cache = folder / "cache";
  const Engine caching({.threads = 1, .cache_folder = cache});
  const std::vector<float> expected = outputs_of(engine.load(file, embedder).value());
  EXPECT_EQ(outputs_of(caching.load(file, embedder).value()), expected);
  const std::filesystem::path kept = *std::filesystem::directory_iterator(cache);
  const auto written = std::filesystem::last_write_time(kept);
  EXPECT_EQ(outputs_of(caching.load(file, embedder).value()), expected);
  EXPECT_EQ(std::filesystem::last_write_time(kept), written) << "compiled a second time";
}

// Of this process, in bytes.
std::uint64_t executable_memory() {
  std::ifstream maps("/proc/self/maps");
  std::uint64_t sum = 0;
  for (std::string line; std::getline(maps, line);) {
    std::istringstream fields(line);
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    char dash = 0;
    std::string rights;
    fields >> std::hex >> begin >> dash >> end >> rights;
    if (rights.find('x') != std::string::npos) sum += end - begin;
  }
  return sum;
}

// The engine compiles machine code for every shape of input.
TEST_F(EngineTest, DoesNotKeepTheKernelsOfEveryShapeThatItHasSeen) {
  const Result<Model> model =
      engine.load(test::write_centerface(folder.path()),
                  {.input = {1, 3, -1, -1},
                   .outputs = {{1, 1, -1, -1}, {1, 2, -1, -1}, {1, 2, -1, -1}, {1, 10, -1, -1}}});
  ASSERT_TRUE(model) << model.error().message;
  const auto see_shapes = [&](std::int64_t from, std::int64_t to) {
    for (std::int64_t width = from; width < to; ++width) {
      Session session = model->acquire({1, 3, 96, 96 + 4 * width}).value();
      std::ranges::fill(session.input(), 0.0F);
      ASSERT_TRUE(session.run());
    }
  };
  see_shapes(0, 550);
  const std::uint64_t before = executable_memory();
  see_shapes(550, 600);
  EXPECT_LT(executable_memory(), before + before / 50);
}

TEST_F(EngineTest, SeveralThreadsOfOneInferenceComputeTheSame) {
  const std::filesystem::path file = test::write_embedder(folder.path(), 8);
  const Engine wide({.threads = 2});
  EXPECT_EQ(outputs_of(wide.load(file, embedder).value()), outputs_of(engine.load(file, embedder).value()));
}

TEST_F(EngineTest, AHashThatWasJustTakenIsNotTakenAgain) {
  const std::filesystem::path file = test::write_embedder(folder.path(), 8);
  const Engine caching({.threads = 1, .cache_folder = folder / "cache"});
  const std::vector<float> expected = outputs_of(caching.load({file, "its hash"}, embedder).value());
  // Another model under the same name would be told by its hash, and breaks the contract.
  std::filesystem::copy_file(test::write_foreign_model(folder.path()), file,
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_FALSE(caching.load(file, embedder));
  EXPECT_EQ(outputs_of(caching.load({file, "its hash"}, embedder).value()), expected);
}

TEST_F(EngineTest, AFlippedBitInTheCacheIsNeverComputedWith) {
  const std::filesystem::path file = test::write_embedder(folder.path(), 8);
  const std::filesystem::path cache = folder / "cache";
  const Engine caching({.threads = 1, .cache_folder = cache});
  const std::vector<float> expected = outputs_of(caching.load(file, embedder).value());
  const std::filesystem::path kept = *std::filesystem::directory_iterator(cache);
  std::ifstream stream(kept, std::ios::binary);
  const std::string whole(std::istreambuf_iterator<char>(stream), {});
  for (std::size_t part = 0; part < 32; ++part) {
    std::string flipped = whole;
    flipped[whole.size() * part / 32] ^= 0x40;
    std::ofstream(kept, std::ios::binary) << flipped;
    EXPECT_EQ(outputs_of(caching.load(file, embedder).value()), expected) << "part " << part;
    std::ifstream mended(kept, std::ios::binary);
    EXPECT_NE(std::string(std::istreambuf_iterator<char>(mended), {}), flipped) << "part " << part;
  }
}

TEST_F(EngineTest, TheCacheKeepsModelsAndInputsApart) {
  const Engine caching({.threads = 1, .cache_folder = folder / "cache"});
  const std::filesystem::path file = test::write_embedder(folder.path(), 8);
  ASSERT_TRUE(caching.load(file, embedder));
  EXPECT_FALSE(caching.load(file, {.input = {1, 3, 16, 16}, .outputs = {{1, 3}}}));
  EXPECT_FALSE(caching.load(file, {.input = {1, 3, 8, 8}, .outputs = {{1, 512}}}));
  std::filesystem::copy_file(test::write_foreign_model(folder.path()), file,
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_FALSE(caching.load(file, embedder));
}

TEST(Engine, ACacheFolderThatCannotBeWrittenIsNoError) {
  const test::TemporaryFolder folder;
  const Engine engine({.cache_folder = test::write_garbage(folder.path()) / "below-a-file"});
  EXPECT_TRUE(
      engine.load(test::write_embedder(folder.path(), 8), {.input = {1, 3, 8, 8}, .outputs = {{1, 3}}}));
}

}  // namespace
}  // namespace kith::infer
