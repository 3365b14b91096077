// SPDX-License-Identifier: Apache-2.0
// Checks, backups and restoring.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include <kith/library.h>

#include "core/atomic_write.h"
#include "core/descriptor.h"
#include "core/new_file.h"
#include "library/impl.h"
#include "store/check.h"

namespace kith {
namespace {

namespace fs = std::filesystem;
using store::Database;

// Not fs::copy_file(), which takes a full disk for a broken one. Errors by errno, ECANCELED where it was
// stopped; 0 where all went well.
int copy_bytes(const fs::path& from, NewFile& to, const std::stop_token& stop) {
  const Descriptor source(::open(from.c_str(), O_RDONLY | O_CLOEXEC));
  if (source.number() < 0) return errno;
  std::vector<char> buffer(std::size_t{1} << 20);
  for (;;) {
    if (stop.stop_requested()) return ECANCELED;
    const ssize_t count = ::read(source.number(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno;
    if (count == 0) return 0;
    if (const int error = to.write({buffer.data(), static_cast<std::size_t>(count)}); error != 0)
      return error;
  }
}

tl::unexpected<Error> backup_is_there(const fs::path& file) {
  return fail(ErrorCode::bad_argument,
              file.string() + ": is there already; choose another name for the backup");
}

tl::unexpected<Error> library_is_there(const fs::path& folder) {
  return fail(ErrorCode::bad_argument, folder.string() +
                                           ": there is a library already; restore into another "
                                           "folder with --library, or move this one away");
}

}  // namespace

Result<std::vector<std::string>> Library::check(bool repair) {
  return store::guarded(*impl_->database, [&]() -> Result<std::vector<std::string>> {
    Database& database = *impl_->database;
    std::vector<std::string> problems = database.problems();
    // Who only looks needs no right to write, and keeps no other from it.
    store::Transaction transaction(database,
                                   repair ? store::Transaction::Mode::write : store::Transaction::Mode::read);
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
  if (fs::exists(fs::symlink_status(file, error))) return backup_is_there(file);
  remove_leftovers(file.parent_path());     // of a backup that was killed
  auto copy = NewFile::named_beside(file);  // SQLite writes by name
  if (!copy) return tl::unexpected(write_error(file, copy.error()));
  Status copied = store::guarded(*impl_->database, [&]() -> Status {
    try {
      impl_->database->copy_to(copy->name());
    } catch (const SQLite::Exception& problem) {
      return tl::unexpected(store::error_of(problem, file));
    }
    return {};
  });
  if (!copied) return copied;
  const int failed = copy->become_target();
  if (failed == EEXIST) return backup_is_there(file);
  return write_status(file, failed);
}

Status Library::restore(const fs::path& file, const fs::path& folder, const std::stop_token& stop) {
  std::error_code error;
  if (!fs::exists(file, error)) return fail(ErrorCode::not_found, file.string() + ": no such file");
  if (!store::is_sound_library(file))
    return fail(ErrorCode::library_damaged, file.string() + ": is not a sound backup of a library of kith's");
  const fs::path target = folder / "library.sqlite";
  if (fs::exists(target, error)) return library_is_there(folder);
  if (Status made = make_folder(folder); !made) return made;
  auto restored = NewFile::beside(target);
  if (!restored) return tl::unexpected(write_error(target, restored.error()));
  int failed = copy_bytes(file, *restored, stop);
  if (failed == 0) {
    // The log of a library that was there before would be taken for this one's.
    for (const char* rest : {"-wal", "-shm"}) fs::remove(target.string() + rest, error);
    failed = restored->become_target();
  }
  if (failed == ECANCELED) return fail(ErrorCode::cancelled, "interrupted; nothing was restored");
  if (failed == EEXIST) return library_is_there(folder);
  return write_status(target, failed);
}

}  // namespace kith
