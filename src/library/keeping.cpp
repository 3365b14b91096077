// SPDX-License-Identifier: Apache-2.0
// Checks, backups and restoring.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>

#include <kith/library.h>

#include "core/atomic_write.h"
#include "core/descriptor.h"
#include "library/impl.h"
#include "store/check.h"

namespace kith {
namespace {

namespace fs = std::filesystem;
using store::Database;

// Not fs::copy_file(), which takes a full disk for a broken one. Errors by errno, ECANCELED where it was
// stopped; 0 where all went well.
int copy_bytes(const fs::path& from, const fs::path& to, const std::stop_token& stop) {
  const Descriptor source(::open(from.c_str(), O_RDONLY | O_CLOEXEC));
  if (source.number() < 0) return errno;
  Descriptor target(::open(to.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  if (target.number() < 0) return errno;
  std::vector<char> buffer(std::size_t{1} << 20);
  for (;;) {
    if (stop.stop_requested()) return ECANCELED;
    const ssize_t count = ::read(source.number(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno;
    if (count == 0) break;
    for (ssize_t written = 0; written < count;) {
      const ssize_t step =
          ::write(target.number(), buffer.data() + written, static_cast<std::size_t>(count - written));
      if (step < 0 && errno == EINTR) continue;
      if (step <= 0) return step < 0 ? errno : EIO;
      written += step;
    }
  }
  if (::fsync(target.number()) != 0) return errno;
  return target.close() ? 0 : errno;
}

}  // namespace

Result<std::vector<std::string>> Library::check(bool repair) {
  return store::guarded(*impl_->database, [&]() -> Result<std::vector<std::string>> {
    Database& database = *impl_->database;
    std::vector<std::string> problems = database.problems();
    store::Transaction transaction(database);
    for (const store::Inconsistency& wrong : store::inconsistencies(database, repair)) {
      problems.push_back(std::to_string(wrong.rows) + " " + wrong.meaning +
                         (repair ? "; repaired, run `kith scan` to make them again" : ""));
    }
    transaction.commit();
    if (repair) {
      const Database::Unstoppable repaired_all_the_same(database);
      store::rebuild_indexes(database);
      if (!database.erase_traces())
        problems.emplace_back(
            "another program is reading the library: traces of what was erased may be left");
    }
    return problems;
  });
}

Status Library::backup(const fs::path& file) {
  std::error_code error;
  if (fs::exists(file, error))
    return fail(ErrorCode::bad_argument,
                file.string() + ": is there already; choose another name for the backup");
  // Beside the target first: half a backup must never carry its name.
  fs::path unfinished = file;
  unfinished += ".unfinished";
  fs::remove(unfinished, error);
  Status copied = store::guarded(*impl_->database, [&]() -> Status {
    try {
      impl_->database->copy_to(unfinished);
    } catch (const SQLite::Exception& problem) {
      return tl::unexpected(store::error_of(problem, file));
    }
    return {};
  });
  if (copied) {
    fs::rename(unfinished, file, error);
    if (!error) return {};
    copied = tl::unexpected(write_error(file, error.value()));
  }
  fs::remove(unfinished, error);
  return copied;
}

Status Library::restore(const fs::path& file, const fs::path& folder, std::stop_token stop) {
  std::error_code error;
  if (!fs::exists(file, error)) return fail(ErrorCode::not_found, file.string() + ": no such file");
  if (!store::is_sound_library(file))
    return fail(ErrorCode::library_damaged, file.string() + ": is not a sound backup of a library of kith's");
  const fs::path target = folder / "library.sqlite";
  if (fs::exists(target, error)) {
    return fail(ErrorCode::bad_argument, folder.string() +
                                             ": there is a library already; restore into another "
                                             "folder with --library, or move this one away");
  }
  fs::create_directories(folder, error);
  fs::path unfinished = target;
  unfinished += ".unfinished";
  int failure = copy_bytes(file, unfinished, stop);
  if (failure == 0) {
    // The log of a library that was there before would be taken for this one's.
    for (const char* rest : {"-wal", "-shm"}) fs::remove(target.string() + rest, error);
    if (::rename(unfinished.c_str(), target.c_str()) == 0) return {};
    failure = errno;
  }
  fs::remove(unfinished, error);
  if (failure == ECANCELED) return fail(ErrorCode::cancelled, "interrupted; nothing was restored");
  return tl::unexpected(write_error(target, failure));
}

}  // namespace kith
