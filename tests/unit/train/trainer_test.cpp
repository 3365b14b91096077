// SPDX-License-Identifier: Apache-2.0
#include "train/trainer.h"

#include <fstream>
#include <iterator>
#include <limits>

#include <gtest/gtest.h>

#include "support/temporary_folder.h"
#include "train/backbones.h"
#include "train/onnx_file.h"
#include "train/toy_faces.h"

namespace kith::train {
namespace {

TrainSettings quick_settings() {
  TrainSettings settings;
  settings.dimension = 8;
  settings.people_per_batch = 4;
  settings.photos_per_person = 2;
  settings.epochs = 3;
  settings.augmentation.occlusion_chance = 0;
  settings.threads = 1;
  return settings;
}

class Trainer : public testing::Test {
 protected:
  Result<TrainedEmbedding> train(const TrainSettings& settings, const TrainStart& start = {},
                                 const TrainWitness& witness = {}, std::stop_token stop = {}) {
    return train::train_embedding(crops_, validation_, settings, start, checkpoint_, judge_, witness,
                                  std::move(stop));
  }

  test::TemporaryFolder folder_;
  std::filesystem::path checkpoint_ = folder_ / "model.checkpoint";
  CropSet crops_ = test::toy_faces(6, 4, 32);
  CropSet validation_;
  Judge judge_;
};

TEST_F(Trainer, MakesOnePersonsFacesAlike) {
  TrainSettings settings = quick_settings();
  settings.epochs = 12;
  settings.loss = TrainLoss::arcface;
  settings.scale = 16;
  const auto trained = train(settings);
  ASSERT_TRUE(trained) << trained.error().message;
  ASSERT_EQ(trained->epochs.size(), 12U);
  EXPECT_LT(trained->epochs.back().loss, trained->epochs.front().loss / 2);
  EXPECT_LT(trained->epochs.back().active_share, trained->epochs.front().active_share);
  EXPECT_FALSE(trained->onnx.empty());
}

TEST_F(Trainer, LearnsWithEachLossAndMining) {
  for (const TrainLoss loss : {TrainLoss::triplet, TrainLoss::arcface, TrainLoss::contrastive}) {
    for (const TripletMining mining :
         {TripletMining::random, TripletMining::all, TripletMining::hard, TripletMining::semi_hard}) {
      if (loss != TrainLoss::triplet && mining != TripletMining::random) continue;
      TrainSettings settings = quick_settings();
      settings.loss = loss;
      settings.mining = mining;
      settings.epochs = 1;
      const auto trained = train(settings);
      ASSERT_TRUE(trained) << trained.error().message;
      EXPECT_GT(trained->epochs.front().loss, 0) << static_cast<int>(loss) << static_cast<int>(mining);
    }
  }
}

TEST_F(Trainer, RepeatsWithOneSeed) {
  const auto one = train(quick_settings());
  std::filesystem::remove(checkpoint_);
  const auto same = train(quick_settings());
  TrainSettings settings = quick_settings();
  settings.seed = 2;
  const auto other = train(settings);
  ASSERT_TRUE(one && same && other);
  EXPECT_EQ(one->onnx, same->onnx);
  EXPECT_NE(one->onnx, other->onnx);
}

TEST_F(Trainer, GoesOnToTheSameResultWhereverItWasStopped) {
  const auto undisturbed = train(quick_settings());
  ASSERT_TRUE(undisturbed) << undisturbed.error().message;
  for (const std::uint64_t last : {1U, 3U, 4U, 7U}) {
    std::filesystem::remove(checkpoint_);
    std::stop_source source;
    const auto stopped = train(quick_settings(), {},
                               {.step =
                                    [&](const TrainStep& step) {
                                      if (step.step == last) source.request_stop();
                                    },
                                .epoch = {}},
                               source.get_token());
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().code, ErrorCode::cancelled);
    const auto resumed = train(quick_settings(), {.weights = {}, .resume = true});
    ASSERT_TRUE(resumed) << resumed.error().message;
    EXPECT_EQ(resumed->onnx, undisturbed->onnx) << last;
    ASSERT_EQ(resumed->epochs.size(), undisturbed->epochs.size());
    for (std::size_t i = 0; i < resumed->epochs.size(); ++i)
      EXPECT_EQ(resumed->epochs[i].loss, undisturbed->epochs[i].loss);
  }
}

TEST_F(Trainer, KeepsTheBestEpochAndStopsWhenItGetsNoBetter) {
  validation_ = test::toy_faces(2, 3, 32, 5);
  int calls = 0;
  judge_ = [&](std::span<const Embedding> vectors) {
    EXPECT_EQ(vectors.size(), validation_.size());
    return Validation{.tar = ++calls == 2 ? 0.9 : 0.1, .accuracy = 0.5};
  };
  TrainSettings settings = quick_settings();
  settings.epochs = 50;
  settings.patience = 2;
  const auto trained = train(settings);
  ASSERT_TRUE(trained) << trained.error().message;
  EXPECT_EQ(trained->best_epoch, 2);
  EXPECT_EQ(trained->epochs.size(), 4U);
  EXPECT_TRUE(trained->stopped_early);
}

TEST_F(Trainer, BeginsWithGivenWeightsAndKeepsThemWhereLearningHarms) {
  const auto first = train(quick_settings());
  ASSERT_TRUE(first);
  const std::filesystem::path weights = folder_ / "first.onnx";
  std::ofstream(weights, std::ios::binary) << first->onnx;
  std::filesystem::remove(checkpoint_);
  validation_ = test::toy_faces(2, 3, 32, 5);
  int calls = 0;
  judge_ = [&](std::span<const Embedding>) {
    return Validation{.tar = calls++ == 0 ? 0.9 : 0.1, .accuracy = 0};
  };
  const auto second = train(quick_settings(), {.weights = weights});
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_EQ(second->best_epoch, 0);
  const auto before = train::embed_with(weights, quick_settings(), validation_);
  ASSERT_TRUE(before) << before.error().message;
  for (std::size_t i = 0; i < second->sample.size(); ++i) {
    for (std::size_t k = 0; k < before->at(i).size(); ++k)
      EXPECT_NEAR(second->sample[i][k], before->at(i)[k], 1e-5);
  }
}

TEST_F(Trainer, RefusesAFolderAsAStart) {
  const auto trained = train(quick_settings(), {.weights = folder_.path()});
  ASSERT_FALSE(trained);
  EXPECT_EQ(trained.error().code, ErrorCode::unreadable) << trained.error().message;
}

TEST_F(Trainer, LeavesFrozenLayersAlone) {
  const auto first = train(quick_settings());
  ASSERT_TRUE(first);
  const std::filesystem::path before = folder_ / "before.onnx";
  std::ofstream(before, std::ios::binary) << first->onnx;
  TrainSettings settings = quick_settings();
  settings.frozen = {"stem", "stage"};
  const auto second = train(settings, {.weights = before});
  ASSERT_TRUE(second) << second.error().message;
  const std::filesystem::path after = folder_ / "after.onnx";
  std::ofstream(after, std::ios::binary) << second->onnx;

  const Architecture architecture = *make_backbone(settings.backbone, crops_.side, settings.dimension);
  Network one(architecture);
  Network other(architecture);
  ASSERT_TRUE(load_onnx_weights(one, before));
  ASSERT_TRUE(load_onnx_weights(other, after));
  for (std::size_t i = 0; i < architecture.layers.size(); ++i) {
    if (architecture.layers[i].op != Op::conv) continue;
    const bool frozen = architecture.layers[i].name.starts_with("st");
    EXPECT_EQ(torch::allclose(one->weights(i).weight, other->weights(i).weight), frozen)
        << architecture.layers[i].name;
  }
}

TEST_F(Trainer, WantsSomethingToLearn) {
  TrainSettings settings = quick_settings();
  settings.frozen = {"no such layer"};
  EXPECT_EQ(train(settings).error().code, ErrorCode::bad_argument);
  settings.frozen = {"stem", "stage", "head", "global", "embedding"};
  EXPECT_EQ(train(settings).error().code, ErrorCode::bad_argument);
}

TEST_F(Trainer, StopsWhereTheLossIsNotFinite) {
  TrainSettings settings = quick_settings();
  settings.feeding.scale = std::numeric_limits<float>::infinity();
  const auto trained = train(settings);
  ASSERT_FALSE(trained);
  EXPECT_EQ(trained.error().code, ErrorCode::diverged);
  EXPECT_FALSE(std::filesystem::exists(checkpoint_)) << "nothing good was reached";
}

TEST_F(Trainer, RefusesACheckpointOfAnotherTrainingOrADamagedOne) {
  ASSERT_TRUE(train(quick_settings()));
  TrainSettings settings = quick_settings();
  settings.epochs = 4;
  const auto other = train(settings, {.weights = {}, .resume = true});
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, ErrorCode::bad_argument);
  EXPECT_NE(other.error().message.find("epochs (3, now 4)"), std::string::npos) << other.error().message;
  settings.backbone = "mobilenet-v2";
  EXPECT_EQ(train(settings, {.weights = {}, .resume = true}).error().code, ErrorCode::bad_argument);

  std::ifstream stream(checkpoint_, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(stream), {}};
  for (const std::size_t at : {std::size_t{3}, std::size_t{60}, bytes.size() / 2, bytes.size() - 1}) {
    std::string changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    std::ofstream(checkpoint_, std::ios::binary) << changed;
    EXPECT_EQ(train(quick_settings(), {.weights = {}, .resume = true}).error().code, ErrorCode::damaged)
        << at;
  }
}

TEST_F(Trainer, RefusesWhatMakesNoSense) {
  const auto code_of = [&](const auto& change) {
    TrainSettings settings = quick_settings();
    change(settings);
    const auto trained = train(settings);
    return trained ? ErrorCode::internal : trained.error().code;
  };
  EXPECT_EQ(code_of([](TrainSettings& s) { s.epochs = 0; }), ErrorCode::bad_argument);
  EXPECT_EQ(code_of([](TrainSettings& s) { s.photos_per_person = 1; }), ErrorCode::bad_argument);
  EXPECT_EQ(code_of([](TrainSettings& s) { s.learning_rate = -1; }), ErrorCode::bad_argument);
  EXPECT_EQ(code_of([](TrainSettings& s) {
              s.mining = TripletMining::random;
              s.triplets = {{0, 4, 1}};
            }),
            ErrorCode::bad_argument);
  EXPECT_EQ(code_of([](TrainSettings& s) {
              s.mining = TripletMining::random;
              s.triplets = {{0, 1, 900}};
            }),
            ErrorCode::bad_argument);
  crops_ = test::toy_faces(1, 5, 32);
  EXPECT_EQ(code_of([](TrainSettings&) {}), ErrorCode::bad_argument);
  crops_ = test::toy_faces(5, 1, 32);
  EXPECT_EQ(code_of([](TrainSettings&) {}), ErrorCode::bad_argument);
  crops_ = test::toy_faces(4, 3, 32);
  crops_.pixels.pop_back();
  EXPECT_EQ(code_of([](TrainSettings&) {}), ErrorCode::bad_argument);
}

TEST_F(Trainer, LearnsFromGivenTriplets) {
  TrainSettings settings = quick_settings();
  settings.mining = TripletMining::random;
  settings.triplets = {{0, 1, 5}, {4, 5, 9}, {8, 9, 1}};
  const auto trained = train(settings);
  ASSERT_TRUE(trained) << trained.error().message;
  EXPECT_EQ(trained->epochs.size(), 3U);
}

}  // namespace
}  // namespace kith::train
