// SPDX-License-Identifier: Apache-2.0
#include <pthread.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <stop_token>
#include <thread>

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "command.h"
#include "train.h"
#include "usage.h"

namespace kith::cli {
namespace {

// Ctrl-C asks the run to stop: what is under way is finished and printed. A second one does not wait.
// The signals are blocked in every thread and taken by this one, so that no handler runs in mid-write.
class InterruptWatch {
 public:
  InterruptWatch() {
    sigemptyset(&signals_);
    sigaddset(&signals_, SIGINT);
    sigaddset(&signals_, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
    std::thread([signals = signals_, source = source_]() mutable {
      int received = 0;
      sigwait(&signals, &received);
      source.request_stop();
      sigwait(&signals, &received);
      _exit(interrupted);
    }).detach();
  }
  [[nodiscard]] std::stop_token token() const { return source_.get_token(); }

 private:
  sigset_t signals_{};
  std::stop_source source_;
};

void set_up_log(const Options& options) {
  auto logger = spdlog::stderr_logger_mt("kith");
  logger->set_pattern("kith: %l: %v");
  logger->set_level(options.verbose ? spdlog::level::info
                    : options.quiet ? spdlog::level::err
                                    : spdlog::level::warn);
  spdlog::set_default_logger(logger);
}

int run(int argc, char** argv) {
  CLI::App app("Finds the people in your photos, and names the ones you know. Nothing leaves this machine.",
               "kith");
  app.set_version_flag("--version", "kith " KITH_VERSION);
  app.require_subcommand(1);
  app.fallthrough();
  app.formatter(std::make_shared<HelpFormatter>(help_width()));
  app.failure_message(usage_failure);

  Options options;
  Action action;
  app.add_flag("--quiet,-q", options.quiet, "No progress and no warnings, only results and errors");
  app.add_flag("--verbose,-v", options.verbose, "Say more about what is done");
  app.add_option("--models-folder", options.models_folder, "Folder of the built-in models")
      ->envname("KITH_MODELS")
      ->type_name("DIR");
  add_identify(app, options, action);
  add_detect(app, options, action);
  add_embed(app, options, action);
  add_verify(app, options, action);
  add_scan(app, options, action);
  add_people(app, options, action);
  add_cluster(app, options, action);
  add_review(app, options, action);
  add_explain(app, options, action);
  add_search(app, options, action);
  add_exchange(app, options, action);
  add_metadata(app, options, action);
  add_conflicts(app, options, action);
  add_info(app, options, action);
  add_history(app, options, action);
  add_keeping(app, options, action);
  add_models(app, options, action);
  add_dataset(app, options, action);
  add_train_classifier(app, options, action);
  add_eval(app, options, action);
  add_train_embedding(app, options, action);
  add_train_adapt(app, options, action);
  app.footer(
      "Exit codes: 0 all done, 1 some photos failed, 2 wrong usage, 3 could not run, 130 interrupted.\n"
      "`kith COMMAND --help` tells more of each command.");

  for (CLI::App* command : app.get_subcommands({})) {
    if (command->get_footer().empty())
      command->footer("With every command: --quiet, --verbose, --models-folder DIR (see `kith --help`).");
  }

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? ok : wrong_usage;
  }
  set_up_log(options);
  const InterruptWatch watch;
  options.stop = watch.token();
  return action(watch.token());
}

}  // namespace
}  // namespace kith::cli

int main(int argc, char** argv) {
  try {
    return kith::cli::run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "kith: error: %s; please report this\n", error.what());
    return kith::cli::could_not_run;
  }
}
