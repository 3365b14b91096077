// SPDX-License-Identifier: Apache-2.0
#include "library.h"

namespace kith::cli {
namespace {

struct HistoryOptions {
  std::size_t count = 20;
  std::size_t steps = 1;
};

Exit history(const HistoryOptions& chosen, const Options& options) {
  Result<Library> library = open_library(options, Library::Mode::read);
  if (!library) return report_failure(library.error());
  const Result<std::vector<HistoryEntry>> entries = library->history(chosen.count);
  if (!entries) return report_failure(entries.error());
  std::string text;
  for (const HistoryEntry& entry : *entries) {
    if (options.json) {
      text += line_of({{"id", entry.id},
                       {"at", entry.at},
                       {"action", entry.action},
                       {"summary", entry.summary},
                       {"undone", entry.undone},
                       {"can_undo", entry.can_undo}});
      continue;
    }
    text += entry.at + "  " + printable(entry.summary) +
            (entry.undone     ? "  (undone)"
             : entry.can_undo ? ""
                              : "  (final)") +
            "\n";
  }
  if (text.empty() && !options.json) text = "Nothing has been decided yet.\n";
  return print(text);
}

using Step = Result<std::optional<HistoryEntry>> (Library::*)();

// Undoes or does again, and says what.
Exit steps(const HistoryOptions& chosen, const Options& options, Step step, const std::string& word) {
  Result<Library> library = open_library(options, Library::Mode::write);
  if (!library) return report_failure(library.error());
  std::string text;
  for (std::size_t i = 0; i < chosen.steps; ++i) {
    const Result<std::optional<HistoryEntry>> entry = ((*library).*step)();
    if (!entry) return report_failure(entry.error());
    if (!*entry) break;
    text += (text.empty() ? "" : "\n") + word + ": " + printable((*entry)->summary);
  }
  if (text.empty()) return print("There is nothing left that could be " + word + ".\n");
  return finish_decision(*library, options, text);
}

}  // namespace

void add_history(CLI::App& app, Options& options, Action& action) {
  const auto chosen = std::make_shared<HistoryOptions>();
  CLI::App& listing =
      *app.add_subcommand("history", "What was decided about the photo library, newest first");
  add_library_option(listing, options);
  listing.add_option("-n,--count", chosen->count, "How many entries")->capture_default_str();
  add_json_option(listing, options);
  listing.callback([chosen, &options, &action] {
    action = [chosen, &options](const std::stop_token&) { return history(*chosen, options); };
  });
  const auto add_step = [&](const std::string& name, const std::string& help, Step step,
                            const std::string& word) {
    CLI::App& command = *app.add_subcommand(name, help);
    add_library_option(command, options);
    command.add_option("count", chosen->steps, "How many decisions")
        ->check(CLI::Range(std::size_t{1}, std::size_t{1'000'000}))
        ->type_name("N");
    command.callback([chosen, &options, &action, step, word] {
      action = [chosen, &options, step, word](const std::stop_token&) {
        return steps(*chosen, options, step, word);
      };
    });
  };
  add_step("undo", "Takes back the last decision, or the last N", &Library::undo, "undone");
  add_step("redo", "Does again what was undone", &Library::redo, "done again");
}

}  // namespace kith::cli
