// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "eval_base.h"

namespace kith::cli {

Exit eval_lfw(const EvalOptions& chosen, const Options& options, const std::stop_token& stop) {
  const Result<std::vector<eval::LfwPair>> pairs =
      eval::read_lfw_pairs(chosen.folder / "pairs.txt", chosen.every);
  if (!pairs) return report_failure(pairs.error());
  const Result<Models> models = load_models(options);
  if (!models) return report_failure(models.error());
  std::set<std::string> files;
  for (const eval::LfwPair& pair : *pairs) files.insert({pair.a, pair.b});
  const Result<Looked> looked = vectors_of(files, chosen.folder, *models, options, stop);
  if (!looked) return report_failure(looked.error());

  const std::vector<eval::Pair> scored = eval::score_pairs(*pairs, looked->vectors);
  const std::size_t correct = eval::cross_validated_correct(scored);
  const double accuracy = static_cast<double>(correct) / static_cast<double>(scored.size());
  const eval::Interval interval = eval::wilson95(correct, scored.size());
  const double tar_at_1e2 = eval::true_accept_rate(scored, 1e-2);
  const double tar_at_1e3 = eval::true_accept_rate(scored, 1e-3);
  const std::size_t without_face = files.size() - looked->vectors.size();
  if (options.json) {
    return print_result(
        line_of({{"protocol", "lfw-view2"},
                 {"model", models->embedder_spec.name},
                 {"detector", models->detector_spec.name},
                 {"accuracy", six_digits(accuracy)},
                 {"ci95", interval_json(interval)},
                 {"tar", {{"1e-2", six_digits(tar_at_1e2)}, {"1e-3", six_digits(tar_at_1e3)}}},
                 {"pairs", scored.size()},
                 {"photos_without_face", without_face}}),
        looked->summary);
  }
  const auto same = static_cast<std::size_t>(std::ranges::count_if(scored, &eval::Pair::same));
  const auto share = [&](double rate) {
    return eval::wilson95(static_cast<std::size_t>(std::lround(rate * static_cast<double>(same))), same);
  };
  return print_result("LFW view 2, " + models->detector_spec.name + " + " + models->embedder_spec.name +
                          ", " + std::to_string(scored.size()) + " pairs (95 % intervals)\n" +
                          percent_line("accuracy, 10 folds", accuracy, interval) +
                          percent_line("TAR at FAR 1 %", tar_at_1e2, share(tar_at_1e2)) +
                          percent_line("TAR at FAR 0.1 %", tar_at_1e3, share(tar_at_1e3)) +
                          "  photos without a face    " + std::to_string(without_face) + " of " +
                          std::to_string(files.size()) + "\n",
                      looked->summary);
}

}  // namespace kith::cli
