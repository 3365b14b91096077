// SPDX-License-Identifier: Apache-2.0
// A data set on the disk: its manifest, and the pictures that it names. Nothing that is there already is
// written over.
//
// Thread rule: const access from many threads; one writer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <kith/dataset.h>

#include "dataset/manifest.h"
#include "dataset/names.h"

namespace kith::dataset {

class Folder {
 public:
  // Makes the folder where there is none, with a manifest. `kind` says what its pictures are and what
  // decides. Errors: bad_argument (a folder that is not empty and no data set, one of other pictures), those
  // of read_manifest and of writing.
  [[nodiscard]] static Result<Folder> open(const std::filesystem::path& folder, const Manifest& kind);

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] const std::vector<Picture>& pictures() const { return manifest_.pictures; }
  // Whether the picture's file is still there, whatever it holds by now.
  [[nodiscard]] bool is_present(std::size_t picture) const { return present_[picture]; }
  // Whether an earlier run with the same settings looked at it.
  [[nodiscard]] bool knows(const Source& source) const { return known_.contains(source); }
  // The picture of that face, of an earlier run; absent: none.
  [[nodiscard]] std::optional<std::size_t> picture_of(const std::string& source_sha256,
                                                      const std::optional<FrameTime>& frame, const Box& box,
                                                      const std::string& person) const;
  // The file that a picture of that person and name gets: "folder/name".
  [[nodiscard]] std::string file_of(const std::string& person, const std::string& name);

  // Writes a picture, whose `file` is file_of()'s, and notes it with its hash. Errors: write_failed
  // (something else is there under that name), no_space.
  [[nodiscard]] Status put(Picture picture, std::span<const std::uint8_t> bytes);

  // Notes what was looked at to its end, and what was left out, instead of what was noted of these sources
  // before.
  void note(const std::vector<Source>& looked_at, std::vector<Dropped> dropped);

  // Writes the manifest. Errors: no_space, write_failed.
  [[nodiscard]] Status save() const;

 private:
  std::filesystem::path path_;
  Manifest manifest_;
  FolderNames names_;
  std::set<Source> known_;
  std::vector<bool> present_;                          // by picture
  std::multimap<std::string, std::size_t> by_source_;  // its SHA-256 to earlier runs' pictures
};

}  // namespace kith::dataset
