// SPDX-License-Identifier: Apache-2.0
// What the protocols of `kith eval` share: their options, the models under test, the run over a data set's
// photos, figures with their intervals, and two models side by side.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "classifier.h"
#include "command.h"
#include "eval/joint_embedder.h"
#include "eval/mcnemar.h"
#include "eval/metrics.h"
#include "eval/protocols.h"
#include "eval_cluster.h"
#include "text.h"

namespace kith::cli {

struct EvalOptions {
  std::filesystem::path list;  // the protocol's, where it has one beside the folder
  std::filesystem::path folder;
  int view = 2;   // of LFW
  int every = 1;  // keep one pair, identity or photo in so many
  std::vector<std::string>
      models;  // embedders, the first one is what the others are compared with; none: the active one
  std::vector<std::string> detectors;  // of `eval detection`, likewise
  std::filesystem::path report;        // a page of HTML; empty: none
  ClusterChoice cluster;
  ClassifierChoice classifier;
};

// One a protocol, each in the file of its name.
[[nodiscard]] Exit eval_lfw(const EvalOptions& chosen, const Options& options, const std::stop_token& stop);
[[nodiscard]] Exit eval_pairs(const EvalOptions& chosen, const Options& options, const std::stop_token& stop);
[[nodiscard]] Exit eval_open_set(const EvalOptions& chosen, const Options& options,
                                 const std::stop_token& stop);
[[nodiscard]] Exit eval_detection(const EvalOptions& chosen, const Options& options,
                                  const std::stop_token& stop);
[[nodiscard]] Exit eval_cluster(const EvalOptions& chosen, const Options& options,
                                const std::stop_token& stop);
[[nodiscard]] Exit eval_calibrate(const EvalOptions& chosen, const Options& options,
                                  const std::stop_token& stop);
[[nodiscard]] Exit eval_library(const Options& options);

// ---- models and photos

struct ModelsUnderTest {
  std::unique_ptr<Detector> detector;
  ModelSpec detector_spec;
  std::unique_ptr<eval::JointEmbedder> embedder;
  std::vector<ModelSpec> embedder_specs;  // of its embedders
};

// Errors: bad_argument (no such model, or one that is named twice), and those of load_models.
[[nodiscard]] Result<ModelsUnderTest> load_models_under_test(const EvalOptions& chosen,
                                                             const Options& options);

// bad_argument where a name stands there twice.
[[nodiscard]] Status each_once(const std::vector<std::string>& names);

// Runs a data set's photos with progress, names each failure, and writes --timings; `take` gets every report
// all the same. Errors: cancelled, not_found (none of the photos could be read), and those of write_timings.
[[nodiscard]] Result<RunSummary> run_over(const Pipeline& pipeline,
                                          const std::vector<std::filesystem::path>& photos,
                                          const std::filesystem::path& folder, const Options& options,
                                          const std::stop_token& stop, const Pipeline::Sink& take);

// The named photos below `folder`, in their order. Errors: bad_argument (one is a folder, which a run would
// walk).
[[nodiscard]] Result<std::vector<std::filesystem::path>> photos_below(const std::filesystem::path& folder,
                                                                      const std::vector<std::string>& names);

// What was seen on a data set's photos of single people: the face nearest to the middle, since they show
// their subject there. By the photo's name in the list; a photo without a face is absent.
struct Looked {
  std::vector<eval::Vectors> vectors;          // one a model
  std::unordered_map<std::string, Box> faces;  // pixels of the upright photo
  RunSummary summary;
};

// The named photos below `folder`, by the same pipeline as every other command.
// Errors: bad_argument (a folder among them), and those of run_over.
[[nodiscard]] Result<Looked> vectors_of(const std::set<std::string>& files,
                                        const std::filesystem::path& folder, const ModelsUnderTest& models,
                                        const Options& options, const std::stop_token& stop);

// Name/photos below the folder, one name in so many. Errors: not_found.
[[nodiscard]] Result<std::set<std::string>> photos_by_name(const std::filesystem::path& folder, int every);

// The files of the rows whose role is one of these.
[[nodiscard]] std::set<std::string> files_of(const std::vector<eval::OpenSetRow>& rows,
                                             std::span<const std::string_view> roles);

// ---- results

// A share of 0..1, or another figure between 0 and 1.
struct Measured {
  std::string label;
  std::optional<double> value;  // absent: there was nothing to measure
  eval::Interval interval;      // 95 %
  bool percent = true;
};

[[nodiscard]] Measured measured_share(std::string label, std::size_t part, std::size_t whole);

// "99.47 %", "0.987".
[[nodiscard]] std::string value_text(const Measured& figure);
// "[99.25, 99.62]".
[[nodiscard]] std::string interval_text(const Measured& figure);
// A line each: "  accuracy    99.47 %   [99.25, 99.62]".
[[nodiscard]] std::string figures_text(const std::vector<Measured>& figures);

[[nodiscard]] Json interval_json(const eval::Interval& interval);
// A share with what is known of it; null where there was nothing to measure.
[[nodiscard]] Json value_json(const std::optional<double>& value);

// Two models on the same trials.
struct Comparison {
  std::string first;
  std::string second;
  std::string trials;  // what they are: "pairs"
  std::string right;   // what they may be: "decided rightly"
  eval::PairedCounts counts;
};

// The fields of a comparison line, behind those that tell the protocol.
[[nodiscard]] Json comparison_json(const Comparison& comparison);
[[nodiscard]] std::string comparison_text(const Comparison& comparison);

// What a run found: a JSON object a line, or text.
struct Outcome {
  std::vector<Json> objects;
  std::string text;
};

// A result from a part of the photos is told, and that it is one.
[[nodiscard]] Exit print_outcome(const Outcome& outcome, const RunSummary& summary, const Options& options);

}  // namespace kith::cli
