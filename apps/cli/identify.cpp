// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <set>

#include <spdlog/spdlog.h>

#include "classifier.h"
#include "command.h"
#include "core/atomic_write.h"
#include "output.h"
#include "text.h"

namespace kith::cli {
namespace {

struct IdentifyOptions {
  std::vector<std::string> inputs;
  std::filesystem::path people;
  std::filesystem::path annotate;
  std::filesystem::path trained;
  ClassifierChoice classifier;
  IdentifySettings settings;
};

// "Anna (99 %), Ben (97 %), 2 unknown".
std::string who(const PhotoReport& report) {
  if (report.error) return std::string("failed: ") + std::string(error_code_name(report.error->code));
  if (report.faces.empty()) return "no faces";
  std::string names;
  std::size_t unknown = 0;
  for (const Face& face : report.faces) {
    if (!face.identity || !face.identity->name) {
      ++unknown;
      continue;
    }
    names += (names.empty() ? "" : ", ") + printable(*face.identity->name) + " (" +
             percent(face.identity->probability) + ")";
  }
  if (unknown > 0) names += (names.empty() ? "" : ", ") + std::to_string(unknown) + " unknown";
  return names;
}

// Copies bear the photos' names: in a folder of originals, a copy of one would take another's place.
Status check_annotate_folder(const std::filesystem::path& folder,
                             const std::vector<std::filesystem::path>& inputs) {
  std::set<std::filesystem::path> originals;
  std::error_code ignored;
  for (const std::filesystem::path& input : inputs) {
    originals.insert(std::filesystem::is_directory(input, ignored)
                         ? input
                         : std::filesystem::path(input.has_parent_path() ? input.parent_path() : "."));
  }
  for (const std::filesystem::path& original : originals) {
    if (std::filesystem::equivalent(folder, original, ignored)) {
      return fail(ErrorCode::bad_argument, folder.string() +
                                               ": holds the originals, which kith does not change; choose "
                                               "another folder for the annotated copies");
    }
  }
  return {};
}

// Learns the people of --people, and warns of what is amiss with their photos.
Result<TrainedClassifier> learn(const IdentifyOptions& chosen, const Models& models,
                                const PipelineSettings& settings, const std::stop_token& stop) {
  Result<std::optional<Background>> background = background_of(chosen.classifier, models.embedder_spec);
  if (!background) return tl::unexpected(background.error());
  const Pipeline learning(*models.detector, models.embedder.get(), nullptr, settings);
  Result<Enrolment> enrolment = enrol(learning, chosen.people, {}, stop);
  if (!enrolment) return tl::unexpected(enrolment.error());
  for (const EnrolmentNote& note : enrolment->notes) spdlog::warn("{}", printable(note.message));
  return train_classifier(classifiers_of(chosen.classifier).front(), std::move(enrolment->gallery),
                          std::move(*background));
}

Exit identify(const IdentifyOptions& chosen, const Options& options, const std::stop_token& stop) {
  const std::vector<std::filesystem::path> inputs = expand_inputs(chosen.inputs);
  const Result<Models>& models =
      load_models(options, {.photos_at_once = std::max(photos_at_once(inputs, options),
                                                       photos_at_once({chosen.people}, options))});
  if (!models) return report_failure(models.error());
  if (!models->embedder_spec.calibrated) {
    spdlog::warn(
        "the model \"{}\" has no calibration, so most faces will stay unknown; see `kith eval calibrate "
        "--help`",
        models->embedder_spec.name);
  }
  if (!chosen.annotate.empty()) {
    if (Status checked = check_annotate_folder(chosen.annotate, inputs); !checked)
      return report_failure(checked.error());
    if (Status made = make_folder(chosen.annotate); !made) return report_failure(made.error());
  }

  PipelineSettings settings{.threads = options.thread_count(), .decode = options.decode_settings()};
  const Result<TrainedClassifier> trained = chosen.trained.empty()
                                                ? learn(chosen, *models, settings, stop)
                                                : load_classifier(chosen.trained, models->embedder_spec);
  if (!trained) return report_failure(trained.error());
  const Result<std::unique_ptr<Identifier>> identifier =
      make_identifier(*trained, models->embedder_spec.calibration, chosen.settings);
  if (!identifier) return report_failure(identifier.error());

  settings.annotate_folder = chosen.annotate;
  const Pipeline pipeline(*models->detector, models->embedder.get(), identifier->get(), settings);
  return run_pipeline(
      pipeline, inputs, options,
      [&](const PhotoReport& report, Output& output) {
        output.write(options.json ? line_of(report_json(report, true))
                                  : table_line(report.photo, who(report)));
      },
      stop);
}

}  // namespace

void add_identify(CLI::App& app, Options& options, Action& action) {
  const auto chosen = std::make_shared<IdentifyOptions>();
  CLI::App& command =
      *app.add_subcommand("identify", "Names the people on photos, from a folder of people you know");
  add_inputs(command, chosen->inputs);
  CLI::Option* people = command.add_option("--people", chosen->people,
                                           "Folder of Name.jpg files, Name/ folders of photos, or both");
  CLI::Option* trained = command.add_option("--trained", chosen->trained,
                                            "Instead: the file that `kith train classifier` wrote");
  people->type_name("DIR");
  trained->type_name("FILE")->excludes(people);
  command
      .add_option("--annotate", chosen->annotate,
                  "Write copies with boxes and names here; of what is there, only former copies are replaced")
      ->type_name("DIR");
  command
      .add_option("--far", chosen->settings.false_accept_rate,
                  "False-accept rate: the share of strangers' faces that may be given a name, all people "
                  "taken together")
      ->check([](const std::string& text) {
        double rate = 0;
        return CLI::detail::lexical_cast(text, rate) && rate > 0 && rate <= 1
                   ? std::string()
                   : "must be above 0 and at most 1";
      })
      ->capture_default_str()
      ->type_name("RATE");
  add_classifier_options(command, chosen->classifier);
  trained->excludes("--classifier")->excludes("--background");
  command.parse_complete_callback([chosen] {
    if (chosen->people.empty() && chosen->trained.empty())
      throw CLI::RequiredError("--people DIR, or --trained FILE,");
  });
  command.add_flag("--allow-repeats", chosen->settings.allow_repeats,
                   "Allow a name more than once a photo (mirrors, collages)");
  command.add_flag_callback(
      "--thorough", [chosen] { chosen->settings.second_look_margin = 2; },
      "Look at every face in each of the embedder's views, also where one view settles who it is");
  add_photo_options(command, options);
  add_timings_option(command, options);
  command.callback([chosen, &options, &action] {
    action = [chosen, &options](const std::stop_token& stop) { return identify(*chosen, options, stop); };
  });
}

}  // namespace kith::cli
