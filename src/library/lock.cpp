// SPDX-License-Identifier: Apache-2.0
#include "library/lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <string>
#include <thread>

#include "core/atomic_write.h"

namespace kith::library {
namespace {

std::string holder(int descriptor) {
  std::array<char, 32> text{};
  const ssize_t length = ::pread(descriptor, text.data(), text.size() - 1, 0);
  return length > 0 ? "process " + std::string(text.data(), static_cast<std::size_t>(length))
                    : "another process";
}

}  // namespace

Result<ScanLock> ScanLock::take(const std::filesystem::path& folder, bool wait, const std::stop_token& stop) {
  // Asked for again and again, because nothing would wake a flock() that waits when a stop comes.
  constexpr auto between_tries = std::chrono::milliseconds(100);
  const std::filesystem::path path = folder / "scan.lock";
  auto file = std::make_unique<Descriptor>(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666));
  if (file->number() < 0) return tl::unexpected(write_error(path, errno));
  while (::flock(file->number(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    if (errno != EWOULDBLOCK) return tl::unexpected(write_error(path, errno));
    if (wait) {
      if (stop.stop_requested())
        return fail(ErrorCode::cancelled, folder.string() + ": stopped while " + holder(file->number()) +
                                              " was scanning; nothing was changed");
      std::this_thread::sleep_for(between_tries);
      continue;
    }
    return fail(
        ErrorCode::library_busy,
        folder.string() + ": " + holder(file->number()) +
            " is scanning into this library, or writing names; wait until it ends (`kith scan --wait` does)");
  }
  const std::string self = std::to_string(::getpid());
  if (::ftruncate(file->number(), 0) == 0) [[maybe_unused]]
    const ssize_t written = ::pwrite(file->number(), self.data(), self.size(), 0);
  return ScanLock(std::move(file));
}

}  // namespace kith::library
