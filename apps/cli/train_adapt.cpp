// SPDX-License-Identifier: Apache-2.0
// `kith train adapt`: an embedder adapted to the owner's own people, kept where it helps.
#include <cstdio>
#include <memory>

#include <spdlog/spdlog.h>

#include "adapt/adapt.h"
#include "command.h"
#include "core/projection.h"
#include "eval_cluster.h"
#include "library.h"
#include "output.h"
#include "text.h"
#include "train.h"

namespace kith::cli {
namespace {

struct AdaptOptions {
  std::filesystem::path people;  // empty: the library's
  ClusterChoice stored;          // its `npy` and `labels`; empty: none
  std::string name = "adapted";
  bool replace = false;
  bool dry_run = false;
  double shrinkage = -1;  // below 0: found from the faces
  adapt::Settings settings;
};

struct NamedFaces {
  adapt::NamedVectors vectors;
  std::string source;  // Adaptation::learned_from
};

// The embedder to adapt: what the chosen one rests on, where that is a projection.
Result<ModelSpec> base_embedder(const ModelCatalog& catalog, const Options& options) {
  Result<ModelSpec> chosen = options.model.empty() ? Result<ModelSpec>(catalog.active(ModelKind::embedder))
                                                   : catalog.find(ModelKind::embedder, options.model);
  if (!chosen || !chosen->adaptation) return chosen;
  return catalog.find(ModelKind::embedder, chosen->adaptation->base);
}

Result<NamedFaces> faces_of_library(const ModelSpec& base, const Options& options) {
  Result<Library> library = open_library(options, Library::Mode::write);
  if (!library) return tl::unexpected(library.error());
  Result<ConfirmedVectors> confirmed = library->confirmed_vectors(base);
  if (!confirmed) return tl::unexpected(confirmed.error());
  if (confirmed->without_vector > 0) {
    const std::string lacking = counted(confirmed->without_vector, "named face") + " without a vector of \"" +
                                base.name + "\"; `kith models use " + base.name +
                                "`, then `kith scan`, makes what is missing";
    if (confirmed->people.empty()) return fail(ErrorCode::bad_argument, "the library has only " + lacking);
    spdlog::warn("left out: {}", lacking);
  }
  Result<std::string> id = library->id();
  if (!id) return tl::unexpected(id.error());
  return NamedFaces{{std::move(confirmed->values), confirmed->dimension, std::move(confirmed->people)},
                    std::move(*id)};
}

std::string absolute_path(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::absolute(path, ignored).lexically_normal().string();
}

Result<NamedFaces> faces_of_folder(const std::filesystem::path& people, const ModelSpec& base,
                                   const Options& options, const std::stop_token& stop) {
  Options with_base = options;
  with_base.model = base.name;
  const Result<Models>& models = load_models(with_base);
  if (!models) return tl::unexpected(models.error());
  const Pipeline pipeline(*models->detector, models->embedder.get(), nullptr,
                          {.threads = options.thread_count(), .decode = options.decode_settings()});
  const Result<Enrolment> enrolment = enrol(pipeline, people, {}, stop);
  if (!enrolment) return tl::unexpected(enrolment.error());
  for (const EnrolmentNote& note : enrolment->notes) spdlog::warn("{}", printable(note.message));
  NamedFaces faces;
  faces.vectors.dimension = static_cast<std::size_t>(base.feeding.dimension);
  for (std::size_t person = 0; person < enrolment->gallery.size(); ++person) {
    for (const Reference& reference : enrolment->gallery[person].references) {
      faces.vectors.values.insert(faces.vectors.values.end(), reference.embedding.begin(),
                                  reference.embedding.end());
      faces.vectors.people.push_back(static_cast<std::int64_t>(person));
    }
  }
  faces.source = absolute_path(people);
  return faces;
}

Result<NamedFaces> stored_vectors(const ClusterChoice& stored, const ModelSpec& base) {
  Result<LabelledFaces> read = stored_faces(stored);
  if (!read) return tl::unexpected(read.error());
  if (read->dimension != static_cast<std::size_t>(base.feeding.dimension)) {
    return fail(ErrorCode::bad_argument,
                stored.npy.string() + ": holds vectors of " + std::to_string(read->dimension) +
                    " numbers, and \"" + base.name + "\" makes " + std::to_string(base.feeding.dimension));
  }
  return NamedFaces{{std::move(read->vectors), read->dimension, numbered(read->people)},
                    absolute_path(stored.npy)};
}

Result<NamedFaces> named_faces(const AdaptOptions& chosen, const ModelSpec& base, const Options& options,
                               const std::stop_token& stop) {
  if (!chosen.stored.npy.empty()) return stored_vectors(chosen.stored, base);
  if (!chosen.people.empty()) return faces_of_folder(chosen.people, base, options, stop);
  return faces_of_library(base, options);
}

std::string report_text(const adapt::Report& report, const std::string& base) {
  const adapt::Gain& gain = report.gain;
  char figures[400];
  std::snprintf(figures, sizeof figures,
                "Pairs of one person accepted where %.2g %% of the pairs of two people are, 95 %% interval:\n"
                "  %-24s %6.2f %%\n"
                "  %-24s %6.2f %%\n"
                "  %-24s %+6.2f points   [%+.2f, %+.2f]\n",
                100 * gain.false_accept_rate, base.c_str(), 100 * gain.base, "adapted", 100 * gain.adapted,
                "difference", 100 * gain.difference, 100 * gain.difference95.low,
                100 * gain.difference95.high);
  return "Learned from " + counted_people(report.people) + " with two faces or more, " +
         counted(report.faces, "face") + "; judged on people who were not learned from, " +
         std::to_string(report.same_pairs) + " pairs of one person and " +
         std::to_string(report.different_pairs) + " of two.\n" + figures;
}

Json report_json(const adapt::Adapted& adapted, const std::string& base) {
  const adapt::Report& report = adapted.report;
  const adapt::Gain& gain = report.gain;
  return {{"base", base},
          {"people", report.people},
          {"faces", report.faces},
          {"people_with_one_face", report.single_faces},
          {"damaged_vectors", report.damaged},
          {"shrinkage", six_digits(report.shrinkage)},
          {"pairs_same", report.same_pairs},
          {"pairs_different", report.different_pairs},
          {"false_accept_rate", gain.false_accept_rate},
          {"tar", {{"base", six_digits(gain.base)}, {"adapted", six_digits(gain.adapted)}}},
          {"difference", six_digits(gain.difference)},
          {"difference_ci95", {six_digits(gain.difference95.low), six_digits(gain.difference95.high)}},
          {"helps", report.helps()},
          {"calibrated", adapted.calibration.has_value()},
          {"few_pairs", adapted.few_pairs}};
}

void warn_of(const adapt::Adapted& adapted) {
  const adapt::Report& report = adapted.report;
  if (report.damaged > 0)
    spdlog::warn("{} left out: not finite, or of another length than one",
                 counted(report.damaged, "damaged vector"));
  if (report.single_faces > 0)
    spdlog::warn(
        "{} with one named face: nothing can be learned from one, so they are strangers to the others only",
        counted_people(report.single_faces));
  if (!report.helps()) return;
  if (!adapted.calibration) {
    spdlog::warn(
        "the held-out pairs allow no calibration, so a wide one stands in, and most faces stay unknown");
  } else if (adapted.few_pairs) {
    spdlog::warn("few pairs of two people: no name is given below the most similar of them, {:.2f}",
                 adapted.calibration->min_similarity);
  }
}

Result<ModelSpec> keep(const adapt::Adapted& adapted, const AdaptOptions& chosen, const std::string& base,
                       const std::string& source, ModelCatalog& catalog) {
  ModelSpec spec;
  spec.name = chosen.name;
  spec.description = base + ", adapted to " + counted_people(adapted.report.people) + ", " +
                     counted(adapted.report.faces, "face");
  spec.source = "learned by `kith train adapt`";
  spec.calibrated = adapted.calibration.has_value();
  if (spec.calibrated) spec.calibration = *adapted.calibration;
  return catalog.add_projection(std::move(spec), projection_bytes(adapted.projection), base, source,
                                chosen.replace);
}

std::string verdict(bool helps, const AdaptOptions& chosen) {
  if (!helps) return "The interval is not above zero: adapting does not help here, and nothing was kept.\n";
  if (chosen.dry_run) return "The whole interval is above zero: it helps. Nothing was kept, as asked.\n";
  return "The whole interval is above zero: it helps, and is kept as \"" + chosen.name +
         "\"; use it with --model " + chosen.name + ", or always with `kith models use " + chosen.name +
         "`\n";
}

Exit adapt_to_people(const AdaptOptions& chosen, const Options& options, const std::stop_token& stop) {
  Result<ModelCatalog> catalog = open_catalog(options);
  if (!catalog) return report_failure(catalog.error());
  const Result<ModelSpec> base = base_embedder(*catalog, options);
  if (!base) return report_failure(base.error());
  // Before the work, which takes its time.
  if (Status is_free = catalog->check_projection_name(chosen.name, chosen.replace);
      !is_free && !chosen.dry_run)
    return report_failure(is_free.error());
  const Result<NamedFaces> faces = named_faces(chosen, *base, options, stop);
  if (!faces) return report_failure(faces.error());
  adapt::Settings settings = chosen.settings;
  if (chosen.shrinkage >= 0) settings.shrinkage = chosen.shrinkage;
  const Result<adapt::Adapted> adapted = adapt::learn(faces->vectors, settings, stop);
  if (!adapted) return report_failure(adapted.error());
  warn_of(*adapted);
  const bool keeping = adapted->report.helps() && !chosen.dry_run;
  if (keeping) {
    const Result<ModelSpec> kept = keep(*adapted, chosen, base->name, faces->source, *catalog);
    if (!kept) return report_failure(kept.error());
  }
  if (!options.json)
    return print(report_text(adapted->report, base->name) + verdict(adapted->report.helps(), chosen));
  Json object = report_json(*adapted, base->name);
  object["kept"] = keeping ? Json(chosen.name) : Json(nullptr);
  return print(line_of(object));
}

}  // namespace

void add_train_adapt(CLI::App& app, Options& options, Action& action) {
  const auto chosen = std::make_shared<AdaptOptions>();
  CLI::App& command =
      *train_command(app).add_subcommand("adapt",
                                         "Adapts the embedder to your own people, from faces that have "
                                         "names; kept as a model only where it tells "
                                         "people apart better whom it has not seen");
  add_library_option(command, options);
  CLI::Option* people = command.add_option(
      "--people", chosen->people,
      "Learn from this folder instead of the library: Name/ folders of photos, as for `kith identify`");
  people->type_name("DIR");
  CLI::Option* npy = command.add_option("--npy", chosen->stored.npy,
                                        "Learn from stored vectors of the embedder, a NumPy file of float32");
  CLI::Option* labels =
      command.add_option("--labels", chosen->stored.labels,
                         "Whose they are: a line a row, the person's name up to the first tab");
  npy->type_name("FILE")->needs(labels)->excludes(people);
  labels->type_name("FILE")->needs(npy);
  command.add_option("--name", chosen->name, "What the model is called")
      ->capture_default_str()
      ->type_name("NAME");
  command.add_flag("--replace", chosen->replace, "An adapted model of that name gives way");
  command.add_flag("--dry-run", chosen->dry_run, "Only tell whether it would help");
  command.add_option("--seed", chosen->settings.seed, "Which people are held out together")
      ->capture_default_str()
      ->type_name("N");
  command
      .add_option("--shrinkage", chosen->shrinkage,
                  "How little the faces are trusted, 0 to 1 (default: found from their number)")
      ->check(CLI::Range(0.0, 1.0))
      ->type_name("A");
  add_photo_options(command, options);
  command.callback([chosen, &options, &action] {
    action = [chosen, &options](const std::stop_token& stop) {
      return adapt_to_people(*chosen, options, stop);
    };
  });
}

}  // namespace kith::cli
