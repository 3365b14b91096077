// SPDX-License-Identifier: Apache-2.0
// From what the user named to the photos that it stands for, one at a time: a folder of ten million
// photos is never held in memory as a whole, only the names of one folder.
#pragma once

#include <filesystem>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include <kith/result.h>

#include "core/atomic_write.h"

namespace kith::pipeline {

struct Found {
  std::filesystem::path photo;
  // The place below the input that it was found in: what an annotated copy is called.
  std::filesystem::path relative;
  std::optional<Error> error;  // an input or folder that could not be read
  FileState state;             // of the photo's file
};

class Walker {
 public:
  // `leave_out`: a folder that is not walked; empty: none.
  explicit Walker(std::vector<std::filesystem::path> inputs, const std::filesystem::path& leave_out = {});

  // The next photo or failure; nothing at the end.
  [[nodiscard]] std::optional<Found> next();

 private:
  struct Entry {
    std::filesystem::path path;
    std::filesystem::path relative;
    bool named_by_user;  // taken whatever its extension
  };

  void push_folder(const Entry& folder, std::optional<Found>& failure);
  [[nodiscard]] bool visited_before(const std::filesystem::path& folder);

  std::vector<Entry> pending_;                                 // a stack: the next one is last
  std::set<std::pair<std::uint64_t, std::uint64_t>> visited_;  // device and inode of folders
};

// Whether a file found in a folder is worth opening, by its extension: photo collections hold videos,
// sidecars and databases too, and those are not failures.
[[nodiscard]] bool has_photo_extension(const std::filesystem::path& file);

}  // namespace kith::pipeline
