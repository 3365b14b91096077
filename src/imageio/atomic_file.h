// SPDX-License-Identifier: Apache-2.0
// Writing a file so that it is there whole or not at all.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>

#include <kith/result.h>

namespace kith::imageio {

// Writes a temporary file in the target's folder, flushes it to the disk and renames it over the
// target. On failure nothing is left behind and what stood at `target` stays. Errors: no_space,
// write_failed.
[[nodiscard]] Status write_file_atomically(const std::filesystem::path& target,
                                           std::span<const std::uint8_t> bytes);

}  // namespace kith::imageio
