// SPDX-License-Identifier: Apache-2.0
// `kith train classifier` and `kith train background`: what the ways of telling people apart learn.
#include <array>
#include <map>

#include <spdlog/spdlog.h>

#include <kith/background.h>

#include "classifier.h"
#include "eval_base.h"
#include "output.h"
#include "text.h"
#include "train.h"

namespace kith::cli {

namespace {

namespace fs = std::filesystem;

struct TrainOptions {
  fs::path people;
  fs::path out;
  ClassifierChoice classifier;
  EvalOptions cohort;
};

std::size_t faces_of(const Gallery& gallery) {
  std::size_t faces = 0;
  for (const Person& person : gallery) faces += person.references.size();
  return faces;
}

void warn_of(const Enrolment& enrolment) {
  for (const EnrolmentNote& note : enrolment.notes) spdlog::warn("{}", printable(note.message));
  for (const Person& person : enrolment.gallery) {
    if (person.references.size() > 1) continue;
    spdlog::warn(
        "\"{}\" is learned from one photo, {}; a few more, of other days and light, make a surer name",
        printable(person.name), printable(person.references.front().source));
  }
}

Exit train_classifier_file(const TrainOptions& chosen, const Options& options, const std::stop_token& stop) {
  const Result<Models>& models =
      load_models(options, {.photos_at_once = photos_at_once({chosen.people}, options)});
  if (!models) return report_failure(models.error());
  Result<std::optional<Background>> background = background_of(chosen.classifier, models->embedder_spec);
  if (!background) return report_failure(background.error());
  const Pipeline learning(*models->detector, models->embedder.get(), nullptr,
                          {.threads = options.thread_count(), .decode = options.decode_settings()});
  Result<Enrolment> enrolment = enrol(learning, chosen.people, {}, stop);
  if (!enrolment) return report_failure(enrolment.error());
  warn_of(*enrolment);

  const Result<TrainedClassifier> trained = train_classifier(
      classifiers_of(chosen.classifier).front(), std::move(enrolment->gallery), std::move(*background));
  if (!trained) return report_failure(trained.error());
  if (Status saved = save_classifier(*trained, models->embedder_spec, chosen.out); !saved)
    return report_failure(saved.error());
  const std::size_t people = trained->gallery.size();
  const std::size_t faces = faces_of(trained->gallery);
  if (options.json) {
    return print(line_of({{"classifier", chosen.classifier.name},
                          {"model", models->embedder_spec.name},
                          {"people", people},
                          {"faces", faces},
                          {"file", chosen.out.string()}}));
  }
  return print("Learned " + counted_people(people) + " from " + counted(faces, "face") + ": " +
               printable(chosen.out.string()) +
               "\nIt holds vectors of their faces, so keep it as private as the photos. Use it with\n" +
               "  kith identify PHOTO|DIR... --trained " + printable(chosen.out.string()) + "\n");
}

constexpr std::array<std::string_view, 2> training_roles{"gallery", "known_unknown_train"};

struct Cohort {
  Gallery people;
  RunSummary summary;
};

Gallery gallery_of(const std::map<std::string, std::vector<Reference>>& people) {
  Gallery gallery;
  for (const auto& [name, references] : people) gallery.push_back({name, references, {}});
  return gallery;
}

Result<Cohort> stored_cohort(const EvalOptions& chosen) {
  const Result<LabelledFaces> faces = stored_faces(chosen.cluster);
  if (!faces) return tl::unexpected(faces.error());
  std::map<std::string, std::vector<Reference>> people;
  for (std::size_t i = 0; i < faces->people.size(); ++i) {
    const auto begin = faces->vectors.begin() + static_cast<std::ptrdiff_t>(i * faces->dimension);
    people[faces->people[i]].push_back(
        {faces->people[i], {begin, begin + static_cast<std::ptrdiff_t>(faces->dimension)}, 1, {}});
  }
  return Cohort{gallery_of(people), {}};
}

// By person the photos of a folder of Name/photos, or of the training part of an open-set protocol.
Result<std::map<std::string, std::string>> people_by_photo(const EvalOptions& chosen) {
  std::map<std::string, std::string> people;
  if (chosen.list.empty()) {
    const Result<std::set<std::string>> files = photos_by_name(chosen.folder, chosen.every);
    if (!files) return tl::unexpected(files.error());
    for (const std::string& file : *files) people[file] = fs::path(file).begin()->string();
    return people;
  }
  const Result<std::vector<eval::OpenSetRow>> rows = eval::read_open_set(chosen.list, chosen.every);
  if (!rows) return tl::unexpected(rows.error());
  for (const eval::OpenSetRow& row : *rows) {
    if (std::ranges::find(training_roles, row.role) != training_roles.end()) people[row.file] = row.identity;
  }
  return people;
}

Result<Cohort> embedded_cohort(const EvalOptions& chosen, const Options& options,
                               const std::stop_token& stop) {
  const Result<std::map<std::string, std::string>> photos = people_by_photo(chosen);
  if (!photos) return tl::unexpected(photos.error());
  std::set<std::string> files;
  for (const auto& [file, person] : *photos) files.insert(file);
  EvalOptions with_model = chosen;
  if (!options.model.empty()) with_model.models = {options.model};
  const Result<ModelsUnderTest> models = load_models_under_test(with_model, options);
  if (!models) return tl::unexpected(models.error());
  const Result<Looked> looked = vectors_of(files, chosen.folder, *models, options, stop);
  if (!looked) return tl::unexpected(looked.error());
  std::map<std::string, std::vector<Reference>> people;
  for (const auto& [file, person] : *photos) {
    const eval::Vectors& vectors = looked->vectors.front();
    if (const auto vector = vectors.find(file); vector != vectors.end())
      people[person].push_back({file, vector->second, 1, {}});
  }
  return Cohort{gallery_of(people), looked->summary};
}

Exit train_background(const TrainOptions& chosen, const Options& options, const std::stop_token& stop) {
  const Result<ModelCatalog> catalog = open_catalog(options);
  if (!catalog) return report_failure(catalog.error());
  const Result<ModelSpec> embedder = options.model.empty()
                                         ? catalog->active(ModelKind::embedder)
                                         : catalog->find(ModelKind::embedder, options.model);
  if (!embedder) return report_failure(embedder.error());
  const Result<Cohort> cohort = chosen.cohort.folder.empty() ? stored_cohort(chosen.cohort)
                                                             : embedded_cohort(chosen.cohort, options, stop);
  if (!cohort) return report_failure(cohort.error());
  const Result<Background> background = learn_background(cohort->people, eval::fit_calibration);
  if (!background) return report_failure(background.error());
  const fs::path file = chosen.out.empty() ? background_file(*embedder) : chosen.out;
  if (Status saved = save_background(*background, *embedder, file); !saved)
    return report_failure(saved.error());
  const Outcome outcome{
      .objects = {{{"model", embedder->name},
                   {"people", background->people},
                   {"faces", background->faces},
                   {"dimension", background->dimension()},
                   {"reduced", background->reduced()},
                   {"components", background->components.size()},
                   {"file", file.string()}}},
      .text = "Learned how unknown people look to \"" + embedder->name + "\" from " +
              counted(background->faces, "face") + " of " + counted_people(background->people) + ", " +
              counted(background->components.size(), "component") + ": " + printable(file.string()) + "\n"};
  return print_outcome(outcome, cohort->summary, options);
}

void add_train_background(CLI::App& train, Options& options, Action& action) {
  const auto chosen = std::make_shared<TrainOptions>();
  CLI::App& command = *train.add_subcommand(
      "background", "Learns from photos of many people what gaussian and svm know of unknown ones");
  EvalOptions& cohort = chosen->cohort;
  command
      .add_option("folder", cohort.folder,
                  "Name/ folders of photos of one person each, at least 100 with two or more")
      ->type_name("DIR");
  command
      .add_option(
          "--protocol", cohort.list,
          "Take the training part of this open-set protocol (role,identity,file) alone; DIR holds the files")
      ->type_name("CSV");
  add_stored_options(command, cohort.cluster);
  command.add_option("--every", cohort.every, "Use one person in so many")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str()
      ->type_name("N");
  command
      .add_option("--out", chosen->out,
                  "Where it is kept (default: beside the model, where it is looked for)")
      ->type_name("FILE");
  command.parse_complete_callback([chosen] {
    if (chosen->cohort.folder.empty() == chosen->cohort.cluster.npy.empty())
      throw CLI::ValidationError("background", "give DIR, or --npy FILE and --labels FILE");
  });
  add_photo_options(command, options);
  command.callback([chosen, &options, &action] {
    action = [chosen, &options](const std::stop_token& stop) {
      return train_background(*chosen, options, stop);
    };
  });
}

}  // namespace

void add_train_classifier(CLI::App& app, Options& options, Action& action) {
  CLI::App& train = train_command(app);
  const auto chosen = std::make_shared<TrainOptions>();
  CLI::App& command = *train.add_subcommand(
      "classifier", "Learns people once, for `kith identify --trained FILE` without their photos");
  command.add_option("people", chosen->people, "Folder of Name.jpg files, Name/ folders of photos, or both")
      ->required()
      ->type_name("DIR");
  command.add_option("--out", chosen->out, "Where it is kept")->required()->type_name("FILE");
  add_classifier_options(command, chosen->classifier);
  add_photo_options(command, options);
  command.callback([chosen, &options, &action] {
    action = [chosen, &options](const std::stop_token& stop) {
      return train_classifier_file(*chosen, options, stop);
    };
  });
  add_train_background(train, options, action);
}

}  // namespace kith::cli
