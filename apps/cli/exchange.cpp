// SPDX-License-Identifier: Apache-2.0
// export, import.
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
  const Status done = library->export_to([&](std::string_view text) { output.write(std::string(text)); },
                                         settings_of(chosen));
  const Status written = output.finish();
  if (!done) return report_failure(done.error());
  return written ? ok : report_failure(written.error());
}

std::string summary_text(const ImportSummary& summary) {
  return std::to_string(summary.known_photos) + " of " + counted(summary.photos, "photo") + " and " +
         std::to_string(summary.placed_faces) + " of " + counted(summary.faces, "face") +
         " of the file are in the library\nNew here: " + counted(summary.confirmed, "confirmed name") + ", " +
         counted(summary.rejected, "rejected name") + ", " + counted(summary.ignored, "ignored face") + ", " +
         counted(summary.drawn, "drawn face") + ", " + counted(summary.links, "link") + ", " +
         std::to_string(summary.people) + (summary.people == 1 ? " person" : " people");
}

Json summary_json(const ImportSummary& summary) {
  return {{"photos", summary.photos},     {"known_photos", summary.known_photos},
          {"faces", summary.faces},       {"placed_faces", summary.placed_faces},
          {"people", summary.people},     {"confirmed", summary.confirmed},
          {"rejected", summary.rejected}, {"ignored", summary.ignored},
          {"drawn", summary.drawn},       {"links", summary.links},
          {"kept", summary.kept.size()},  {"not_placed", summary.not_placed.size()}};
}

Exit import_library(const std::filesystem::path& file, const Options& options) {
  Result<Library> library = open_library(options, Library::Mode::write);
  if (!library) return report_failure(library.error());
  const Result<ImportSummary> summary = library->import_from(file);
  if (!summary) return report_failure(summary.error());
  for (const std::string& line : summary->kept) spdlog::warn("{}", printable(line) + "; left as it is here");
  for (const std::string& line : summary->not_placed) spdlog::error("{}", printable(line));
  Exit done = ok;
  if (options.json) {
    // The names that follow from the import are made all the same; JSON has no line for them.
    const Result<ModelSpec> embedder = active_embedder(options);
    if (!embedder) return report_failure(embedder.error());
    if (const auto renamed = library->update_names(*embedder); !renamed)
      return report_failure(renamed.error());
    done = print(line_of(summary_json(*summary)));
  } else {
    done = finish_decision(*library, options, summary_text(*summary));
  }
  return done == ok && !summary->not_placed.empty() ? some_failed : done;
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

  const auto file = std::make_shared<std::filesystem::path>();
  CLI::App& from_file = *app.add_subcommand(
      "import", "Takes over what was decided in another library; what was decided in this one stays");
  from_file.add_option("file", *file, "An export, as JSON Lines or CSV")->required()->type_name("FILE");
  add_library_option(from_file, options);
  add_json_option(from_file, options);
  from_file.callback([file, &options, &action] {
    action = [file, &options](const std::stop_token&) { return import_library(*file, options); };
  });
}

}  // namespace kith::cli
