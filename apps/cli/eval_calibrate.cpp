// SPDX-License-Identifier: Apache-2.0
// How an embedder's similarities are to be read, from people who are in no test.
#include <array>

#include "core/identify_json.h"
#include "eval_base.h"

namespace kith::cli {
namespace {

// To the digits of all that is printed.
Calibration rounded(Calibration calibration) {
  float* const tail = calibration.tail;
  for (float* value : {&calibration.slope, &calibration.intercept, &tail[0], &tail[1], &tail[2],
                       &calibration.min_similarity})
    *value = static_cast<float>(six_digits(*value));
  return calibration;
}

}  // namespace

Exit eval_calibrate(const EvalOptions& chosen, const Options& options, const std::stop_token& stop) {
  const Result<std::vector<eval::OpenSetRow>> rows = eval::read_open_set(chosen.list, chosen.every);
  if (!rows) return report_failure(rows.error());
  const Result<ModelsUnderTest> models = load_models_under_test(chosen, options);
  if (!models) return report_failure(models.error());
  constexpr std::array<std::string_view, 2> training{"gallery", "known_unknown_train"};
  const Result<Looked> looked = vectors_of(files_of(*rows, training), chosen.folder, *models, options, stop);
  if (!looked) return report_failure(looked.error());
  Outcome outcome;
  for (std::size_t i = 0; i < models->embedder_specs.size(); ++i) {
    const eval::TrainingScores scores = eval::training_scores(*rows, looked->vectors[i]);
    if (scores.same.empty() || scores.different.size() < 1000) {
      return report_failure(
          {ErrorCode::bad_argument, chosen.list.string() + ": too few people or photos to calibrate with"});
    }
    const Calibration calibration = eval::fit_calibration(scores.same, scores.different);
    outcome.objects.push_back({{"calibration", calibration_json(rounded(calibration))},
                               {"model", models->embedder_specs[i].name},
                               {"pairs_same", scores.same.size()},
                               {"pairs_different", scores.different.size()}});
    outcome.text += line_of(outcome.objects.back());  // what it is for is the catalogue's JSON
  }
  return print_outcome(outcome, looked->summary, options);
}

}  // namespace kith::cli
