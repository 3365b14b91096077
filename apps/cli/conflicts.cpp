// SPDX-License-Identifier: Apache-2.0
#include "library.h"

namespace kith::cli {
namespace {

struct ConflictOptions {
  std::vector<ConflictId> numbers;
  bool all = false;
  bool file = false;
  bool keep = false;
};

constexpr const char* kinds[] = {"other-name", "refused", "ignored", "unplaced", "stale", "undecided"};

Json conflict_json(const NameConflict& conflict) {
  return {{"conflict", conflict.id},
          {"photo", conflict.photo.string()},
          {"name", conflict.name},
          {"source", conflict.source},
          {"kind", kinds[static_cast<int>(conflict.kind)]},
          {"box", conflict.box ? box_json(*conflict.box) : Json(nullptr)},
          {"face", conflict.face ? Json(*conflict.face) : Json(nullptr)},
          {"here", conflict.here ? Json(*conflict.here) : Json(nullptr)}};
}

std::string reason(const NameConflict& conflict) {
  using Kind = NameConflict::Kind;
  switch (conflict.kind) {
    case Kind::other_name: return "is \"" + printable(*conflict.here) + "\" here";
    case Kind::refused: return "you said that it is not";
    case Kind::ignored: return "you ignore this face";
    case Kind::unplaced: return "the file does not say which face";
    case Kind::stale: return "the photo was cropped or turned since; the file's place is out of date";
    case Kind::undecided: return "not decided yet";
  }
  return {};
}

std::string conflict_text(const NameConflict& conflict) {
  return std::to_string(conflict.id) + "  " + printable(conflict.photo.string()) +
         (conflict.face ? ", face " + std::to_string(*conflict.face) : "") + ": \"" +
         printable(conflict.name) + "\" by the file (" + printable(conflict.source) + "); " +
         reason(conflict) + "\n";
}

Exit list(const Options& options) {
  Result<Library> library = open_library(options, Library::Mode::read);
  if (!library) return report_failure(library.error());
  const Result<std::vector<NameConflict>> conflicts = library->conflicts();
  if (!conflicts) return report_failure(conflicts.error());
  std::string text;
  for (const NameConflict& conflict : *conflicts)
    text += options.json ? line_of(conflict_json(conflict)) : conflict_text(conflict);
  if (text.empty() && !options.json) text = "Files and library agree.\n";
  return print(text);
}

Exit take(const ConflictOptions& chosen, const Options& options) {
  if (chosen.file == chosen.keep)
    return report_failure({ErrorCode::bad_argument, "say whose word counts: --file or --keep"});
  if (chosen.all != chosen.numbers.empty())
    return report_failure({ErrorCode::bad_argument, "give the numbers of conflicts, or --all"});
  Result<Library> library = open_library(options, Library::Mode::write);
  if (!library) return report_failure(library.error());
  std::vector<ConflictId> numbers = chosen.numbers;
  if (chosen.all) {
    const Result<std::vector<NameConflict>> conflicts = library->conflicts();
    if (!conflicts) return report_failure(conflicts.error());
    for (const NameConflict& conflict : *conflicts) numbers.push_back(conflict.id);
  }
  const ConflictWord word = chosen.file ? ConflictWord::file : ConflictWord::library;
  if (const Status settled = library->settle(numbers, word); !settled) return report_failure(settled.error());
  return finish_decision(*library, options, counted(numbers.size(), "conflict") + " settled");
}

}  // namespace

void add_conflicts(CLI::App& app, Options& options, Action& action) {
  const auto chosen = std::make_shared<ConflictOptions>();
  CLI::App& command = *app.add_subcommand(
      "conflicts", "Names in photos' files that the library does not simply take over: you decide");
  add_library_option(command, options);
  add_json_option(command, options);
  command.require_subcommand(0, 1);
  command.add_subcommand("list", "What there is to decide");
  CLI::App& taking = *command.add_subcommand("take", "Settles conflicts; `kith undo` takes it back");
  taking.add_option("conflicts", chosen->numbers, "Their numbers, as `kith conflicts` gives them")
      ->type_name("NUMBER");
  taking.add_flag("--all", chosen->all, "All that `kith conflicts` lists");
  taking.add_flag("--file", chosen->file, "The files are right: the faces get these names");
  taking.add_flag("--keep", chosen->keep, "The library is right: do not ask again");
  command.callback([&command, chosen, &options, &action] {
    const bool settles = command.got_subcommand("take");
    action = [chosen, &options, settles](const std::stop_token&) {
      return settles ? take(*chosen, options) : list(options);
    };
  });
}

}  // namespace kith::cli
