// SPDX-License-Identifier: Apache-2.0
// Names from files: what is to be read, reading it with all threads, and handing it to the settler.
#include <algorithm>
#include <array>
#include <fstream>
#include <map>
#include <set>
#include <system_error>

#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <kith/library.h>
#include <kith/photo.h>

#include "core/attempt.h"
#include "core/person_name.h"
#include "interop/digikam.h"
#include "interop/picasa.h"
#include "interop/takeout.h"
#include "library/claims.h"
#include "library/impl.h"
#include "pipeline/walker.h"
#include "store/journal.h"

namespace kith {
namespace {

namespace fs = std::filesystem;
using store::Database;

enum class InputKind { none, photos, digikam, contacts, picasa_ini, sidecar };

std::string beginning_of(const fs::path& file) {
  std::array<char, 4096> bytes{};
  std::ifstream stream(file, std::ios::binary);
  stream.read(bytes.data(), bytes.size());
  return {bytes.data(), static_cast<std::size_t>(stream.gcount())};
}

bool has_ending(const fs::path& file, std::string_view ending) {
  std::string name = file.extension().string();
  std::ranges::transform(name, name.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return name == ending;
}

// By what is in it, as far as that tells.
InputKind kind_of(const fs::path& input) {
  std::error_code ignored;
  if (!fs::exists(input, ignored)) return InputKind::none;
  if (interop::is_picasa_ini(input.filename().string())) return InputKind::picasa_ini;
  if (fs::is_directory(input, ignored) || pipeline::has_photo_extension(input)) return InputKind::photos;
  const std::string beginning = beginning_of(input);
  if (beginning.starts_with(std::string_view("SQLite format 3\0", 16))) return InputKind::digikam;
  if (beginning.find("<contacts") != std::string::npos) return InputKind::contacts;
  return has_ending(input, ".xmp") ? InputKind::sidecar : InputKind::none;
}

// The photos that a sidecar may belong to: "a.jpg.xmp" has one, "a.xmp" as many as are called so.
std::vector<fs::path> photos_of_sidecar(const fs::path& sidecar) {
  const fs::path stem = sidecar.parent_path() / sidecar.stem();
  std::error_code error;
  if (fs::is_regular_file(stem, error)) return {stem};
  std::vector<fs::path> photos;
  for (fs::directory_iterator entry(sidecar.parent_path(), error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().stem() == stem.filename() && pipeline::has_photo_extension(entry->path()))
      photos.push_back(entry->path());
  }
  return photos;
}

// Everything that files say, by photo. What is read first goes first: the photo's own word before that of a
// program's files beside it.
class Gathering {
 public:
  Gathering(Database& database, const NamesImportSettings& settings,
            const std::function<void(const NamesImportProgress&)>& progress, std::stop_token stop)
      : database_(database), settings_(settings), progress_(progress), stop_(std::move(stop)) {}

  void add(const fs::path& input) {
    switch (kind_of(input)) {
      case InputKind::none: break;
      case InputKind::photos: walk(input); break;
      case InputKind::digikam: databases_.push_back(input); break;
      case InputKind::contacts: add_contacts(input); break;
      case InputKind::picasa_ini: inis_.insert(input); break;
      case InputKind::sidecar: {
        const std::vector<fs::path> photos = photos_of_sidecar(input);
        if (photos.empty())
          problems.push_back(
              {ErrorCode::not_found, input.string() + ": there is no photo beside this sidecar"});
        for (const fs::path& photo : photos) add_photo(photo);
        break;
      }
    }
  }

  // False where it was stopped.
  bool read() {
    total_ = photos_.size() + folders_.size() + databases_.size();
    if (!read_photos()) return false;
    read_inis();
    for (const auto& [folder, only] : folders_) {
      if (stop_.stop_requested()) return false;
      take(interop::read_takeout_folder(folder), only);
      advance();
    }
    for (const fs::path& database : databases_) {
      if (stop_.stop_requested()) return false;
      take(interop::read_digikam(database, frame_of()), {});
      advance();
    }
    leave_out_overcrowded();
    return !stop_.stop_requested();
  }

  [[nodiscard]] const std::map<std::string, std::vector<store::FileWord>>& words() const { return words_; }
  std::vector<Error> problems;

 private:
  struct Read {
    std::vector<store::FileWord> words;
    std::vector<Error> problems;
  };

  void walk(const fs::path& input) {
    std::error_code error;
    const bool folder = fs::is_directory(input, error);
    pipeline::Walker walker({input}, database_.folder());
    while (std::optional<pipeline::Found> found = walker.next()) {
      if (stop_.stop_requested()) return;
      if (found->error) {
        problems.push_back(*found->error);
      } else {
        add_photo(found->photo);
        if (folder) folders_[found->photo.parent_path()].clear();
      }
    }
  }

  // A made-up file may name a hundred thousand people, each of whom would be compared with all others.
  void leave_out_overcrowded() {
    constexpr std::size_t most_names = 2000;  // twice the faces that are looked for on a photo
    for (auto photo = words_.begin(); photo != words_.end();) {
      const std::size_t names = photo->second.size();
      if (names > most_names) {
        problems.push_back({ErrorCode::too_large, photo->first + ": " + std::to_string(names) +
                                                      " names are said to be on it, the limit is " +
                                                      std::to_string(most_names) + "; none was taken"});
      }
      photo = names > most_names ? words_.erase(photo) : std::next(photo);
    }
  }

  // With what other programs say of it beside it.
  void add_photo(const fs::path& photo) {
    if (!photos_.insert(photo).second) return;
    const auto [folder, fresh] = folders_.try_emplace(photo.parent_path());
    if (fresh || !folder->second.empty()) folder->second.insert(photo);
  }

  void add_contacts(const fs::path& file) {
    Result<interop::PicasaContacts> contacts = interop::read_picasa_contacts(file);
    if (!contacts) {
      problems.push_back(contacts.error());
    } else {
      contacts_.merge(*contacts);
    }
  }

  // Of a photo that is as it was scanned from the library, else from its header.
  [[nodiscard]] static Result<PhotoFrame> frame(const std::optional<store::KnownFile>& known,
                                                const fs::path& photo, const DecodeSettings& decode) {
    if (known && library::is_as_scanned(*known))
      return PhotoFrame{.width = known->width, .height = known->height, .orientation = known->orientation};
    const Result<Photo> opened = Photo::open(photo, decode);
    if (!opened) return tl::unexpected(opened.error());
    return PhotoFrame{.width = opened->info().width,
                      .height = opened->info().height,
                      .orientation = opened->info().orientation};
  }

  [[nodiscard]] interop::FrameOf frame_of() {
    return [this](const fs::path& photo) {
      const auto known = frames_.find(photo.string());
      if (known != frames_.end()) return Result<PhotoFrame>(known->second);
      Result<PhotoFrame> made = frame(store::known_file(database_, photo.string()), photo, settings_.decode);
      if (made) frames_.emplace(photo.string(), *made);
      return made;
    };
  }

  bool read_photos() {
    constexpr std::size_t at_once = 1024;  // so many go by between two looks at the database
    std::vector<fs::path> photos(photos_.begin(), photos_.end());
    tbb::task_arena arena(std::max(1, settings_.threads));
    for (std::size_t begin = 0; begin < photos.size(); begin += at_once) {
      const std::size_t end = std::min(begin + at_once, photos.size());
      std::vector<std::optional<store::KnownFile>> known(end - begin);
      for (std::size_t i = begin; i < end; ++i)
        known[i - begin] = store::known_file(database_, photos[i].string());
      std::vector<Read> read(end - begin);
      arena.execute([&] {
        tbb::parallel_for(std::size_t{0}, read.size(), [&](std::size_t i) {
          if (!stop_.stop_requested()) read[i] = try_to_read(photos[begin + i], known[i]);
        });
      });
      if (stop_.stop_requested()) return false;
      for (std::size_t i = 0; i < read.size(); ++i) {
        std::ranges::move(read[i].problems, std::back_inserter(problems));
        if (!read[i].words.empty()) words_[photos[begin + i].string()] = std::move(read[i].words);
        advance();
      }
    }
    return true;
  }

  [[nodiscard]] Read try_to_read(const fs::path& photo, const std::optional<store::KnownFile>& known) const {
    Result<Read> read =
        without_exceptions(photo.string(), [&]() -> Result<Read> { return read_photo(photo, known); });
    return read ? std::move(*read) : Read{{}, {read.error()}};
  }

  [[nodiscard]] Read read_photo(const fs::path& photo, const std::optional<store::KnownFile>& known) const {
    Read read;
    const Result<PhotoFrame> size = frame(known, photo, settings_.decode);
    if (!size) {
      read.problems.push_back(size.error());
      return read;
    }
    const Result<PhotoMetadata> metadata = read_metadata(photo, *size);
    if (!metadata) {
      read.problems.push_back(metadata.error());
      return read;
    }
    add_words(metadata->claims, *size, read.words);
    return read;
  }

  // Names of people alone: pets and what the camera focused on are none, and neither is a face without one.
  static void add_words(const std::vector<NameClaim>& claims, const PhotoFrame& size,
                        std::vector<store::FileWord>& words) {
    for (const NameClaim& claim : claims) {
      if (claim.kind != RegionKind::face || !is_person_name(claim.name)) continue;
      store::FileWord word{.name = claim.name, .source = claim.source, .shares = {}, .stale = claim.stale};
      if (claim.box && !claim.stale) word.shares = library::to_shares(*claim.box, size.width, size.height);
      words.push_back(std::move(word));
    }
  }

  // Picasa's, of all folders. A person may be named in one ini alone and meant in others.
  void read_inis() {
    std::map<fs::path, std::set<fs::path>> inis;  // with the photos that count
    for (const auto& [folder, only] : folders_) {
      std::error_code error;
      for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
        if (interop::is_picasa_ini(entry->path().filename().string())) inis[entry->path()] = only;
      }
    }
    for (const fs::path& ini : inis_) inis[ini].clear();
    for (const auto& [ini, only] : inis) {
      // Where it can't be read, reading its faces says so.
      if (Result<interop::PicasaContacts> named = interop::read_picasa_ini_contacts(ini))
        contacts_.merge(*named);
    }
    for (const auto& [ini, only] : inis) take(interop::read_picasa_ini(ini, contacts_, frame_of()), only);
  }

  // `only`: of these photos; none: of all.
  void take(const Result<interop::Claims>& claims, const std::set<fs::path>& only) {
    if (!claims) {
      problems.push_back(claims.error());
      return;
    }
    problems.insert(problems.end(), claims->problems.begin(), claims->problems.end());
    for (const interop::PhotoClaims& photo : claims->photos) {
      if (!only.empty() && !only.contains(photo.photo)) continue;
      const std::string path = photo.photo.string();
      std::error_code error;
      if (!store::known_file(database_, path) && !fs::exists(photo.photo, error)) continue;
      const bool placed =
          std::ranges::any_of(photo.claims, [](const NameClaim& claim) { return claim.box.has_value(); });
      PhotoFrame size{.width = 1, .height = 1};
      if (placed) {
        const Result<PhotoFrame> known = frame_of()(photo.photo);
        if (!known) {
          problems.push_back(known.error());
          continue;
        }
        size = *known;
      }
      std::vector<store::FileWord> words;
      add_words(photo.claims, size, words);
      if (words.empty()) continue;
      std::vector<store::FileWord>& all = words_[path];
      std::ranges::move(words, std::back_inserter(all));
    }
  }

  void advance() {
    if (progress_) progress_({++done_, total_});
  }

  Database& database_;
  const NamesImportSettings& settings_;
  const std::function<void(const NamesImportProgress&)>& progress_;
  std::stop_token stop_;
  std::set<fs::path> photos_;
  std::map<fs::path, std::set<fs::path>> folders_;  // with the photos that count there; none: all
  std::set<fs::path> inis_;                         // named by themselves
  std::vector<fs::path> databases_;
  interop::PicasaContacts contacts_;
  std::map<std::string, PhotoFrame> frames_;
  std::map<std::string, std::vector<store::FileWord>> words_;
  std::size_t done_ = 0;
  std::size_t total_ = 0;
};

// What is to be read of a photo whose faces are where the library has them; else the next scan settles it.
std::optional<store::KnownFile> settled_now(Database& database, const std::string& path) {
  std::optional<store::KnownFile> known = store::known_file(database, path);
  if (!known || !library::is_as_scanned(*known)) return std::nullopt;
  return known;
}

std::string summary_of(const NamesImport& summary) {
  return "imported names from files: " + std::to_string(summary.confirmed) + " confirmed, " +
         std::to_string(summary.waiting) + " waiting for a scan, " + std::to_string(summary.conflicts) +
         " to be asked";
}

}  // namespace

bool Library::bears_names(const fs::path& input) { return kind_of(input) != InputKind::none; }

Result<NamesImport> Library::import_names(const std::vector<fs::path>& inputs,
                                          const NamesImportSettings& settings,
                                          const std::function<void(const NamesImportProgress&)>& progress,
                                          std::stop_token stop) {
  Database& database = *impl_->database;
  return store::guarded(database, [&]() -> Result<NamesImport> {
    Gathering gathering(database, settings, progress, stop);
    for (const fs::path& input : inputs) {
      std::error_code error;
      if (!fs::exists(input, error))
        return fail(ErrorCode::not_found, input.string() + ": no such file or folder; nothing was imported");
      if (!bears_names(input))
        return fail(ErrorCode::bad_argument,
                    input.string() + ": is no photo, sidecar or other program's file of names");
    }
    for (const fs::path& input : inputs) gathering.add(library::kept_path(input));
    if (!gathering.read()) {
      NamesImport stopped;
      stopped.problems = std::move(gathering.problems);
      stopped.cancelled = true;
      return stopped;
    }
    store::Decision decision(database, true);
    library::ClaimSettler settler(database);
    for (const auto& [path, words] : gathering.words()) {
      if (const std::optional<store::KnownFile> known = settled_now(database, path)) {
        settler.settle(*known, words);
      } else {
        settler.keep(path, words);
      }
    }
    NamesImport summary = settler.summary();
    summary.problems = std::move(gathering.problems);
    if (!settings.dry_run) decision.commit("import", summary_of(summary));
    return summary;
  });
}

Result<std::size_t> Library::make_vectors(const Models& models, const ScanSettings& settings,
                                          const std::function<void(const ScanProgress&)>& progress,
                                          std::stop_token stop) {
  Database& database = *impl_->database;
  return store::guarded(database, [&]() -> Result<std::size_t> {
    const ModelSpec& embedder = models.embedder_spec;
    const Result<library::Embedded> embedded =
        library::embed_missing(database, models, settings.pipeline, progress, stop);
    if (!embedded) return tl::unexpected(embedded.error());
    if (embedded->complete) library::note_embedded(database, embedder);
    return embedded->made;
  });
}

}  // namespace kith
