// SPDX-License-Identifier: Apache-2.0
#include "core/atomic_write.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>

namespace kith {
namespace {

// Closes on every way out.
class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  [[nodiscard]] int get() const { return value_; }
  // Some file systems report a full disk only when the file is closed.
  [[nodiscard]] bool close() {
    const int closing = value_;
    value_ = -1;
    return ::close(closing) == 0;
  }

 private:
  int value_;
};

bool write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

Error write_error(const std::filesystem::path& file, int error_number) {
  if (error_number == ENOSPC || error_number == EDQUOT) {
    return {ErrorCode::no_space, file.string() + ": no space left on the disk; free some and run again"};
  }
  return {ErrorCode::write_failed, file.string() + ": cannot be written: " + std::strerror(error_number) +
                                       "; check that the folder exists and may be written to"};
}

Status write_atomically(const std::filesystem::path& target, std::string_view bytes) {
  std::string beside = target.string() + ".XXXXXX";
  Descriptor descriptor(::mkostemp(beside.data(), O_CLOEXEC));
  if (descriptor.get() < 0) return tl::unexpected(write_error(target, errno));
  const bool written = write_all(descriptor.get(), bytes) && ::fchmod(descriptor.get(), 0644) == 0 &&
                       ::fsync(descriptor.get()) == 0 && descriptor.close() &&
                       ::rename(beside.c_str(), target.c_str()) == 0;
  if (!written) {
    const int error_number = errno;
    ::unlink(beside.c_str());
    return tl::unexpected(write_error(target, error_number));
  }
  return {};
}

}  // namespace kith
