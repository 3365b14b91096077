// SPDX-License-Identifier: Apache-2.0
// Writing a file so that a reader, a crash or a full disk never sees half of it.
#pragma once

#include <filesystem>
#include <string_view>

#include <kith/result.h>

namespace kith {

// Writes beside the target, flushes to the disk, renames. On failure the target is as it was and
// nothing is left beside it. Where the file system has files without names (all usual ones of Linux), neither
// is there if the process is killed in mid-write. Errors: no_space, write_failed.
[[nodiscard]] Status write_atomically(const std::filesystem::path& target, std::string_view bytes);

// The error for a failed write to `file`, from errno as it stands.
[[nodiscard]] Error write_error(const std::filesystem::path& file, int error_number);

}  // namespace kith
