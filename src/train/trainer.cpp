// SPDX-License-Identifier: Apache-2.0
#include "train/trainer.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numbers>
#include <set>

#include <nlohmann/json.hpp>

#include "core/json_text.h"
#include "core/planes.h"
#include "core/sha256.h"
#include "train/augment.h"
#include "train/backbones.h"
#include "train/batches.h"
#include "train/checkpoint.h"
#include "train/losses.h"
#include "train/onnx_file.h"

namespace kith::train {
namespace {

using Clock = std::chrono::steady_clock;

// A killed training loses no more than this.
constexpr std::chrono::minutes between_checkpoints{3};
// Gradients longer than this are shortened: a rare batch of outliers would throw the network far off.
constexpr double longest_gradient = 5;
// Looks at so many crops at once where nothing is learned.
constexpr std::size_t crops_at_once = 64;
constexpr std::size_t sample_size = 8;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

float margin_of(const TrainSettings& settings) {
  return settings.margin.value_or(default_margin(settings.loss));
}

bool draws_triplets(const TrainSettings& settings) {
  return settings.loss == TrainLoss::triplet && settings.mining == TripletMining::random;
}

Status check_crops(const CropSet& crops, const char* which) {
  const std::size_t bytes = static_cast<std::size_t>(crops.side) * static_cast<std::size_t>(crops.side) * 3;
  const bool whole = crops.side > 0 && crops.pixels.size() == bytes * crops.size();
  const bool known = std::ranges::all_of(crops.people, [&](int person) {
    return person >= 0 && static_cast<std::size_t>(person) < crops.names.size();
  });
  if (whole && known) return {};
  return fail(
      ErrorCode::bad_argument,
      std::string("the ") + which + " crops are not what they promise: other numbers of pixels or people");
}

Status check(const CropSet& crops, const CropSet& validation, const TrainSettings& settings) {
  if (Status sound = check_crops(crops, "training"); !sound) return sound;
  if (validation.size() > 0) {
    if (Status sound = check_crops(validation, "validation"); !sound) return sound;
    if (validation.side != crops.side)
      return fail(ErrorCode::bad_argument, "the validation crops have another size than the training crops");
  }
  if (people_to_learn_from(crops.people).size() < 2)
    return fail(ErrorCode::bad_argument, "learning takes at least two people with two photos each");
  if (settings.people_per_batch < 2 || settings.photos_per_person < 2 || settings.photos_per_batch() > 4096)
    return fail(ErrorCode::bad_argument,
                "a batch takes at least two people with two photos each, and 4096 photos at most");
  if (settings.epochs < 1) return fail(ErrorCode::bad_argument, "a training takes at least one epoch");
  const bool rates = settings.learning_rate > 0 && settings.learning_rate <= 10 &&
                     settings.weight_decay >= 0 && settings.weight_decay < 1 && settings.scale > 0 &&
                     margin_of(settings) >= 0 && margin_of(settings) < std::numbers::pi_v<float>;
  if (!rates)
    return fail(ErrorCode::bad_argument, "the learning rate, weight decay, scale or margin makes no sense");
  for (const Triplet& triplet : settings.triplets) {
    const auto& [anchor, positive, negative] = triplet;
    const bool inside = std::ranges::all_of(triplet, [&](std::size_t crop) { return crop < crops.size(); });
    if (!inside || anchor == positive || crops.people[anchor] != crops.people[positive] ||
        crops.people[anchor] == crops.people[negative])
      return fail(ErrorCode::bad_argument,
                  "the triplets do not fit the photos: each names two photos of a person and one of another");
  }
  return {};
}

// What must be the same for a training to go on where it stopped; `start_sha256` is empty where it starts
// anew.
std::string settings_text(const CropSet& crops, const CropSet& validation, const TrainSettings& settings,
                          const std::string& start_sha256) {
  const auto fingerprint = [](const CropSet& set) {
    std::string text;
    for (std::size_t i = 0; i < set.size(); ++i)
      text += set.names[static_cast<std::size_t>(set.people[i])] + "\n" + set.photos[i] + "\n";
    // A hash of its own: a copy of all pixels in the text would double the memory.
    return sha256_of(text + sha256_of(set.pixels));
  };
  const Augmentation& changes = settings.augmentation;
  std::string triplets;
  for (const Triplet& triplet : settings.triplets)
    triplets += std::to_string(triplet[0]) + " " + std::to_string(triplet[1]) + " " +
                std::to_string(triplet[2]) + "\n";
  const nlohmann::json settled{
      {"backbone", settings.backbone},
      {"dimension", settings.dimension},
      {"crop size", crops.side},
      {"loss", static_cast<int>(settings.loss)},
      {"mining", static_cast<int>(settings.mining)},
      {"margin", margin_of(settings)},
      {"scale", settings.scale},
      {"people per batch", settings.people_per_batch},
      {"photos per person", settings.photos_per_person},
      {"triplets", sha256_of(triplets)},
      {"epochs", settings.epochs},
      {"learning rate", settings.learning_rate},
      {"weight decay", settings.weight_decay},
      {"frozen layers", settings.frozen},
      {"kept statistics", settings.keep_statistics},
      {"patience", settings.patience},
      {"seed", settings.seed},
      {"augmentation",
       {changes.mirror, changes.rotation, changes.shift, changes.zoom, changes.brightness, changes.contrast,
        changes.saturation, changes.blur_chance, changes.grey_chance, changes.occlusion_chance}},
      {"start", start_sha256},
      {"photos", fingerprint(crops)},
      {"validation photos", fingerprint(validation)}};
  return json_text(settled);
}

torch::Tensor unit(const torch::Tensor& vectors) {
  namespace F = torch::nn::functional;
  return F::normalize(vectors, F::NormalizeFuncOptions().dim(1));
}

torch::Tensor empty_pictures(std::size_t count, int side) {
  return torch::empty({static_cast<std::int64_t>(count), 3, side, side});
}

std::span<float> planes_of(const torch::Tensor& pictures, std::size_t index, std::size_t size) {
  return {pictures.data_ptr<float>() + index * size, size};
}

// Unit vectors of crops [begin, end), as an embedder of two views gives them: the crop and its mirror image.
torch::Tensor look(Network& network, const CropSet& crops, std::size_t begin, std::size_t end,
                   const EmbedderFeeding& feeding) {
  torch::Tensor sum;
  for (const bool mirrored : {false, true}) {
    const torch::Tensor pictures = empty_pictures(end - begin, crops.side);
    for (std::size_t i = begin; i < end; ++i) {
      const std::span<const std::uint8_t> crop = crops.crop(i);
      write_planes(crop, crops.side, feeding, mirrored, planes_of(pictures, i - begin, crop.size()));
    }
    const torch::Tensor seen = network->forward(pictures);
    sum = sum.defined() ? sum + seen : seen;
  }
  return unit(sum);
}

std::vector<Embedding> embed_all(Network& network, const CropSet& crops, std::size_t count,
                                 const EmbedderFeeding& feeding) {
  const torch::NoGradGuard no_gradients;
  network->eval();
  std::vector<Embedding> vectors;
  for (std::size_t begin = 0; begin < count; begin += crops_at_once) {
    const std::size_t end = std::min(begin + crops_at_once, count);
    const torch::Tensor seen = look(network, crops, begin, end, feeding).contiguous();
    for (std::int64_t row = 0; row < seen.size(0); ++row) {
      const float* const values = seen.data_ptr<float>() + row * seen.size(1);
      vectors.emplace_back(values, values + seen.size(1));
    }
  }
  return vectors;
}

// By all pairs first: at a false-accept rate of 1 % a few decide, which tells little while all is bad yet.
bool better(const Validation& one, const Validation& other) {
  return std::pair(one.accuracy, one.tar) > std::pair(other.accuracy, other.tar);
}

void copy_weights(const Network& from, Network& to) {
  const torch::NoGradGuard no_gradients;
  const auto copy_all = [](const auto& source, const auto& target) {
    for (std::size_t i = 0; i < source.size(); ++i) target[i].copy_(source[i]);
  };
  copy_all(from->parameters(), to->parameters());
  copy_all(from->buffers(), to->buffers());
}

// Weights decay, what is added or multiplied a channel does not: it would pull every map to nothing.
std::unique_ptr<torch::optim::AdamW> make_optimizer(const Network& network, const torch::Tensor& centres,
                                                    const TrainSettings& settings) {
  std::vector<torch::Tensor> decaying;
  std::vector<torch::Tensor> others;
  for (const torch::Tensor& parameter : network->parameters()) {
    if (parameter.requires_grad()) (parameter.dim() > 1 ? decaying : others).push_back(parameter);
  }
  if (centres.defined()) decaying.push_back(centres);
  const auto options = [&](double decay) {
    return std::make_unique<torch::optim::AdamWOptions>(
        torch::optim::AdamWOptions(settings.learning_rate).weight_decay(decay));
  };
  std::vector<torch::optim::OptimizerParamGroup> groups;
  groups.emplace_back(decaying, options(settings.weight_decay));
  groups.emplace_back(others, options(0));
  return std::make_unique<torch::optim::AdamW>(groups, torch::optim::AdamWOptions(settings.learning_rate));
}

class Trainer {
 public:
  Trainer(const CropSet& crops, const CropSet& validation, const TrainSettings& settings,
          const std::filesystem::path& checkpoint, std::string settings_text, const Judge& judge,
          const TrainWitness& witness, std::stop_token stop)
      : crops_(crops),
        class_of_(classes(crops.people)),
        validation_(validation),
        settings_(settings),
        checkpoint_(checkpoint),
        settings_text_(std::move(settings_text)),
        judge_(judge),
        witness_(witness),
        stop_(std::move(stop)) {}

  Result<TrainedEmbedding> operator()(const Architecture& architecture, const TrainStart& start) {
    if (Status made = make_learner(architecture, start); !made) return tl::unexpected(made.error());
    std::error_code ignored;
    if (start.resume && std::filesystem::exists(checkpoint_, ignored)) {
      Result<Progress> before = load_checkpoint(checkpoint_, settings_text_, learner_);
      if (!before) return tl::unexpected(before.error());
      progress_ = std::move(*before);
    } else if (!start.weights.empty()) {
      progress_.best = validate();
      copy_weights(learner_.network, learner_.best);
    }
    while (progress_.epoch < settings_.epochs && !out_of_patience()) {
      if (Status done = run_epoch(); !done) return tl::unexpected(done.error());
    }
    return finish();
  }

 private:
  Status make_learner(const Architecture& architecture, const TrainStart& start) {
    torch::manual_seed(settings_.seed);
    learner_.network = Network(architecture);
    learner_.best = Network(architecture);
    if (!start.weights.empty()) {
      if (Status loaded = load_onnx_weights(learner_.network, start.weights); !loaded) return loaded;
    }
    copy_weights(learner_.network, learner_.best);
    for (const std::string& beginning : settings_.frozen) {
      if (learner_.network->freeze({beginning}) == 0) {
        return fail(ErrorCode::bad_argument, "no layer of " + settings_.backbone + " begins with \"" +
                                                 beginning + "\"; `kith train backbones` names them");
      }
    }
    if (std::ranges::none_of(learner_.network->parameters(),
                             [](const torch::Tensor& tensor) { return tensor.requires_grad(); }))
      return fail(ErrorCode::bad_argument, "every layer is frozen, so there is nothing to learn");
    if (settings_.keep_statistics) learner_.network->keep_statistics();
    if (settings_.loss == TrainLoss::arcface) {
      const auto people = static_cast<std::int64_t>(people_to_learn_from(crops_.people).size());
      learner_.centres = torch::randn({people, architecture.dimension}).mul_(0.1).requires_grad_();
    }
    learner_.optimizer = make_optimizer(learner_.network, learner_.centres, settings_);
    return {};
  }

  [[nodiscard]] std::vector<Batch> batches_of(int epoch) const {
    const auto random = [&](std::uint64_t purpose) {
      return random_for({settings_.seed, static_cast<std::uint64_t>(epoch), purpose});
    };
    if (!draws_triplets(settings_)) {
      return balanced_batches(crops_.people, settings_.people_per_batch, settings_.photos_per_person,
                              random(0));
    }
    std::vector<Triplet> triplets =
        settings_.triplets.empty()
            ? random_triplets(crops_.people, std::max<std::size_t>(1, crops_.size() / 3), random(1))
            : settings_.triplets;
    return triplet_batches(std::move(triplets), std::max(1, settings_.photos_per_batch() / 3), random(2));
  }

  Status run_epoch() {
    const std::vector<Batch> batches = batches_of(progress_.epoch);
    const std::uint64_t steps = batches.size() * static_cast<std::uint64_t>(settings_.epochs);
    const Clock::time_point start = Clock::now();
    const double seconds_before = progress_.seconds;
    Clock::time_point saved = start;
    while (progress_.batch < batches.size()) {
      if (stop_.stop_requested()) {
        if (Status kept = save(); !kept) return kept;
        return fail(ErrorCode::cancelled,
                    "interrupted; " + checkpoint_.string() + " holds all of it, go on with --resume");
      }
      const std::uint64_t step =
          static_cast<std::uint64_t>(progress_.epoch) * batches.size() + progress_.batch;
      if (Status learned = learn(batches[progress_.batch], step, steps); !learned) return learned;
      ++progress_.batch;
      progress_.seconds = seconds_before + seconds_since(start);
      if (Clock::now() - saved < between_checkpoints) continue;
      saved = Clock::now();
      if (Status kept = save(); !kept) return kept;
    }
    std::size_t photos = 0;
    for (const Batch& batch : batches) photos += batch.size();
    end_epoch(batches.size(), photos);
    return save();
  }

  Status learn(const Batch& batch, std::uint64_t step, std::uint64_t steps) {
    Random random = random_for({settings_.seed, step, 3});
    torch::manual_seed(random());
    const torch::Tensor pictures = empty_pictures(batch.size(), crops_.side);
    std::vector<int> people;
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const std::vector<std::uint8_t> crop =
          augmented(crops_.crop(batch[i]), crops_.side, settings_.augmentation, random);
      write_planes(crop, crops_.side, settings_.feeding, false, planes_of(pictures, i, crop.size()));
      people.push_back(class_of_[batch[i]]);
    }
    set_rate(step, steps);
    learner_.network->train();
    learner_.optimizer->zero_grad();
    const LossValue value = loss_of(unit(learner_.network->forward(pictures)), people);
    const double loss = value.loss.item<double>();
    if (!std::isfinite(loss)) return diverged(step);
    value.loss.backward();
    const double length = torch::nn::utils::clip_grad_norm_(learned_parameters(), longest_gradient);
    if (!std::isfinite(length)) return diverged(step);
    learner_.optimizer->step();
    progress_.loss_sum += loss;
    progress_.active_sum += value.active_share;
    if (witness_.step) witness_.step({step + 1, steps, loss});
    return {};
  }

  [[nodiscard]] LossValue loss_of(const torch::Tensor& vectors, const std::vector<int>& people) const {
    const float margin = margin_of(settings_);
    switch (settings_.loss) {
      case TrainLoss::arcface:
        return arcface_loss(vectors, people, learner_.centres, settings_.scale, margin);
      case TrainLoss::contrastive: return contrastive_loss(vectors, people, margin);
      case TrainLoss::triplet: break;
    }
    return draws_triplets(settings_) ? given_triplets_loss(vectors, margin)
                                     : triplet_loss(vectors, people, settings_.mining, margin);
  }

  // Nothing of the step that went wrong is kept: the file on disk is older than it.
  [[nodiscard]] Status diverged(std::uint64_t step) const {
    return fail(ErrorCode::diverged, "the loss is not finite any more, at step " + std::to_string(step + 1) +
                                         "; try a lower --learning-rate. " + checkpoint_.string() +
                                         " holds the last good state, if one was reached");
  }

  std::vector<torch::Tensor> learned_parameters() const {
    std::vector<torch::Tensor> parameters;
    for (const torch::optim::OptimizerParamGroup& group : learner_.optimizer->param_groups())
      std::ranges::copy(group.params(), std::back_inserter(parameters));
    return parameters;
  }

  void set_rate(std::uint64_t step, std::uint64_t steps) {
    constexpr double warm_up = 0.05;
    const double done = (static_cast<double>(step) + 1) / static_cast<double>(steps);
    const double share = done < warm_up
                             ? done / warm_up
                             : (1 + std::cos(std::numbers::pi * (done - warm_up) / (1 - warm_up))) / 2;
    for (torch::optim::OptimizerParamGroup& group : learner_.optimizer->param_groups())
      static_cast<torch::optim::AdamWOptions&>(group.options()).lr(settings_.learning_rate * share);
  }

  std::optional<Validation> validate() {
    if (validation_.size() == 0 || !judge_) return std::nullopt;
    return judge_(embed_all(learner_.network, validation_, validation_.size(), settings_.feeding));
  }

  void end_epoch(std::size_t batches, std::size_t photos) {
    const Clock::time_point start = Clock::now();
    const double learning = progress_.seconds;
    TrainEpoch epoch{.epoch = progress_.epoch + 1,
                     .loss = progress_.loss_sum / static_cast<double>(batches),
                     .active_share = progress_.active_sum / static_cast<double>(batches),
                     .photos_per_second = static_cast<double>(photos) / learning,
                     .seconds = 0,
                     .validation = validate()};
    epoch.seconds = learning + seconds_since(start);
    // Without anybody to validate on, the last is the best there is.
    if (!epoch.validation || !progress_.best || better(*epoch.validation, *progress_.best)) {
      progress_.best = epoch.validation;
      progress_.best_epoch = epoch.epoch;
      copy_weights(learner_.network, learner_.best);
    }
    progress_.epochs.push_back(epoch);
    progress_.epoch = epoch.epoch;
    progress_.batch = 0;
    progress_.loss_sum = progress_.active_sum = progress_.seconds = 0;
    if (witness_.epoch) witness_.epoch(epoch);
  }

  [[nodiscard]] bool out_of_patience() const {
    return settings_.patience > 0 && progress_.epoch - progress_.best_epoch >= settings_.patience;
  }

  [[nodiscard]] Status save() const {
    return save_checkpoint(checkpoint_, settings_text_, learner_, progress_);
  }

  TrainedEmbedding finish() {
    learner_.best->eval();
    TrainedEmbedding result{.onnx = to_onnx(learner_.best),
                            .epochs = progress_.epochs,
                            .best_epoch = progress_.best_epoch,
                            .stopped_early = progress_.epoch < settings_.epochs,
                            .sample = {}};
    const CropSet& looked_at = validation_.size() > 0 ? validation_ : crops_;
    result.sample =
        embed_all(learner_.best, looked_at, std::min(sample_size, looked_at.size()), settings_.feeding);
    return result;
  }

  const CropSet& crops_;
  std::vector<int> class_of_;  // of each crop
  const CropSet& validation_;
  const TrainSettings& settings_;
  const std::filesystem::path& checkpoint_;
  std::string settings_text_;
  const Judge& judge_;
  const TrainWitness& witness_;
  std::stop_token stop_;
  Learner learner_;
  Progress progress_;
};

tl::unexpected<Error> too_little_memory(const TrainSettings& settings) {
  const bool crowded = settings.people_per_batch > settings.photos_per_person;
  const int smaller = std::max(2, std::max(settings.people_per_batch, settings.photos_per_person) / 2);
  return fail(ErrorCode::out_of_memory, "not enough memory for a batch of " +
                                            std::to_string(settings.photos_per_batch()) + " photos; try " +
                                            (crowded ? "--people-per-batch " : "--photos-per-person ") +
                                            std::to_string(smaller) + ", or smaller crops with --side");
}

// LibTorch throws; its own shortage of memory is a c10::Error of a text.
template <typename Work>
auto guarded(const TrainSettings& settings, Work work) -> decltype(work()) {
  try {
    torch::set_num_threads(settings.threads);
    return work();
  } catch (const std::bad_alloc&) {
    return too_little_memory(settings);
  } catch (const std::exception& error) {
    const std::string_view what = error.what();
    if (what.find("not enough memory") != std::string_view::npos ||
        what.find("can't allocate memory") != std::string_view::npos)
      return too_little_memory(settings);
    return fail(ErrorCode::internal,
                "LibTorch failed: " + std::string(what.substr(0, what.find('\n'))) + "; please report this");
  }
}

}  // namespace

Result<std::vector<Backbone>> list_backbones() { return backbones(); }

Result<TrainedEmbedding> train_embedding(const CropSet& crops, const CropSet& validation,
                                         const TrainSettings& settings, const TrainStart& start,
                                         const std::filesystem::path& checkpoint, const Judge& judge,
                                         const TrainWitness& witness, std::stop_token stop) {
  if (Status checked = check(crops, validation, settings); !checked) return tl::unexpected(checked.error());
  const Result<Architecture> architecture = make_backbone(settings.backbone, crops.side, settings.dimension);
  if (!architecture) return tl::unexpected(architecture.error());
  std::error_code ignored;
  if (!start.weights.empty() && !std::filesystem::exists(start.weights, ignored))
    return fail(ErrorCode::not_found, start.weights.string() + ": no such file");
  const Result<std::string> start_sha256 = start.weights.empty() ? "" : sha256_of_file(start.weights);
  if (!start_sha256) return tl::unexpected(start_sha256.error());
  return guarded(settings, [&] {
    return Trainer(crops, validation, settings, checkpoint,
                   settings_text(crops, validation, settings, *start_sha256), judge, witness,
                   std::move(stop))(*architecture, start);
  });
}

Result<std::vector<Embedding>> embed_with(const std::filesystem::path& weights, const TrainSettings& settings,
                                          const CropSet& crops) {
  if (Status sound = check_crops(crops, "given"); !sound) return tl::unexpected(sound.error());
  const Result<Architecture> architecture = make_backbone(settings.backbone, crops.side, settings.dimension);
  if (!architecture) return tl::unexpected(architecture.error());
  return guarded(settings, [&]() -> Result<std::vector<Embedding>> {
    Network network(*architecture);
    if (Status loaded = load_onnx_weights(network, weights); !loaded) return tl::unexpected(loaded.error());
    return embed_all(network, crops, crops.size(), settings.feeding);
  });
}

}  // namespace kith::train
