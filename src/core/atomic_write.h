// SPDX-License-Identifier: Apache-2.0
// Writing a file so that a reader, a crash or a full disk never sees half of it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include <kith/result.h>

struct stat;

namespace kith {

// Writes beside the target, flushes to the disk, renames. On failure the target is as it was and
// nothing is left beside it. Where the file system has files without names (all usual ones of Linux), neither
// is there if the process is killed in mid-write. Errors: no_space, write_failed.
[[nodiscard]] Status write_atomically(const std::filesystem::path& target, std::string_view bytes);

// Which state a file is in. Two equal states of one path: nobody has changed it in between.
struct FileState {
  std::uint64_t device = 0;
  std::uint64_t number = 0;  // of the inode
  std::uint64_t bytes = 0;
  std::int64_t modified_ns = 0;
  std::int64_t changed_ns = 0;

  friend bool operator==(const FileState&, const FileState&) = default;
};

[[nodiscard]] FileState state_of(const struct stat& status);
// A symbolic link is followed. Errors: not_found, unreadable.
[[nodiscard]] Result<FileState> file_state(const std::filesystem::path& file);

// Part of a new file: bytes of its own, then bytes of the file that it replaces.
struct FilePiece {
  std::string bytes;
  std::uint64_t from = 0;
  std::uint64_t count = 0;
};

// Puts the pieces, one after another, in the file's place, as write_atomically does. Access rights, extended
// attributes, the owner where that is permitted, and on request the time of modification are the old file's;
// a symbolic link stays, and what it leads to is replaced. Another name of the same file (a hard link) keeps
// the old content. Errors: changed_meanwhile (the file is not in the expected state any more), unreadable
// (the file or its folder may not be written), no_space, write_failed.
[[nodiscard]] Status replace_atomically(const std::filesystem::path& target,
                                        std::span<const FilePiece> pieces, const FileState& expected,
                                        bool keep_modified_time);

// The same for a file that is not there yet. Errors: changed_meanwhile (it is), and those of replacing.
[[nodiscard]] Status create_atomically(const std::filesystem::path& target, std::string_view bytes);

// Errors: those of replacing.
[[nodiscard]] Status remove_unchanged(const std::filesystem::path& target, const FileState& expected);

// With the folders above it. One that is there already is as good. Errors: no_space, write_failed.
[[nodiscard]] Status make_folder(const std::filesystem::path& folder);

// What a failed write to `file` is, by errno's number.
[[nodiscard]] Error write_error(const std::filesystem::path& file, int error_number);
// The same where it may have gone well, which is 0.
[[nodiscard]] Status write_status(const std::filesystem::path& file, int error_number);

}  // namespace kith
