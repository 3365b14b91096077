// SPDX-License-Identifier: Apache-2.0
// Compiled models between runs: bytes under a key, in a folder that anyone may empty at any time.
//
// Thread rule: may be used by many threads and many processes at once.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace kith::infer {

class CompiledCache {
 public:
  // An empty folder's name keeps nothing. The folder is made when it is first needed.
  explicit CompiledCache(std::filesystem::path folder) : folder_(std::move(folder)) {}

  [[nodiscard]] bool keeps() const noexcept { return !folder_.empty(); }

  // What was stored under the key; nothing where it is missing, unreadable or damaged: a cache costs
  // time, never a result.
  [[nodiscard]] std::optional<std::string> find(std::string_view key) const;

  // Says nothing of failure: the next run compiles again. What was stored half a year ago goes.
  void store(std::string_view key, std::string_view compiled) const;

 private:
  [[nodiscard]] std::filesystem::path file_of(std::string_view key) const;

  std::filesystem::path folder_;
};

}  // namespace kith::infer
