// SPDX-License-Identifier: Apache-2.0
// A file as a look at its folder shows it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace kith::library {

struct OnDisk {
  std::int64_t size = 0;
  std::int64_t mtime_ns = 0;
  std::int64_t ctime_ns = 0;
};

// Nothing where there is no such file, or no right to look.
[[nodiscard]] std::optional<OnDisk> on_disk(const std::filesystem::path& file);

}  // namespace kith::library
