// SPDX-License-Identifier: Apache-2.0
// What the protocols of `kith eval` share: their options, the run over a data set's photos, figures with
// their intervals.
#pragma once

#include <filesystem>
#include <set>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "classifier.h"
#include "command.h"
#include "eval/metrics.h"
#include "eval/protocols.h"
#include "eval_cluster.h"
#include "text.h"

namespace kith::cli {

struct EvalOptions {
  std::filesystem::path csv;
  std::filesystem::path folder;
  int every = 1;  // keep one pair, identity or photo in so many
  ClusterChoice cluster;
  ClassifierChoice classifier;
};

// One a protocol, each in the file of its name.
[[nodiscard]] Exit eval_lfw(const EvalOptions& chosen, const Options& options, const std::stop_token& stop);
[[nodiscard]] Exit eval_open_set(const EvalOptions& chosen, const Options& options,
                                 const std::stop_token& stop);
[[nodiscard]] Exit eval_detection(const EvalOptions& chosen, const Options& options,
                                  const std::stop_token& stop);
[[nodiscard]] Exit eval_cluster(const EvalOptions& chosen, const Options& options,
                                const std::stop_token& stop);
[[nodiscard]] Exit eval_calibrate(const EvalOptions& chosen, const Options& options,
                                  const std::stop_token& stop);
[[nodiscard]] Exit eval_library(const Options& options);

[[nodiscard]] Json interval_json(const eval::Interval& interval);

// "  accuracy    99.47 %   [99.25, 99.62]" for a share of 0..1.
[[nodiscard]] std::string percent_line(const std::string& label, double value,
                                       const eval::Interval& interval);

// Runs a data set's photos with progress, names each failure, and writes --timings; `take` gets every report
// all the same. Errors: cancelled, not_found (none of the photos could be read), and those of write_timings.
[[nodiscard]] Result<RunSummary> run_over(const Pipeline& pipeline,
                                          const std::vector<std::filesystem::path>& photos,
                                          const std::filesystem::path& folder, const Options& options,
                                          const std::stop_token& stop, const Pipeline::Sink& take);

struct Looked {
  eval::Vectors vectors;
  RunSummary summary;
};

// The vectors of the named photos below `folder`, by the same pipeline as every other command: of the face
// that is nearest to the photo's middle, since data sets of single people show their subject there. Errors:
// those of run_over.
[[nodiscard]] Result<Looked> vectors_of(const std::set<std::string>& files,
                                        const std::filesystem::path& folder, const Models& models,
                                        const Options& options, const std::stop_token& stop);

// Name/photos below the folder, one name in so many. Errors: not_found.
[[nodiscard]] Result<std::set<std::string>> photos_by_name(const std::filesystem::path& folder, int every);

// The files of the rows whose role is one of these.
[[nodiscard]] std::set<std::string> files_of(const std::vector<eval::OpenSetRow>& rows,
                                             std::span<const std::string_view> roles);

// A result from a part of the photos is told, and that it is one.
[[nodiscard]] Exit print_result(const std::string& text, const RunSummary& summary);

}  // namespace kith::cli
