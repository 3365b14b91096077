// SPDX-License-Identifier: Apache-2.0
// write, describe: what changes photos' own metadata.
#include <optional>

#include <spdlog/spdlog.h>

#include "library.h"
#include "output.h"

namespace kith::cli {
namespace {

struct WriteOptions {
  std::vector<std::string> inputs;
  std::optional<double> min_probability;
  bool microsoft = false;
  bool no_keywords = false;
  bool dry_run = false;
};

struct DescribeOptions {
  std::vector<std::string> inputs;
  std::optional<std::string> description;
  std::optional<std::string> comment;
  bool dry_run = false;
};

struct MetadataOptions {
  std::string sidecar = "auto";
  std::string sidecar_name = "appended";
  bool keep_time = false;
};

MetadataSettings settings_of(const MetadataOptions& chosen) {
  MetadataSettings settings;
  settings.sidecar = chosen.sidecar == "always"  ? SidecarUse::always
                     : chosen.sidecar == "never" ? SidecarUse::never
                                                 : SidecarUse::automatic;
  settings.sidecar_name = chosen.sidecar_name == "replaced" ? SidecarName::replaced : SidecarName::appended;
  settings.keep_modified_time = chosen.keep_time;
  return settings;
}

void add_metadata_options(CLI::App& command, MetadataOptions& chosen, bool& dry_run) {
  command
      .add_option(
          "--sidecar", chosen.sidecar,
          "auto: a sidecar that is there, else the photo, else (where its format can't be written) a new "
          "sidecar; always; never")
      ->check(CLI::IsMember({"auto", "always", "never"}))
      ->capture_default_str();
  command
      .add_option("--sidecar-name", chosen.sidecar_name,
                  "Name of a new sidecar of a.jpg: appended (a.jpg.xmp) or replaced (a.xmp)")
      ->check(CLI::IsMember({"appended", "replaced"}))
      ->capture_default_str();
  command.add_flag("--keep-time", chosen.keep_time, "Keep the files' times of modification");
  command.add_flag("--dry-run", dry_run, "Show what would be changed, and change nothing");
}

constexpr const char* change_words[] = {"add", "remove", "change", "kept"};
constexpr const char* change_signs[] = {"+", "-", "~", "="};

Json changes_json(const std::vector<MetadataChange>& changes) {
  Json list = Json::array();
  for (const MetadataChange& change : changes) {
    list.push_back({{"change", change_words[static_cast<int>(change.kind)]},
                    {"field", change.field},
                    {"before", change.before},
                    {"after", change.after}});
  }
  return list;
}

// "  + region Anna".
std::string change_text(const MetadataChange& change) {
  std::string text = std::string("  ") + change_signs[static_cast<int>(change.kind)] + " " + change.field;
  const auto add = [&](const std::string& value) {
    if (!value.empty()) text += " " + printable(value);
  };
  add(change.before);
  if (change.kind == MetadataChange::Kind::change) text += " ->";
  add(change.after);
  return text + "\n";
}

std::string changes_text(const std::filesystem::path& file, const std::vector<MetadataChange>& changes) {
  std::string text = printable(file.string()) + "\n";
  for (const MetadataChange& change : changes) text += change_text(change);
  return text;
}

Json report_json(const WriteReport& report) {
  if (report.error) return error_json(report.photo, *report.error);
  Json files = Json::array();
  for (const WriteReport::File& file : report.files)
    files.push_back({{"file", file.path.string()}, {"changes", changes_json(file.changes)}});
  return {{"photo", report.photo.string()}, {"written", report.written}, {"files", std::move(files)}};
}

std::string report_text(const WriteReport& report) {
  std::string text;
  for (const WriteReport::File& file : report.files) text += changes_text(file.path, file.changes);
  return text;
}

Json summary_json(const WriteSummary& summary) {
  return {{"photos", summary.photos},
          {"written", summary.written},
          {"unchanged", summary.unchanged},
          {"failed", summary.failed},
          {"seconds", six_digits(summary.seconds)}};
}

std::string summary_text(const WriteSummary& summary, bool dry_run) {
  std::string text = counted(summary.photos, "photo") + " with names: " + std::to_string(summary.written) +
                     (dry_run ? " would be written, " : " written, ") + std::to_string(summary.unchanged) +
                     " up to date";
  if (summary.failed > 0) text += ", " + std::to_string(summary.failed) + " failed";
  return text + "\n";
}

Exit write(const WriteOptions& chosen, const MetadataOptions& how, const Options& options,
           const std::stop_token& stop) {
  Result<Library> library = open_library(options, Library::Mode::write);
  if (!library) return report_failure(library.error());
  WriteSettings settings{.metadata = settings_of(how),
                         .min_probability = chosen.min_probability,
                         .dry_run = chosen.dry_run,
                         .threads = options.thread_count()};
  settings.metadata.microsoft = chosen.microsoft;
  settings.metadata.keywords = !chosen.no_keywords;
  Output output;
  std::optional<Progress> progress;
  const auto tell = [&](const WriteProgress& step) {
    if (!progress) progress.emplace("Photos", step.total, options.quiet);
    progress->clear();
    if (step.report->error) spdlog::error("{}", printable(step.report->error->message));
    if (options.json && (step.report->error || step.report->written)) {
      output.write(line_of(report_json(*step.report)));
    } else if (chosen.dry_run && !step.report->error) {
      output.write(report_text(*step.report));
    }
    progress->advance();
  };
  const Result<WriteSummary> summary =
      library->write_names(expand_inputs(chosen.inputs), settings, tell, stop);
  progress.reset();
  if (summary)
    output.write(options.json ? line_of(summary_json(*summary)) : summary_text(*summary, chosen.dry_run));
  if (const Status finished = output.finish(); !finished) return report_failure(finished.error());
  if (!summary) return report_failure(summary.error());
  if (summary->cancelled) return interrupted;
  return summary->failed > 0 ? some_failed : ok;
}

// One photo's texts, in the library or not.
Status describe_photo(const std::filesystem::path& photo, const DescribeOptions& chosen,
                      const MetadataSettings& settings, Result<Library>& library, const Options& options,
                      Output& output) {
  Result<MetadataEdit> edit = edit_texts(photo, chosen.description, chosen.comment, settings);
  if (!edit) return tl::unexpected(edit.error());
  const bool changed = !edit->empty();
  if (changed && !chosen.dry_run) {
    if (Status done = library ? library->commit(*edit, photo) : edit->commit(); !done) return done;
  }
  if (options.json) {
    output.write(line_of({{"photo", photo.string()},
                          {"written", changed},
                          {"files", Json::array({{{"file", edit->file().string()},
                                                  {"changes", changes_json(edit->changes())}}})}}));
  } else if (changed && !options.quiet) {
    output.write(changes_text(edit->file(), edit->changes()));
  }
  return {};
}

Exit describe(const DescribeOptions& chosen, const MetadataOptions& how, const Options& options,
              const std::stop_token& stop) {
  if (!chosen.description && !chosen.comment)
    return report_failure({ErrorCode::bad_argument, "give --description, --comment, or both"});
  // Where there is a library it is kept up to date; there need not be one.
  Result<Library> library = open_library(options, Library::Mode::write);
  if (!library && library.error().code != ErrorCode::library_missing) return report_failure(library.error());
  const MetadataSettings settings = settings_of(how);
  Output output;
  bool failed = false;
  for (const std::filesystem::path& photo : expand_inputs(chosen.inputs)) {
    if (stop.stop_requested()) break;
    const Status done = describe_photo(photo, chosen, settings, library, options, output);
    if (done) continue;
    failed = true;
    spdlog::error("{}", printable(done.error().message));
    if (options.json) output.write(line_of(error_json(photo, done.error())));
  }
  if (const Status finished = output.finish(); !finished) return report_failure(finished.error());
  if (stop.stop_requested()) return interrupted;
  return failed ? some_failed : ok;
}

}  // namespace

void add_metadata(CLI::App& app, Options& options, Action& action) {
  const auto how = std::make_shared<MetadataOptions>();
  const auto chosen = std::make_shared<WriteOptions>();
  CLI::App& writing = *app.add_subcommand(
      "write", "Writes the names of the faces that you confirmed into the photos' own metadata");
  writing
      .add_option("photos", chosen->inputs,
                  "Photos and folders of the library; - reads a list from standard input (default: all)")
      ->type_name("PHOTO|DIR");
  add_library_option(writing, options);
  writing
      .add_option("--min-probability", chosen->min_probability,
                  "Write names that kith suggests, too, where they are at least so probable")
      ->check(CLI::Range(0.0, 1.0))
      ->type_name("P");
  writing.add_flag("--microsoft", chosen->microsoft,
                   "Also as Microsoft's regions, the only ones that Windows Photo Gallery reads");
  writing.add_flag("--no-keywords", chosen->no_keywords,
                   "No keywords, only regions and the names of persons");
  add_metadata_options(writing, *how, chosen->dry_run);
  add_json_option(writing, options);
  writing.add_option("--threads", options.threads, "Photos worked on at the same time (default: one a core)")
      ->check(CLI::Range(1, 1024));
  writing.callback([chosen, how, &options, &action] {
    action = [chosen, how, &options](const std::stop_token& stop) {
      return write(*chosen, *how, options, stop);
    };
  });

  const auto texts = std::make_shared<DescribeOptions>();
  CLI::App& describing = *app.add_subcommand(
      "describe", "Sets the description and the comment in photos' own metadata; an empty text removes one");
  describing.add_option("photos", texts->inputs, "Photos; - reads a list from standard input")
      ->required()
      ->type_name("PHOTO");
  describing.add_option("--description", texts->description, "EXIF ImageDescription and XMP dc:description")
      ->type_name("TEXT");
  describing.add_option("--comment", texts->comment, "EXIF UserComment")->type_name("TEXT");
  add_metadata_options(describing, *how, texts->dry_run);
  add_library_option(describing, options);
  add_json_option(describing, options);
  describing.callback([texts, how, &options, &action] {
    action = [texts, how, &options](const std::stop_token& stop) {
      return describe(*texts, *how, options, stop);
    };
  });
}

}  // namespace kith::cli
