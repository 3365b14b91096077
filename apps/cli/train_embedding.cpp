// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <map>
#include <random>
#include <unordered_map>
#include <unordered_set>

#include <kith/train.h>
#include <spdlog/spdlog.h>

#include "catalog/spec_json.h"
#include "command.h"
#include "core/atomic_write.h"
#include "core/json_text.h"
#include "dataset/triplets.h"
#include "eval/metrics.h"
#include "output.h"
#include "pipeline/crops.h"
#include "text.h"
#include "train.h"
#include "train_epochs.h"

namespace kith::cli {
namespace {

namespace fs = std::filesystem;

struct TrainOptions {
  fs::path data;
  fs::path out;
  fs::path only;
  fs::path except;
  fs::path crops;
  fs::path triplets;
  std::string start;
  int side = 0;  // 0: the backbone's own
  float validation = 0.05F;
  bool resume = false;
  std::string augmentation = "all";
  TrainSettings settings;
};

// OUT with an ending: OUT.onnx, OUT.json, ... whether or not it was given with one.
fs::path beside(const TrainOptions& chosen, const char* extension) {
  fs::path stem = chosen.out;
  if (stem.extension() == ".onnx") stem.replace_extension();
  return stem += extension;
}

// ---- photos

Result<pipeline::CropRun> crops_of(const TrainOptions& chosen, const Options& options,
                                   const std::stop_token& stop) {
  const Result<std::vector<pipeline::LabelledPhoto>> photos = pipeline::labelled_photos(chosen.data);
  if (!photos) return tl::unexpected(photos.error());
  // Not load_models(), which would keep the detector's memory while the training needs it.
  const Result<Models> models = open_models(options, {.vectors = false});
  if (!models) return tl::unexpected(models.error());
  Progress progress("Crops", photos->size(), options.quiet);
  const pipeline::CropSettings settings{
      .side = chosen.side,
      .threads = options.thread_count(),
      .decode = options.decode_settings(),
      .store = chosen.crops.empty() ? beside(chosen, ".crops") : chosen.crops,
      .detector = model_identity(models->detector_spec)};
  return pipeline::prepare_crops(
      *models->detector, *photos, settings, [&] { progress.advance(); }, stop);
}

// The people of the lists; nobody where no list was given.
Result<std::optional<std::unordered_set<std::string>>> people_of(const fs::path& list) {
  if (list.empty()) return std::nullopt;
  const Result<std::vector<std::string>> names = pipeline::listed_people(list);
  if (!names) return tl::unexpected(names.error());
  return std::unordered_set<std::string>(names->begin(), names->end());
}

struct Split {
  CropSet training;
  CropSet validation;
};

// A share of the people with two photos or more is put aside, chosen by the seed alone.
Split split_people(const CropSet& crops, float share, std::uint64_t seed) {
  std::map<int, int> photos_of;
  for (const int person : crops.people) ++photos_of[person];
  std::vector<std::string> candidates;
  for (const auto& [person, photos] : photos_of) {
    if (photos >= 2) candidates.push_back(crops.names[static_cast<std::size_t>(person)]);
  }
  std::ranges::sort(candidates);
  std::mt19937_64 random(seed);
  std::ranges::shuffle(candidates, random);
  candidates.resize(static_cast<std::size_t>(std::lround(share * static_cast<float>(candidates.size()))));
  const std::unordered_set<std::string> aside(candidates.begin(), candidates.end());
  return {pipeline::subset(crops, [&](const std::string& person) { return !aside.contains(person); }),
          pipeline::subset(crops, [&](const std::string& person) { return aside.contains(person); })};
}

// Of somebody with hundreds of photos a few say enough, and all pairs would be theirs.
CropSet at_most_each(const CropSet& crops, int photos) {
  CropSet result;
  result.side = crops.side;
  result.names = crops.names;
  std::map<int, int> taken;
  for (std::size_t i = 0; i < crops.size(); ++i) {
    if (taken[crops.people[i]]++ >= photos) continue;
    result.people.push_back(crops.people[i]);
    result.photos.push_back(crops.photos[i]);
    const std::span<const std::uint8_t> pixels = crops.crop(i);
    result.pixels.insert(result.pixels.end(), pixels.begin(), pixels.end());
  }
  return result;
}

std::vector<eval::Pair> all_pairs(const CropSet& crops, std::span<const Embedding> vectors) {
  std::vector<eval::Pair> pairs;
  for (std::size_t a = 0; a < vectors.size(); ++a) {
    for (std::size_t b = a + 1; b < vectors.size(); ++b)
      pairs.push_back({dot(vectors[a], vectors[b]), crops.people[a] == crops.people[b], 0});
  }
  return pairs;
}

Validation judge(const CropSet& crops, std::span<const Embedding> vectors) {
  const std::vector<eval::Pair> pairs = all_pairs(crops, vectors);
  return {.tar = eval::true_accept_rate(pairs, 1e-2), .accuracy = eval::balanced_accuracy(pairs)};
}

// The triplets of a file that `kith dataset triplets` can write, as places in `training`. Its list stands
// beside it.
Result<std::vector<std::array<std::size_t, 3>>> given_triplets(const TrainOptions& chosen,
                                                               const CropSet& training) {
  const Result<dataset::PictureList> list =
      dataset::load_list(fs::path(chosen.triplets).replace_extension(".txt"));
  if (!list) return tl::unexpected(list.error());
  const Result<std::vector<dataset::Triplet>> listed = dataset::read_triplets(chosen.triplets, list->persons);
  if (!listed) return tl::unexpected(listed.error());
  std::unordered_map<std::string, std::size_t> crop_of;
  for (std::size_t crop = 0; crop < training.size(); ++crop)
    crop_of.emplace(fs::path(training.photos[crop]).lexically_relative(chosen.data).generic_string(), crop);
  std::vector<std::array<std::size_t, 3>> triplets;
  for (const dataset::Triplet& triplet : *listed) {
    std::array<std::size_t, 3> crops{};
    const bool all_there = std::ranges::all_of(std::array{0U, 1U, 2U}, [&](std::size_t corner) {
      const auto found = crop_of.find(list->files[static_cast<std::size_t>(triplet[corner])]);
      if (found != crop_of.end()) crops[corner] = found->second;
      return found != crop_of.end();
    });
    if (all_there) triplets.push_back(crops);
  }
  if (triplets.empty())
    return fail(ErrorCode::bad_argument, chosen.triplets.string() +
                                             ": none of its triplets is of photos in " +
                                             chosen.data.string() + " that are learned from");
  if (triplets.size() < listed->size())
    spdlog::warn(
        "{} of {} triplets are left out: a photo of theirs is not there, shows no face, or is of somebody "
        "put aside",
        listed->size() - triplets.size(), listed->size());
  return triplets;
}

// ---- results

// What `kith models add` reads (docs/models.md).
std::string description_of(const TrainOptions& chosen, const std::optional<Calibration>& calibration) {
  ModelSpec spec;
  spec.name = beside(chosen, "").filename().string();
  spec.architecture = "network";
  spec.description = chosen.settings.backbone + ", trained on " + chosen.data.filename().string();
  spec.licence = "your own";
  spec.source = "kith train embedding";
  spec.feeding = chosen.settings.feeding;
  spec.feeding.crop = pipeline::crop_template(chosen.side);
  spec.feeding.dimension = chosen.settings.dimension;
  spec.calibrated = calibration.has_value();
  spec.calibration = calibration.value_or(Calibration{});
  return json_text(catalog::spec_to_json(spec), 2) + "\n";
}

// The vectors of the first crops, as every other command computes them.
Result<std::vector<Embedding>> embedded(const Embedder& embedder, const CropSet& crops, std::size_t count) {
  std::vector<Embedding> vectors;
  for (std::size_t i = 0; i < count; ++i) {
    std::vector<Image> views;
    for (int view = 0; view < 2; ++view) {
      Image& picture = views.emplace_back(crops.side, crops.side);
      std::ranges::copy(crops.crop(i), picture.bytes().begin());
    }
    Result<Embedding> vector = embedder.embed(views);
    if (!vector) return tl::unexpected(vector.error());
    vectors.push_back(std::move(*vector));
  }
  return vectors;
}

Result<std::unique_ptr<Embedder>> exported_embedder(const TrainOptions& chosen, const Options& options) {
  const Result<ModelCatalog> catalog = open_catalog(options);
  if (!catalog) return tl::unexpected(catalog.error());
  const Result<ModelSpec> spec = catalog->describe(beside(chosen, ".onnx"), beside(chosen, ".json"));
  if (!spec) return tl::unexpected(spec.error());
  ModelChoice choice = options.model_choice();
  choice.full_precision = true;
  choice.cache_folder.clear();
  return load_embedder(*spec, choice);
}

float largest_difference(const std::vector<Embedding>& a, const std::vector<Embedding>& b) {
  float largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    for (std::size_t k = 0; k < a[i].size(); ++k) largest = std::max(largest, std::abs(a[i][k] - b[i][k]));
  }
  return largest;
}

// Fitted on people whom the network did not learn from; nothing where they are too few.
std::optional<Calibration> calibration_from(const CropSet& validation, std::span<const Embedding> vectors) {
  std::vector<float> same;
  std::vector<float> different;
  for (const eval::Pair& pair : all_pairs(validation, vectors))
    (pair.same ? same : different).push_back(pair.similarity);
  constexpr std::size_t least_same = 30;
  constexpr std::size_t least_different = 1000;
  if (same.size() < least_same || different.size() < least_different) return std::nullopt;
  return eval::fit_calibration(same, different);
}

struct Written {
  float difference = 0;  // between LibTorch's vectors and those of the exported network
  bool calibrated = false;
};

// The network, its description and the curves. The description is written last, with a calibration that the
// exported network itself gave.
Result<Written> write_model(const TrainOptions& chosen, const Options& options,
                            const TrainedEmbedding& trained, const Split& split) {
  const auto write = [&](const char* extension, const std::string& bytes) {
    return write_atomically(beside(chosen, extension), bytes);
  };
  if (Status done = write(".onnx", trained.onnx); !done) return tl::unexpected(done.error());
  if (Status done = write(".csv", curves_csv(trained.epochs)); !done) return tl::unexpected(done.error());
  if (Status done = write(".svg", curves_svg(trained.epochs, chosen.settings.backbone)); !done)
    return tl::unexpected(done.error());
  if (Status done = write(".json", description_of(chosen, std::nullopt)); !done)
    return tl::unexpected(done.error());

  const Result<std::unique_ptr<Embedder>> embedder = exported_embedder(chosen, options);
  if (!embedder) return tl::unexpected(embedder.error());
  const CropSet& looked_at = split.validation.size() > 0 ? split.validation : split.training;
  const Result<std::vector<Embedding>> sample = embedded(**embedder, looked_at, trained.sample.size());
  if (!sample) return tl::unexpected(sample.error());
  Written written{.difference = largest_difference(*sample, trained.sample)};
  constexpr float most = 1e-4F;
  if (!(written.difference <= most)) {
    return fail(ErrorCode::internal,
                beside(chosen, ".onnx").string() +
                    ": gives other vectors than the network that was trained (they differ by " +
                    std::to_string(written.difference) + "); please report this");
  }
  const Result<std::vector<Embedding>> vectors =
      embedded(**embedder, split.validation, split.validation.size());
  if (!vectors) return tl::unexpected(vectors.error());
  const std::optional<Calibration> calibration = calibration_from(split.validation, *vectors);
  written.calibrated = calibration.has_value();
  if (Status done = write(".json", description_of(chosen, calibration)); !done)
    return tl::unexpected(done.error());
  return written;
}

// ---- the command

// --start NAME|FILE: a model of the catalogue, or an ONNX file.
Result<fs::path> start_file(const TrainOptions& chosen, const Options& options) {
  std::error_code ignored;
  if (chosen.start.empty() || fs::exists(chosen.start, ignored)) return fs::path(chosen.start);
  const Result<ModelCatalog> catalog = open_catalog(options);
  if (!catalog) return tl::unexpected(catalog.error());
  const Result<ModelSpec> spec = catalog->find(ModelKind::embedder, chosen.start);
  if (!spec)
    return fail(ErrorCode::bad_argument,
                "--start " + chosen.start + ": is neither a file nor a model; " + spec.error().message);
  return spec->files.front().path;
}

// The files that the options name.
struct Lists {
  fs::path start;
  std::optional<std::unordered_set<std::string>> only;
  std::optional<std::unordered_set<std::string>> except;
};

// What is wrong with the options is told before the photos are looked at, which takes long.
Result<Lists> check_options(TrainOptions& chosen, const Options& options) {
  const Result<std::vector<Backbone>> backbones = train_backbones();
  if (!backbones) return tl::unexpected(backbones.error());
  const auto backbone = std::ranges::find(*backbones, chosen.settings.backbone, &Backbone::name);
  if (chosen.side == 0) chosen.side = backbone != backbones->end() ? backbone->side : CropSet{}.side;
  // The model is named after it: not after hours of training is it to turn out that no model can be.
  if (Status plain = catalog::check_plain_name(beside(chosen, "").filename().string()); !plain)
    return tl::unexpected(plain.error());
  Result<fs::path> start = start_file(chosen, options);
  if (!start) return tl::unexpected(start.error());
  Result<std::optional<std::unordered_set<std::string>>> only = people_of(chosen.only);
  if (!only) return tl::unexpected(only.error());
  Result<std::optional<std::unordered_set<std::string>>> except = people_of(chosen.except);
  if (!except) return tl::unexpected(except.error());
  if (chosen.augmentation != "all") chosen.settings.augmentation = no_augmentation;
  chosen.settings.augmentation.mirror = chosen.augmentation != "none";
  chosen.settings.threads = options.thread_count();
  return Lists{std::move(*start), std::move(*only), std::move(*except)};
}

Split split_of(const TrainOptions& chosen, const Lists& lists, const CropSet& crops) {
  const CropSet wanted = pipeline::subset(crops, [&](const std::string& person) {
    return (!lists.only || lists.only->contains(person)) && !(lists.except && lists.except->contains(person));
  });
  Split split = split_people(wanted, chosen.validation, chosen.settings.seed);
  constexpr int photos_each = 10;
  split.validation = at_most_each(split.validation, photos_each);
  return split;
}

void tell_of_photos_without_face(const pipeline::CropRun& run, bool verbose) {
  for (const pipeline::CropNote& note : run.without) spdlog::info("{}", printable(note.reason));
  if (run.without.empty()) return;
  spdlog::warn("{} of {} photos gave no face to learn from{}", run.without.size(),
               run.without.size() + run.crops.size(), verbose ? "" : "; --verbose names them");
}

Result<TrainedEmbedding> learn(const TrainOptions& chosen, const Options& options, const fs::path& start,
                               const Split& split, Output& output, const std::stop_token& stop) {
  std::optional<Progress> progress;
  const auto on_step = [&](const TrainStep& step) {
    if (!progress) progress.emplace("Batches", step.steps - step.step + 1, options.quiet);
    progress->advance();
  };
  const auto on_epoch = [&](const TrainEpoch& epoch) {
    if (progress) progress->clear();
    output.write(options.json ? line_of(epoch_json(epoch)) : epoch_line(epoch, chosen.settings.epochs));
    output.flush();
  };
  return train_embedding(
      split.training, split.validation, chosen.settings, {.weights = start, .resume = chosen.resume},
      beside(chosen, ".checkpoint"),
      [&](std::span<const Embedding> vectors) { return judge(split.validation, vectors); },
      {.step = on_step, .epoch = on_epoch}, stop);
}

std::string outcome_text(const TrainedEmbedding& trained, const std::string& model) {
  return (trained.best_epoch > 0 ? "kept epoch " + std::to_string(trained.best_epoch)
                                 : std::string("no epoch was better than the start, which is kept")) +
         "; wrote " + model + "\nuse it: kith models add " + model + "\n";
}

Json outcome_json(const TrainOptions& chosen, const Split& split, std::size_t photos_without_face,
                  const TrainedEmbedding& trained, const Written& written, const std::string& model) {
  const std::optional<Validation> best =
      trained.best_epoch > 0 ? trained.epochs[static_cast<std::size_t>(trained.best_epoch - 1)].validation
                             : std::nullopt;
  return {{"model", model},
          {"backbone", chosen.settings.backbone},
          {"people", split.training.names.size()},
          {"photos", split.training.size()},
          {"photos_without_face", photos_without_face},
          {"best_epoch", trained.best_epoch},
          {"validation", validation_json(best)},
          {"stopped_early", trained.stopped_early},
          {"max_difference", six_digits(written.difference)},
          {"calibrated", written.calibrated}};
}

Exit train(TrainOptions chosen, const Options& options, const std::stop_token& stop) {
  const Result<Lists> lists = check_options(chosen, options);
  if (!lists) return report_failure(lists.error());
  const Result<pipeline::CropRun> run = crops_of(chosen, options, stop);
  if (!run) return report_failure(run.error());
  tell_of_photos_without_face(*run, options.verbose);
  const Split split = split_of(chosen, *lists, run->crops);
  if (!chosen.triplets.empty()) {
    Result<std::vector<std::array<std::size_t, 3>>> triplets = given_triplets(chosen, split.training);
    if (!triplets) return report_failure(triplets.error());
    chosen.settings.triplets = std::move(*triplets);
    chosen.settings.mining = TripletMining::random;
  }
  if (!options.quiet) {
    spdlog::info("{} crops of {} people to learn from, {} of {} to validate on", split.training.size(),
                 split.training.names.size(), split.validation.size(), split.validation.names.size());
  }

  Output output;
  const Result<TrainedEmbedding> trained = learn(chosen, options, lists->start, split, output, stop);
  if (!trained) return report_failure(trained.error());
  const Result<Written> written = write_model(chosen, options, *trained, split);
  if (!written) return report_failure(written.error());
  if (!written->calibrated)
    spdlog::warn(
        "too few people were put aside to calibrate with, so `kith identify` will leave most faces unknown; "
        "see `kith eval calibrate --help`");

  const std::string model = beside(chosen, ".onnx").string();
  output.write(options.json
                   ? line_of(outcome_json(chosen, split, run->without.size(), *trained, *written, model))
                   : outcome_text(*trained, model));
  const Status ended = output.finish();
  return ended ? ok : report_failure(ended.error());
}

Exit list_backbones(const Options& options, bool layers) {
  const Result<std::vector<Backbone>> backbones = train_backbones();
  if (!backbones) return report_failure(backbones.error());
  std::string text;
  for (const Backbone& backbone : *backbones) {
    if (options.json) {
      text += line_of({{"name", backbone.name},
                       {"description", backbone.description},
                       {"side", backbone.side},
                       {"parameters", backbone.parameters},
                       {"layers", backbone.layers}});
      continue;
    }
    char line[200];
    std::snprintf(line, sizeof line, "%-20s %6.1f M parameters  %s\n", backbone.name.c_str(),
                  static_cast<double>(backbone.parameters) / 1e6, backbone.description.c_str());
    text += line;
    for (const std::string& layer : backbone.layers) text += layers ? "  " + layer + "\n" : "";
  }
  return print(text);
}

CLI::Validator above_zero() {
  return CLI::Validator(
      [](const std::string& text) {
        double value = 0;
        return CLI::detail::lexical_cast(text, value) && value > 0 ? std::string()
                                                                   : std::string("must be above 0");
      },
      "");
}

std::string margin_help() {
  const auto margin = [](TrainLoss loss) { return static_cast<double>(default_margin(loss)); };
  char text[100];
  std::snprintf(text, sizeof text, "The loss's margin (default: %g triplet, %g arcface, %g contrastive)",
                margin(TrainLoss::triplet), margin(TrainLoss::arcface), margin(TrainLoss::contrastive));
  return text;
}

void add_settings(CLI::App& command, const std::shared_ptr<TrainOptions>& chosen) {
  TrainSettings& settings = chosen->settings;
  command.add_option("--backbone", settings.backbone, "Network to train (see `kith train backbones`)")
      ->capture_default_str()
      ->type_name("NAME");
  command.add_option("--dimension", settings.dimension, "Numbers in a face's vector")
      ->check(CLI::Range(2, 4096))
      ->capture_default_str()
      ->type_name("N");
  command
      .add_option("--side", chosen->side, "Side of the aligned crops, in pixels (default: the backbone's)")
      ->check(CLI::Range(16, 512))
      ->type_name("PX");
  static const std::map<std::string, TrainLoss> losses{{"triplet", TrainLoss::triplet},
                                                       {"arcface", TrainLoss::arcface},
                                                       {"contrastive", TrainLoss::contrastive}};
  command.add_option("--loss", settings.loss, "triplet, arcface or contrastive (default: triplet)")
      ->transform(CLI::CheckedTransformer(losses).description(""))
      ->type_name("NAME");
  static const std::map<std::string, TripletMining> minings{{"random", TripletMining::random},
                                                            {"all", TripletMining::all},
                                                            {"hard", TripletMining::hard},
                                                            {"semi-hard", TripletMining::semi_hard}};
  command
      .add_option("--mining", settings.mining,
                  "Which triplets count: random, all, hard or semi-hard (default: semi-hard)")
      ->transform(CLI::CheckedTransformer(minings).description(""))
      ->type_name("NAME");
  command.add_option("--margin", settings.margin, margin_help())->check(CLI::Range(0.0, 3.0))->type_name("X");
  command.add_option("--scale", settings.scale, "arcface: how sharply people are told apart")
      ->check(above_zero())
      ->capture_default_str()
      ->type_name("X");
  command.add_option("--epochs", settings.epochs, "How often all photos are gone through")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str()
      ->type_name("N");
  command.add_option("--learning-rate", settings.learning_rate, "The largest step's size (AdamW)")
      ->check(above_zero())
      ->capture_default_str()
      ->type_name("X");
  command.add_option("--people-per-batch", settings.people_per_batch, "P: different people in a batch")
      ->check(CLI::Range(2, 2048))
      ->capture_default_str()
      ->type_name("P");
  command.add_option("--photos-per-person", settings.photos_per_person, "K: photos of each")
      ->check(CLI::Range(2, 2048))
      ->capture_default_str()
      ->type_name("K");
  command
      .add_option("--freeze", settings.frozen,
                  "Layers whose names begin so are not trained; may be given again")
      ->type_name("NAME");
  command.add_flag("--keep-statistics", settings.keep_statistics,
                   "Batch normalisation keeps the statistics it starts with (usual with --start)");
  command
      .add_option("--patience", settings.patience,
                  "Stop after so many epochs without a better validation (default: never)")
      ->check(CLI::Range(1, 100'000))
      ->type_name("N");
  command
      .add_option("--augment", chosen->augmentation,
                  "How crops are changed before they are learned from: all ways, mirrored alone, or not")
      ->check(CLI::IsMember({"all", "mirror", "none"}))
      ->capture_default_str();
  command.add_option("--seed", settings.seed, "Of all random numbers; with --threads 1 it makes runs repeat")
      ->capture_default_str()
      ->type_name("N");
}

}  // namespace

void add_train_embedding(CLI::App& app, Options& options, Action& action) {
  const auto chosen = std::make_shared<TrainOptions>();
  CLI::App& command = *train_command(app).add_subcommand(
      "embedding", "Learns to tell people apart, from a folder of photos for each");
  command.add_option("data", chosen->data, "Folder with a folder of photos for each person")
      ->required()
      ->type_name("DATA");
  command
      .add_option("--out", chosen->out, "Where the model goes: MODEL.onnx, .json, .csv, .svg, .checkpoint")
      ->required()
      ->type_name("MODEL");
  command
      .add_option("--only", chosen->only,
                  "Learn from the people of this list alone (a name a line, or a list of LFW's)")
      ->type_name("FILE");
  command.add_option("--except", chosen->except, "Leave out the people of this list")->type_name("FILE");
  command
      .add_option("--crops", chosen->crops,
                  "Where the aligned crops are kept for the next time (default: beside MODEL)")
      ->type_name("STEM");
  command
      .add_option("--start", chosen->start,
                  "Begin with the weights of a model of `kith models list`, or of an ONNX file")
      ->type_name("NAME|FILE");
  add_settings(command, chosen);
  command
      .add_option(
          "--triplets", chosen->triplets,
          "Learn from these triplets alone, a file of `kith dataset triplets` with its list beside it")
      ->type_name("FILE.npy")
      ->excludes("--mining");
  command.add_flag("--resume", chosen->resume,
                   "Go on where an interrupted training of the same settings stopped");
  command.add_option("--validation", chosen->validation, "Share of the people who are put aside to judge by")
      ->check(CLI::Range(0.0, 0.9))
      ->capture_default_str()
      ->type_name("SHARE");
  add_json_option(command, options);
  command.add_option("--detector", options.detector, "Detector to use (see `kith models list`)")
      ->type_name("NAME");
  command.add_option("--threads", options.threads, "Threads to use (default: one a core)")
      ->check(CLI::Range(1, 1024))
      ->type_name("N");
  command.callback([chosen, &options, &action] {
    if (!chosen->triplets.empty() && chosen->settings.loss != TrainLoss::triplet)
      throw CLI::ValidationError("--triplets", "are for --loss triplet");
    action = [chosen, &options](const std::stop_token& stop) { return train(*chosen, options, stop); };
  });

  const auto layers = std::make_shared<bool>(false);
  CLI::App& list = *train_command(app).add_subcommand("backbones", "Lists the networks that can be trained");
  list.add_flag("--layers", *layers, "With the names of their layers, for --freeze");
  add_json_option(list, options);
  list.callback([layers, &options, &action] {
    action = [layers, &options](const std::stop_token&) { return list_backbones(options, *layers); };
  });
}

}  // namespace kith::cli
