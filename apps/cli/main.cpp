// SPDX-License-Identifier: Apache-2.0
#include <malloc.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <stop_token>
#include <thread>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
#endif

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "command.h"
#include "train.h"
#include "usage.h"

namespace kith::cli {
namespace {

// An eventfd that counts the signals that came; a handler has no other way to it.
int signals_came = -1;

// Ctrl-C asks the run to stop: what is under way is finished and printed. A second one does not wait.
// The signals are blocked in every thread of ours but this one, so that no handler runs in mid-write. Waiting
// for them (sigwait) would not do: libraries have threads from before main() (OpenBLAS, which comes with
// OpenCV), and one that reached these would end the process.
class InterruptWatch {
 public:
  InterruptWatch() {
    signals_came = ::eventfd(0, EFD_CLOEXEC | EFD_SEMAPHORE);
    sigset_t signals{};
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    std::thread([signals, source = source_]() mutable {
      pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
      wait_for_signal();
      source.request_stop();
      wait_for_signal();
      _exit(interrupted);
    }).detach();
    struct sigaction count {};
    count.sa_handler = [](int) {
      const int error = errno;
      ::eventfd_write(signals_came, 1);
      errno = error;
    };
    count.sa_flags = SA_RESTART;
    for (const int signal : {SIGINT, SIGTERM}) ::sigaction(signal, &count, nullptr);
  }
  [[nodiscard]] std::stop_token token() const { return source_.get_token(); }

 private:
  static void wait_for_signal() {
    eventfd_t one = 0;
    while (::eventfd_read(signals_came, &one) != 0 && errno == EINTR) {
    }
  }

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

// What a photo took goes back to the system when it is freed. Left to itself the allocator learns from the
// first large pictures to keep the others, and in up to eight pools a processor (bench/memory).
void set_up_memory() {
  constexpr int large = 4 << 20;
  ::mallopt(M_MMAP_THRESHOLD, large);
  ::mallopt(M_ARENA_MAX, static_cast<int>(std::max(1U, std::thread::hardware_concurrency())));
}

// Ends the process as it is: nobody waits until the networks are taken apart, or until an embedder that no
// face needed is loaded.
[[noreturn]] void leave(int code) {
  std::fflush(nullptr);
#ifdef __SANITIZE_ADDRESS__
  __lsan_do_leak_check();
#endif
  std::_Exit(code);
}

}  // namespace
}  // namespace kith::cli

int main(int argc, char** argv) {
  kith::cli::set_up_memory();
  try {
    kith::cli::leave(kith::cli::run(argc, argv));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "kith: error: %s; please report this\n", error.what());
    kith::cli::leave(kith::cli::could_not_run);
  }
}
