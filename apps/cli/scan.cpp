// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>

#include <spdlog/spdlog.h>

#include "library.h"
#include "output.h"

namespace kith::cli {
namespace {

struct ScanOptions {
  std::vector<std::string> inputs;
  bool watch = false;
  bool wait = false;
  double false_accept_rate = IdentifySettings{}.false_accept_rate;
};

Json summary_json(const ScanSummary& summary) {
  return {{"photos", summary.photos},
          {"new", summary.fresh},
          {"changed", summary.changed},
          {"unchanged", summary.unchanged},
          {"moved", summary.moved},
          {"missing", summary.missing},
          {"failed", summary.failed},
          {"faces", summary.faces},
          {"named", summary.named},
          {"embedded", summary.embedded},
          {"seconds", six_digits(summary.seconds)}};
}

std::string summary_text(const ScanSummary& summary) {
  std::string text = counted(summary.photos, "photo") + ": " + std::to_string(summary.fresh) + " new, " +
                     std::to_string(summary.changed) + " changed, " + std::to_string(summary.unchanged) +
                     " unchanged";
  if (summary.moved > 0) text += ", " + std::to_string(summary.moved) + " moved";
  if (summary.missing > 0) text += ", " + std::to_string(summary.missing) + " missing";
  if (summary.failed > 0) text += ", " + std::to_string(summary.failed) + " failed";
  text += "\n" + counted(summary.faces, "face") + " on the new and changed ones, " +
          std::to_string(summary.named) + " of them with a name\n";
  if (summary.embedded > 0) text += counted(summary.embedded, "known face") + " embedded anew\n";
  return text;
}

std::string summary_output(const ScanSummary& summary, const Options& options) {
  return options.json ? line_of(summary_json(summary)) : summary_text(summary);
}

// Follows the folders until Ctrl-C, which is the usual end and still 130: a script sees that it was stopped.
Exit watch(Library& library, const ScanOptions& chosen, const Options& options, const Models& models,
           const ScanSettings& settings, const std::stop_token& stop) {
  ScanWitness witness(options);
  Output output;
  std::stop_source ended;
  const std::stop_callback forward(stop, [&] { ended.request_stop(); });
  std::optional<std::size_t> missing;  // at the last scan
  Status written;
  WatchEvents events;
  events.progress = [&](const ScanProgress& step) { witness(step); };
  events.warning = [](const std::string& text) { spdlog::warn("{}", printable(text)); };
  events.scanned = [&](const ScanSummary& summary) {
    witness.end();
    const bool news =
        summary.fresh + summary.changed + summary.moved + summary.failed > 0 || missing != summary.missing;
    missing = summary.missing;
    if (!options.json && !news) return;
    output.write(summary_output(summary, options));
    written = output.finish();
    if (!written) ended.request_stop();  // nobody reads any more
  };
  const Status watched =
      library.watch(expand_inputs(chosen.inputs), models, {.scan = settings}, events, ended.get_token());
  witness.end();
  if (!watched) return report_failure(watched.error());
  if (!written) return report_failure(written.error());
  return interrupted;
}

Exit scan(const ScanOptions& chosen, const Options& options, const std::stop_token& stop) {
  Result<Library> library = open_library(options, Library::Mode::create);
  if (!library) return report_failure(library.error());
  const Result<Models>& models = load_models(options);
  if (!models) return report_failure(models.error());
  ScanSettings settings{.pipeline = {.threads = options.thread_count(), .decode = options.decode_settings()},
                        .identify = {.false_accept_rate = chosen.false_accept_rate},
                        .wait = chosen.wait};
  if (chosen.watch) return watch(*library, chosen, options, *models, settings, stop);
  ScanWitness witness(options);
  const Result<ScanSummary> summary = library->scan(
      expand_inputs(chosen.inputs), *models, settings, [&](const ScanProgress& step) { witness(step); },
      stop);
  witness.end();
  if (!summary) return report_failure(summary.error());
  const Exit printed = print(summary_output(*summary, options));
  if (printed != ok) return printed;
  if (summary->cancelled) return interrupted;
  return summary->failed > 0 ? some_failed : ok;
}

}  // namespace

void add_scan(CLI::App& app, Options& options, Action& action) {
  const auto chosen = std::make_shared<ScanOptions>();
  CLI::App& command = *app.add_subcommand(
      "scan", "Brings the photo library up to date with folders of photos, and names whom it knows");
  add_inputs(command, chosen->inputs);
  add_library_option(command, options);
  command.add_flag("--watch", chosen->watch,
                   "Go on until Ctrl-C: scan again whenever photos come, change, move or go");
  command.add_flag("--wait", chosen->wait, "Wait for another scan to end instead of giving up");
  command
      .add_option("--far", chosen->false_accept_rate,
                  "False-accept rate: the share of strangers' faces that may be given a name")
      ->check(CLI::Range(1e-12, 1.0))
      ->capture_default_str()
      ->type_name("RATE");
  add_photo_options(command, options);
  command.callback([chosen, &options, &action] {
    action = [chosen, &options](const std::stop_token& stop) { return scan(*chosen, options, stop); };
  });
}

}  // namespace kith::cli
