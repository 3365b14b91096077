// SPDX-License-Identifier: Apache-2.0
// Open-set identification: who is it, if anybody of the enrolled people?
#include <algorithm>
#include <array>

#include "eval/curves.h"
#include "eval_base.h"
#include "eval_report.h"

namespace kith::cli {
namespace {

constexpr std::array<std::string_view, 4> roles_at_work{"gallery", "probe_known", "probe_known_unknown",
                                                        "probe_unknown_unknown"};

struct Rate {
  const char* label;
  double value;
};
constexpr std::array<Rate, 3> rates{{{"1e-1", 1e-1}, {"1e-2", 1e-2}, {"1e-3", 1e-3}}};

// Where two models are compared, and what the page calls an error.
constexpr Rate working_rate{"1e-2", 1e-2};

constexpr std::size_t most_cards = 12;  // of each kind of error

// What one model, read by one classifier, makes of the probes.
struct OpenSetResult {
  std::string label;  // the model, and the classifier where there are several
  std::string model;
  Classifier classifier;
  std::vector<eval::Probe> probes;
  std::vector<Measured> figures;  // DIR at each of the rates, then rank 1
};

OpenSetResult judge(std::string label, std::string model, Classifier classifier,
                    std::vector<eval::Probe> probes) {
  OpenSetResult result{std::move(label), std::move(model), classifier, std::move(probes), {}};
  const auto known = static_cast<std::size_t>(std::ranges::count_if(result.probes, &eval::Probe::enrolled));
  for (const Rate& rate : rates) {
    const auto count = std::ranges::count(eval::detected_and_identified(result.probes, rate.value), true);
    result.figures.push_back(
        measured_share(std::string("DIR at FAR ") + rate.label, static_cast<std::size_t>(count), known));
  }
  const auto rank1 = std::ranges::count_if(
      result.probes, [](const eval::Probe& probe) { return probe.enrolled && probe.correct; });
  result.figures.push_back(measured_share("rank 1", static_cast<std::size_t>(rank1), known));
  return result;
}

// Each of the classifiers asked for, on the vectors of one model.
Status judge_classifiers(const EvalOptions& chosen, const std::vector<eval::OpenSetRow>& rows,
                         const eval::Vectors& vectors, const ModelSpec& embedder,
                         std::vector<OpenSetResult>& results) {
  const Result<std::optional<Background>> background = background_of(chosen.classifier, embedder);
  if (!background) return tl::unexpected(background.error());
  const std::vector<Classifier> classifiers = classifiers_of(chosen.classifier);
  for (const Classifier classifier : classifiers) {
    const Result<TrainedClassifier> trained =
        train_classifier(classifier, eval::enrolled(rows, vectors), *background);
    if (!trained) return tl::unexpected(trained.error());
    const Result<std::unique_ptr<Identifier>> identifier = make_identifier(*trained, embedder.calibration);
    if (!identifier) return tl::unexpected(identifier.error());
    std::string label = embedder.name;
    if (classifiers.size() > 1) label += ", " + std::string(classifier_name(classifier));
    results.push_back(
        judge(std::move(label), embedder.name, classifier, eval::score_probes(rows, **identifier, vectors)));
  }
  return {};
}

std::size_t known_of(const OpenSetResult& result) {
  return static_cast<std::size_t>(std::ranges::count_if(result.probes, &eval::Probe::enrolled));
}

Json result_json(const OpenSetResult& result, const std::string& protocol, const std::string& detector) {
  Json dir;
  Json intervals;
  for (std::size_t i = 0; i < rates.size(); ++i) {
    dir[rates[i].label] = value_json(result.figures[i].value);
    intervals[rates[i].label] = interval_json(result.figures[i].interval);
  }
  return {{"protocol", protocol},
          {"model", result.model},
          {"detector", detector},
          {"classifier", classifier_name(result.classifier)},
          {"dir", dir},
          {"dir_ci95", intervals},
          {"rank1", value_json(result.figures.back().value)},
          {"rank1_ci95", interval_json(result.figures.back().interval)},
          {"probes", result.probes.size()},
          {"probes_known", known_of(result)}};
}

// ---- the page

report::Section curves_section(const std::vector<OpenSetResult>& results) {
  report::Plot plot{
      .title = "DIR against FAR",
      .x = {.label = "false-accept rate of strangers", .scale = report::Scale::logarithmic, .high = 1},
      .y = {.label = "detected and identified", .high = 1}};
  for (const OpenSetResult& result : results)
    plot.series.push_back(series_of(result.label, eval::dir_far(result.probes)));
  return {
      .title = "At every threshold",
      .figures = {
          {std::move(plot),
           "DIR: the share of the probes of enrolled people that get their own name, against the share of "
           "strangers' probes that get any. Further up is better; the curve begins at one stranger."}}};
}

report::Section similarities_section(const std::vector<OpenSetResult>& results) {
  report::Section section{.title = "Similarities"};
  for (const OpenSetResult& result : results) {
    std::array<std::vector<float>, 2> values;
    for (const eval::Probe& probe : result.probes) {
      if (!probe.closest.empty()) values[probe.enrolled ? 0 : 1].push_back(probe.similarity);
    }
    section.figures.push_back(similarities_figure(
        result.label, "enrolled, to whom they come closest", values[0], "strangers, likewise", values[1],
        {.label = "threshold at FAR 1 %", .x = eval::stranger_threshold(result.probes, working_rate.value)}));
  }
  return section;
}

// Those of the probes that are `wanted`, the most similar first or last.
template <typename Wanted>
std::vector<const eval::Probe*> chosen_probes(const OpenSetResult& result, bool most_similar_first,
                                              const Wanted& wanted) {
  std::vector<const eval::Probe*> found;
  for (const eval::Probe& probe : result.probes) {
    if (wanted(probe)) found.push_back(&probe);
  }
  std::ranges::stable_sort(found, [&](const eval::Probe* one, const eval::Probe* other) {
    return most_similar_first ? one->similarity > other->similarity : one->similarity < other->similarity;
  });
  return found;
}

report::Section errors_section(const std::string& title, const std::vector<const eval::Probe*>& probes,
                               const FacePictures& pictures) {
  report::Section section{.title = title};
  section.paragraphs.push_back(
      counted(probes.size(), "probe") +
      (probes.size() > most_cards ? "; the worst " + std::to_string(most_cards) + " are shown." : "."));
  for (const eval::Probe* probe : std::span(probes).first(std::min(probes.size(), most_cards))) {
    report::Card card{
        .title = probe->closest.empty() ? "No face found" : "Closest: " + probe->closest,
        .detail = probe->closest.empty() ? "" : "similarity " + similarity_text(probe->similarity),
        .pictures = {pictures.of(probe->file)}};
    if (!probe->reference.empty()) card.pictures.push_back(pictures.of(probe->reference));
    section.cards.push_back(std::move(card));
  }
  return section;
}

void add_errors(const OpenSetResult& result, const FacePictures& pictures, report::Page& page) {
  const float threshold = eval::stranger_threshold(result.probes, working_rate.value);
  const std::string of_model = ", " + result.label;
  page.sections.push_back(errors_section("Strangers most like somebody" + of_model,
                                         chosen_probes(result, true,
                                                       [&](const eval::Probe& probe) {
                                                         return !probe.enrolled &&
                                                                probe.similarity > threshold;
                                                       }),
                                         pictures));
  page.sections.push_back(errors_section("Enrolled people given another's name at FAR 1 %" + of_model,
                                         chosen_probes(result, true,
                                                       [&](const eval::Probe& probe) {
                                                         return probe.enrolled && !probe.correct &&
                                                                probe.similarity > threshold;
                                                       }),
                                         pictures));
  page.sections.push_back(errors_section("Enrolled people not recognised at FAR 1 %" + of_model,
                                         chosen_probes(result, false,
                                                       [&](const eval::Probe& probe) {
                                                         return probe.enrolled &&
                                                                probe.similarity <= threshold;
                                                       }),
                                         pictures));
}

report::Page page(const std::vector<OpenSetResult>& results, const std::vector<Comparison>& comparisons,
                  const Looked& looked, const std::string& detector, const EvalOptions& chosen,
                  const Options& options) {
  std::vector<std::string> models;
  std::vector<std::vector<Measured>> figures;
  for (const OpenSetResult& result : results) {
    models.push_back(result.label);
    figures.push_back(result.figures);
  }
  const std::size_t known = known_of(results.front());
  report::Page page = page_of("Open-set identification",
                              "Who is it, if anybody of the enrolled people? " + std::to_string(known) +
                                  " probes of enrolled people and " +
                                  std::to_string(results.front().probes.size() - known) + " of strangers.",
                              chosen, options, {detector}, models);
  page.sections.push_back({.title = "Figures", .tables = {figures_table(models, figures)}});
  if (!comparisons.empty()) page.sections.push_back(comparisons_section(comparisons));
  page.sections.push_back(curves_section(results));
  page.sections.push_back(similarities_section(results));
  const FacePictures pictures(chosen.folder, looked.faces, options);
  for (const OpenSetResult& result : results) add_errors(result, pictures, page);
  return page;
}

}  // namespace

// ---- the run

Exit eval_open_set(const EvalOptions& chosen, const Options& options, const std::stop_token& stop) {
  const Result<std::vector<eval::OpenSetRow>> rows = eval::read_open_set(chosen.list, chosen.every);
  if (!rows) return report_failure(rows.error());
  if (Status judged = eval::check_probes(*rows); !judged)
    return report_failure({judged.error().code, chosen.list.string() + ": " + judged.error().message});
  const Result<ModelsUnderTest> models = load_models_under_test(chosen, options);
  if (!models) return report_failure(models.error());
  for (const ModelSpec& embedder : models->embedder_specs) {
    if (const auto background = background_of(chosen.classifier, embedder); !background)
      return report_failure(background.error());
  }
  const Result<Looked> looked =
      vectors_of(files_of(*rows, roles_at_work), chosen.folder, *models, options, stop);
  if (!looked) return report_failure(looked.error());

  const std::string protocol = chosen.list.stem().string();
  const std::string& detector = models->detector_spec.name;
  std::vector<OpenSetResult> results;
  for (std::size_t i = 0; i < models->embedder_specs.size(); ++i) {
    if (Status judged =
            judge_classifiers(chosen, *rows, looked->vectors[i], models->embedder_specs[i], results);
        !judged)
      return report_failure(judged.error());
  }
  Outcome outcome;
  for (const OpenSetResult& result : results) {
    const std::size_t known = known_of(result);
    outcome.objects.push_back(result_json(result, protocol, detector));
    outcome.text += "Open-set identification, " + detector + " + " + result.label + ", " +
                    std::to_string(known) + " probes of enrolled people and " +
                    std::to_string(result.probes.size() - known) + " of strangers (95 % intervals)\n" +
                    figures_text(result.figures);
  }
  std::vector<Comparison> comparisons;
  const auto identified = [](const OpenSetResult& result) {
    return eval::detected_and_identified(result.probes, working_rate.value);
  };
  for (std::size_t i = 1; i < results.size(); ++i) {
    const Comparison& comparison = comparisons.emplace_back(
        Comparison{results.front().label, results[i].label, "probes of enrolled people",
                   std::string("identified at FAR ") + working_rate.label,
                   eval::paired_counts(identified(results.front()), identified(results[i]))});
    Json object{{"protocol", protocol}, {"far", working_rate.value}};
    object.update(comparison_json(comparison));
    outcome.objects.push_back(std::move(object));
    outcome.text += comparison_text(comparison);
  }
  if (!chosen.report.empty()) {
    if (Status written = write_report(page(results, comparisons, *looked, detector, chosen, options), chosen);
        !written)
      return report_failure(written.error());
  }
  return print_outcome(outcome, looked->summary, options);
}

}  // namespace kith::cli
