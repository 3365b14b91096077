// SPDX-License-Identifier: Apache-2.0
#include "command.h"
#include "eval_base.h"
#include "library.h"

namespace kith::cli {

void add_eval(CLI::App& app, Options& options, Action& action) {
  const auto chosen = std::make_shared<EvalOptions>();
  CLI::App& command =
      *app.add_subcommand("eval", "Measures accuracy on data sets, with 95 % confidence intervals");
  command.require_subcommand(1);
  const auto add = [&, chosen](const char* name, const char* what, bool with_csv, auto run) -> CLI::App& {
    CLI::App& subcommand = *command.add_subcommand(name, what);
    if (with_csv)
      subcommand.add_option("csv", chosen->csv, "The protocol: role,identity,file")
          ->required()
          ->type_name("CSV");
    subcommand.add_option("folder", chosen->folder, "The data set's folder")->required()->type_name("DIR");
    subcommand
        .add_option("--every", chosen->every, "Use one pair, person or photo in so many, for a quick look")
        ->check(CLI::Range(1, 1000))
        ->capture_default_str()
        ->type_name("N");
    add_photo_options(subcommand, options);
    add_timings_option(subcommand, options);
    subcommand.callback([chosen, run, &options, &action] {
      action = [chosen, run, &options](const std::stop_token& stop) { return run(*chosen, options, stop); };
    });
    return subcommand;
  };
  add("lfw", "LFW view 2: is a pair of photos of one person? DIR holds pairs.txt and the photos", false,
      eval_lfw);
  CLI::App& open_set =
      add("openset", "Open-set identification: DIR at FAR, probes of enrolled people and of strangers", true,
          eval_open_set);
  add_classifier_options(open_set, chosen->classifier, true);
  add("detection", "Detection: AP at an overlap of 0.5. DIR holds images/ and boxes.csv", false,
      eval_detection);
  CLI::App& cluster =
      add("cluster", "Grouping of unnamed faces: pairwise and B-cubed F. DIR holds Name/photos", false,
          eval_cluster);
  cluster.get_option("folder")->required(false);
  add_cluster_options(cluster, chosen->cluster);
  cluster.get_option("--npy")->excludes("--timings");  // no photo is looked at
  cluster.parse_complete_callback([chosen] {
    if (chosen->folder.empty() == chosen->cluster.npy.empty())
      throw CLI::ValidationError("cluster", "give DIR, or --npy FILE and --labels FILE");
  });
  add("calibrate",
      "Fits a model's calibration on the training part of an open-set protocol; prints the JSON for the "
      "catalogue",
      true, eval_calibrate);

  CLI::App& library = *command.add_subcommand(
      "library", "How well the photo library's names are right: confirmed faces are named by the others");
  add_library_option(library, options);
  library.add_option("--model", options.model, "Embedder to use (see `kith models list`)");
  add_json_option(library, options);
  library.callback(
      [&options, &action] { action = [&options](const std::stop_token&) { return eval_library(options); }; });
}

}  // namespace kith::cli
