// SPDX-License-Identifier: Apache-2.0
// Pairs of photos: is it one person? LFW's two views, and any list.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "eval/curves.h"
#include "eval/pair_lists.h"
#include "eval_base.h"
#include "eval_report.h"

namespace kith::cli {
namespace {

constexpr std::size_t most_cards = 24;

struct PairProtocol {
  std::string name;  // in JSON
  std::string title;
  std::vector<eval::ListedPair> pairs;
  bool first_fold_trains = false;  // and the others are decided; else each by all the others
};

// What one model makes of the pairs that are judged.
struct PairResult {
  std::string model;
  std::vector<eval::Pair> pairs;
  eval::Decisions decisions;
  std::vector<Measured> figures;
};

std::vector<eval::ListedPair> judged(const PairProtocol& protocol) {
  std::vector<eval::ListedPair> pairs = protocol.pairs;
  if (protocol.first_fold_trains)
    std::erase_if(pairs, [](const eval::ListedPair& pair) { return pair.fold == 0; });
  return pairs;
}

std::vector<eval::Pair> of_fold_0(std::vector<eval::Pair> pairs) {
  std::erase_if(pairs, [](const eval::Pair& pair) { return pair.fold != 0; });
  return pairs;
}

PairResult judge(const PairProtocol& protocol, std::string model, const eval::Vectors& vectors) {
  PairResult result{std::move(model), eval::score_pairs(judged(protocol), vectors), {}, {}};
  result.decisions =
      protocol.first_fold_trains
          ? eval::decided(result.pairs,
                          eval::best_threshold(of_fold_0(eval::score_pairs(protocol.pairs, vectors))))
          : eval::cross_validated(result.pairs);

  const auto right = static_cast<std::size_t>(std::ranges::count(result.decisions.right, true));
  const auto same = static_cast<std::size_t>(std::ranges::count_if(result.pairs, &eval::Pair::same));
  const auto accepted = [&](double rate) {
    return static_cast<std::size_t>(
        std::lround(eval::true_accept_rate(result.pairs, rate) * static_cast<double>(same)));
  };
  const eval::ThresholdFree free = eval::threshold_free(result.pairs);
  const int folds = std::ranges::max(result.pairs, {}, &eval::Pair::fold).fold + 1;
  result.figures = {
      measured_share(
          protocol.first_fold_trains ? "accuracy" : "accuracy, " + std::to_string(folds) + " folds", right,
          result.pairs.size()),
      measured_share("TAR at FAR 1 %", accepted(1e-2), same),
      measured_share("TAR at FAR 0.1 %", accepted(1e-3), same),
      {"equal error rate", free.equal_error_rate, free.equal_error_rate95},
      {"area under the ROC", free.area, free.area95, false},
  };
  return result;
}

Json result_json(const PairProtocol& protocol, const PairResult& result, const std::string& detector,
                 std::size_t without_face) {
  const std::vector<Measured>& figures = result.figures;
  Json object{{"protocol", protocol.name},
              {"model", result.model},
              {"detector", detector},
              {"accuracy", value_json(figures[0].value)},
              {"ci95", interval_json(figures[0].interval)},
              {"tar", {{"1e-2", value_json(figures[1].value)}, {"1e-3", value_json(figures[2].value)}}},
              {"tar_ci95",
               {{"1e-2", interval_json(figures[1].interval)}, {"1e-3", interval_json(figures[2].interval)}}},
              {"eer", value_json(figures[3].value)},
              {"eer_ci95", interval_json(figures[3].interval)},
              {"auc", value_json(figures[4].value)},
              {"auc_ci95", interval_json(figures[4].interval)},
              {"pairs", result.pairs.size()},
              {"photos_without_face", without_face}};
  if (protocol.first_fold_trains) {
    object["pairs_train"] = protocol.pairs.size() - result.pairs.size();
    object["threshold"] = six_digits(result.decisions.threshold.front());
  }
  return object;
}

// ---- the page

float mean_threshold(const eval::Decisions& decisions) {
  const float sum = std::accumulate(decisions.threshold.begin(), decisions.threshold.end(), 0.0F);
  return sum / static_cast<float>(decisions.threshold.size());
}

std::vector<float> similarities(const PairResult& result, bool same) {
  std::vector<float> values;
  for (const eval::Pair& pair : result.pairs) {
    if (pair.complete && pair.same == same) values.push_back(pair.similarity);
  }
  return values;
}

report::Section curves_section(const std::vector<PairResult>& results) {
  report::Plot roc{.title = "ROC",
                   .x = {.label = "false-accept rate", .scale = report::Scale::logarithmic, .high = 1},
                   .y = {.label = "true-accept rate", .high = 1}};
  report::Plot det{.title = "DET",
                   .x = {.label = "false-accept rate", .scale = report::Scale::logarithmic, .high = 1},
                   .y = {.label = "false-reject rate", .scale = report::Scale::logarithmic, .high = 1}};
  for (const PairResult& result : results) {
    const eval::Curve curve = eval::roc(result.pairs);
    roc.series.push_back(series_of(result.model, curve));
    det.series.push_back(series_of(result.model, eval::det(curve)));
  }
  return {
      .title = "At every threshold",
      .figures = {
          {std::move(roc),
           "ROC: the share of the pairs of one person that are accepted, against the share of the pairs of "
           "two people that are. Further up is better; the curve begins at one such pair."},
          {std::move(det),
           "DET: the same with what is rejected of the pairs of one person. Further down is better; the "
           "curve "
           "ends where none is rejected."}}};
}

report::Section similarities_section(const std::vector<PairResult>& results) {
  report::Section section{.title = "Similarities"};
  for (const PairResult& result : results) {
    section.figures.push_back(similarities_figure(
        result.model, "one person", similarities(result, true), "two people", similarities(result, false),
        {.label = "threshold", .x = mean_threshold(result.decisions)}));
  }
  return section;
}

// The pairs decided wrongly, furthest from the threshold first; those without a face last.
std::vector<std::size_t> worst(const PairResult& result) {
  std::vector<std::size_t> wrong;
  for (std::size_t i = 0; i < result.pairs.size(); ++i) {
    if (!result.decisions.right[i]) wrong.push_back(i);
  }
  std::ranges::stable_sort(wrong, std::greater{}, [&](std::size_t i) {
    const eval::Pair& pair = result.pairs[i];
    return pair.complete ? std::abs(pair.similarity - result.decisions.threshold[i]) : -1.0F;
  });
  return wrong;
}

report::Section errors_section(const std::vector<eval::ListedPair>& listed, const PairResult& result,
                               const FacePictures& pictures) {
  const std::vector<std::size_t> wrong = worst(result);
  report::Section section{.title = "Worst errors of " + result.model};
  section.paragraphs.push_back(
      counted(wrong.size(), "pair") + " of " + std::to_string(result.pairs.size()) + " decided wrongly" +
      (wrong.size() > most_cards
           ? "; these " + std::to_string(most_cards) + " are furthest from the threshold."
           : "."));
  for (const std::size_t i : std::span(wrong).first(std::min(wrong.size(), most_cards))) {
    const eval::Pair& pair = result.pairs[i];
    section.cards.push_back({.title = pair.same ? "One person, taken for two" : "Two people, taken for one",
                             .detail = pair.complete ? "similarity " + similarity_text(pair.similarity) +
                                                           ", threshold " +
                                                           similarity_text(result.decisions.threshold[i])
                                                     : "a photo without a face counts as wrong",
                             .pictures = {pictures.of(listed[i].a), pictures.of(listed[i].b)}});
  }
  return section;
}

report::Page page(const PairProtocol& protocol, const std::vector<PairResult>& results,
                  const std::vector<Comparison>& comparisons, const Looked& looked,
                  const std::string& detector, const EvalOptions& chosen, const Options& options) {
  std::vector<std::string> models;
  std::vector<std::vector<Measured>> figures;
  for (const PairResult& result : results) {
    models.push_back(result.model);
    figures.push_back(result.figures);
  }
  report::Page page =
      page_of(protocol.title,
              "Do two photos show one person? " + std::to_string(results.front().pairs.size()) + " pairs.",
              chosen, options, {detector}, models);
  page.sections.push_back({.title = "Figures", .tables = {figures_table(models, figures)}});
  if (!comparisons.empty()) page.sections.push_back(comparisons_section(comparisons));
  page.sections.push_back(curves_section(results));
  page.sections.push_back(similarities_section(results));
  const FacePictures pictures(chosen.folder, looked.faces, options);
  const std::vector<eval::ListedPair> listed = judged(protocol);
  for (const PairResult& result : results) page.sections.push_back(errors_section(listed, result, pictures));
  return page;
}

// ---- the run

Exit judge_pairs(const PairProtocol& protocol, const EvalOptions& chosen, const Options& options,
                 const std::stop_token& stop) {
  const Result<ModelsUnderTest> models = load_models_under_test(chosen, options);
  if (!models) return report_failure(models.error());
  std::set<std::string> files;
  for (const eval::ListedPair& pair : protocol.pairs) files.insert({pair.a, pair.b});
  const Result<Looked> looked = vectors_of(files, chosen.folder, *models, options, stop);
  if (!looked) return report_failure(looked.error());

  const std::string& detector = models->detector_spec.name;
  const std::size_t without_face = files.size() - looked->faces.size();
  std::vector<PairResult> results;
  Outcome outcome;
  for (std::size_t i = 0; i < models->embedder_specs.size(); ++i) {
    const PairResult& result =
        results.emplace_back(judge(protocol, models->embedder_specs[i].name, looked->vectors[i]));
    outcome.objects.push_back(result_json(protocol, result, detector, without_face));
    outcome.text += protocol.title + ", " + detector + " + " + result.model + ", " +
                    std::to_string(result.pairs.size()) + " pairs (95 % intervals)\n" +
                    figures_text(result.figures) + "  photos without a face    " +
                    std::to_string(without_face) + " of " + std::to_string(files.size()) + "\n";
  }
  std::vector<Comparison> comparisons;
  for (std::size_t i = 1; i < results.size(); ++i) {
    const Comparison& comparison = comparisons.emplace_back(
        Comparison{results.front().model, results[i].model, "pairs", "decided rightly",
                   eval::paired_counts(results.front().decisions.right, results[i].decisions.right)});
    Json object{{"protocol", protocol.name}};
    object.update(comparison_json(comparison));
    outcome.objects.push_back(std::move(object));
    outcome.text += comparison_text(comparison);
  }
  if (!chosen.report.empty()) {
    if (Status written =
            write_report(page(protocol, results, comparisons, *looked, detector, chosen, options), chosen);
        !written)
      return report_failure(written.error());
  }
  return print_outcome(outcome, looked->summary, options);
}

}  // namespace

Exit eval_lfw(const EvalOptions& chosen, const Options& options, const std::stop_token& stop) {
  Result<std::vector<eval::ListedPair>> pairs = eval::read_lfw(chosen.folder, chosen.view, chosen.every);
  if (!pairs) return report_failure(pairs.error());
  const std::string view = std::to_string(chosen.view);
  return judge_pairs({"lfw-view" + view, "LFW view " + view, std::move(*pairs), chosen.view == 1}, chosen,
                     options, stop);
}

Exit eval_pairs(const EvalOptions& chosen, const Options& options, const std::stop_token& stop) {
  Result<std::vector<eval::ListedPair>> pairs = eval::read_pair_list(chosen.list, chosen.every);
  if (!pairs) return report_failure(pairs.error());
  return judge_pairs(
      {"pairs", "Pairs of " + printable(chosen.list.filename().string()), std::move(*pairs), false}, chosen,
      options, stop);
}

}  // namespace kith::cli
