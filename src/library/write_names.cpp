// SPDX-License-Identifier: Apache-2.0
// Names into photos' own metadata: which photos have something to be written.
#include <algorithm>
#include <chrono>
#include <system_error>

#include <kith/library.h>

#include "core/atomic_write.h"
#include "core/sha256.h"
#include "library/claims.h"
#include "library/impl.h"
#include "library/lock.h"
#include "library/written.h"

namespace kith {
namespace {

namespace fs = std::filesystem;
using library::WriteJob;
using store::Database;

// Whether a photo has come to have a sidecar that names would go to.
bool has_sidecar(const fs::path& photo) {
  std::error_code error;
  return fs::exists(library::full_file(photo, "*.xmp"), error) ||
         fs::exists(library::full_file(photo, "~.xmp"), error);
}

// Whether all is as the last write left it, and the same is wanted. Nothing is opened.
bool is_up_to_date(const WriteJob& job) {
  if (job.rows.empty()) return job.faces.empty();
  const store::WrittenRow& row = job.rows.front();
  if (job.rows.size() > 1 || row.next) return false;
  if (row.wanted != library::wanted_text({job.faces, job.settings})) return false;
  const fs::path file = library::full_file(job.photo.path, row.file);
  if (!library::looks_like(file, row.size, row.mtime_ns) || !library::is_as_scanned(job.photo)) return false;
  return !(row.file.empty() && job.settings.sidecar == SidecarUse::automatic && has_sidecar(job.photo.path));
}

WriteJob job_of(Database& database, store::NamedPhoto&& photo, const MetadataSettings& settings) {
  WriteJob job{.photo = std::move(photo.file), .faces = {}, .settings = settings, .rows = {}};
  for (store::NamedPhoto::Named& face : photo.faces) job.faces.push_back({std::move(face.name), face.box});
  job.rows = store::written_for(database, job.photo.id);
  return job;
}

// Whether somebody on the photo is called so still: of whom was forgotten no face has the name.
bool are_on_photo(Database& database, const WriteJob& job) {
  const std::vector<LibraryFace> now = store::faces_on_photo(database, job.photo.id);
  return std::ranges::all_of(job.faces, [&](const NamedFace& named) {
    return std::ranges::any_of(now, [&](const LibraryFace& face) { return face.person == named.name; });
  });
}

Result<std::vector<std::string>> kept_inputs(Database& database, const std::vector<fs::path>& inputs) {
  std::vector<std::string> kept;
  for (const fs::path& input : inputs) {
    kept.push_back(library::kept_path(input).string());
    if (store::photos_below(database, kept.back()).empty())
      return fail(ErrorCode::not_found,
                  input.string() + ": not in the library; add it with `kith scan`. Nothing was written");
  }
  return kept;
}

}  // namespace

Result<WriteSummary> Library::write_names(const std::vector<fs::path>& inputs, const WriteSettings& settings,
                                          const std::function<void(const WriteProgress&)>& progress,
                                          std::stop_token stop) {
  const auto start = std::chrono::steady_clock::now();
  Database& database = *impl_->database;
  return store::guarded(database, [&]() -> Result<WriteSummary> {
    const Database::Unstoppable noting_what_is_written(database);
    const Result<std::vector<std::string>> kept = kept_inputs(database, inputs);
    if (!kept) return tl::unexpected(kept.error());
    std::optional<library::ScanLock> lock;
    if (!settings.dry_run) {
      Result<library::ScanLock> taken = library::ScanLock::take(database.folder(), false, stop);
      if (!taken) return tl::unexpected(taken.error());
      lock.emplace(std::move(*taken));
    }
    WriteSummary summary;
    std::vector<WriteJob> jobs;
    store::for_each_named_photo(database, settings.min_probability, [&](store::NamedPhoto&& photo) {
      const auto holds = [&](const std::string& input) { return library::is_below(photo.file.path, input); };
      if (!inputs.empty() && std::ranges::none_of(*kept, holds)) return;
      ++summary.photos;
      WriteJob job = job_of(database, std::move(photo), settings.metadata);
      if (is_up_to_date(job)) {
        ++summary.unchanged;
      } else {
        jobs.push_back(std::move(job));
      }
    });
    std::size_t done = 0;
    const std::size_t total = jobs.size();
    const Status written = library::rewrite(
        database, std::move(jobs), settings.threads, settings.dry_run,
        [&](const WriteJob& job) { return are_on_photo(database, job); },
        [&](WriteReport&& report) {
          ++(report.error ? summary.failed : report.written ? summary.written : summary.unchanged);
          if (progress) progress({++done, total, &report});
        },
        stop);
    if (!written) return tl::unexpected(written.error());
    summary.cancelled = done < total;
    summary.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return summary;
  });
}

Result<std::vector<WrittenFile>> Library::written(const fs::path& photo) {
  Database& database = *impl_->database;
  return store::guarded(database, [&]() -> Result<std::vector<WrittenFile>> {
    std::vector<WrittenFile> files;
    const fs::path kept = library::kept_path(photo);
    const std::optional<PhotoId> id = store::photo_at(database, kept.string());
    if (!id) return files;
    for (const store::WrittenRow& row : store::written_for(database, *id)) {
      WrittenFile file{library::full_file(kept, row.file), {}};
      if (row.record.empty()) continue;
      for (const NamedFace& face : library::parse_wanted(row.wanted).value_or(library::Wanted{}).faces) {
        if (library::is_written(row.record, face.name)) file.names.push_back(face.name);
      }
      files.push_back(std::move(file));
    }
    return files;
  });
}

Status Library::commit(MetadataEdit& edit, const fs::path& photo) {
  Database& database = *impl_->database;
  return store::guarded(database, [&]() -> Status {
    const std::string path = library::kept_path(photo).string();
    const std::optional<store::KnownFile> known = store::known_file(database, path);
    // A photo that was changed before is for the next scan to look at.
    const bool is_current = known && library::is_as_scanned(*known);
    if (Status done = edit.commit(); !done) return done;
    if (!is_current) return {};
    const fs::path file = library::kept_path(edit.file());
    const Result<FileState> now = file_state(file);
    const Result<std::string> content = sha256_of_file(file);
    if (!now || !content) return {};  // gone again: the next scan sees
    store::Transaction transaction(database);
    const auto size = static_cast<std::int64_t>(now->bytes);
    if (file == path) store::rewrite_photo(database, known->id, size, now->modified_ns, *content);
    for (store::WrittenRow& row : store::written_for(database, known->id)) {
      if (library::full_file(path, row.file) != file || row.next) continue;
      row.size = size;
      row.mtime_ns = now->modified_ns;
      row.ctime_ns = now->changed_ns;
      store::put_written(database, row);
    }
    transaction.commit();
    return {};
  });
}

}  // namespace kith
