// SPDX-License-Identifier: Apache-2.0
#include "eval_base.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <system_error>

#include <spdlog/spdlog.h>

#include "output.h"

namespace kith::cli {

namespace {

namespace fs = std::filesystem;

const Face* central_face(const PhotoReport& report) {
  const Face* central = nullptr;
  float least = std::numeric_limits<float>::infinity();
  for (const Face& face : report.faces) {
    const Point centre = face.box.centre();
    const float distance = std::hypot(centre.x - static_cast<float>(report.info.width) / 2,
                                      centre.y - static_cast<float>(report.info.height) / 2);
    if (distance < least) {
      least = distance;
      central = &face;
    }
  }
  return central;
}

}  // namespace

Status each_once(const std::vector<std::string>& names) {
  for (auto name = names.begin(); name != names.end(); ++name) {
    if (std::find(names.begin(), name, *name) != name)
      return fail(ErrorCode::bad_argument, "\"" + *name + "\" is named twice; compare different models");
  }
  return {};
}

Result<ModelsUnderTest> load_models_under_test(const EvalOptions& chosen, const Options& options) {
  if (Status distinct = each_once(chosen.models); !distinct) return tl::unexpected(distinct.error());
  const Result<ModelCatalog> catalog = open_catalog(options);
  if (!catalog) return tl::unexpected(catalog.error());
  ModelChoice choice = options.model_choice();
  if (!chosen.models.empty()) choice.embedder = chosen.models.front();
  Result<Models> models = kith::load_models(*catalog, choice);
  if (!models) return tl::unexpected(models.error());

  ModelsUnderTest loaded{
      std::move(models->detector), models->detector_spec, nullptr, {models->embedder_spec}};
  std::vector<std::unique_ptr<Embedder>> embedders;
  embedders.push_back(std::move(models->embedder));
  for (std::size_t i = 1; i < chosen.models.size(); ++i) {
    const Result<ModelSpec> spec = catalog->find(ModelKind::embedder, chosen.models[i]);
    if (!spec) return tl::unexpected(spec.error());
    Result<std::unique_ptr<Embedder>> embedder = load_embedder(*spec, choice);
    if (!embedder) return tl::unexpected(embedder.error());
    embedders.push_back(std::move(*embedder));
    loaded.embedder_specs.push_back(*spec);
  }
  loaded.embedder = std::make_unique<eval::JointEmbedder>(std::move(embedders));
  return loaded;
}

Result<RunSummary> run_over(const Pipeline& pipeline, const std::vector<fs::path>& photos,
                            const fs::path& folder, const Options& options, const std::stop_token& stop,
                            const Pipeline::Sink& take) {
  Progress progress("Photos", photos.size(), options.quiet);
  const RunSummary summary = pipeline.run(
      photos,
      [&](PhotoReport&& report) {
        progress.advance();
        if (report.error) {
          progress.clear();
          spdlog::error("{}", printable(report.error->message));
        }
        take(std::move(report));
      },
      stop);
  if (summary.cancelled)
    return fail(ErrorCode::cancelled, "interrupted; there is no result from a part of the photos");
  if (summary.failed == summary.photos)
    return fail(ErrorCode::not_found,
                folder.string() + ": none of the data set's photos could be read; is this its folder?");
  if (Status written = write_timings(summary, options); !written) return tl::unexpected(written.error());
  return summary;
}

Result<std::vector<fs::path>> photos_below(const fs::path& folder, const std::vector<std::string>& names) {
  std::vector<fs::path> photos;
  for (const std::string& name : names) {
    const fs::path& photo = photos.emplace_back(folder / name);
    std::error_code ignored;  // what cannot be looked at, the run will say
    if (fs::is_directory(photo, ignored))
      return fail(ErrorCode::bad_argument,
                  photo.string() + ": is a folder, and the list names it as a photo");
  }
  return photos;
}

Result<Looked> vectors_of(const std::set<std::string>& files, const fs::path& folder,
                          const ModelsUnderTest& models, const Options& options,
                          const std::stop_token& stop) {
  const std::vector<std::string> listed(files.begin(), files.end());
  const Result<std::vector<fs::path>> photos = photos_below(folder, listed);
  if (!photos) return tl::unexpected(photos.error());
  std::unordered_map<std::string, std::string> names;
  for (std::size_t i = 0; i < listed.size(); ++i) names.emplace((*photos)[i].string(), listed[i]);
  const Pipeline pipeline(*models.detector, models.embedder.get(), nullptr,
                          {.threads = options.thread_count(), .decode = options.decode_settings()});
  Looked looked;
  looked.vectors.resize(models.embedder_specs.size());
  const Result<RunSummary> summary =
      run_over(pipeline, *photos, folder, options, stop, [&](PhotoReport&& report) {
        const Face* face = central_face(report);
        if (face == nullptr) return;
        const std::string& name = names.at(report.photo.string());
        std::vector<Embedding> parts = models.embedder->parts(face->embedding);
        for (std::size_t i = 0; i < parts.size(); ++i) looked.vectors[i].emplace(name, std::move(parts[i]));
        looked.faces.emplace(name, face->box);
      });
  if (!summary) return tl::unexpected(summary.error());
  looked.summary = *summary;
  return looked;
}

std::set<std::string> files_of(const std::vector<eval::OpenSetRow>& rows,
                               std::span<const std::string_view> roles) {
  std::set<std::string> files;
  for (const eval::OpenSetRow& row : rows) {
    if (std::ranges::find(roles, row.role) != roles.end()) files.insert(row.file);
  }
  return files;
}

Measured measured_share(std::string label, std::size_t part, std::size_t whole) {
  return {std::move(label),
          whole == 0 ? std::nullopt : std::optional(static_cast<double>(part) / static_cast<double>(whole)),
          eval::wilson95(part, whole)};
}

std::string value_text(const Measured& figure) {
  if (!figure.value) return "none";
  char text[32];
  std::snprintf(text, sizeof text, figure.percent ? "%.2f %%" : "%.4f",
                *figure.value * (figure.percent ? 100 : 1));
  return text;
}

std::string interval_text(const Measured& figure) {
  if (!figure.value) return {};
  const double unit = figure.percent ? 100 : 1;
  char text[48];
  std::snprintf(text, sizeof text, figure.percent ? "[%.2f, %.2f]" : "[%.4f, %.4f]",
                figure.interval.low * unit, figure.interval.high * unit);
  return text;
}

std::string figures_text(const std::vector<Measured>& figures) {
  std::string text;
  for (const Measured& figure : figures) {
    char line[128];
    std::snprintf(line, sizeof line, "  %-24s %9s   %s\n", figure.label.c_str(), value_text(figure).c_str(),
                  interval_text(figure).c_str());
    text += line;
  }
  return text;
}

Json interval_json(const eval::Interval& interval) {
  return {six_digits(interval.low), six_digits(interval.high)};
}

Json value_json(const std::optional<double>& value) {
  return value ? Json(six_digits(*value)) : Json(nullptr);
}

Json comparison_json(const Comparison& comparison) {
  const eval::PairedCounts& counts = comparison.counts;
  const eval::McNemar test = eval::mcnemar(counts);
  Json mcnemar{{"test", test.exact ? "exact" : "chi-squared"}};
  if (!test.exact) mcnemar["chi_squared"] = six_digits(test.chi_squared);
  mcnemar["p"] = six_digits(test.p);
  return {{"comparison", {comparison.first, comparison.second}},
          {"trials", counts.trials()},
          {"both", counts.both},
          {"only_first", counts.only_first},
          {"only_second", counts.only_second},
          {"neither", counts.neither},
          {"difference", six_digits(eval::difference(counts))},
          {"difference_ci95", interval_json(eval::difference95(counts))},
          {"mcnemar", mcnemar}};
}

std::string comparison_text(const Comparison& comparison) {
  const eval::PairedCounts& counts = comparison.counts;
  const eval::McNemar test = eval::mcnemar(counts);
  const eval::Interval interval = eval::difference95(counts);
  char figures[160];
  std::snprintf(figures, sizeof figures,
                "  difference               %+9.2f %%   [%+.2f, %+.2f]\n"
                "  McNemar's test           p = %.3g, %s\n",
                100 * eval::difference(counts), 100 * interval.low, 100 * interval.high, test.p,
                test.exact ? "exact" : "chi-squared");
  return printable(comparison.first) + " less " + printable(comparison.second) + ", " +
         std::to_string(counts.trials()) + " " + comparison.trials + " " + comparison.right + ": " +
         std::to_string(counts.only_first) + " by the first alone, " + std::to_string(counts.only_second) +
         " by the second alone\n" + figures;
}

Exit print_outcome(const Outcome& outcome, const RunSummary& summary, const Options& options) {
  std::string text;
  for (const Json& object : outcome.objects) text += line_of(object);
  const Exit printed = print(options.json ? text : outcome.text);
  return printed == ok ? exit_code(summary) : printed;
}

}  // namespace kith::cli
