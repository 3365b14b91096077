// SPDX-License-Identifier: Apache-2.0
// One scan at a time: a lock on a file of the library, which the system takes away when the process dies,
// however it dies.
#pragma once

#include <filesystem>
#include <memory>
#include <stop_token>

#include <kith/result.h>

#include "core/descriptor.h"

namespace kith::library {

class ScanLock {
 public:
  // Errors: library_busy, saying which process scans (unless `wait`); cancelled, where a stop came while
  // waiting; write_failed.
  [[nodiscard]] static Result<ScanLock> take(const std::filesystem::path& folder, bool wait,
                                             const std::stop_token& stop);

 private:
  explicit ScanLock(std::unique_ptr<Descriptor> file) : file_(std::move(file)) {}
  std::unique_ptr<Descriptor> file_;
};

}  // namespace kith::library
