// SPDX-License-Identifier: Apache-2.0
#include "core/atomic_write.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>
#include <system_error>
#include <vector>

#include "core/descriptor.h"
#include "core/new_file.h"

namespace kith {
namespace {

// Copies within the kernel where the file system can.
int copy_range(NewFile& to, int from, std::uint64_t offset, std::uint64_t count) {
  auto at = static_cast<off_t>(offset);
  while (count > 0) {
    const ssize_t copied = ::copy_file_range(from, &at, to.descriptor(), nullptr, count, 0);
    if (copied < 0 && errno == EINTR) continue;
    if (copied <= 0) break;
    count -= static_cast<std::uint64_t>(copied);
  }
  std::vector<char> buffer(count == 0 ? 0 : std::size_t{1} << 20U);
  while (count > 0) {
    const ssize_t got = ::pread(from, buffer.data(), std::min<std::uint64_t>(count, buffer.size()), at);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno;
    if (got == 0) return ESTALE;  // the file has become shorter
    if (const int error = to.write({buffer.data(), static_cast<std::size_t>(got)}); error != 0) return error;
    at += got;
    count -= static_cast<std::uint64_t>(got);
  }
  return 0;
}

tl::unexpected<Error> changed(const std::filesystem::path& file) {
  return fail(ErrorCode::changed_meanwhile,
              file.string() + ": another program changed it meanwhile, so nothing was written; run again");
}

tl::unexpected<Error> not_writable(const std::filesystem::path& file, std::string_view what) {
  return fail(ErrorCode::unreadable,
              file.string() + ": " + std::string(what) + " may not be written; give yourself the right to");
}

// What stands in the way of putting another file in this one's place. Root may write everything; a file that
// nobody may write was meant to stay as it is all the same.
Status may_replace(const std::filesystem::path& file, mode_t mode) {
  if ((mode & 0222U) == 0 || ::faccessat(AT_FDCWD, file.c_str(), W_OK, AT_EACCESS) != 0) {
    return not_writable(file, "the file");
  }
  if (::faccessat(AT_FDCWD, file.parent_path().c_str(), W_OK | X_OK, AT_EACCESS) != 0) {
    return not_writable(file, "its folder");
  }
  return {};
}

// The users' own attributes and the access list must come along; the system's other ones where it lets us.
int copy_attributes(int to, int from) {
  std::string names(std::size_t{1} << 16U, '\0');  // the kernel's own limit
  const ssize_t length = ::flistxattr(from, names.data(), names.size());
  if (length <= 0) return 0;
  names.resize(static_cast<std::size_t>(length));
  std::vector<char> value(std::size_t{1} << 16U);
  for (std::size_t at = 0; at < names.size(); at = names.find('\0', at) + 1) {
    const char* name = names.data() + at;
    const ssize_t bytes = ::fgetxattr(from, name, value.data(), value.size());
    if (bytes < 0) continue;
    if (::fsetxattr(to, name, value.data(), static_cast<std::size_t>(bytes), 0) == 0) continue;
    const std::string_view text(name);
    if (text.starts_with("user.") || text == "system.posix_acl_access") return errno;
  }
  return 0;
}

int copy_rights_and_times(int to, int from, const struct stat& old, bool keep_modified_time) {
  if (::fchown(to, old.st_uid, old.st_gid) != 0 && ::fchown(to, static_cast<uid_t>(-1), old.st_gid) != 0) {
    // Not ours to give: the new file is the user's, as with any other program.
  }
  if (::fchmod(to, old.st_mode & 07777U) != 0) return errno;
  if (const int error = copy_attributes(to, from); error != 0) return error;
  const std::array<timespec, 2> times{old.st_atim, old.st_mtim};
  return keep_modified_time && ::futimens(to, times.data()) != 0 ? errno : 0;
}

int write_pieces(NewFile& to, int from, std::span<const FilePiece> pieces) {
  for (const FilePiece& piece : pieces) {
    int error = to.write(piece.bytes);
    if (error == 0) error = copy_range(to, from, piece.from, piece.count);
    if (error != 0) return error;
  }
  return 0;
}

}  // namespace

Error write_error(const std::filesystem::path& file, int error_number) {
  const std::string cannot = file.string() + ": cannot be written: ";
  switch (error_number) {
    case ENOSPC:
    case EDQUOT: return {ErrorCode::no_space, cannot + "no space left on the disk; free some and run again"};
    case ENOENT:
    case ENOTDIR:
      return {ErrorCode::write_failed, cannot + "its folder is not there; create the folder first"};
    case EACCES:
    case EPERM:
    case EROFS:
      return {
          ErrorCode::write_failed,
          cannot + "its folder can't be written to; choose another one, or give yourself the right to write"};
    default:
      return {ErrorCode::write_failed, cannot + std::system_category().message(error_number) +
                                           "; check the disk or the network share"};
  }
}

Status write_status(const std::filesystem::path& file, int error_number) {
  return error_number == 0 ? Status() : tl::unexpected(write_error(file, error_number));
}

Status make_folder(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  std::error_code ignored;
  if (std::filesystem::is_directory(folder, ignored)) return {};
  if (error == std::errc::not_a_directory)
    return fail(ErrorCode::write_failed,
                folder.string() + ": this folder cannot be made: a file is in the way");
  return tl::unexpected(write_error(folder, error.value()));
}

Status write_atomically(const std::filesystem::path& target, std::string_view bytes) {
  auto temporary = NewFile::beside(target);
  if (!temporary) return tl::unexpected(write_error(target, temporary.error()));
  int error = temporary->write(bytes);
  // A new file needs no name in between, under which a killed process would leave it.
  if (error == 0 && temporary->become_target() != 0) error = temporary->replace_target();
  return write_status(target, error);
}

FileState state_of(const struct stat& status) {
  const auto ns = [](const timespec& time) {
    return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
  };
  return {status.st_dev, status.st_ino, static_cast<std::uint64_t>(status.st_size), ns(status.st_mtim),
          ns(status.st_ctim)};
}

Result<FileState> file_state(const std::filesystem::path& file) {
  struct stat status {};
  if (::stat(file.c_str(), &status) == 0) return state_of(status);
  if (errno == ENOENT || errno == ENOTDIR) {
    return fail(ErrorCode::not_found, file.string() + ": not there; check the path");
  }
  return fail(ErrorCode::unreadable,
              file.string() + ": " + std::system_category().message(errno) + "; check its permissions");
}

Status replace_atomically(const std::filesystem::path& target, std::span<const FilePiece> pieces,
                          const FileState& expected, bool keep_modified_time) {
  std::error_code unresolved;
  const std::filesystem::path file = std::filesystem::canonical(target, unresolved);
  if (unresolved) return changed(target);
  const Descriptor source(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat old {};
  if (source.number() < 0 || ::fstat(source.number(), &old) != 0 || state_of(old) != expected) {
    return changed(target);
  }
  if (Status may = may_replace(file, old.st_mode); !may) return may;

  auto temporary = NewFile::beside(file);
  if (!temporary) return tl::unexpected(write_error(target, temporary.error()));
  int error = write_pieces(*temporary, source.number(), pieces);
  if (error == ESTALE) return changed(target);
  if (error == 0) {
    error = copy_rights_and_times(temporary->descriptor(), source.number(), old, keep_modified_time);
  }
  // Flushing takes long, so it comes before the last look at the old file.
  if (error == 0) error = temporary->finish();
  if (error != 0) return tl::unexpected(write_error(target, error));
  if (file_state(file) != expected) return changed(target);
  return write_status(target, temporary->replace_target());
}

Status create_atomically(const std::filesystem::path& target, std::string_view bytes) {
  const std::filesystem::path parent = target.parent_path();
  if (::faccessat(AT_FDCWD, parent.empty() ? "." : parent.c_str(), W_OK | X_OK, AT_EACCESS) != 0 &&
      errno != ENOENT) {
    return not_writable(target, "its folder");
  }
  auto temporary = NewFile::beside(target);
  if (!temporary) return tl::unexpected(write_error(target, temporary.error()));
  int error = temporary->write(bytes);
  if (error == 0) error = temporary->become_target();
  if (error == EEXIST) return changed(target);
  return write_status(target, error);
}

Status remove_unchanged(const std::filesystem::path& target, const FileState& expected) {
  if (file_state(target) != expected) return changed(target);
  std::error_code unresolved;
  const std::filesystem::path file = std::filesystem::canonical(target, unresolved);
  struct stat old {};
  if (unresolved || ::stat(file.c_str(), &old) != 0) return changed(target);
  if (Status may = may_replace(file, old.st_mode); !may) return may;
  return write_status(target, ::unlink(target.c_str()) == 0 ? 0 : errno);
}

}  // namespace kith
