// SPDX-License-Identifier: Apache-2.0
#include "core/new_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <string>
#include <system_error>
#include <utility>

namespace kith {
namespace {

constexpr int attempts = 100;  // at a temporary name that nobody has
const std::string temporary_begin = ".kith-";
const std::string temporary_end = ".tmp";
const std::string own_descriptors = "/proc/self/fd/";  // by which a file without a name is given one

// Short, because the target's own name may already be as long as the file system allows.
std::filesystem::path temporary_beside(const std::filesystem::path& target) {
  static std::atomic<unsigned> next{0};
  return target.parent_path() /
         (temporary_begin + std::to_string(::getpid()) + "-" + std::to_string(next++) + temporary_end);
}

// The new name itself must reach the disk too. Some file systems can't flush a folder: no harm.
void flush_folder(const std::filesystem::path& target) {
  const std::filesystem::path parent = target.parent_path();
  const Descriptor folder(::open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.number() >= 0) ::fsync(folder.number());
}

// Many network and user-space file systems can't rename without replacing, and some have no hard links; the
// last way leaves another program a moment in which its file is lost.
int rename_where_free(const std::filesystem::path& from, const std::filesystem::path& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return 0;
  if (errno != EINVAL && errno != ENOSYS) return errno;
  if (::link(from.c_str(), to.c_str()) == 0) return ::unlink(from.c_str()) == 0 ? 0 : errno;
  if (errno == EEXIST) return errno;
  if (::faccessat(AT_FDCWD, to.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0) return EEXIST;
  return ::rename(from.c_str(), to.c_str()) == 0 ? 0 : errno;
}

}  // namespace

tl::expected<NewFile, int> NewFile::beside(const std::filesystem::path& target) {
  if (::access(own_descriptors.c_str(), X_OK) != 0) return named_beside(target);
  const std::filesystem::path parent = target.parent_path();
  NewFile made(target, ::open(parent.empty() ? "." : parent.c_str(), O_WRONLY | O_TMPFILE | O_CLOEXEC, 0666));
  if (made.descriptor() >= 0) return made;
  const bool unknown = errno == EOPNOTSUPP || errno == EISDIR || errno == ENOENT || errno == EINVAL;
  if (!unknown) return tl::unexpected(errno);
  return named_beside(target);
}

tl::expected<NewFile, int> NewFile::named_beside(const std::filesystem::path& target) {
  for (int attempt = 0; attempt < attempts; ++attempt) {
    const std::filesystem::path name = temporary_beside(target);
    NewFile made(target, ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
    if (made.descriptor() < 0 && errno == EEXIST) continue;
    if (made.descriptor() < 0) return tl::unexpected(errno);
    made.name_ = name;
    return made;
  }
  return tl::unexpected(EEXIST);
}

NewFile::NewFile(std::filesystem::path target, int descriptor)
    : target_(std::move(target)), file_(descriptor) {}

NewFile::NewFile(NewFile&& other) noexcept
    : target_(std::move(other.target_)),
      file_(std::move(other.file_)),
      name_(std::exchange(other.name_, std::nullopt)),
      finished_(other.finished_) {}

NewFile::~NewFile() {
  if (name_) ::unlink(name_->c_str());
}

int NewFile::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(descriptor(), bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno;
    if (count == 0) return EIO;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return 0;
}

int NewFile::finish() {
  if (finished_) return 0;
  if (::fsync(descriptor()) != 0) return errno;
  finished_ = true;
  return !name_ || file_.close() ? 0 : errno;
}

int NewFile::replace_target() {
  if (const int error = finish(); error != 0) return error;
  for (int attempt = 0; !name_; ++attempt) {
    const std::filesystem::path name = temporary_beside(target_);
    const int error = link_as(name);
    if (error == 0) name_ = name;
    if (error != 0 && (error != EEXIST || attempt == attempts)) return error;
  }
  if (::rename(name_->c_str(), target_.c_str()) != 0) return errno;
  name_.reset();
  flush_folder(target_);
  return 0;
}

int NewFile::become_target() {
  if (const int error = finish(); error != 0) return error;
  const int error = name_ ? rename_where_free(*name_, target_) : link_as(target_);
  if (error != 0) return error;
  name_.reset();
  flush_folder(target_);
  return 0;
}

int NewFile::link_as(const std::filesystem::path& name) const {
  const std::string by_number = own_descriptors + std::to_string(descriptor());
  const int linked = ::linkat(AT_FDCWD, by_number.c_str(), AT_FDCWD, name.c_str(), AT_SYMLINK_FOLLOW);
  return linked == 0 ? 0 : errno;
}

void remove_leftovers(const std::filesystem::path& folder, std::chrono::seconds min_age) {
  std::error_code error;
  std::error_code ended;  // the folder can't be read any further
  const std::filesystem::path place = folder.empty() ? "." : folder;
  for (std::filesystem::directory_iterator at(place, ended), end; !ended && at != end; at.increment(ended)) {
    const std::filesystem::directory_entry& entry = *at;
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(temporary_begin) || !name.ends_with(temporary_end)) continue;
    pid_t writer = 0;
    const char* digits = name.data() + temporary_begin.size();
    if (std::from_chars(digits, name.data() + name.size(), writer).ec != std::errc() || writer <= 0) continue;
    const bool dead = ::kill(writer, 0) != 0 && errno == ESRCH;
    const auto age = std::filesystem::file_time_type::clock::now() - entry.last_write_time(error);
    if (dead && !error && age >= min_age) std::filesystem::remove(entry.path(), error);
  }
}

}  // namespace kith
