// SPDX-License-Identifier: Apache-2.0
// check, backup, restore, forget-missing, forget-photos.
#include "library.h"

namespace kith::cli {
namespace {

struct KeepingOptions {
  bool repair = false;
  std::filesystem::path file;
  std::vector<std::string> photos;
};

Exit check(const KeepingOptions& chosen, const Options& options) {
  Result<Library> library = open_library(options, chosen.repair ? Library::Mode::write : Library::Mode::read);
  if (!library) return report_failure(library.error());
  const Result<std::vector<std::string>> problems = library->check(chosen.repair);
  if (!problems) return report_failure(problems.error());
  if (problems->empty()) return print("The library is sound.\n");
  std::string text;
  for (const std::string& problem : *problems) text += printable(problem) + "\n";
  const Exit printed = print(text);
  return printed == ok && !chosen.repair ? some_failed : printed;
}

Exit backup(const KeepingOptions& chosen, const Options& options) {
  Result<Library> library = open_library(options, Library::Mode::read);
  if (!library) return report_failure(library.error());
  if (Status done = library->backup(chosen.file); !done) return report_failure(done.error());
  return print("Backed up to " + printable(chosen.file.string()) + "\n");
}

Exit restore(const KeepingOptions& chosen, const Options& options) {
  if (Status done = Library::restore(chosen.file, options.library_folder(), options.stop); !done)
    return report_failure(done.error());
  return print("Restored into " + printable(options.library_folder().string()) + "\n");
}

Exit drop(const Options& options, const std::function<Result<std::size_t>(Library&)>& change) {
  Result<Library> library = open_library(options, Library::Mode::write);
  if (!library) return report_failure(library.error());
  const Result<std::size_t> dropped = change(*library);
  if (!dropped) return report_failure(dropped.error());
  return finish_decision(
      *library, options,
      counted(*dropped, "photo") + " taken out of the library; the files are as they were");
}

}  // namespace

void add_keeping(CLI::App& app, Options& options, Action& action) {
  const auto chosen = std::make_shared<KeepingOptions>();
  const auto add = [&](const std::string& name, const std::string& help,
                       std::function<Exit()> run) -> CLI::App& {
    CLI::App& command = *app.add_subcommand(name, help);
    add_library_option(command, options);
    command.callback(
        [&action, run = std::move(run)] { action = [run](const std::stop_token&) { return run(); }; });
    return command;
  };
  add("check", "Looks for damage in the photo library", [chosen, &options] {
    return check(*chosen, options);
  }).add_flag("--repair", chosen->repair, "Take away what is wrong and can be made again");
  add("backup", "Copies the photo library into one file, also while others use it",
      [chosen, &options] { return backup(*chosen, options); })
      .add_option("file", chosen->file, "The backup; must not be there yet")
      ->required()
      ->type_name("FILE");
  add("restore", "Makes a photo library from a backup",
      [chosen, &options] { return restore(*chosen, options); })
      .add_option("file", chosen->file, "The backup")
      ->required()
      ->type_name("FILE");
  add("forget-missing", "Takes photos that are not there any more out of the library",
      [&options] { return drop(options, [](Library& library) { return library.forget_missing(); }); });
  add("forget-photos", "Takes photos or folders out of the library, with what was decided about them",
      [chosen, &options] {
        return drop(options,
                    [&](Library& library) { return library.forget_photos(expand_inputs(chosen->photos)); });
      })
      .add_option("photos", chosen->photos, "Photos or folders; the files stay")
      ->required()
      ->type_name("PHOTO|DIR");
}

}  // namespace kith::cli
