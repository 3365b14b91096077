// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>

#include <spdlog/spdlog.h>

#include "command.h"
#include "library.h"
#include "output.h"
#include "text.h"

namespace kith::cli {
namespace {

struct ModelsOptions {
  std::filesystem::path file;
  std::filesystem::path description;
  std::string name;
  bool preview = false;
  bool force = false;
};

Json model_json(const ModelSpec& model, bool active) {
  Json files = Json::array();
  for (const ModelFile& file : model.files)
    files.push_back({{"file", file.path.string()}, {"sha256", file.sha256}});
  Json object{{"name", model.name},
              {"kind", model_kind_name(model.kind)},
              {"active", active},
              {"built_in", model.built_in},
              {"licence", model.licence},
              {"source", model.source},
              {"description", model.description},
              {"files", files}};
  if (model.kind == ModelKind::embedder) {
    object["dimension"] = model.feeding.dimension;
    object["calibrated"] = model.calibrated;
  }
  return object;
}

// Loads the model and runs it once on a grey picture: proof that the file and its description agree.
Status try_model(const ModelSpec& model, const ModelCatalog& catalog, const Options& options) {
  ModelChoice choice = options.model_choice();
  choice.cache_folder.clear();
  if (model.kind == ModelKind::detector) {
    choice.detector = model.name;
    choice.embedder.clear();
    const Result<Models> models = kith::load_models(catalog, choice);
    if (!models) return tl::unexpected(models.error());
    Image grey(320, 240);
    std::ranges::fill(grey.bytes(), std::uint8_t{128});
    ImageView view(grey);
    if (Result<std::vector<Face>> faces = models->detector->detect(view); !faces)
      return tl::unexpected(faces.error());
    return {};
  }
  const Result<std::unique_ptr<Embedder>> embedder = load_embedder(model, choice);
  if (!embedder) return tl::unexpected(embedder.error());
  std::vector<Image> crops;
  for (const AlignTemplate& target : (*embedder)->crop_templates()) {
    std::ranges::fill(crops.emplace_back(target.width, target.height).bytes(), std::uint8_t{128});
  }
  if (Result<Embedding> vector = (*embedder)->embed(crops); !vector) return tl::unexpected(vector.error());
  return {};
}

Exit list(const Options& options) {
  const Result<ModelCatalog> catalog = open_catalog(options);
  if (!catalog) return report_failure(catalog.error());
  std::string text;
  for (const ModelSpec& model : catalog->models()) {
    const bool active = catalog->active(model.kind).name == model.name;
    if (options.json) {
      text += line_of(model_json(model, active));
      continue;
    }
    char line[512];
    std::snprintf(line, sizeof line, "%c %-9s %-18s %-12s %s\n", active ? '*' : ' ',
                  std::string(model_kind_name(model.kind)).c_str(), model.name.c_str(), model.licence.c_str(),
                  model.description.c_str());
    text += line;
  }
  if (!options.json) text += "* in use; change it with `kith models use NAME`\n";
  return print(text);
}

Exit add(const ModelsOptions& chosen, const Options& options) {
  Result<ModelCatalog> catalog = open_catalog(options);
  if (!catalog) return report_failure(catalog.error());
  // Tried before it is recorded: a model that does not run never enters the catalogue.
  const Result<ModelSpec> described = catalog->describe(chosen.file, chosen.description);
  if (!described) return report_failure(described.error());
  if (Status tried = try_model(*described, *catalog, options); !tried) return report_failure(tried.error());
  const Result<ModelSpec> added = catalog->add(chosen.file, chosen.description);
  if (!added) return report_failure(added.error());
  if (!added->calibrated) {
    spdlog::warn(
        "\"{}\" has no calibration, so it will leave most faces unknown; `kith eval calibrate` measures one",
        added->name);
  }
  return print("added " + added->name + "; use it with --model " + added->name +
               ", or always with `kith models use " + added->name + "`\n");
}

std::string name_or_unknown(const std::optional<std::string>& name) {
  return name ? printable(*name) : "unknown";
}

// Which names of the photo library another embedder would change.
Exit preview(const ModelsOptions& chosen, const Options& options, const ModelCatalog& catalog) {
  ModelChoice choice = options.model_choice();
  choice.embedder = chosen.name;
  const Result<Models> models = kith::load_models(catalog, choice);
  if (!models) return report_failure(models.error());
  Result<Library> library = open_library(options, Library::Mode::write);
  if (!library) return report_failure(library.error());
  const ScanSettings settings{
      .pipeline = {.threads = options.thread_count(), .decode = options.decode_settings()}, .identify = {}};
  ScanWitness witness(options);
  const Result<std::vector<NameChange>> changes = library->preview(
      *models, settings, [&](const ScanProgress& step) { witness(step); }, options.stop);
  witness.end();
  if (!changes) return report_failure(changes.error());
  std::string text;
  for (const NameChange& change : *changes) {
    if (options.json) {
      Json object = face_json(change.face);
      object["would_be"] = change.person ? Json(*change.person) : Json(nullptr);
      text += line_of(object);
    } else {
      text += face_text(change.face) + ": " + name_or_unknown(change.face.person) + " -> " +
              name_or_unknown(change.person) + "\n";
    }
  }
  if (!options.json)
    text += counted(changes->size(), "name") + " would change; nothing was changed. `kith models use " +
            chosen.name + "`, then `kith scan`, makes it so, and using the old model again takes it back.\n";
  return print(text);
}

Exit use(const ModelsOptions& chosen, const Options& options) {
  Result<ModelCatalog> catalog = open_catalog(options);
  if (!catalog) return report_failure(catalog.error());
  if (chosen.preview) return preview(chosen, options, *catalog);
  if (Status used = catalog->use(chosen.name); !used) return report_failure(used.error());
  const bool embeds = catalog->find(ModelKind::embedder, chosen.name).has_value();
  return print("now using " + chosen.name +
               (embeds
                    ? "; the photo library's names stay as they are until `kith scan` has embedded its faces"
                    : "") +
               "\n");
}

Exit remove(const ModelsOptions& chosen, const Options& options) {
  Result<ModelCatalog> catalog = open_catalog(options);
  if (!catalog) return report_failure(catalog.error());
  const std::string in_use_before = catalog->active(ModelKind::embedder).name;
  if (Status removed = catalog->remove(chosen.name, chosen.force); !removed)
    return report_failure(removed.error());
  const std::string& in_use = catalog->active(ModelKind::embedder).name;
  return print("removed " + chosen.name + (in_use == in_use_before ? "\n" : "; now using " + in_use + "\n"));
}

Exit check(const ModelsOptions& chosen, const Options& options) {
  const Result<ModelCatalog> catalog = open_catalog(options);
  if (!catalog) return report_failure(catalog.error());
  bool failed = false;
  bool found = false;
  std::string text;
  for (const ModelSpec& model : catalog->models()) {
    if (!chosen.name.empty() && model.name != chosen.name) continue;
    found = true;
    Status checked = verify_files(model);
    if (checked) checked = try_model(model, *catalog, options);
    failed = failed || !checked;
    if (options.json) {
      Json object = model_json(model, catalog->active(model.kind).name == model.name);
      object["ok"] = checked.has_value();
      if (!checked)
        object["error"] = {{"code", error_code_name(checked.error().code)},
                           {"message", checked.error().message}};
      text += line_of(object);
      continue;
    }
    text += model.name + ": " + (checked ? "ok" : printable(checked.error().message)) +
            "\n  licence: " + model.licence + "\n  from:    " + model.source + "\n";
  }
  if (!found)
    return report_failure(
        {ErrorCode::bad_argument, "there is no model named \"" + chosen.name + "\"; see `kith models list`"});
  const Exit printed = print(text);
  return printed == ok && failed ? could_not_run : printed;
}

}  // namespace

void add_models(CLI::App& app, Options& options, Action& action) {
  const auto chosen = std::make_shared<ModelsOptions>();
  CLI::App& command = *app.add_subcommand("models", "Lists, adds, chooses, checks and removes models");
  command.require_subcommand(1);
  const auto on = [&options, &action, chosen](CLI::App& subcommand,
                                              Exit (*run)(const ModelsOptions&, const Options&)) {
    subcommand.callback([run, chosen, &options, &action] {
      action = [run, chosen, &options](const std::stop_token&) { return run(*chosen, options); };
    });
  };

  CLI::App& list_command = *command.add_subcommand("list", "Shows the models, with their licences");
  add_json_option(list_command, options);
  on(list_command, [](const ModelsOptions&, const Options& given) { return list(given); });

  CLI::App& add_command = *command.add_subcommand(
      "add", "Adds an embedder: any ONNX model, with a JSON file that says how to feed it");
  add_command.add_option("file", chosen->file, "The model's file")->required()->type_name("FILE");
  add_command
      .add_option("--description", chosen->description,
                  "How it is fed: see docs/models.md (default: FILE with the extension .json)")
      ->type_name("JSON");
  on(add_command, [](const ModelsOptions& given, const Options& common) {
    ModelsOptions complete = given;
    if (complete.description.empty())
      complete.description = std::filesystem::path(given.file).replace_extension(".json");
    return add(complete, common);
  });

  CLI::App& use_command = *command.add_subcommand("use", "Makes a model the one in use from now on");
  use_command.add_option("name", chosen->name, "The model's name")->required()->type_name("NAME");
  use_command.add_flag("--preview", chosen->preview,
                       "Only show which names of the photo library would change (an embedder)");
  add_library_option(use_command, options);
  add_json_option(use_command, options);
  on(use_command, use);

  CLI::App& remove_command =
      *command.add_subcommand("remove", "Removes a model that was added, and deletes its file");
  remove_command.add_option("name", chosen->name, "The model's name")->required()->type_name("NAME");
  remove_command.add_flag("--force", chosen->force,
                          "Also where it is the model in use: the built-in one is then used");
  on(remove_command, remove);

  CLI::App& check_command =
      *command.add_subcommand("check", "Checks models' files and runs them once; shows their licences");
  check_command.add_option("name", chosen->name, "Only this model")->type_name("NAME");
  add_json_option(check_command, options);
  on(check_command, check);
}

}  // namespace kith::cli
