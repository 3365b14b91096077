// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <cstdio>
#include <iterator>
#include <limits>
#include <set>

#include <spdlog/spdlog.h>

#include "command.h"
#include "eval/metrics.h"
#include "eval/protocols.h"
#include "eval_cluster.h"
#include "library.h"
#include "output.h"
#include "text.h"

namespace kith::cli {
namespace {

namespace fs = std::filesystem;

struct EvalOptions {
  fs::path csv;
  fs::path folder;
  int every = 1;  // keep one pair, identity or photo in so many
  ClusterChoice cluster;
};

Json interval_json(const eval::Interval& interval) {
  return {six_digits(interval.low), six_digits(interval.high)};
}

std::string percent_line(const char* label, double value, const eval::Interval& interval) {
  char text[128];
  std::snprintf(text, sizeof text, "  %-24s %6.2f %%   [%.2f, %.2f]\n", label, value * 100,
                interval.low * 100, interval.high * 100);
  return text;
}

// Data sets of single people show the subject in the middle; others may stand at the edge.
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

// Runs a data set's photos with progress, names each failure, and writes --timings; `take` gets every report
// all the same. Errors: cancelled, not_found (none of the photos could be read), and those of write_timings.
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

// A result from a part of the photos is told, and that it is one.
Exit print_result(const std::string& text, const RunSummary& summary) {
  const Exit printed = print(text);
  return printed == ok ? exit_code(summary) : printed;
}

struct Looked {
  eval::Vectors vectors;
  RunSummary summary;
};

// The vectors of the named photos below `folder`, by the same pipeline as every other command.
Result<Looked> vectors_of(const std::set<std::string>& files, const fs::path& folder, const Models& models,
                          const Options& options, const std::stop_token& stop) {
  std::vector<fs::path> photos;
  for (const std::string& file : files) photos.push_back(folder / file);
  const Pipeline pipeline(*models.detector, models.embedder.get(), nullptr,
                          {.threads = options.thread_count(), .decode = options.decode_settings()});
  eval::Vectors vectors;
  const Result<RunSummary> summary =
      run_over(pipeline, photos, folder, options, stop, [&](PhotoReport&& report) {
        if (const Face* face = central_face(report))
          vectors.emplace(report.photo.lexically_relative(folder).string(), face->embedding);
      });
  if (!summary) return tl::unexpected(summary.error());
  return Looked{std::move(vectors), *summary};
}

Exit eval_lfw(const EvalOptions& chosen, const Options& options, const std::stop_token& stop) {
  const Result<std::vector<eval::LfwPair>> pairs =
      eval::read_lfw_pairs(chosen.folder / "pairs.txt", chosen.every);
  if (!pairs) return report_failure(pairs.error());
  const Result<Models> models = load_models(options);
  if (!models) return report_failure(models.error());
  std::set<std::string> files;
  for (const eval::LfwPair& pair : *pairs) files.insert({pair.a, pair.b});
  const Result<Looked> looked = vectors_of(files, chosen.folder, *models, options, stop);
  if (!looked) return report_failure(looked.error());

  const std::vector<eval::Pair> scored = eval::score_pairs(*pairs, looked->vectors);
  const std::size_t correct = eval::cross_validated_correct(scored);
  const double accuracy = static_cast<double>(correct) / static_cast<double>(scored.size());
  const eval::Interval interval = eval::wilson95(correct, scored.size());
  const double tar_at_1e2 = eval::true_accept_rate(scored, 1e-2);
  const double tar_at_1e3 = eval::true_accept_rate(scored, 1e-3);
  const std::size_t without_face = files.size() - looked->vectors.size();
  if (options.json) {
    return print_result(
        line_of({{"protocol", "lfw-view2"},
                 {"model", models->embedder_spec.name},
                 {"detector", models->detector_spec.name},
                 {"accuracy", six_digits(accuracy)},
                 {"ci95", interval_json(interval)},
                 {"tar", {{"1e-2", six_digits(tar_at_1e2)}, {"1e-3", six_digits(tar_at_1e3)}}},
                 {"pairs", scored.size()},
                 {"photos_without_face", without_face}}),
        looked->summary);
  }
  const auto same = static_cast<std::size_t>(std::ranges::count_if(scored, &eval::Pair::same));
  const auto share = [&](double rate) {
    return eval::wilson95(static_cast<std::size_t>(std::lround(rate * static_cast<double>(same))), same);
  };
  return print_result("LFW view 2, " + models->detector_spec.name + " + " + models->embedder_spec.name +
                          ", " + std::to_string(scored.size()) + " pairs (95 % intervals)\n" +
                          percent_line("accuracy, 10 folds", accuracy, interval) +
                          percent_line("TAR at FAR 1 %", tar_at_1e2, share(tar_at_1e2)) +
                          percent_line("TAR at FAR 0.1 %", tar_at_1e3, share(tar_at_1e3)) +
                          "  photos without a face    " + std::to_string(without_face) + " of " +
                          std::to_string(files.size()) + "\n",
                      looked->summary);
}

std::set<std::string> files_of(const std::vector<eval::OpenSetRow>& rows,
                               const std::function<bool(const std::string&)>& wanted) {
  std::set<std::string> files;
  for (const eval::OpenSetRow& row : rows) {
    if (wanted(row.role)) files.insert(row.file);
  }
  return files;
}

Exit eval_open_set(const EvalOptions& chosen, const Options& options, const std::stop_token& stop) {
  const Result<std::vector<eval::OpenSetRow>> rows = eval::read_open_set(chosen.csv, chosen.every);
  if (!rows) return report_failure(rows.error());
  if (Status judged = eval::check_probes(*rows); !judged)
    return report_failure({judged.error().code, chosen.csv.string() + ": " + judged.error().message});
  const Result<Models> models = load_models(options);
  if (!models) return report_failure(models.error());
  const Result<Looked> looked =
      vectors_of(files_of(*rows, [](const std::string& role) { return role != "known_unknown_train"; }),
                 chosen.folder, *models, options, stop);
  if (!looked) return report_failure(looked.error());
  const Result<std::vector<eval::Probe>> probes =
      eval::score_probes(*rows, eval::enrolled(*rows, looked->vectors), looked->vectors);
  if (!probes) return report_failure(probes.error());

  const auto known = static_cast<std::size_t>(std::ranges::count_if(*probes, &eval::Probe::enrolled));
  const auto rank1 = static_cast<std::size_t>(std::ranges::count_if(
      *probes, [](const eval::Probe& probe) { return probe.enrolled && probe.correct; }));
  const auto share = [&](std::size_t count) {
    return known == 0 ? 0.0 : static_cast<double>(count) / static_cast<double>(known);
  };
  Json dir;
  Json intervals;
  std::string lines;
  for (const auto& [label, rate] :
       {std::pair{"1e-1", 1e-1}, std::pair{"1e-2", 1e-2}, std::pair{"1e-3", 1e-3}}) {
    const std::size_t count = eval::detected_and_identified(*probes, rate);
    const eval::Interval interval = eval::wilson95(count, known);
    dir[label] = six_digits(share(count));
    intervals[label] = interval_json(interval);
    lines += percent_line((std::string("DIR at FAR ") + label).c_str(), share(count), interval);
  }
  if (options.json) {
    return print_result(line_of({{"protocol", chosen.csv.stem().string()},
                                 {"model", models->embedder_spec.name},
                                 {"detector", models->detector_spec.name},
                                 {"classifier", "nearest"},
                                 {"dir", dir},
                                 {"dir_ci95", intervals},
                                 {"rank1", six_digits(share(rank1))},
                                 {"probes", probes->size()},
                                 {"probes_known", known}}),
                        looked->summary);
  }
  return print_result("Open-set identification, " + models->detector_spec.name + " + " +
                          models->embedder_spec.name + ", " + std::to_string(known) +
                          " probes of enrolled people and " + std::to_string(probes->size() - known) +
                          " of strangers (95 % intervals)\n" + lines +
                          percent_line("rank 1", share(rank1), eval::wilson95(rank1, known)),
                      looked->summary);
}

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

// Name/photos below the folder; one name in so many.
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

Exit eval_calibrate(const EvalOptions& chosen, const Options& options, const std::stop_token& stop) {
  const Result<std::vector<eval::OpenSetRow>> rows = eval::read_open_set(chosen.csv, chosen.every);
  if (!rows) return report_failure(rows.error());
  const Result<Models> models = load_models(options);
  if (!models) return report_failure(models.error());
  const Result<Looked> looked = vectors_of(
      files_of(*rows,
               [](const std::string& role) { return role == "gallery" || role == "known_unknown_train"; }),
      chosen.folder, *models, options, stop);
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

// The share with its 95 % interval: "97.5 % [95.1, 98.8]".
std::string share_text(std::size_t part, std::size_t whole) {
  const eval::Interval interval = eval::wilson95(part, whole);
  char text[64];
  std::snprintf(text, sizeof text, "%.1f %% [%.1f, %.1f]",
                whole > 0 ? 100 * static_cast<double>(part) / static_cast<double>(whole) : 0.0,
                100 * interval.low, 100 * interval.high);
  return text;
}

Json share_json(std::size_t part, std::size_t whole) {
  const eval::Interval interval = eval::wilson95(part, whole);
  return {{"value", whole > 0 ? Json(six_digits(static_cast<double>(part) / static_cast<double>(whole)))
                              : Json(nullptr)},
          {"ci95", {six_digits(interval.low), six_digits(interval.high)}}};
}

Json person_score_json(const PersonScore& score) {
  return {{"name", score.person},
          {"faces", score.faces},
          {"precision", share_json(score.right, score.right + score.false_names)},
          {"recall", share_json(score.right, score.faces)},
          {"wrong", score.wrong},
          {"unknown", score.unknown}};
}

Exit eval_library(const Options& options) {
  Result<Library> library = open_library(options, Library::Mode::write);
  if (!library) return report_failure(library.error());
  const Result<ModelSpec> embedder = active_embedder(options);
  if (!embedder) return report_failure(embedder.error());
  const Result<LibraryEvaluation> evaluation = library->evaluate(*embedder);
  if (!evaluation) return report_failure(evaluation.error());
  PersonScore all;
  for (const PersonScore& score : evaluation->people) {
    all.faces += score.faces;
    all.right += score.right;
    all.wrong += score.wrong;
    all.unknown += score.unknown;
    all.false_names += score.false_names;
  }
  if (all.faces == 0) {
    return report_failure({ErrorCode::bad_argument,
                           "there is nothing to evaluate on: nobody has two confirmed faces "
                           "with vectors of this model; see `kith review`"});
  }
  if (options.json) {
    Json people = Json::array();
    for (const PersonScore& score : evaluation->people) people.push_back(person_score_json(score));
    Json confusions = Json::array();
    for (const Confusion& pair : evaluation->confusions)
      confusions.push_back({{"name", pair.person}, {"taken_for", pair.taken_for}, {"faces", pair.faces}});
    Json object = person_score_json(all);
    object.erase("name");
    object["people"] = std::move(people);
    object["confusions"] = std::move(confusions);
    return print(line_of(object));
  }
  std::string text = counted(all.faces, "confirmed face") + ", each named without itself: precision " +
                     share_text(all.right, all.right + all.false_names) + ", recall " +
                     share_text(all.right, all.faces) + ", " + counted(all.false_names, "wrong name") + "\n";
  for (const PersonScore& score : evaluation->people) {
    text += "  " + printable(score.person) + ": " + std::to_string(score.right) + " of " +
            counted(score.faces, "face") + " named, " + std::to_string(score.false_names) +
            " of others taken for them\n";
  }
  for (const Confusion& pair : evaluation->confusions)
    text += "  " + printable(pair.person) + " taken for " + printable(pair.taken_for) + ": " +
            counted(pair.faces, "face") + "\n";
  return print(text);
}

}  // namespace

void add_eval(CLI::App& app, Options& options, Action& action) {
  const auto chosen = std::make_shared<EvalOptions>();
  CLI::App& command =
      *app.add_subcommand("eval", "Measures accuracy on data sets, with 95 % confidence intervals");
  command.require_subcommand(1);
  const auto add = [&, chosen](const char* name, const char* what, bool with_csv, auto run) -> CLI::App& {
    CLI::App& subcommand = *command.add_subcommand(name, what);
    if (with_csv)
      subcommand.add_option("csv", chosen->csv, "The protocol: role,identity,file")
          ->required()
          ->type_name("CSV");
    subcommand.add_option("folder", chosen->folder, "The data set's folder")->required()->type_name("DIR");
    subcommand
        .add_option("--every", chosen->every, "Use one pair, person or photo in so many, for a quick look")
        ->check(CLI::Range(1, 1000))
        ->capture_default_str()
        ->type_name("N");
    add_photo_options(subcommand, options);
    add_timings_option(subcommand, options);
    subcommand.callback([chosen, run, &options, &action] {
      action = [chosen, run, &options](const std::stop_token& stop) { return run(*chosen, options, stop); };
    });
    return subcommand;
  };
  add("lfw", "LFW view 2: is a pair of photos of one person? DIR holds pairs.txt and the photos", false,
      eval_lfw);
  add("openset", "Open-set identification: DIR at FAR, probes of enrolled people and of strangers", true,
      eval_open_set);
  add("detection", "Detection: AP at an overlap of 0.5. DIR holds images/ and boxes.csv", false,
      eval_detection);
  CLI::App& cluster =
      add("cluster", "Grouping of unnamed faces: pairwise and B-cubed F. DIR holds Name/photos", false,
          eval_cluster);
  cluster.get_option("folder")->required(false);
  add_cluster_options(cluster, chosen->cluster);
  cluster.get_option("--npy")->excludes("--timings");  // no photo is looked at
  cluster.parse_complete_callback([chosen] {
    if (chosen->folder.empty() == chosen->cluster.npy.empty())
      throw CLI::ValidationError("cluster", "give DIR, or --npy FILE and --labels FILE");
  });
  add("calibrate",
      "Fits a model's calibration on the training part of an open-set protocol; prints the JSON for the "
      "catalogue",
      true, eval_calibrate);

  CLI::App& library = *command.add_subcommand(
      "library", "How well the photo library's names are right: confirmed faces are named by the others");
  add_library_option(library, options);
  library.add_option("--model", options.model, "Embedder to use (see `kith models list`)");
  add_json_option(library, options);
  library.callback(
      [&options, &action] { action = [&options](const std::stop_token&) { return eval_library(options); }; });
}

}  // namespace kith::cli
