// SPDX-License-Identifier: Apache-2.0
#include "library/watch.h"

#include <sys/inotify.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

#include "library/impl.h"
#include "pipeline/walker.h"

namespace kith::library {
namespace {

namespace fs = std::filesystem;

// IN_MODIFY is no news by itself, but a sign that a file is not complete. IN_ATTRIB: what could not be
// read may be readable now.
constexpr std::uint32_t wanted = IN_CREATE | IN_MODIFY | IN_CLOSE_WRITE | IN_MOVED_FROM | IN_MOVED_TO |
                                 IN_DELETE | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;

// As the walker passes them over.
bool is_hidden(const std::string& name) { return name.starts_with('.'); }

}  // namespace

FolderWatch::FolderWatch(fs::path leave_out, std::size_t most_folders)
    : leave_out_(std::move(leave_out)),
      most_folders_(most_folders),
      inotify_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
  if (inotify_.number() >= 0) return;
  limit_ = errno == EMFILE ? "the system lets no more programs watch folders; raise that with "
                             "`sysctl fs.inotify.max_user_instances=1024` and start again"
                           : std::string("folders can't be watched here: ") + std::strerror(errno);
}

bool FolderWatch::add(const fs::path& folder) {
  if (inotify_.number() < 0) return false;
  int watch = -1;
  errno = ENOSPC;
  if (folders_.size() < most_folders_) watch = ::inotify_add_watch(inotify_.number(), folder.c_str(), wanted);
  if (watch >= 0) {
    // A folder that was moved keeps its number and has another path.
    folders_.insert_or_assign(watch, folder);
    return true;
  }
  if (errno == ENOSPC || errno == ENOMEM) {
    limit_ = "the system lets kith watch no more than " + std::to_string(folders_.size()) +
             " folders; raise that with `sysctl fs.inotify.max_user_watches=1048576` and start again";
  }
  return false;
}

void FolderWatch::follow(const fs::path& top) {
  std::set<std::pair<dev_t, ino_t>> visited;
  std::vector<fs::path> pending{top};
  while (!pending.empty() && limit_.empty()) {
    const fs::path folder = std::move(pending.back());
    pending.pop_back();
    struct ::stat status {};
    if (::stat(folder.c_str(), &status) != 0) continue;
    // A link may lead back up, or to one folder twice.
    if (!visited.emplace(status.st_dev, status.st_ino).second || !add(folder)) continue;
    // The watch is in place before the folder is listed: what comes later is told, what was there is listed.
    std::error_code error;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
      std::error_code ignored;
      if (!is_hidden(entry->path().filename().string()) && entry->path() != leave_out_ &&
          entry->is_directory(ignored))
        pending.push_back(entry->path());
    }
  }
}

FolderWatch::News FolderWatch::read() {
  News news;
  alignas(inotify_event) std::array<char, 65536> buffer;
  for (;;) {
    const ssize_t length =
        inotify_.number() < 0 ? 0 : ::read(inotify_.number(), buffer.data(), buffer.size());
    if (length < 0 && errno == EINTR) continue;
    if (length <= 0) return news;
    for (ssize_t offset = 0; offset < length;) {
      inotify_event event{};
      std::memcpy(&event, buffer.data() + offset, sizeof event);
      const std::string name = event.len > 0 ? buffer.data() + offset + sizeof event : "";
      offset += static_cast<ssize_t>(sizeof event + event.len);
      if ((event.mask & IN_Q_OVERFLOW) != 0) {
        // Nothing is known of what is being written either.
        being_written_.clear();
        news = {.changed = true, .overflowed = true, .activity = true};
        continue;
      }
      const auto folder = folders_.find(event.wd);
      if (folder == folders_.end()) continue;  // of a watch that was taken back
      if ((event.mask & IN_IGNORED) != 0) {    // removed or unmounted
        forget(event.wd);
        news.changed = news.activity = true;
      } else if (name.empty()) {
        news.changed = news.changed || (event.mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT)) != 0;
      } else if (is_hidden(name)) {
        continue;
      } else if ((event.mask & IN_ISDIR) != 0) {
        folder_event(folder->second / name, event.mask, news);
      } else if (pipeline::has_photo_extension(name)) {
        file_event(event.wd, name, event.mask, news);
      }
    }
  }
}

void FolderWatch::folder_event(const fs::path& folder, std::uint32_t mask, News& news) {
  news.changed = news.activity = true;
  if (folder == leave_out_) return;
  if ((mask & IN_MOVED_FROM) != 0) unfollow(folder);
  // Whatever was put into it before this watch is found by the scan, which is due anyway.
  if ((mask & (IN_CREATE | IN_MOVED_TO | IN_ATTRIB)) != 0) follow(folder);
}

void FolderWatch::file_event(int watch, const std::string& name, std::uint32_t mask, News& news) {
  news.activity = true;
  if ((mask & IN_MODIFY) != 0) {
    being_written_.emplace(watch, name);
    return;
  }
  if ((mask & (IN_CLOSE_WRITE | IN_MOVED_FROM | IN_DELETE)) != 0) being_written_.erase({watch, name});
  news.changed = true;
}

void FolderWatch::unfollow(const fs::path& folder) {
  std::vector<int> watches;
  for (const auto& [watch, path] : folders_) {
    if (is_below(path.string(), folder.string())) watches.push_back(watch);
  }
  for (const int watch : watches) {
    ::inotify_rm_watch(inotify_.number(), watch);
    forget(watch);
  }
}

void FolderWatch::forget(int watch) {
  folders_.erase(watch);
  std::erase_if(being_written_, [watch](const auto& file) { return file.first == watch; });
}

}  // namespace kith::library
