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

std::vector<std::int64_t> numbered(const std::vector<std::string>& people) {
  std::unordered_map<std::string, std::int64_t> seen;
  std::vector<std::int64_t> numbers;
  for (const std::string& person : people)
    numbers.push_back(seen.try_emplace(person, static_cast<std::int64_t>(seen.size())).first->second);
  return numbers;
}

Json figures_json(const eval::ClusterFigures& figures) {
  return {{"precision", six_digits(figures.precision)},
          {"recall", six_digits(figures.recall)},
          {"f", six_digits(figures.f)},
          {"f_ci95", {six_digits(figures.f95.low), six_digits(figures.f95.high)}}};
}

std::string figures_line(const char* label, const eval::ClusterFigures& figures) {
  char text[160];
  std::snprintf(text, sizeof text, "  %-9s precision %.4f   recall %.4f   F %.4f   [%.4f, %.4f]\n", label,
                figures.precision, figures.recall, figures.f, figures.f95.low, figures.f95.high);
  return text;
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
  std::set<fs::path> people;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, failed)) {
    if (entry.is_directory(failed)) people.insert(entry.path());
  }
  std::set<std::string> files;
  int number = 0;
  for (const fs::path& person : people) {
    if (number++ % every != 0) continue;
    for (const fs::directory_entry& entry : fs::directory_iterator(person, failed)) {
      if (entry.is_regular_file(failed)) files.insert(entry.path().lexically_relative(folder).string());
    }
  }
  if (files.empty())
    return fail(ErrorCode::not_found,
                folder.string() + ": holds no Name/photo; is this the data set's folder?");
  return files;
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

Exit cluster_and_score(const LabelledFaces& faces, const ClusterChoice& chosen, const Options& options,
                       const std::stop_token& stop) {
  if (faces.people.empty()) {
    return report_failure(
        {ErrorCode::bad_argument,
         "there are no faces to group, so there is nothing to judge; give photos with faces"});
  }
  if (!chosen.save.empty()) {
    if (Status saved = save(faces, chosen.save); !saved) return report_failure(saved.error());
  }
  std::vector<std::int64_t> ids(faces.people.size());
  std::iota(ids.begin(), ids.end(), std::int64_t{1});
  ClusterSettings settings = chosen.settings;
  settings.threads = options.thread_count();
  const auto start = std::chrono::steady_clock::now();
  const Result<Clustering> found =
      cluster({.vectors = faces.vectors, .dimension = faces.dimension, .ids = ids}, {}, settings, stop);
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
  if (!found) return found.error().code == ErrorCode::cancelled ? interrupted : report_failure(found.error());

  if (!chosen.assignments.empty()) {
    std::string lines;
    for (const std::int64_t label : found->labels) lines += std::to_string(label) + "\n";
    if (Status written = write_atomically(chosen.assignments, lines); !written)
      return report_failure(written.error());
  }
  const eval::ClusterScore score = eval::score_clusters(found->labels, numbered(faces.people));
  const auto strangers = std::ranges::count_if(found->clusters, &Cluster::stranger);
  Output output;
  if (options.json) {
    output.write(line_of({{"faces", ids.size()},
                          {"clusters", score.clusters},
                          {"strangers", strangers},
                          {"min_similarity", six_digits(settings.min_similarity)},
                          {"few_faces_margin", six_digits(settings.few_faces_margin)},
                          {"pairwise", figures_json(score.pairwise)},
                          {"bcubed", figures_json(score.bcubed)},
                          {"seconds", six_digits(taken.count())}}));
  } else {
    char last[96];
    std::snprintf(last, sizeof last, "  grouped in %.2f s\n", taken.count());
    output.write("Grouping, " + std::to_string(ids.size()) + " faces into " + std::to_string(score.clusters) +
                 " clusters, " + std::to_string(strangers) + " of them of one face (95 % intervals of F)\n" +
                 figures_line("pairwise", score.pairwise) + figures_line("B-cubed", score.bcubed) + last);
  }
  if (Status finished = output.finish(); !finished) return report_failure(finished.error());
  return ok;
}

Exit eval_cluster(const EvalOptions& chosen, const Options& options, const std::stop_token& stop) {
  if (!chosen.cluster.npy.empty()) {
    const Result<LabelledFaces> stored = stored_faces(chosen.cluster);
    if (!stored) return report_failure(stored.error());
    return cluster_and_score(*stored, chosen.cluster, options, stop);
  }
  const Result<std::set<std::string>> files = photos_by_name(chosen.folder, chosen.every);
  if (!files) return report_failure(files.error());
  const Result<Models> models = load_models(options);
  if (!models) return report_failure(models.error());
  const Result<Looked> looked = vectors_of(*files, chosen.folder, *models, options, stop);
  if (!looked) return report_failure(looked.error());
  LabelledFaces faces;
  faces.dimension = static_cast<std::size_t>(models->embedder->dimension());
  for (const std::string& file : *files) {
    if (const auto vector = looked->vectors.find(file); vector != looked->vectors.end())
      faces.add(fs::path(file).begin()->string(), file, vector->second);
  }
  const Exit scored = cluster_and_score(faces, chosen.cluster, options, stop);
  return scored == ok ? exit_code(looked->summary) : scored;
}

}  // namespace kith::cli
