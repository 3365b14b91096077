// SPDX-License-Identifier: Apache-2.0
// What every command shares: the options, the paths, the way out.
#pragma once

#include <filesystem>
#include <functional>
#include <limits>
#include <stop_token>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include <kith/kith.h>

namespace kith::cli {

// Exit codes of the outside contract.
enum Exit : int { ok = 0, some_failed = 1, wrong_usage = 2, could_not_run = 3, interrupted = 130 };

// Options that stand with every command.
struct Options {
  int threads = 0;  // 0: as many as the machine has
  bool quiet = false;
  bool verbose = false;
  bool json = false;
  std::string detector;
  std::string model;
  std::string precision = "auto";
  std::uint64_t max_megapixels = DecodeSettings{}.max_pixels / 1'000'000;
  std::filesystem::path models_folder;  // empty: beside the program
  std::filesystem::path library;        // folder of the photo library; empty: the default one
  std::filesystem::path timings;        // where the stages' times are written; empty: nowhere
  std::stop_token stop;                 // asked for by Ctrl-C

  [[nodiscard]] int thread_count() const;
  [[nodiscard]] DecodeSettings decode_settings() const;
  [[nodiscard]] ModelChoice model_choice() const;
  [[nodiscard]] std::filesystem::path library_folder() const;  // empty: there is no place for one
};

// A command as main() sees it: what to run, and the stop that Ctrl-C asks for.
using Action = std::function<Exit(std::stop_token)>;

// Each adds its subcommand to the app and sets `action` when it is chosen.
void add_identify(CLI::App& app, Options& options, Action& action);
void add_detect(CLI::App& app, Options& options, Action& action);
void add_embed(CLI::App& app, Options& options, Action& action);
void add_verify(CLI::App& app, Options& options, Action& action);
void add_models(CLI::App& app, Options& options, Action& action);
void add_eval(CLI::App& app, Options& options, Action& action);
void add_train_embedding(CLI::App& app, Options& options, Action& action);
void add_train_adapt(CLI::App& app, Options& options, Action& action);
void add_scan(CLI::App& app, Options& options, Action& action);
void add_people(CLI::App& app, Options& options, Action& action);
void add_cluster(CLI::App& app, Options& options, Action& action);
void add_review(CLI::App& app, Options& options, Action& action);
void add_explain(CLI::App& app, Options& options, Action& action);
void add_search(CLI::App& app, Options& options, Action& action);
void add_exchange(CLI::App& app, Options& options, Action& action);
void add_metadata(CLI::App& app, Options& options, Action& action);  // write, describe
void add_conflicts(CLI::App& app, Options& options, Action& action);
void add_info(CLI::App& app, Options& options, Action& action);
void add_dataset(CLI::App& app, Options& options, Action& action);
void add_history(CLI::App& app, Options& options, Action& action);  // and undo, redo
void add_keeping(CLI::App& app, Options& options, Action& action);  // check, backup, restore, forget-...

// The options of commands that look at photos: --json, --detector and --model, and how to look.
void add_photo_options(CLI::App& command, Options& options);
// How to look alone: --threads, --precision, --max-megapixels.
void add_looking_options(CLI::App& command, Options& options);
void add_json_option(CLI::App& command, Options& options);
// --timings, for commands that end in write_timings (output.h).
CLI::Option* add_timings_option(CLI::App& command, Options& options);
// PHOTO|DIR...; `-` stands for a list on standard input.
void add_inputs(CLI::App& command, std::vector<std::string>& inputs);

// Replaces `-` by the paths on standard input, separated by NUL or, where there is none, by newlines.
[[nodiscard]] std::vector<std::filesystem::path> expand_inputs(const std::vector<std::string>& inputs);

[[nodiscard]] Result<ModelCatalog> open_catalog(const Options& options);
// What the models are to do.
struct ModelUse {
  // Where these are fewer than the threads, each inference gets several.
  std::size_t photos_at_once = std::numeric_limits<std::size_t>::max();
  bool vectors = true;  // false: crops are all that is asked of the embedder
};
[[nodiscard]] Result<Models> open_models(const Options& options, const ModelUse& use = {});
// The same for most commands: they stay as long as the process, which ends without taking them apart
// (main.cpp).
[[nodiscard]] const Result<Models>& load_models(const Options& options, const ModelUse& use = {});

// As many of the inputs' photos as can be worked on at the same time.
[[nodiscard]] std::size_t photos_at_once(const std::vector<std::filesystem::path>& inputs,
                                         const Options& options);

// Says what went wrong on standard error; the code to leave with.
[[nodiscard]] Exit report_failure(const Error& error);

// The code for a run over photos: some_failed where any photo failed.
[[nodiscard]] Exit exit_code(const RunSummary& summary);

}  // namespace kith::cli
