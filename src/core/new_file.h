// SPDX-License-Identifier: Apache-2.0
// A file that is written beside its target, and takes the target's place only once it is complete.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string_view>

#include <kith/result.h>

#include "core/descriptor.h"

namespace kith {

// Unless it takes its place, it vanishes with this object. Errors are errno's numbers, for write_error() or
// for a message that says more; 0 where all went well.
class NewFile {
 public:
  // Without a name, so that nothing is left where the process is killed; or, where the file system has no
  // such files, under one of its own. Its access rights are 0666 less the user's umask.
  [[nodiscard]] static tl::expected<NewFile, int> beside(const std::filesystem::path& target);
  // With a name, for who writes by names.
  [[nodiscard]] static tl::expected<NewFile, int> named_beside(const std::filesystem::path& target);

  NewFile(NewFile&& other) noexcept;
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;
  NewFile& operator=(NewFile&&) = delete;
  ~NewFile();

  [[nodiscard]] int descriptor() const { return file_.number(); }
  // Only of a named one.
  [[nodiscard]] const std::filesystem::path& name() const { return *name_; }

  // At the end.
  [[nodiscard]] int write(std::string_view bytes);
  // Flushes; a file with a name is closed, too, since network file systems report some errors only then. Once
  // is enough; the two below do it where it was not done.
  [[nodiscard]] int finish();

  // A process that is killed in the midst of this may leave the file beside its target: remove_leftovers().
  [[nodiscard]] int replace_target();
  // The same where nobody has that name yet; else EEXIST.
  [[nodiscard]] int become_target();

 private:
  NewFile(std::filesystem::path target, int descriptor);

  [[nodiscard]] int link_as(const std::filesystem::path& name) const;

  std::filesystem::path target_;
  Descriptor file_;
  std::optional<std::filesystem::path> name_;
  bool finished_ = false;
};

// Removes what processes that are no more left in the folder when they were killed just before the last step:
// whole files, but under a temporary name. Younger ones stay: on a network share another machine's process
// may be at it.
void remove_leftovers(const std::filesystem::path& folder,
                      std::chrono::seconds min_age = std::chrono::hours(1));

}  // namespace kith
