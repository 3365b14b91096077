// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "eval_base.h"

namespace kith::cli {

namespace {

constexpr std::array<std::string_view, 4> roles_at_work{"gallery", "probe_known", "probe_known_unknown",
                                                        "probe_unknown_unknown"};

constexpr std::array<std::pair<const char*, double>, 3> rates{
    {{"1e-1", 1e-1}, {"1e-2", 1e-2}, {"1e-3", 1e-3}}};

// What the probes say of one classifier.
struct Judged {
  Classifier classifier;
  std::vector<eval::Probe> probes;

  [[nodiscard]] std::size_t known() const {
    return static_cast<std::size_t>(std::ranges::count_if(probes, &eval::Probe::enrolled));
  }
  [[nodiscard]] std::size_t rank1() const {
    return static_cast<std::size_t>(std::ranges::count_if(
        probes, [](const eval::Probe& probe) { return probe.enrolled && probe.correct; }));
  }
  [[nodiscard]] double share(std::size_t count) const {
    return probes.empty() ? 0.0 : static_cast<double>(count) / static_cast<double>(known());
  }
};

Result<Judged> judge(Classifier classifier, const std::vector<eval::OpenSetRow>& rows,
                     const eval::Vectors& vectors, const std::optional<Background>& background,
                     const ModelSpec& embedder) {
  const Result<TrainedClassifier> trained =
      train_classifier(classifier, eval::enrolled(rows, vectors), background);
  if (!trained) return tl::unexpected(trained.error());
  const Result<std::unique_ptr<Identifier>> identifier = make_identifier(*trained, embedder.calibration);
  if (!identifier) return tl::unexpected(identifier.error());
  return Judged{classifier, eval::score_probes(rows, **identifier, vectors)};
}

Json judged_json(const Judged& judged, const std::string& protocol, const Models& models) {
  Json dir;
  Json intervals;
  for (const auto& [label, rate] : rates) {
    const std::size_t count = eval::detected_and_identified(judged.probes, rate);
    dir[label] = six_digits(judged.share(count));
    intervals[label] = interval_json(eval::wilson95(count, judged.known()));
  }
  return {{"protocol", protocol},
          {"model", models.embedder_spec.name},
          {"detector", models.detector_spec.name},
          {"classifier", classifier_name(judged.classifier)},
          {"dir", dir},
          {"dir_ci95", intervals},
          {"rank1", six_digits(judged.share(judged.rank1()))},
          {"probes", judged.probes.size()},
          {"probes_known", judged.known()}};
}

std::string judged_lines(const Judged& judged) {
  std::string lines = std::string(classifier_name(judged.classifier)) + "\n";
  for (const auto& [label, rate] : rates) {
    const std::size_t count = eval::detected_and_identified(judged.probes, rate);
    lines += percent_line(std::string("DIR at FAR ") + label, judged.share(count),
                          eval::wilson95(count, judged.known()));
  }
  return lines +
         percent_line("rank 1", judged.share(judged.rank1()), eval::wilson95(judged.rank1(), judged.known()));
}

}  // namespace

Exit eval_open_set(const EvalOptions& chosen, const Options& options, const std::stop_token& stop) {
  const Result<std::vector<eval::OpenSetRow>> rows = eval::read_open_set(chosen.csv, chosen.every);
  if (!rows) return report_failure(rows.error());
  if (Status judged = eval::check_probes(*rows); !judged)
    return report_failure({judged.error().code, chosen.csv.string() + ": " + judged.error().message});
  const Result<Models> models = load_models(options);
  if (!models) return report_failure(models.error());
  const Result<std::optional<Background>> background =
      background_of(chosen.classifier, models->embedder_spec);
  if (!background) return report_failure(background.error());
  const Result<Looked> looked =
      vectors_of(files_of(*rows, roles_at_work), chosen.folder, *models, options, stop);
  if (!looked) return report_failure(looked.error());
  std::vector<Judged> results;
  for (const Classifier classifier : classifiers_of(chosen.classifier)) {
    Result<Judged> judged = judge(classifier, *rows, looked->vectors, *background, models->embedder_spec);
    if (!judged) return report_failure(judged.error());
    results.push_back(std::move(*judged));
  }

  std::string text;
  if (!options.json) {
    text = "Open-set identification, " + models->detector_spec.name + " + " + models->embedder_spec.name +
           ", " + std::to_string(results.front().known()) + " probes of enrolled people and " +
           std::to_string(results.front().probes.size() - results.front().known()) +
           " of strangers (95 % intervals)\n";
  }
  for (const Judged& judged : results)
    text += options.json ? line_of(judged_json(judged, chosen.csv.stem().string(), *models))
                         : judged_lines(judged);
  return print_result(text, looked->summary);
}

}  // namespace kith::cli
