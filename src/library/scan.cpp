// SPDX-License-Identifier: Apache-2.0
// Bringing the library up to date: walk, tell what is new, look at that, write down, name.
#include <algorithm>
#include <chrono>
#include <set>
#include <unordered_set>

#include <kith/library.h>

#include "core/atomic_write.h"
#include "core/sha256.h"
#include "library/claims.h"
#include "library/impl.h"
#include "library/lock.h"
#include "library/pairing.h"
#include "pipeline/walker.h"
#include "store/journal.h"
#include "store/metadata.h"

namespace kith {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

// Faces that overlap (library::same_face) are not the same if they are this unlike: another picture
// was saved under the photo's name. (Two people are at 0.0 +- 0.1, one face in two versions of a photo far
// above; cf. EnrolmentSettings::unlike_similarity.)
constexpr float other_face_similarity = 0.2F;
// Photos that are written in one go: a kill costs at most these, and they are looked at again.
constexpr std::size_t photos_a_commit = 32;
constexpr auto longest_without_commit = std::chrono::seconds(2);

struct FileOnDisk {
  std::string path;
  std::int64_t size = 0;
  std::int64_t mtime_ns = 0;
};

// Whether a file was taken away. One on a disk that is not mounted was not: of that an empty folder is left.
bool has_left(const fs::path& path) {
  std::error_code error;
  if (fs::symlink_status(path, error).type() != fs::file_type::not_found) return false;
  fs::path folder = path.parent_path();
  while (folder != folder.parent_path() && !fs::exists(folder, error)) folder = folder.parent_path();
  return fs::is_directory(folder, error) && !fs::is_empty(folder, error) && !error;
}

std::string content_now(const std::string& path) { return sha256_of_file(path).value_or(std::string()); }

// What a walk over the inputs found, beside what the library knew. Walking and hashing take their time, so
// nothing is written meanwhile: the owner's decisions need not wait.
class Inventory {
 public:
  Inventory(store::Database& database, std::vector<fs::path> inputs)
      : database_(database), inputs_(std::move(inputs)), known_(store::file_states(database)) {}

  // False where it was stopped.
  bool walk(ScanSummary& summary, const std::stop_token& stop) {
    pipeline::Walker walker(inputs_, database_.folder());
    while (std::optional<pipeline::Found> found = walker.next()) {
      if (stop.stop_requested()) return false;
      if (found->error) {
        unreadable_.push_back(found->photo.string());
        failures_.push_back({found->photo, *found->error});
        continue;
      }
      sort_in(
          {found->photo.string(), static_cast<std::int64_t>(found->state.bytes), found->state.modified_ns},
          summary);
    }
    return true;
  }

  // Photos that are not where they were: known by their content at another path, or missing. False where it
  // was stopped.
  bool settle_missing(ScanSummary& summary, const std::stop_token& stop) {
    std::unordered_set<const Known*> gone;
    std::unordered_set<std::int64_t> new_sizes;
    for (const FileOnDisk& file : fresh_) new_sizes.insert(file.size);
    for (const Known& known : known_) {
      if (seen_.contains(&known)) continue;
      // What another scan would miss may have come here.
      const bool may_be_here = new_sizes.contains(known.second.size);
      if (is_expected(known.first) || (may_be_here && has_left(known.first))) gone.insert(&known);
    }
    if (!find_moves(gone, stop)) return false;
    keep_whole_moves(gone);
    for (const auto& [path, move] : moves_) {
      moved_.emplace_back(move.photo->second.id, move.file);
      gone.erase(move.photo);
    }
    std::erase_if(gone, [&](const Known* known) { return !is_expected(known->first); });
    const auto has_moved = [&](const FileOnDisk& file) { return moves_.contains(file.path); };
    std::erase_if(fresh_, has_moved);
    std::erase_if(changed_, has_moved);
    for (const Known* known : gone) {
      if (!known->second.missing) missing_.push_back(known->second.id);
    }
    summary.fresh = fresh_.size();
    summary.changed = changed_.size();
    summary.moved = moved_.size();
    summary.missing = gone.size();
    return true;
  }

  void write() {
    store::Transaction transaction(database_);
    for (const auto& [photo, mtime_ns] : touched_) store::touch_photo(database_, photo, mtime_ns);
    // Two photos may have swapped their names, and no two may be at one path, not even for a moment.
    for (const auto& [photo, file] : moved_) store::leave_path(database_, photo);
    for (const auto& [photo, file] : moved_) store::move_photo(database_, photo, file.path, file.mtime_ns);
    for (const PhotoId photo : missing_) store::set_missing(database_, photo, true);
    transaction.commit();
  }

  // What has to be opened, in the order of the paths.
  [[nodiscard]] std::vector<FileOnDisk> to_open() const {
    std::vector<FileOnDisk> files = fresh_;
    files.insert(files.end(), changed_.begin(), changed_.end());
    std::ranges::sort(files, {}, &FileOnDisk::path);
    return files;
  }

  struct Failure {
    fs::path path;
    Error error;
  };
  [[nodiscard]] const std::vector<Failure>& failures() const { return failures_; }
  [[nodiscard]] PhotoId known_id(const std::string& path) const {
    const auto known = known_.find(path);
    return known == known_.end() ? 0 : known->second.id;
  }

 private:
  using Known = std::pair<const std::string, store::FileState>;
  struct Move {
    const Known* photo;
    FileOnDisk file;  // where its content is now
  };

  // Looks for the content of photos that are gone, or whose file has another content now, in the files that
  // are new or have another content. False where it was stopped.
  bool find_moves(const std::unordered_set<const Known*>& gone, const std::stop_token& stop) {
    std::unordered_multimap<std::int64_t, const Known*> displaced;  // by size
    for (const Known* known : gone) displaced.emplace(known->second.size, known);
    for (const FileOnDisk& file : changed_) {
      const Known& known = *known_.find(file.path);
      // What could not be read is tried again where it is, with the content that it had.
      if (!known.second.failed) displaced.emplace(known.second.size, &known);
    }
    for (const std::vector<FileOnDisk>* files : {&fresh_, &changed_}) {
      for (const FileOnDisk& file : *files) {
        const auto [begin, end] = displaced.equal_range(file.size);
        if (begin == end) continue;
        if (stop.stop_requested()) return false;
        const std::string content = content_now(file.path);
        if (content.empty()) continue;
        auto found = end;
        for (auto candidate = begin; candidate != end; ++candidate) {
          if (store::content_of(database_, candidate->second->second.id) != content) continue;
          // Of copies rather the one that is nowhere else.
          if (found == end || gone.contains(candidate->second)) found = candidate;
        }
        if (found == end) continue;
        moves_.insert_or_assign(file.path, Move{found->second, file});
        displaced.erase(found);
      }
    }
    return true;
  }

  // Where a photo was copied and then edited, the old content at a new path is the copy: the photo stays
  // where it is, and keeps what was decided. It leaves its path only to another photo that is known, and a
  // photo moves only to a path that is free or left: so names are swapped, or handed on down a row.
  void keep_whole_moves(const std::unordered_set<const Known*>& gone) {
    std::size_t dropped = 0;
    do {
      std::unordered_set<std::string> left;
      std::unordered_set<std::string> taken;
      for (const auto& [path, move] : moves_) {
        left.insert(move.photo->first);
        taken.insert(path);
      }
      dropped = std::erase_if(moves_, [&](const auto& entry) {
        const auto& [path, move] = entry;
        const bool leaves = gone.contains(move.photo) || taken.contains(move.photo->first);
        const bool free = !known_.contains(path) || left.contains(path);
        return !leaves || !free;
      });
    } while (dropped > 0);
  }

  void sort_in(const FileOnDisk& file, ScanSummary& summary) {
    const auto known = known_.find(file.path);
    if (known == known_.end()) {
      if (!new_.insert(file.path).second) return;
      ++summary.photos;
      fresh_.push_back(file);
      return;
    }
    if (!seen_.insert(&*known).second) return;
    ++summary.photos;
    const store::FileState& state = known->second;
    // One that failed is tried again: it may have been rights, or memory.
    const bool as_it_was = state.size == file.size && state.mtime_ns == file.mtime_ns && !state.failed;
    if (!as_it_was && (state.failed || state.size != file.size ||
                       store::content_of(database_, state.id) != content_now(file.path))) {
      changed_.push_back(file);
      return;
    }
    if (!as_it_was || state.missing) touched_.emplace_back(state.id, file.mtime_ns);
    ++summary.unchanged;
  }

  // Whether this walk would have come by: what lies outside the inputs, or in a folder that could not be
  // read, is not missing.
  [[nodiscard]] bool is_expected(const std::string& path) const {
    const auto contains = [&](const auto& folder) {
      return library::is_below(path, fs::path(folder).string());
    };
    return std::ranges::any_of(inputs_, contains) && std::ranges::none_of(unreadable_, contains);
  }

  store::Database& database_;
  std::vector<fs::path> inputs_;
  std::unordered_map<std::string, store::FileState> known_;
  std::unordered_set<const Known*> seen_;
  std::unordered_set<std::string> new_;
  std::vector<std::string> unreadable_;
  std::vector<Failure> failures_;
  std::vector<FileOnDisk> fresh_;
  std::vector<FileOnDisk> changed_;
  std::vector<std::pair<PhotoId, std::int64_t>> touched_;  // with their new time
  std::unordered_map<std::string, Move> moves_;            // by the path of the file
  std::vector<std::pair<PhotoId, FileOnDisk>> moved_;
  std::vector<PhotoId> missing_;
};

// Writes photos down as they come, some at a time, so that the database is held for moments only.
class Writer {
 public:
  Writer(store::Database& database, std::int64_t model) : database_(database), model_(model) {}

  void write(const FileOnDisk& file, PhotoId known, PhotoReport&& report) {
    pending_.push_back({file, known, std::move(report)});
    if (pending_.size() >= photos_a_commit || Clock::now() - last_commit_ > longest_without_commit) commit();
  }

  [[nodiscard]] const std::vector<PhotoId>& written() const { return written_; }

  void commit() {
    last_commit_ = Clock::now();
    if (pending_.empty()) return;
    store::Transaction transaction(database_);
    for (Pending& photo : pending_) put(photo);
    library::names_are_due(database_);  // a scan that is killed before it names leaves that to the next one
    transaction.commit();
    pending_.clear();
  }

 private:
  struct Pending {
    FileOnDisk file;
    PhotoId known;
    PhotoReport report;
  };

  void put(Pending& pending) {
    PhotoReport& report = pending.report;
    const PhotoId photo = store::put_photo(database_, {.id = pending.known,
                                                       .path = pending.file.path,
                                                       .size = pending.file.size,
                                                       .mtime_ns = pending.file.mtime_ns,
                                                       .content = report.content,
                                                       .info = report.info,
                                                       .error = report.error});
    written_.push_back(photo);
    // A photo that can't be read now may be readable again: its faces stay.
    if (!report.error) write_faces(photo, report);
  }

  // Faces that were known keep their number, and with it what the owner said of them.
  void write_faces(PhotoId photo, PhotoReport& report) {
    const std::vector<store::KnownFace> known = store::known_faces(database_, photo);
    const std::vector<std::optional<std::size_t>> pairs =
        library::paired(report.faces.size(), known.size(), [&](std::size_t seen, std::size_t of_known) {
          return likeness(known[of_known], report.faces[seen]);
        });
    std::vector<bool> seen_again(known.size(), false);
    for (std::size_t i = 0; i < report.faces.size(); ++i) {
      store::FaceRow row{.id = 0, .photo = photo, .face = std::move(report.faces[i]), .crop = {}};
      if (pairs[i]) {
        seen_again[*pairs[i]] = true;
        if (known[*pairs[i]].forgotten) continue;
        row.id = known[*pairs[i]].id;
      }
      if (i < report.thumbnails.size()) row.crop = std::move(report.thumbnails[i]);
      store::put_face(database_, row, model_);
    }
    for (std::size_t i = 0; i < known.size(); ++i) {
      if (!seen_again[i] && !known[i].decided && !known[i].forgotten)
        store::drop_face(database_, known[i].id);
    }
  }

  [[nodiscard]] float likeness(const store::KnownFace& known, const Face& seen) const {
    const float common = library::same_face(known.box, seen.box);
    if (common == 0) return 0;
    const std::optional<Embedding> vector = store::vector_of(database_, known.id, model_);
    const bool other_face = vector && vector->size() == seen.embedding.size() &&
                            dot(*vector, seen.embedding) < other_face_similarity;
    return other_face ? 0 : common;
  }

  store::Database& database_;
  std::int64_t model_;
  std::vector<Pending> pending_;
  std::vector<PhotoId> written_;
  Clock::time_point last_commit_ = Clock::now();
};

// One scan, from the walk to the names.
class Scan {
 public:
  Scan(store::Database& database, const Models& models, const ScanSettings& settings,
       const std::function<void(const ScanProgress&)>& progress, std::stop_token stop)
      : database_(database),
        models_(models),
        settings_(settings),
        progress_(progress),
        stop_(std::move(stop)) {}

  Result<ScanSummary> operator()(const std::vector<fs::path>& inputs) {
    const Clock::time_point start = Clock::now();
    Inventory inventory(database_, inputs);
    summary_.cancelled = !inventory.walk(summary_, stop_) || !inventory.settle_missing(summary_, stop_);
    if (!summary_.cancelled) inventory.write();
    for (const Inventory::Failure& failure : inventory.failures()) tell(failure.path, failure.error);
    if (!summary_.cancelled) {
      if (Status looked = look(inventory); !looked) return tl::unexpected(looked.error());
    }
    // Before vectors are made: what files name where no face was found gets one too.
    if (!summary_.cancelled) library::settle_claims(database_);
    bool new_vectors = !opened_.empty();
    if (!summary_.cancelled) {
      const Result<library::Embedded> embedded =
          library::embed_missing(database_, models_, settings_.pipeline, progress_, stop_);
      if (!embedded) return tl::unexpected(embedded.error());
      if (embedded->complete) library::note_embedded(database_, models_.embedder_spec);
      summary_.cancelled = !embedded->complete;
      summary_.embedded = embedded->made;
      new_vectors = new_vectors || embedded->made > 0;
    }
    if (new_vectors || !library::names_are_current(database_, models_.embedder_spec, settings_.identify)) {
      [[maybe_unused]] const std::size_t renamed =
          library::update_names(database_, models_.embedder_spec, settings_.identify);
    }
    summary_.named = count_named();
    summary_.seconds = std::chrono::duration<double>(Clock::now() - start).count();
    return summary_;
  }

 private:
  Status look(const Inventory& inventory) {
    const std::vector<FileOnDisk> files = inventory.to_open();
    std::vector<fs::path> photos;
    for (const FileOnDisk& file : files) photos.emplace_back(file.path);
    PipelineSettings pipeline = settings_.pipeline;
    pipeline.thumbnail_side = library::thumbnail_side;
    pipeline.fingerprint = true;
    Writer writer(database_, library::model_of(database_, models_.embedder_spec));
    std::stop_source stop;
    const std::stop_callback forward(stop_, [&] { stop.request_stop(); });
    std::optional<Error> failure;
    auto next = files.begin();
    const Pipeline running(*models_.detector, models_.embedder.get(), nullptr, pipeline);
    const RunSummary run = running.run(
        photos,
        [&](PhotoReport&& report) {
          // A file that became a folder meanwhile gives no report, or those of photos that nobody listed.
          const auto file = std::ranges::find(next, files.end(), report.photo.native(), &FileOnDisk::path);
          if (failure || file == files.end()) return;
          next = std::next(file);
          if (report.error && (is_model_error(report.error->code))) {
            failure = report.error;
            stop.request_stop();
            return;
          }
          summary_.faces += report.faces.size();
          if (report.error) ++summary_.failed;
          const auto done = static_cast<std::size_t>(next - files.begin());
          if (progress_) progress_({ScanProgress::Step::photos, done, files.size(), &report});
          try {
            writer.write(*file, inventory.known_id(file->path), std::move(report));
          } catch (const SQLite::Exception& problem) {
            failure = store::error_of(problem, database_.file());
            stop.request_stop();
          }
        },
        stop.get_token());
    if (failure) return tl::unexpected(*failure);
    writer.commit();
    opened_ = writer.written();
    summary_.cancelled = run.cancelled;
    return {};
  }

  void tell(const fs::path& path, const Error& error) {
    ++summary_.failed;
    PhotoReport report;
    report.photo = path;
    report.error = error;
    if (progress_) progress_({ScanProgress::Step::photos, 0, 0, &report});
  }

  std::size_t count_named() {
    std::size_t named = 0;
    for (const PhotoId photo : opened_) named += store::named_faces(database_, photo);
    return named;
  }

  store::Database& database_;
  const Models& models_;
  const ScanSettings& settings_;
  const std::function<void(const ScanProgress&)>& progress_;
  std::stop_token stop_;
  ScanSummary summary_;
  std::vector<PhotoId> opened_;
};

// With the journal entries about their faces, which could not be undone any more.
void drop(store::Database& database, const std::vector<PhotoId>& photos) {
  std::vector<FaceId> faces;
  std::vector<PhotoId> asked_about;
  for (const PhotoId photo : photos) {
    for (const store::KnownFace& face : store::known_faces(database, photo)) {
      if (face.decided) faces.push_back(face.id);
    }
    if (!store::conflicts_on(database, photo).empty()) asked_about.push_back(photo);
  }
  if (!faces.empty() || !asked_about.empty())
    store::erase_from_journal(database, {.people = {}, .faces = faces, .photos = asked_about, .names = {}});
  store::drop_photos(database, photos);
}

}  // namespace

Result<ScanSummary> Library::scan(const std::vector<fs::path>& inputs, const Models& models,
                                  const ScanSettings& settings,
                                  const std::function<void(const ScanProgress&)>& progress,
                                  std::stop_token stop) {
  std::vector<fs::path> kept;
  for (const fs::path& input : inputs) {
    std::error_code ignored;
    if (!fs::exists(input, ignored))
      return fail(ErrorCode::not_found, input.string() + ": no such file or folder; nothing was changed");
    kept.push_back(library::kept_path(input));
  }
  const Result<library::ScanLock> lock =
      library::ScanLock::take(impl_->database->folder(), settings.wait, stop);
  if (!lock) return tl::unexpected(lock.error());
  const store::Database::Unstoppable keeping_what_is_finished(*impl_->database);
  return store::guarded(*impl_->database, [&]() -> Result<ScanSummary> {
    return Scan(*impl_->database, models, settings, progress, std::move(stop))(kept);
  });
}

Result<std::size_t> Library::forget_missing() {
  return store::guarded(*impl_->database, [&]() -> Result<std::size_t> {
    store::Transaction transaction(*impl_->database);
    const std::vector<PhotoId> photos = store::missing_photos(*impl_->database);
    drop(*impl_->database, photos);
    transaction.commit();
    return photos.size();
  });
}

Result<std::size_t> Library::forget_photos(const std::vector<fs::path>& paths) {
  return store::guarded(*impl_->database, [&]() -> Result<std::size_t> {
    store::Database& database = *impl_->database;
    store::Transaction transaction(database);
    std::set<PhotoId> photos;
    for (const fs::path& path : paths) {
      const std::string kept = library::kept_path(path).string();
      const std::vector<PhotoId> below = store::photos_below(database, kept);
      if (below.empty()) return fail(ErrorCode::not_found, kept + ": not in the library; see `kith search`");
      photos.insert(below.begin(), below.end());
    }
    const std::vector<PhotoId> all(photos.begin(), photos.end());
    drop(database, all);
    transaction.commit();
    return all.size();
  });
}

}  // namespace kith
