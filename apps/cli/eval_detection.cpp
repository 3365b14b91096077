// SPDX-License-Identifier: Apache-2.0
// Detection: are the faces found, and nothing else?
#include <algorithm>
#include <array>
#include <cstdio>

#include "eval/detection.h"
#include "eval_base.h"
#include "eval_report.h"

namespace kith::cli {
namespace {

namespace fs = std::filesystem;

struct Size {
  const char* label;
  float pixels;
};
constexpr std::array<Size, 4> sizes{{{"50", 50}, {"30", 30}, {"16", 16}, {"8", 8}}};

// Where the page looks for the worst errors: smaller faces are often left unmarked.
constexpr std::size_t size_of_errors = 1;

constexpr std::size_t most_cards = 24;

struct DataSet {
  std::unordered_map<std::string, std::vector<eval::TrueFace>> boxes;
  std::vector<std::string> photos;  // below images/
};

struct DetectionResult {
  std::string detector;
  std::vector<eval::DetectionPhoto> photos;
  std::array<eval::DetectionMatches, sizes.size()> matches;
  std::vector<Measured> figures;  // one a size
};

Result<DataSet> read_data_set(const EvalOptions& chosen) {
  const fs::path list = chosen.folder / "boxes.csv";
  Result<std::unordered_map<std::string, std::vector<eval::TrueFace>>> boxes = eval::read_boxes(list);
  if (!boxes) return tl::unexpected(boxes.error());
  const auto nothing = [&](const char* why) {
    return fail(ErrorCode::bad_argument, list.string() + ": " + why + ", so there is nothing to judge");
  };
  if (boxes->empty()) return nothing("names no photos");
  std::set<std::string> names;
  for (const auto& [name, unused] : *boxes) names.insert(name);
  DataSet data{std::move(*boxes), {}};
  bool marked = false;
  int number = 0;
  for (const std::string& name : names) {
    if (number++ % chosen.every != 0) continue;
    data.photos.push_back(name);
    marked = marked || std::ranges::any_of(data.boxes.at(name), [](const eval::TrueFace& face) {
               return !face.ignored && face.box.height >= sizes.back().pixels;
             });
  }
  if (!marked) return nothing("marks no face of 8 pixels and more");
  return data;
}

Measured measured(const eval::DetectionMatches& matches, const Size& size) {
  Measured figure{
      std::string("AP, faces of ") + size.label + " px", eval::average_precision(matches), {}, false};
  if (figure.value) figure.interval = eval::average_precision95(matches);
  return figure;
}

Result<DetectionResult> judge(const std::string& name, const DataSet& data, const EvalOptions& chosen,
                              const Options& options, const std::stop_token& stop, RunSummary& summary) {
  ModelChoice choice = options.model_choice();
  choice.detector = name;
  choice.min_detection_score = 0.05F;  // the curve needs the unsure detections too
  const Result<ModelCatalog> catalog = open_catalog(options);
  if (!catalog) return tl::unexpected(catalog.error());
  const Result<Models> models = kith::load_models(*catalog, choice);
  if (!models) return tl::unexpected(models.error());
  const Pipeline pipeline(*models->detector, nullptr, nullptr,
                          {.threads = options.thread_count(), .decode = options.decode_settings()});
  const Result<std::vector<fs::path>> files = photos_below(chosen.folder / "images", data.photos);
  if (!files) return tl::unexpected(files.error());
  DetectionResult result{models->detector_spec.name, {}, {}, {}};
  // In the order of data.photos, whether they could be read or not.
  const Result<RunSummary> run =
      run_over(pipeline, *files, chosen.folder, options, stop, [&](PhotoReport&& report) {
        result.photos.push_back({data.boxes.at(data.photos[result.photos.size()]), std::move(report.faces)});
      });
  if (!run) return tl::unexpected(run.error());
  summary = *run;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    result.matches[i] = eval::match_detections(result.photos, sizes[i].pixels);
    result.figures.push_back(measured(result.matches[i], sizes[i]));
  }
  return result;
}

// By size: the values, and their intervals.
std::pair<Json, Json> by_size(const std::vector<Measured>& figures) {
  Json values;
  Json intervals;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    values[sizes[i].label] = value_json(figures[i].value);
    intervals[sizes[i].label] = figures[i].value ? interval_json(figures[i].interval) : Json(nullptr);
  }
  return {std::move(values), std::move(intervals)};
}

Json result_json(const DetectionResult& result) {
  const auto [ap, intervals] = by_size(result.figures);
  return {
      {"detector", result.detector}, {"photos", result.photos.size()}, {"ap", ap}, {"ap_ci95", intervals}};
}

// The first's average precision less the second's, by size; bootstrapped over the photos.
struct DetectionComparison {
  std::string first;
  std::string second;
  std::vector<Measured> differences;
};

DetectionComparison compare(const DetectionResult& first, const DetectionResult& second) {
  DetectionComparison comparison{first.detector, second.detector, {}};
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    Measured figure{first.figures[i].label, std::nullopt, {}, false};
    if (const auto found = eval::compare_precision(first.matches[i], second.matches[i])) {
      figure.value = found->value;
      figure.interval = found->interval;
    }
    comparison.differences.push_back(std::move(figure));
  }
  return comparison;
}

Json comparison_line(const DetectionComparison& comparison) {
  const auto [differences, intervals] = by_size(comparison.differences);
  return {{"comparison", {comparison.first, comparison.second}},
          {"ap_difference", differences},
          {"ap_difference_ci95", intervals}};
}

// ---- the page

report::Section curves_section(const std::vector<DetectionResult>& results) {
  report::Section section{.title = "Precision and recall"};
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    report::Plot plot{
        .title = std::string("Precision against recall, faces of ") + sizes[i].label + " pixels and more",
        .x = {.label = "recall", .low = 0, .high = 1},
        .y = {.label = "precision", .high = 1}};
    for (const DetectionResult& result : results) {
      eval::PrecisionRecall curve = eval::precision_recall(result.matches[i]);
      plot.series.push_back(
          {.name = result.detector, .x = std::move(curve.recall), .y = std::move(curve.precision)});
    }
    section.figures.push_back(
        {std::move(plot),
         std::string("Faces of ") + sizes[i].label +
             " pixels and more. As the score that counts is lowered, more faces are found and more "
             "that are none."});
  }
  return section;
}

report::Section false_section(const DetectionResult& result, const DataSet& data,
                              const FacePictures& pictures) {
  report::Section section{.title = "Surest detections of nothing, " + result.detector};
  section.paragraphs.emplace_back(
      "Of 30 pixels and more, by falling score. Some are faces that nobody marked.");
  for (const eval::DetectionMatches::Found& found : result.matches[size_of_errors].found) {
    if (section.cards.size() == most_cards) break;
    if (found.right) continue;
    const std::string& photo = data.photos[found.photo];
    const Face& face = result.photos[found.photo].found[found.face];
    section.cards.push_back({.title = "score " + similarity_text(found.score),
                             .pictures = {pictures.of("images/" + photo, face.box, photo)}});
  }
  return section;
}

report::Section missed_section(const DetectionResult& result, const DataSet& data,
                               const FacePictures& pictures) {
  const auto box_of = [&](const eval::DetectionMatches::Missed& missed) -> const Box& {
    return result.photos[missed.photo].truth[missed.face].box;
  };
  std::vector<eval::DetectionMatches::Missed> missed = result.matches[size_of_errors].missed;
  std::ranges::stable_sort(missed, std::greater{}, [&](const auto& one) { return box_of(one).height; });
  report::Section section{.title = "Largest faces that were missed, " + result.detector};
  section.paragraphs.push_back(counted(missed.size(), "face") +
                               " of 30 pixels and more found at no score, or at an overlap under 0.5.");
  for (const auto& one : std::span(missed).first(std::min(missed.size(), most_cards))) {
    const std::string& photo = data.photos[one.photo];
    char title[48];
    std::snprintf(title, sizeof title, "%.0f pixels high", static_cast<double>(box_of(one).height));
    section.cards.push_back(
        {.title = title, .pictures = {pictures.of("images/" + photo, box_of(one), photo)}});
  }
  return section;
}

report::Page page(const std::vector<DetectionResult>& results, const DataSet& data,
                  const std::vector<DetectionComparison>& comparisons, const EvalOptions& chosen,
                  const Options& options) {
  std::vector<std::string> detectors;
  std::vector<std::vector<Measured>> figures;
  for (const DetectionResult& result : results) {
    detectors.push_back(result.detector);
    figures.push_back(result.figures);
  }
  report::Page page = page_of("Face detection",
                              "Are the faces found, and nothing else? " + std::to_string(data.photos.size()) +
                                  " photos, average precision at an overlap of 0.5.",
                              chosen, options, detectors, {});
  page.sections.push_back({.title = "Figures", .tables = {figures_table(detectors, figures)}});
  for (const DetectionComparison& comparison : comparisons) {
    page.sections.push_back(
        {.title = comparison.first + " less " + comparison.second,
         .paragraphs =
             {"The difference of the two on the same photos; where its interval holds 0, these photos do not "
              "tell the two apart."},
         .tables = {figures_table({"difference"}, {comparison.differences})}});
  }
  page.sections.push_back(curves_section(results));
  const FacePictures pictures(chosen.folder, {}, options);
  for (const DetectionResult& result : results) {
    page.sections.push_back(false_section(result, data, pictures));
    page.sections.push_back(missed_section(result, data, pictures));
  }
  return page;
}

}  // namespace

// ---- the run

Exit eval_detection(const EvalOptions& chosen, const Options& options, const std::stop_token& stop) {
  if (Status distinct = each_once(chosen.detectors); !distinct) return report_failure(distinct.error());
  if (chosen.detectors.size() > 1 && !options.timings.empty())
    return report_failure(
        {ErrorCode::bad_argument, "--timings is of one detector; name one, or leave it out"});
  const Result<DataSet> data = read_data_set(chosen);
  if (!data) return report_failure(data.error());

  std::vector<DetectionResult> results;
  RunSummary summary;
  Outcome outcome;
  for (const std::string& name : chosen.detectors.empty() ? std::vector<std::string>{""} : chosen.detectors) {
    Result<DetectionResult> result = judge(name, *data, chosen, options, stop, summary);
    if (!result) return report_failure(result.error());
    outcome.objects.push_back(result_json(*result));
    outcome.text += "Detection, " + result->detector + ", " + std::to_string(data->photos.size()) +
                    " photos, overlap 0.5 (95 % intervals)\n" + figures_text(result->figures);
    results.push_back(std::move(*result));
  }
  std::vector<DetectionComparison> comparisons;
  for (std::size_t i = 1; i < results.size(); ++i) {
    const DetectionComparison& comparison = comparisons.emplace_back(compare(results.front(), results[i]));
    outcome.objects.push_back(comparison_line(comparison));
    outcome.text +=
        comparison.first + " less " + comparison.second + "\n" + figures_text(comparison.differences);
  }
  if (!chosen.report.empty()) {
    if (Status written = write_report(page(results, *data, comparisons, chosen, options), chosen); !written)
      return report_failure(written.error());
  }
  return print_outcome(outcome, summary, options);
}

}  // namespace kith::cli
