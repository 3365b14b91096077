// SPDX-License-Identifier: Apache-2.0
#include "library/disk.h"

#include <sys/stat.h>

namespace kith::library {
namespace {

std::int64_t nanoseconds(const struct ::timespec& time) {
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

}  // namespace

std::optional<OnDisk> on_disk(const std::filesystem::path& file) {
  struct ::stat status {};
  if (::stat(file.c_str(), &status) != 0) return std::nullopt;
  return OnDisk{status.st_size, nanoseconds(status.st_mtim), nanoseconds(status.st_ctim)};
}

}  // namespace kith::library
