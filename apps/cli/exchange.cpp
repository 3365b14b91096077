// SPDX-License-Identifier: Apache-2.0
// export, import.
#include <algorithm>
#include <optional>

#include <spdlog/spdlog.h>

#include "library.h"

namespace kith::cli {
namespace {

struct ExportOptions {
  std::filesystem::path file;
  std::string format;
  bool vectors = false;
};

ExportSettings settings_of(const ExportOptions& chosen) {
  const bool csv = chosen.format.empty() ? chosen.file.extension() == ".csv" : chosen.format == "csv";
  return {.format = csv ? ExportSettings::Format::csv : ExportSettings::Format::json_lines,
          .vectors = chosen.vectors};
}

Exit export_library(const ExportOptions& chosen, const Options& options) {
  Result<Library> library = open_library(options, Library::Mode::read);
  if (!library) return report_failure(library.error());
  if (chosen.file != "-") {
    if (Status done = library->export_to(chosen.file, settings_of(chosen)); !done)
      return report_failure(done.error());
    return options.quiet ? ok : print("Exported to " + printable(chosen.file.string()) + "\n");
  }
  Output output;
  Status done = library->export_to(
      [&](std::string_view text) {
        output.write(std::string(text));
        return output.status();
      },
      settings_of(chosen));
  if (done) done = output.finish();
  return done ? ok : report_failure(done.error());
}

std::string summary_text(const ImportSummary& summary) {
  return std::to_string(summary.known_photos) + " of " + counted(summary.photos, "photo") + " and " +
         std::to_string(summary.placed_faces) + " of " + counted(summary.faces, "face") +
         " of the file are in the library\nNew here: " + counted(summary.confirmed, "confirmed name") + ", " +
         counted(summary.rejected, "rejected name") + ", " + counted(summary.ignored, "ignored face") + ", " +
         counted(summary.drawn, "drawn face") + ", " + counted(summary.links, "link") + ", " +
         counted_people(summary.people);
}

Json summary_json(const ImportSummary& summary) {
  return {{"photos", summary.photos},     {"known_photos", summary.known_photos},
          {"faces", summary.faces},       {"placed_faces", summary.placed_faces},
          {"people", summary.people},     {"confirmed", summary.confirmed},
          {"rejected", summary.rejected}, {"ignored", summary.ignored},
          {"drawn", summary.drawn},       {"links", summary.links},
          {"kept", summary.kept.size()},  {"not_placed", summary.not_placed.size()}};
}

struct ImportOptions {
  std::vector<std::string> inputs;
  bool dry_run = false;
};

Exit import_export(const std::filesystem::path& file, Library& library, const Options& options) {
  const Result<ImportSummary> summary = library.import_from(file);
  if (!summary) return report_failure(summary.error());
  for (const std::string& line : summary->kept) spdlog::warn("{}", printable(line) + "; left as it is here");
  for (const std::string& line : summary->not_placed) spdlog::error("{}", printable(line));
  Exit done = ok;
  if (options.json) {
    // The names that follow from the import are made all the same; JSON has no line for them.
    const Result<ModelSpec> embedder = active_embedder(options);
    if (!embedder) return report_failure(embedder.error());
    if (const auto renamed = library.update_names(*embedder); !renamed)
      return report_failure(renamed.error());
    done = print(line_of(summary_json(*summary)));
  } else {
    done = finish_decision(library, options, summary_text(*summary));
  }
  return done == ok && !summary->not_placed.empty() ? some_failed : done;
}

Json names_json(const NamesImport& summary) {
  return {{"photos", summary.photos},           {"names", summary.names},
          {"confirmed", summary.confirmed},     {"drawn", summary.drawn},
          {"people", summary.people},           {"known", summary.known},
          {"waiting", summary.waiting},         {"conflicts", summary.conflicts},
          {"settled", summary.settled},         {"forgotten", summary.forgotten},
          {"problems", summary.problems.size()}};
}

std::string names_text(const NamesImport& summary, bool dry_run) {
  if (summary.names == 0) return "No names of people found";
  std::string text = counted(summary.names, "name") + " on " + counted(summary.photos, "photo") + ": " +
                     std::to_string(summary.confirmed) + (dry_run ? " would be confirmed" : " confirmed");
  if (summary.drawn > 0) text += " (" + std::to_string(summary.drawn) + " where no face had been found)";
  text += ", " + std::to_string(summary.known) + " known already";
  const auto add = [&](std::size_t count, const std::string& what) {
    if (count > 0) text += ", " + std::to_string(count) + " " + what;
  };
  add(summary.people, summary.people == 1 ? "new person" : "new people");
  add(summary.waiting, "on photos that `kith scan` has not seen yet");
  add(summary.conflicts, "for you to decide: see `kith conflicts`");
  add(summary.settled, "that you decided against");
  add(summary.forgotten, "of faces that were forgotten");
  return text;
}

// Drawn faces get their vectors at once, so that what was imported already helps to name others.
Status complete(Library& library, const NamesImport& summary, const Options& options,
                const std::stop_token& stop) {
  if (summary.drawn > 0) {
    const Result<Models>& models = load_models(options);
    if (!models) return tl::unexpected(models.error());
    ScanWitness witness(options);
    const Result<std::size_t> made = library.make_vectors(
        *models, {.pipeline = {.threads = options.thread_count(), .decode = options.decode_settings()}},
        [&](const ScanProgress& step) { witness(step); }, stop);
    witness.end();
    if (!made) return tl::unexpected(made.error());
  }
  return {};
}

Exit import_names(const std::vector<std::filesystem::path>& inputs, bool dry_run, Library& library,
                  const Options& options, const std::stop_token& stop) {
  std::optional<Progress> progress;
  const auto tell = [&](const NamesImportProgress& step) {
    if (!progress) progress.emplace("Photos", step.total, options.quiet);
    progress->advance();
  };
  const Result<NamesImport> summary = library.import_names(
      inputs, {.threads = options.thread_count(), .decode = options.decode_settings(), .dry_run = dry_run},
      tell, stop);
  progress.reset();
  if (!summary) return report_failure(summary.error());
  for (const Error& problem : summary->problems) spdlog::error("{}", printable(problem.message));
  if (summary->cancelled) return interrupted;
  if (!dry_run) {
    if (const Status done = complete(library, *summary, options, stop); !done)
      return report_failure(done.error());
  }
  Exit done = ok;
  if (options.json || dry_run) {
    if (!dry_run) {
      const Result<ModelSpec> embedder = active_embedder(options);
      if (!embedder) return report_failure(embedder.error());
      if (const auto renamed = library.update_names(*embedder); !renamed)
        return report_failure(renamed.error());
    }
    done = print(options.json ? line_of(names_json(*summary)) : names_text(*summary, true) + "\n");
  } else {
    done = finish_decision(library, options, names_text(*summary, false));
  }
  return done == ok && !summary->problems.empty() ? some_failed : done;
}

// Exports one by one, and everything else together: contacts.xml gives names to what another file tells of.
Exit import_all(const ImportOptions& chosen, const Options& options, const std::stop_token& stop) {
  std::vector<std::filesystem::path> exports = expand_inputs(chosen.inputs);
  std::vector<std::filesystem::path> names;
  std::ranges::copy_if(exports, std::back_inserter(names), Library::bears_names);
  std::erase_if(exports, Library::bears_names);
  if (chosen.dry_run && !exports.empty())
    return report_failure({ErrorCode::bad_argument, exports.front().string() +
                                                        ": an export is imported as a whole or not at all; "
                                                        "--dry-run is for names in photos' files"});
  // To look takes no library that would then be there.
  Result<Library> library =
      open_library(options, chosen.dry_run ? Library::Mode::write : Library::Mode::create);
  if (!library) return report_failure(library.error());
  Exit worst = ok;
  for (const std::filesystem::path& file : exports)
    worst = std::max(worst, import_export(file, *library, options));
  if (names.empty() || worst > some_failed) return worst;
  return std::max(worst, import_names(names, chosen.dry_run, *library, options, stop));
}

}  // namespace

void add_exchange(CLI::App& app, Options& options, Action& action) {
  const auto exported = std::make_shared<ExportOptions>();
  CLI::App& to_file = *app.add_subcommand(
      "export", "Writes photos, faces and names as text, for other programs and other libraries");
  to_file.add_option("file", exported->file, "The file to make; must not be there yet. - is standard output")
      ->required()
      ->type_name("FILE|-");
  to_file.add_option("--format", exported->format, "jsonl or csv (default: by the file's name, else jsonl)")
      ->check(CLI::IsMember({"jsonl", "csv"}));
  to_file.add_flag("--vectors", exported->vectors,
                   "With the faces' vectors, by which anybody who has the file can recognise them");
  add_library_option(to_file, options);
  to_file.callback([exported, &options, &action] {
    action = [exported, &options](const std::stop_token&) { return export_library(*exported, options); };
  });

  const auto imported = std::make_shared<ImportOptions>();
  CLI::App& from_file = *app.add_subcommand(
      "import", "Takes over names from photos' metadata, from other programs, or from another library");
  from_file
      .add_option(
          "paths", imported->inputs,
          "Photos and folders (their own metadata, sidecars, .picasa.ini, Google Takeout's JSON), "
          "contacts.xml of Picasa, digikam4.db, or an export of kith's; - reads a list from standard input")
      ->required()
      ->type_name("PATH");
  from_file.add_flag("--dry-run", imported->dry_run, "Tell what would be imported, and change nothing");
  add_library_option(from_file, options);
  add_json_option(from_file, options);
  from_file
      .add_option("--threads", options.threads, "Photos worked on at the same time (default: one a core)")
      ->check(CLI::Range(1, 1024));
  from_file.callback([imported, &options, &action] {
    action = [imported, &options](const std::stop_token& stop) {
      return import_all(*imported, options, stop);
    };
  });
}

}  // namespace kith::cli
