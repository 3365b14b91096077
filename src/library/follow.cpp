// SPDX-License-Identifier: Apache-2.0
// Scanning whenever something changes.
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include <kith/library.h>

#include "core/descriptor.h"
#include "library/impl.h"
#include "library/watch.h"

namespace kith {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

// A folder that was named, and whether it is still the one that was.
class Root {
 public:
  explicit Root(fs::path path) : path_(std::move(path)) {}

  [[nodiscard]] const fs::path& path() const { return path_; }

  // An empty folder in the place of another one is the bare mount point of a disk that was taken away: to
  // scan it would mark every photo as missing.
  [[nodiscard]] bool is_there() const {
    struct ::stat status {};
    if (::stat(path_.c_str(), &status) != 0 || !S_ISDIR(status.st_mode)) return false;
    std::error_code error;
    return is_same(status) || !fs::is_empty(path_, error);
  }

  [[nodiscard]] bool is_new() const {
    struct ::stat status {};
    return ::stat(path_.c_str(), &status) == 0 && !is_same(status);
  }

  void remember() {
    struct ::stat status {};
    if (::stat(path_.c_str(), &status) == 0) identity_ = {status.st_dev, status.st_ino};
  }

  bool gone = false;  // and the owner was told

 private:
  [[nodiscard]] bool is_same(const struct ::stat& status) const {
    return identity_ == std::pair{status.st_dev, status.st_ino};
  }

  fs::path path_;
  std::pair<dev_t, ino_t> identity_{};
};

// Wakes a poll() when a stop is asked for.
class StopSignal {
 public:
  explicit StopSignal(std::stop_token stop)
      : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
        on_stop_(std::move(stop), [this] { ::eventfd_write(event_.number(), 1); }) {}

  [[nodiscard]] int descriptor() const { return event_.number(); }

 private:
  Descriptor event_;
  std::stop_callback<std::function<void()>> on_stop_;
};

class Follower {
 public:
  Follower(Library& library, const fs::path& library_folder, const Models& models,
           const WatchSettings& settings, const WatchEvents& events, std::stop_token stop)
      : library_(library),
        models_(models),
        settings_(settings),
        events_(events),
        stop_(std::move(stop)),
        stop_signal_(stop_),
        watch_(library_folder, settings.most_folders) {
    settings_.scan.wait = true;  // another scan ends at some time, and what changed is still to be found
  }

  Status operator()(const std::vector<fs::path>& folders) {
    for (const fs::path& folder : folders) roots_.emplace_back(folder);
    // Before the first scan: what comes while it runs is not overlooked.
    for (Root& root : roots_) {
      root.remember();
      watch_.follow(root.path());
    }
    do {
      if (Status scanned = scan(); !scanned) return scanned;
      wait_for_change();
    } while (!stop_.stop_requested());
    return {};
  }

 private:
  void warn(const std::string& text) const {
    if (events_.warning) events_.warning(text);
  }

  // The folders that are there. Those that came back are watched again.
  std::vector<fs::path> present() {
    std::vector<fs::path> folders;
    for (Root& root : roots_) {
      if (!root.is_there()) {
        if (!std::exchange(root.gone, true)) {
          warn(root.path().string() +
               ": the folder was removed, renamed or unmounted; its photos stay in the library as they are, "
               "and "
               "it is scanned again when it is back");
        }
        continue;
      }
      if (std::exchange(root.gone, false)) warn(root.path().string() + ": the folder is back");
      if (root.is_new()) {
        root.remember();
        watch_.follow(root.path());
      }
      folders.push_back(root.path());
    }
    return folders;
  }

  Status scan() {
    const std::vector<fs::path> folders = present();
    if (!watch_.limit().empty() && !std::exchange(limit_told_, true)) {
      const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(settings_.interval).count();
      warn(watch_.limit() + "; until then all folders are scanned every " + std::to_string(seconds) +
           " seconds");
    }
    if (folders.empty()) return {};
    const Result<ScanSummary> summary =
        library_.scan(folders, models_, settings_.scan, events_.progress, stop_);
    if (summary) {
      if (events_.scanned) events_.scanned(*summary);
      return {};
    }
    switch (summary.error().code) {
      case ErrorCode::cancelled: return {};
      // Vanished just now: the next look says so.
      case ErrorCode::not_found: changed_ = true; return {};
      // Somebody writes for long: their change is kept, and what was to be found is still there.
      case ErrorCode::library_busy:
        warn(summary.error().message);
        changed_ = true;
        return {};
      default: return tl::unexpected(summary.error());
    }
  }

  // Until something changed and all is quiet, or the interval is over where that is needed.
  void wait_for_change() {
    const Clock::time_point start = Clock::now();
    Clock::time_point last_activity = start;
    while (!stop_.stop_requested()) {
      const library::FolderWatch::News news = watch_.read();
      const Clock::time_point now = Clock::now();
      if (news.overflowed) {
        for (const Root& root : roots_) watch_.follow(root.path());
      }
      changed_ = changed_ || news.changed;
      if (news.activity) last_activity = now;
      const Clock::time_point due =
          last_activity + (watch_.is_being_written() ? settings_.longest_write : settings_.quiet);
      if (changed_ && now >= due) break;
      const bool interval_over = now >= start + settings_.interval;
      if (interval_over && !changed_ && (!watch_.limit().empty() || roots_changed())) break;
      const Clock::time_point next = changed_        ? due
                                     : interval_over ? now + settings_.interval
                                                     : start + settings_.interval;
      sleep_until(next);
    }
    changed_ = false;
  }

  // A folder came back, or went with a folder above it, of which nothing is told.
  [[nodiscard]] bool roots_changed() const {
    return std::ranges::any_of(roots_, [](const Root& root) { return root.gone == root.is_there(); });
  }

  void sleep_until(Clock::time_point time) const {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(time - Clock::now()).count();
    ::pollfd descriptors[] = {{stop_signal_.descriptor(), POLLIN, 0}, {watch_.descriptor(), POLLIN, 0}};
    ::poll(descriptors, 2, static_cast<int>(std::clamp<std::int64_t>(left, 0, 3'600'000)));
  }

  Library& library_;
  const Models& models_;
  WatchSettings settings_;
  const WatchEvents& events_;
  std::stop_token stop_;
  StopSignal stop_signal_;
  library::FolderWatch watch_;
  std::vector<Root> roots_;
  bool changed_ = false;
  bool limit_told_ = false;
};

}  // namespace

Status Library::watch(const std::vector<fs::path>& folders, const Models& models,
                      const WatchSettings& settings, const WatchEvents& events, std::stop_token stop) {
  std::vector<fs::path> kept;
  for (const fs::path& folder : folders) {
    std::error_code error;
    if (!fs::exists(folder, error))
      return fail(ErrorCode::not_found, folder.string() + ": no such folder; nothing was changed");
    if (!fs::is_directory(folder, error))
      return fail(ErrorCode::bad_argument, folder.string() + ": not a folder; only folders can be watched");
    kept.push_back(library::kept_path(folder));
  }
  return Follower(*this, impl_->database->folder(), models, settings, events, std::move(stop))(kept);
}

}  // namespace kith
