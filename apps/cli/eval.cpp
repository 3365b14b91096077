// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <system_error>

#include "command.h"
#include "eval_base.h"
#include "library.h"

namespace kith::cli {
namespace {

// Before the photos are looked at, which takes long. Errors: not_found.
Status check_report_folder(const EvalOptions& chosen) {
  if (chosen.report.empty()) return {};
  std::error_code unknown;
  const std::filesystem::path folder = std::filesystem::absolute(chosen.report, unknown).parent_path();
  if (std::filesystem::is_directory(folder, unknown)) return {};
  return fail(ErrorCode::not_found, chosen.report.string() + ": its folder is not there; make it first");
}

}  // namespace

void add_eval(CLI::App& app, Options& options, Action& action) {
  const auto chosen = std::make_shared<EvalOptions>();
  CLI::App& command =
      *app.add_subcommand("eval", "Measures accuracy on data sets, with 95 % confidence intervals");
  command.require_subcommand(1);
  const auto add = [&, chosen](const char* name, const char* what, auto run) -> CLI::App& {
    CLI::App& subcommand = *command.add_subcommand(name, what);
    subcommand.callback([chosen, run, &options, &action] {
      action = [chosen, run, &options](const std::stop_token& stop) {
        const Status writable = check_report_folder(*chosen);
        return writable ? run(*chosen, options, stop) : report_failure(writable.error());
      };
    });
    return subcommand;
  };
  const auto add_list = [chosen](CLI::App& subcommand, const char* what) {
    subcommand.add_option("list", chosen->list, what)->required()->type_name("LIST");
  };
  // What all of them have, behind their own list.
  const auto add_common = [chosen, &options](CLI::App& subcommand) {
    subcommand.add_option("folder", chosen->folder, "The data set's folder")->required()->type_name("DIR");
    subcommand
        .add_option("--every", chosen->every, "Use one pair, person or photo in so many, for a quick look")
        ->check(CLI::Range(1, 1000))
        ->capture_default_str()
        ->type_name("N");
    add_json_option(subcommand, options);
    add_looking_options(subcommand, options);
    add_timings_option(subcommand, options);
  };
  const auto add_embedders = [chosen, &options](CLI::App& subcommand) {
    subcommand
        .add_option("--model", chosen->models,
                    "Embedder to judge (see `kith models list`); given again, others beside the first")
        ->type_name("NAME")
        ->allow_extra_args(false);
    subcommand.add_option("--detector", options.detector, "Detector to use: centerface or mtcnn")
        ->type_name("NAME");
  };
  const auto add_report = [chosen](CLI::App& subcommand) {
    subcommand
        .add_option("--report", chosen->report,
                    "Also write a page with curves, histograms and the worst errors as pictures")
        ->type_name("FILE.html");
  };

  CLI::App& lfw =
      add("lfw", "LFW: is a pair of photos of one person? DIR holds the lists and the photos", eval_lfw);
  add_common(lfw);
  lfw.add_option(
         "--view", chosen->view,
         "1: the development set, threshold from pairsDevTrain.txt, decided on pairsDevTest.txt; 2: the "
         "ten folds of pairs.txt")
      ->check(CLI::IsMember({1, 2}))
      ->capture_default_str()
      ->type_name("N");
  add_embedders(lfw);
  add_report(lfw);

  CLI::App& pairs =
      add("pairs", "Any list of pairs: is it one person? Photos are named below DIR", eval_pairs);
  add_list(pairs, "A pair a line: photo, photo, 1 (one person) or 0, and perhaps a fold; CSV or blanks");
  add_common(pairs);
  add_embedders(pairs);
  add_report(pairs);

  CLI::App& open_set =
      add("openset", "Open-set identification: DIR at FAR, probes of enrolled people and of strangers",
          eval_open_set);
  add_list(open_set, "The protocol, CSV: role,identity,file");
  add_common(open_set);
  add_embedders(open_set);
  add_classifier_options(open_set, chosen->classifier, true);
  add_report(open_set);

  CLI::App& detection =
      add("detection", "Detection: AP at an overlap of 0.5. DIR holds images/ and boxes.csv", eval_detection);
  add_common(detection);
  detection
      .add_option("--detector", chosen->detectors,
                  "Detector to judge (see `kith models list`); given again, others beside the first")
      ->type_name("NAME")
      ->allow_extra_args(false);
  add_report(detection);

  CLI::App& cluster = add(
      "cluster", "Grouping of unnamed faces: pairwise and B-cubed F. DIR holds Name/photos", eval_cluster);
  add_common(cluster);
  cluster.get_option("folder")->required(false);
  add_embedders(cluster);
  add_report(cluster);
  add_cluster_options(cluster, chosen->cluster);
  cluster.get_option("--npy")->excludes("--timings");  // no photo is looked at
  cluster.get_option("--npy")->excludes("--model");
  cluster.parse_complete_callback([chosen] {
    if (chosen->folder.empty() == chosen->cluster.npy.empty())
      throw CLI::ValidationError("cluster", "give DIR, or --npy FILE and --labels FILE");
  });

  CLI::App& calibrate =
      add("calibrate",
          "Fits a model's calibration on the training part of an open-set protocol; prints the JSON for the "
          "catalogue",
          eval_calibrate);
  add_list(calibrate, "The protocol, CSV: role,identity,file");
  add_common(calibrate);
  add_embedders(calibrate);

  CLI::App& library = *command.add_subcommand(
      "library", "How well the photo library's names are right: confirmed faces are named by the others");
  add_library_option(library, options);
  library.add_option("--model", options.model, "Embedder to use (see `kith models list`)");
  add_json_option(library, options);
  library.callback(
      [&options, &action] { action = [&options](const std::stop_token&) { return eval_library(options); }; });
}

}  // namespace kith::cli
