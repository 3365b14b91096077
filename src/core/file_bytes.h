// SPDX-License-Identifier: Apache-2.0
// A file, or its beginning, in memory.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include <kith/result.h>

namespace kith {

// Reads a regular file of 1..max_bytes bytes. What is checked is the opened file itself, so that
// nothing can be swapped between check and read; a pipe or a device is refused without waiting for it.
// A file that shrinks meanwhile gives the bytes that were there. The bytes are copied, not mapped:
// a mapped file that another program cuts short ends the process.
// Errors: not_found, unreadable, empty_file, too_large.
[[nodiscard]] Result<std::vector<std::uint8_t>> read_file(const std::filesystem::path& file,
                                                          std::uint64_t max_bytes);

// The same of its first `count` bytes, or of all that there are. Errors: those of read_file.
[[nodiscard]] Result<std::vector<std::uint8_t>> read_beginning(const std::filesystem::path& file,
                                                               std::uint64_t count);

}  // namespace kith
