// SPDX-License-Identifier: Apache-2.0
#include "eval_cluster.h"

#include <array>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <numeric>
#include <unordered_map>

#include "core/atomic_write.h"
#include "core/npy.h"
#include "eval/metrics.h"
#include "eval_base.h"
#include "eval_cluster_page.h"
#include "eval_report.h"
#include "output.h"
#include "text.h"

namespace kith::cli {

namespace {

std::filesystem::path with_extension(std::filesystem::path stem, const char* extension) {
  return stem += extension;
}

// STEM.npy and STEM.txt, as --npy and --labels read them.
Status save(const LabelledFaces& faces, const std::filesystem::path& stem) {
  std::string labels;
  for (std::size_t i = 0; i < faces.people.size(); ++i)
    labels += faces.people[i] + "\t" + faces.photos[i] + "\n";
  const std::array shape{faces.people.size(), faces.dimension};
  if (Status written = write_atomically(with_extension(stem, ".npy"), npy_bytes<float>(faces.vectors, shape));
      !written)
    return written;
  return write_atomically(with_extension(stem, ".txt"), labels);
}

Json figures_json(const eval::ClusterFigures& figures) {
  return {{"precision", six_digits(figures.precision)},
          {"recall", six_digits(figures.recall)},
          {"f", six_digits(figures.f)},
          {"precision_ci95", interval_json(figures.precision95)},
          {"recall_ci95", interval_json(figures.recall95)},
          {"f_ci95", interval_json(figures.f95)}};
}

std::string figures_line(const char* label, const eval::ClusterFigures& figures) {
  char text[160];
  std::snprintf(text, sizeof text, "  %-9s precision %.4f   recall %.4f   F %.4f   [%.4f, %.4f]\n", label,
                figures.precision, figures.recall, figures.f, figures.f95.low, figures.f95.high);
  return text;
}

Json result_json(const ClusterResult& result, const std::string& detector, const ClusterSettings& settings) {
  Json object = Json::object();
  if (!result.model.empty()) object = {{"model", result.model}, {"detector", detector}};
  object.update({{"faces", result.people.size()},
                 {"clusters", result.score.clusters},
                 {"strangers", result.strangers},
                 {"min_similarity", six_digits(settings.min_similarity)},
                 {"few_faces_margin", six_digits(settings.few_faces_margin)},
                 {"pairwise", figures_json(result.score.pairwise)},
                 {"bcubed", figures_json(result.score.bcubed)},
                 {"seconds", six_digits(result.seconds)}});
  return object;
}

std::string result_text(const ClusterResult& result) {
  char last[96];
  std::snprintf(last, sizeof last, "  grouped in %.2f s\n", result.seconds);
  return "Grouping, " + (result.model.empty() ? "" : result.model + ", ") +
         std::to_string(result.people.size()) + " faces into " + std::to_string(result.score.clusters) +
         " clusters, " + std::to_string(result.strangers) + " of them of one face (95 % intervals of F)\n" +
         figures_line("pairwise", result.score.pairwise) + figures_line("B-cubed", result.score.bcubed) +
         last;
}

Json comparison_line(const ClusterComparison& comparison) {
  const eval::ClusterDifference& difference = comparison.difference;
  return {{"comparison", {comparison.first, comparison.second}},
          {"pairwise_f_difference", six_digits(difference.pairwise)},
          {"pairwise_f_difference_ci95", interval_json(difference.pairwise95)},
          {"bcubed_f_difference", six_digits(difference.bcubed)},
          {"bcubed_f_difference_ci95", interval_json(difference.bcubed95)}};
}

std::string comparison_lines(const ClusterComparison& comparison) {
  const auto line = [](const char* label, double value, const eval::Interval& interval) {
    char text[96];
    std::snprintf(text, sizeof text, "  %-9s F %+.4f   [%+.4f, %+.4f]\n", label, value, interval.low,
                  interval.high);
    return std::string(text);
  };
  const eval::ClusterDifference& difference = comparison.difference;
  return comparison.first + " less " + comparison.second + "\n" +
         line("pairwise", difference.pairwise, difference.pairwise95) +
         line("B-cubed", difference.bcubed, difference.bcubed95);
}

namespace fs = std::filesystem;

}  // namespace

void LabelledFaces::add(const std::string& person, const std::string& photo, const Embedding& vector) {
  people.push_back(person);
  photos.push_back(photo);
  vectors.insert(vectors.end(), vector.begin(), vector.end());
}

Result<std::set<std::string>> photos_by_name(const fs::path& folder, int every) {
  std::error_code failed;
  std::error_code ignored;
  std::set<fs::path> people;
  for (fs::directory_iterator entry(folder, failed), end; !failed && entry != end; entry.increment(failed)) {
    if (entry->is_directory(ignored)) people.insert(entry->path());
  }
  std::set<std::string> files;
  int number = 0;
  for (const fs::path& person : people) {
    if (number++ % every != 0) continue;
    for (fs::directory_iterator entry(person, failed), end; !failed && entry != end;
         entry.increment(failed)) {
      if (entry->is_regular_file(ignored)) files.insert(entry->path().lexically_relative(folder).string());
    }
  }
  if (files.empty())
    return fail(ErrorCode::not_found,
                folder.string() + ": holds no Name/photo; is this the data set's folder?");
  return files;
}

std::vector<std::int64_t> numbered(const std::vector<std::string>& people) {
  std::unordered_map<std::string, std::int64_t> seen;
  std::vector<std::int64_t> numbers;
  for (const std::string& person : people)
    numbers.push_back(seen.try_emplace(person, static_cast<std::int64_t>(seen.size())).first->second);
  return numbers;
}

void add_stored_options(CLI::App& command, ClusterChoice& chosen) {
  CLI::Option* npy =
      command.add_option("--npy", chosen.npy, "Stored vectors instead of DIR, a NumPy file of float32");
  CLI::Option* labels = command.add_option(
      "--labels", chosen.labels, "Whose they are: a line a row, the person's name up to the first tab");
  npy->type_name("FILE")->needs(labels);
  labels->type_name("FILE")->needs(npy);
}

void add_cluster_options(CLI::App& command, ClusterChoice& chosen) {
  add_stored_options(command, chosen);
  command.add_option("--save", chosen.save, "Keep DIR's vectors and labels as STEM.npy and STEM.txt")
      ->type_name("STEM")
      ->excludes("--npy");
  command
      .add_option("--assignments", chosen.assignments, "Write the number of each row's cluster, a line a row")
      ->type_name("FILE");
  command
      .add_option("--min-similarity", chosen.settings.min_similarity,
                  "Two large groups are one person from this mean similarity on")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str()
      ->type_name("S");
  command
      .add_option("--few-faces-margin", chosen.settings.few_faces_margin,
                  "... and two single faces from this much more")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str()
      ->type_name("S");
  command
      .add_option("--exact-faces", chosen.settings.exact_faces,
                  "Compare every pair of up to so many faces; of more, only those near each other")
      ->capture_default_str()
      ->type_name("N");
  command
      .add_option("--probes", chosen.settings.probes,
                  "Of the parts that more faces are split into, search so many a face")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str()
      ->type_name("N");
}

Result<LabelledFaces> stored_faces(const ClusterChoice& chosen) {
  Result<NpyArray<float>> matrix = read_npy<float>(chosen.npy, 2);
  if (!matrix) return tl::unexpected(matrix.error());
  std::ifstream stream(chosen.labels);
  if (!stream) return fail(ErrorCode::not_found, chosen.labels.string() + ": cannot be opened");
  LabelledFaces faces;
  for (std::string line; std::getline(stream, line);) faces.people.push_back(line.substr(0, line.find('\t')));
  if (faces.people.size() != matrix->shape[0]) {
    return fail(ErrorCode::bad_argument, chosen.labels.string() + ": has " +
                                             std::to_string(faces.people.size()) + " lines for " +
                                             std::to_string(matrix->shape[0]) + " vectors");
  }
  faces.vectors = std::move(matrix->values);
  faces.dimension = matrix->shape[1];
  return faces;
}

namespace {

Result<ClusterResult> group(std::string model, LabelledFaces faces, const ClusterChoice& chosen,
                            const Options& options, const std::stop_token& stop) {
  if (faces.people.empty())
    return fail(ErrorCode::bad_argument,
                "there are no faces to group, so there is nothing to judge; give photos with faces");
  if (!chosen.save.empty()) {
    if (Status saved = save(faces, chosen.save); !saved) return tl::unexpected(saved.error());
  }
  std::vector<std::int64_t> ids(faces.people.size());
  std::iota(ids.begin(), ids.end(), std::int64_t{1});
  ClusterSettings settings = chosen.settings;
  settings.threads = options.thread_count();
  const auto start = std::chrono::steady_clock::now();
  Result<Clustering> found =
      cluster({.vectors = faces.vectors, .dimension = faces.dimension, .ids = ids}, {}, settings, stop);
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
  if (!found) return tl::unexpected(found.error());

  if (!chosen.assignments.empty()) {
    std::string lines;
    for (const std::int64_t label : found->labels) lines += std::to_string(label) + "\n";
    if (Status written = write_atomically(chosen.assignments, lines); !written)
      return tl::unexpected(written.error());
  }
  ClusterResult result{.model = std::move(model), .faces = std::move(faces)};
  result.people = numbered(result.faces.people);
  result.strangers = static_cast<std::size_t>(std::ranges::count_if(found->clusters, &Cluster::stranger));
  result.clusters = std::move(found->labels);
  result.score = eval::score_clusters(result.clusters, result.people);
  result.seconds = taken.count();
  return result;
}

// The faces of a folder's photos by each model, or those stored.
struct FacesByModel {
  std::string detector;
  std::vector<std::string> models;
  std::vector<LabelledFaces> faces;
  std::unordered_map<std::string, Box> boxes;
  RunSummary summary;
};

Result<FacesByModel> look_at_folder(const EvalOptions& chosen, const Options& options,
                                    const std::stop_token& stop) {
  const Result<std::set<std::string>> files = photos_by_name(chosen.folder, chosen.every);
  if (!files) return tl::unexpected(files.error());
  const Result<ModelsUnderTest> models = load_models_under_test(chosen, options);
  if (!models) return tl::unexpected(models.error());
  Result<Looked> looked = vectors_of(*files, chosen.folder, *models, options, stop);
  if (!looked) return tl::unexpected(looked.error());
  FacesByModel found{
      .detector = models->detector_spec.name, .boxes = std::move(looked->faces), .summary = looked->summary};
  for (std::size_t i = 0; i < models->embedder_specs.size(); ++i) {
    found.models.push_back(models->embedder_specs[i].name);
    LabelledFaces& faces = found.faces.emplace_back();
    faces.dimension = static_cast<std::size_t>(models->embedder->embedders()[i]->dimension());
    for (const std::string& file : *files) {
      if (const auto vector = looked->vectors[i].find(file); vector != looked->vectors[i].end())
        faces.add(fs::path(file).begin()->string(), file, vector->second);
    }
  }
  return found;
}

Result<FacesByModel> faces_by_model(const EvalOptions& chosen, const Options& options,
                                    const std::stop_token& stop) {
  if (chosen.cluster.npy.empty()) return look_at_folder(chosen, options, stop);
  Result<LabelledFaces> stored = stored_faces(chosen.cluster);
  if (!stored) return tl::unexpected(stored.error());
  return FacesByModel{.models = {""}, .faces = {std::move(*stored)}};
}

}  // namespace

Exit eval_cluster(const EvalOptions& chosen, const Options& options, const std::stop_token& stop) {
  if (chosen.models.size() > 1 && !(chosen.cluster.save.empty() && chosen.cluster.assignments.empty()))
    return report_failure(
        {ErrorCode::bad_argument, "--save and --assignments are of one model; name one, or leave them out"});
  Result<FacesByModel> found = faces_by_model(chosen, options, stop);
  if (!found) return report_failure(found.error());
  std::vector<ClusterResult> results;
  Outcome outcome;
  for (std::size_t i = 0; i < found->models.size(); ++i) {
    Result<ClusterResult> result =
        group(found->models[i], std::move(found->faces[i]), chosen.cluster, options, stop);
    if (!result) return report_failure(result.error());
    outcome.objects.push_back(result_json(*result, found->detector, chosen.cluster.settings));
    outcome.text += result_text(*result);
    results.push_back(std::move(*result));
  }
  std::vector<ClusterComparison> comparisons;
  const ClusterResult& first = results.front();
  for (std::size_t i = 1; i < results.size(); ++i) {
    const ClusterComparison& comparison = comparisons.emplace_back(
        ClusterComparison{first.model, results[i].model,
                          eval::compare_clusters(first.clusters, results[i].clusters, first.people)});
    outcome.objects.push_back(comparison_line(comparison));
    outcome.text += comparison_lines(comparison);
  }
  if (!chosen.report.empty()) {
    const FacePictures pictures(chosen.folder, std::move(found->boxes), options);
    report::Page page = cluster_page(results, comparisons, pictures, found->detector, chosen, options);
    if (Status written = write_report(page, chosen); !written) return report_failure(written.error());
  }
  return print_outcome(outcome, found->summary, options);
}

}  // namespace kith::cli
