// SPDX-License-Identifier: Apache-2.0
#include "imageio/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <string>
#include <system_error>

#include "imageio/descriptor.h"
#include "imageio/errors.h"

namespace kith::imageio {
namespace {

constexpr int attempts = 100;  // at a temporary name that nobody has

tl::unexpected<Error> write_error(const std::filesystem::path& target, int error) {
  const std::string name = display_name(target);
  switch (error) {
    case ENOSPC:
    case EDQUOT:
      return cannot_write(ErrorCode::no_space, name, "the disk is full", "free some space and run it again");
    case ENOENT:
    case ENOTDIR:
      return cannot_write(ErrorCode::write_failed, name, "its folder is not there",
                          "create the folder first");
    case EACCES:
    case EPERM:
    case EROFS:
      return cannot_write(ErrorCode::write_failed, name, "its folder can't be written to",
                          "choose another folder or give yourself the right to write");
    default:
      return cannot_write(ErrorCode::write_failed, name, std::system_category().message(error),
                          "check the disk or the network share");
  }
}

// Short, because the target's own name may already be as long as the file system allows.
std::filesystem::path temporary_beside(const std::filesystem::path& target) {
  static std::atomic<unsigned> next{0};
  return target.parent_path() /
         (".kith-" + std::to_string(::getpid()) + "-" + std::to_string(next++) + ".tmp");
}

// Errors by errno; 0 where all went well.
int write_all(int descriptor, std::span<const std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(descriptor, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno;
    if (count == 0) return EIO;
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return 0;
}

int write_and_flush(Descriptor& file, std::span<const std::uint8_t> bytes) {
  if (const int error = write_all(file.number(), bytes); error != 0) return error;
  if (::fsync(file.number()) != 0) return errno;
  return file.close() ? 0 : errno;
}

// The new name itself must reach the disk too. Some file systems can't flush a folder: no harm.
void flush_folder(const std::filesystem::path& target) {
  const std::filesystem::path parent = target.parent_path();
  const Descriptor folder(::open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.number() >= 0) ::fsync(folder.number());
}

}  // namespace

Status write_file_atomically(const std::filesystem::path& target, std::span<const std::uint8_t> bytes) {
  for (int attempt = 0; attempt < attempts; ++attempt) {
    const std::filesystem::path temporary = temporary_beside(target);
    // 0666 less the user's umask, as for any new file.
    Descriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
    if (file.number() < 0 && errno == EEXIST) continue;
    if (file.number() < 0) return write_error(target, errno);
    int error = write_and_flush(file, bytes);
    if (error == 0 && ::rename(temporary.c_str(), target.c_str()) != 0) error = errno;
    if (error != 0) {
      ::unlink(temporary.c_str());
      return write_error(target, error);
    }
    flush_folder(target);
    return {};
  }
  return cannot_write(ErrorCode::write_failed, display_name(target), "its folder is full of temporary files",
                      "remove the files named .kith-*.tmp");
}

}  // namespace kith::imageio
