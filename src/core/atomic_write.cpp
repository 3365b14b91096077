// SPDX-License-Identifier: Apache-2.0
#include "core/atomic_write.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <optional>
#include <string>
#include <system_error>

#include "core/descriptor.h"

namespace kith {
namespace {

constexpr int attempts = 100;  // at a temporary name that nobody has

// Short, because the target's own name may already be as long as the file system allows.
std::filesystem::path temporary_beside(const std::filesystem::path& target) {
  static std::atomic<unsigned> next{0};
  return target.parent_path() /
         (".kith-" + std::to_string(::getpid()) + "-" + std::to_string(next++) + ".tmp");
}

// Errors by errno; 0 where all went well.
int write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(descriptor, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno;
    if (count == 0) return EIO;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return 0;
}

// Errors by errno; 0 where all is on the disk.
int write_and_flush(const Descriptor& file, std::string_view bytes) {
  if (const int error = write_all(file.number(), bytes); error != 0) return error;
  return ::fsync(file.number()) == 0 ? 0 : errno;
}

// The new name itself must reach the disk too. Some file systems can't flush a folder: no harm.
void flush_folder(const std::filesystem::path& target) {
  const std::filesystem::path parent = target.parent_path();
  const Descriptor folder(::open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.number() >= 0) ::fsync(folder.number());
}

// Gives a file without a name one that is not taken. Errors by errno.
int link_as(const Descriptor& file, const std::filesystem::path& name) {
  const std::string itself = "/proc/self/fd/" + std::to_string(file.number());
  return ::linkat(AT_FDCWD, itself.c_str(), AT_FDCWD, name.c_str(), AT_SYMLINK_FOLLOW) == 0 ? 0 : errno;
}

// Gives the bytes the target's name. Errors by errno; whatever they are, no temporary name is left.
int rename_to(const std::filesystem::path& temporary, const std::filesystem::path& target) {
  if (::rename(temporary.c_str(), target.c_str()) == 0) return 0;
  const int error = errno;
  ::unlink(temporary.c_str());
  return error;
}

// By a file without a name, which vanishes with its process, however that ends. Errors by errno; nothing
// where the file system has no such files, or nothing can be done with them here.
std::optional<int> write_unnamed(const std::filesystem::path& target, std::string_view bytes) {
  const std::filesystem::path parent = target.parent_path();
  const Descriptor file(
      ::open(parent.empty() ? "." : parent.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666));
  if (file.number() < 0) return std::nullopt;
  if (const int error = write_and_flush(file, bytes); error != 0) return error;
  int error = link_as(file, target);
  if (error == 0) return 0;
  // A link cannot replace what is there, as a rename can.
  for (int attempt = 0; error == EEXIST && attempt < attempts; ++attempt) {
    const std::filesystem::path temporary = temporary_beside(target);
    error = link_as(file, temporary);
    if (error == 0) return rename_to(temporary, target);
  }
  return std::nullopt;
}

// Errors by errno.
int write_named(const std::filesystem::path& target, std::string_view bytes) {
  for (int attempt = 0; attempt < attempts; ++attempt) {
    const std::filesystem::path temporary = temporary_beside(target);
    // 0666 less the user's umask, as for any new file.
    Descriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
    if (file.number() < 0 && errno == EEXIST) continue;
    if (file.number() < 0) return errno;
    int error = write_and_flush(file, bytes);
    if (!file.close() && error == 0) error = errno;
    if (error == 0) return rename_to(temporary, target);
    ::unlink(temporary.c_str());
    return error;
  }
  return EEXIST;
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

Status write_atomically(const std::filesystem::path& target, std::string_view bytes) {
  const std::optional<int> unnamed = write_unnamed(target, bytes);
  const int error = unnamed ? *unnamed : write_named(target, bytes);
  if (error != 0) return tl::unexpected(write_error(target, error));
  flush_folder(target);
  return {};
}

}  // namespace kith
