// SPDX-License-Identifier: Apache-2.0
// Folders under watch: whether photos below them came, went or changed, as inotify tells.
//
// It says that something happened, not what: a scan finds that out, and overlooks nothing.
//
// Thread rule: one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>

#include "core/descriptor.h"

namespace kith::library {

class FolderWatch {
 public:
  // `leave_out`: a folder that is not watched. `most_folders`: no more than these, as if the system allowed
  // no more.
  explicit FolderWatch(std::filesystem::path leave_out,
                       std::size_t most_folders = std::numeric_limits<std::size_t>::max());

  // Watches a folder with everything below it; again, where it is watched already. Folders that may not be
  // read are passed over: the scan says so.
  void follow(const std::filesystem::path& folder);

  struct News {
    bool changed = false;     // a scan is due
    bool overflowed = false;  // more happened than the system kept: all folders have to be followed again
    bool activity = false;    // something is going on: what changed may not be complete yet
  };
  // What happened since the last call. Does not wait.
  [[nodiscard]] News read();

  // Whether a photo is open for writing: another program is not through with it.
  [[nodiscard]] bool is_being_written() const { return !being_written_.empty(); }

  // Why not every folder can be watched, with what to do about it; empty: every one is.
  [[nodiscard]] const std::string& limit() const { return limit_; }

  // Readable when there is news; -1 where the system gives none.
  [[nodiscard]] int descriptor() const { return inotify_.number(); }

 private:
  // Whether the folder could be watched.
  bool add(const std::filesystem::path& folder);
  void unfollow(const std::filesystem::path& folder);
  void forget(int watch);
  void folder_event(const std::filesystem::path& folder, std::uint32_t mask, News& news);
  void file_event(int watch, const std::string& name, std::uint32_t mask, News& news);

  std::filesystem::path leave_out_;
  std::size_t most_folders_;
  Descriptor inotify_;
  std::unordered_map<int, std::filesystem::path> folders_;  // by the number of the watch
  std::set<std::pair<int, std::string>> being_written_;
  std::string limit_;
};

}  // namespace kith::library
