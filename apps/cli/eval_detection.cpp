// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>
#include <optional>
#include <unordered_map>

#include "eval_base.h"

namespace kith::cli {

namespace {

namespace fs = std::filesystem;

}  // namespace

Exit eval_detection(const EvalOptions& chosen, const Options& options, const std::stop_token& stop) {
  const Result<std::unordered_map<std::string, std::vector<eval::TrueFace>>> boxes =
      eval::read_boxes(chosen.folder / "boxes.csv");
  if (!boxes) return report_failure(boxes.error());
  if (boxes->empty())
    return report_failure({ErrorCode::bad_argument, (chosen.folder / "boxes.csv").string() +
                                                        ": names no photos, so there is nothing to judge"});
  ModelChoice choice = options.model_choice();
  choice.min_detection_score = 0.05F;  // the curve needs the unsure detections too
  const Result<ModelCatalog> catalog = open_catalog(options);
  if (!catalog) return report_failure(catalog.error());
  const Result<Models> models = kith::load_models(*catalog, choice);
  if (!models) return report_failure(models.error());

  std::vector<fs::path> photos;
  std::set<std::string> names;
  for (const auto& [name, unused] : *boxes) names.insert(name);
  int number = 0;
  for (const std::string& name : names) {
    if (number++ % chosen.every == 0) photos.push_back(chosen.folder / "images" / name);
  }
  const Pipeline pipeline(*models->detector, nullptr, nullptr,
                          {.threads = options.thread_count(), .decode = options.decode_settings()});
  std::vector<eval::DetectionPhoto> results;
  const Result<RunSummary> summary =
      run_over(pipeline, photos, chosen.folder, options, stop, [&](PhotoReport&& report) {
        results.push_back({boxes->at(report.photo.filename().string()), std::move(report.faces)});
      });
  if (!summary) return report_failure(summary.error());

  Json ap;
  std::string lines;
  for (const auto& [label, height] :
       {std::pair{"50", 50.0F}, std::pair{"30", 30.0F}, std::pair{"16", 16.0F}, std::pair{"8", 8.0F}}) {
    const std::optional<double> value = eval::average_precision(results, height);
    ap[label] = value ? Json(six_digits(*value)) : Json(nullptr);
    char text[96];
    std::snprintf(text, sizeof text, "  AP of faces of %2s px and more   ", label);
    lines += text;
    std::snprintf(text, sizeof text, "%.3f\n", value.value_or(0));
    lines += value ? text : "none marked\n";
  }
  if (std::ranges::all_of(ap, [](const Json& value) { return value.is_null(); }))
    return report_failure(
        {ErrorCode::bad_argument, (chosen.folder / "boxes.csv").string() +
                                      ": marks no face of 8 pixels and more, so there is nothing to judge"});
  if (options.json)
    return print_result(
        line_of({{"detector", models->detector_spec.name}, {"photos", results.size()}, {"ap", ap}}),
        *summary);
  return print_result("Detection, " + models->detector_spec.name + ", " + std::to_string(results.size()) +
                          " photos, overlap 0.5\n" + lines,
                      *summary);
}

}  // namespace kith::cli
