// SPDX-License-Identifier: Apache-2.0
// What folders and pictures of a data set are called, whatever the people and photos are called.
//
// Thread rule: free functions without state.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

namespace kith::dataset {

// One component of a path that every usual file system takes, and that looks as much like `text` as that
// allows: UTF-8, without control characters, without / \ : * ? " < > |, no dot or blank at the ends, not a
// device of Windows, at most `max_bytes`, whole characters. "_" where nothing is left.
[[nodiscard]] std::string safe_component(std::string_view text, std::size_t max_bytes);

// Which folder is whose. Two people never share one, not even where the file system takes "anna" for "Anna".
class FolderNames {
 public:
  // As an earlier run had it; false where the folder is another person's.
  bool take(const std::string& person, const std::string& folder);

  // The person's folder, made up where there is none yet.
  [[nodiscard]] const std::string& of(const std::string& person);

 private:
  std::map<std::string, std::string> folders_;  // by person
  std::set<std::string> taken_;                 // folded
};

// "beach-1a2b3c4d-2.jpg": the source's name, the beginning of its SHA-256, and what tells apart faces and
// frames of one source. The same source has the same name in every run.
[[nodiscard]] std::string picture_name(std::string_view source_stem, std::string_view sha256,
                                       std::string_view which, std::string_view extension);

}  // namespace kith::dataset
