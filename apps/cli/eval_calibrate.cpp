// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "eval_base.h"

namespace kith::cli {

Exit eval_calibrate(const EvalOptions& chosen, const Options& options, const std::stop_token& stop) {
  const Result<std::vector<eval::OpenSetRow>> rows = eval::read_open_set(chosen.csv, chosen.every);
  if (!rows) return report_failure(rows.error());
  const Result<Models> models = load_models(options);
  if (!models) return report_failure(models.error());
  constexpr std::array<std::string_view, 2> training{"gallery", "known_unknown_train"};
  const Result<Looked> looked = vectors_of(files_of(*rows, training), chosen.folder, *models, options, stop);
  if (!looked) return report_failure(looked.error());
  const eval::TrainingScores scores = eval::training_scores(*rows, looked->vectors);
  if (scores.same.empty() || scores.different.size() < 1000) {
    return report_failure(
        {ErrorCode::bad_argument, chosen.csv.string() + ": too few people or photos to calibrate with"});
  }
  const Calibration calibration = eval::fit_calibration(scores.same, scores.different);
  const Json tail = {six_digits(calibration.tail[0]), six_digits(calibration.tail[1]),
                     six_digits(calibration.tail[2])};
  return print_result(line_of({{"calibration",
                                {{"slope", six_digits(calibration.slope)},
                                 {"intercept", six_digits(calibration.intercept)},
                                 {"tail", tail},
                                 {"min_similarity", six_digits(calibration.min_similarity)}}},
                               {"model", models->embedder_spec.name},
                               {"pairs_same", scores.same.size()},
                               {"pairs_different", scores.different.size()}}),
                      looked->summary);
}

}  // namespace kith::cli
