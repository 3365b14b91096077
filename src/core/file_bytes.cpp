// SPDX-License-Identifier: Apache-2.0
#include "core/file_bytes.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <new>
#include <span>
#include <string>
#include <system_error>

#include "core/descriptor.h"
#include "core/file_errors.h"

namespace kith {
namespace {

tl::unexpected<Error> system_error(const std::string& name, int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return cannot_read(ErrorCode::not_found, name, "there is no such file",
                         "check the path, or whether it was moved or deleted meanwhile");
    case EACCES:
    case EPERM:
      return cannot_read(ErrorCode::unreadable, name, "permission denied",
                         "give yourself the right to read it");
    case ELOOP:
      return cannot_read(ErrorCode::unreadable, name, "its symbolic links lead in a circle",
                         "mend or remove the links");
    default:
      return cannot_read(ErrorCode::unreadable, name, std::system_category().message(error),
                         "check the disk or the network share it lies on");
  }
}

Status check_kind(const std::string& name, const struct stat& about) {
  if (S_ISDIR(about.st_mode)) {
    return cannot_read(ErrorCode::unreadable, name, "it is a folder", "give a photo file");
  }
  if (!S_ISREG(about.st_mode)) {
    return cannot_read(ErrorCode::unreadable, name, "it is a pipe, socket or device, not a file",
                       "give a photo file");
  }
  if (about.st_size <= 0) {
    return cannot_read(ErrorCode::empty_file, name, "the file is empty",
                       "copy it again from the camera or a backup");
  }
  return {};
}

Status check_size(const std::string& name, std::uint64_t size, std::uint64_t max_bytes) {
  if (size <= max_bytes) return {};
  return cannot_read(
      ErrorCode::too_large, name,
      "the file has " + std::to_string(size) + " bytes, the limit is " + std::to_string(max_bytes),
      "raise the limit if it is a genuine photo");
}

// The number of bytes read, or -1 with errno set.
std::int64_t read_up_to(int descriptor, std::span<std::uint8_t> target) {
  std::size_t filled = 0;
  while (filled < target.size()) {
    const ssize_t count = ::read(descriptor, target.data() + filled, target.size() - filled);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return -1;
    if (count == 0) break;
    filled += static_cast<std::size_t>(count);
  }
  return static_cast<std::int64_t>(filled);
}

// Its first `count` bytes; where it has more than `max_bytes`, an error.
Result<std::vector<std::uint8_t>> read(const std::filesystem::path& file, std::uint64_t count,
                                       std::uint64_t max_bytes) {
  const std::string name = display_name(file);
  // Non-blocking, or else opening a pipe would wait for someone to write to it.
  const Descriptor opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (opened.number() < 0) return system_error(name, errno);
  struct stat about {};
  if (::fstat(opened.number(), &about) != 0) return system_error(name, errno);
  if (Status kind = check_kind(name, about); !kind) return tl::unexpected(kind.error());
  const auto size = static_cast<std::uint64_t>(about.st_size);
  if (Status fits = check_size(name, size, max_bytes); !fits) return tl::unexpected(fits.error());

  std::vector<std::uint8_t> bytes;
  try {
    bytes.resize(static_cast<std::size_t>(std::min(size, count)));
  } catch (const std::bad_alloc&) {
    return cannot_read(ErrorCode::too_large, name, "there is not enough memory for it",
                       "close other programs or lower the limit on file size");
  }
  const std::int64_t filled = read_up_to(opened.number(), bytes);
  if (filled < 0) return system_error(name, errno);
  if (filled == 0) {
    return cannot_read(ErrorCode::empty_file, name, "the file was emptied while it was read",
                       "try again when it is complete");
  }
  bytes.resize(static_cast<std::size_t>(filled));
  return bytes;
}

}  // namespace

Result<std::vector<std::uint8_t>> read_file(const std::filesystem::path& file, std::uint64_t max_bytes) {
  return read(file, max_bytes, max_bytes);
}

Result<std::vector<std::uint8_t>> read_beginning(const std::filesystem::path& file, std::uint64_t count) {
  return read(file, count, std::numeric_limits<std::uint64_t>::max());
}

}  // namespace kith
