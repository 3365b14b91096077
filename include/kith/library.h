// SPDX-License-Identifier: Apache-2.0
// The photo library: which photos there are, whose faces are on them, and what the owner said about it.
//
// What machines found out (faces, vectors, guesses, clusters) and what the owner decided (names given and
// refused, faces that belong together or apart, ignored faces, boxes drawn by hand) are kept apart: guesses
// are thrown away and made again, decisions never. Every decision is a journal entry that can be undone.
//
// Thread rule: a Library is used by one thread at a time. Several processes may have one open: readers
// beside a scan, and a decision waits its turn.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include <kith/face.h>
#include <kith/identify.h>
#include <kith/metadata.h>
#include <kith/pipeline.h>
#include <kith/result.h>

namespace kith {

using PhotoId = std::int64_t;
using FaceId = std::int64_t;
using PersonId = std::int64_t;
using ClusterId = std::int64_t;
using ConflictId = std::int64_t;

struct ScanSettings {
  PipelineSettings pipeline;
  IdentifySettings identify;
  bool wait = false;  // for another scan to end; else library_busy says who holds the library
};

struct ScanSummary {
  std::size_t photos = 0;     // found
  std::size_t fresh = 0;      // seen for the first time ("new")
  std::size_t changed = 0;    // another content than last time
  std::size_t unchanged = 0;  // not opened
  std::size_t moved = 0;      // known by their content, at another path than last time
  std::size_t missing = 0;    // not there any more; kept until forget_missing()
  std::size_t failed = 0;     // of the new and changed ones
  std::size_t faces = 0;      // on the new and changed photos
  std::size_t named = 0;      // of these
  std::size_t embedded = 0;   // faces known before: by another model, or where the owner drew a box
  double seconds = 0;
  bool cancelled = false;
};

struct ScanProgress {
  // First photos are opened; then faces that are known are embedded: with another model than before, or since
  // their boxes were drawn by hand.
  enum class Step { photos, faces };
  Step step = Step::photos;
  std::size_t done = 0;
  std::size_t total = 0;                // photos that have to be opened, or faces to embed
  const PhotoReport* report = nullptr;  // the photo that was just done; absent for faces
};

struct WatchSettings {
  ScanSettings scan;
  // So long nothing must have been written before a scan: a photo that is being copied is not read.
  std::chrono::milliseconds quiet{2000};
  // A photo that stays open for writing does not hold off a scan for longer than this.
  std::chrono::milliseconds longest_write{60'000};
  // Between scans where folders can't be watched, and between looks for folders that are gone.
  std::chrono::milliseconds interval{60'000};
  // No more folders are watched, as if the system allowed no more.
  std::size_t most_folders = std::numeric_limits<std::size_t>::max();
};

// What watch() tells while it runs; each may be absent.
struct WatchEvents {
  std::function<void(const ScanProgress&)> progress;
  std::function<void(const ScanSummary&)> scanned;  // a scan ended
  std::function<void(const std::string&)> warning;  // for people to read: what is not watched, and why
};

struct PersonSummary {
  PersonId id = 0;
  std::string name;
  std::vector<std::string> aliases;
  std::string birth;          // "1990", "1990-05", "1990-05-17" or empty
  std::size_t confirmed = 0;  // faces that the owner named
  std::size_t suggested = 0;  // faces that kith takes for this person
  std::optional<FaceId> cover;
};

// How a face came by its name.
enum class Naming { unknown, suggested, confirmed, ignored };

struct LibraryFace {
  FaceId id = 0;
  PhotoId photo = 0;
  std::filesystem::path path;
  Box box;
  float score = 0;
  float quality = 0;
  bool drawn = false;  // by the owner
  Naming naming = Naming::unknown;
  std::optional<std::string> person;
  float probability = 0;  // of `person`, where suggested; 1 where confirmed
  float similarity = 0;
  std::optional<ClusterId> cluster;
};

struct ClusterSummary {
  std::size_t faces = 0;      // without a name
  std::size_t clusters = 0;   // of two faces or more
  std::size_t strangers = 0;  // faces that resemble no other
};

struct LibraryCluster {
  ClusterId id = 0;
  std::vector<LibraryFace> faces;
};

// The next thing to ask the owner: is this person on these faces?
struct Suggestion {
  std::optional<std::string> person;  // absent: a cluster that resembles nobody; who is it?
  std::vector<LibraryFace> faces;     // the best first
};

struct HistoryEntry {
  std::int64_t id = 0;
  std::string at;  // UTC, "2026-01-31T18:05:11Z"
  std::string action;
  std::string summary;
  bool undone = false;
  bool can_undo = true;  // false: overtaken, or its content was forgotten
};

// One reason for or against a name.
struct Evidence {
  std::string person;
  float probability = 0;
  float similarity = 0;
  std::filesystem::path reference;  // the photo of the face that it rests on
  std::string forbidden_by;         // the rule that forbids this name for this face; empty: none
  std::string given_by;             // the rule that gives it this name whatever it looks like; empty: none
};

struct Explanation {
  LibraryFace face;
  float min_similarity = 0;        // from which a name would have been given
  std::vector<Evidence> evidence;  // the most similar people first
};

// How well kith names the faces whose people the owner confirmed. A fifth of the photos is held out at a
// time, those that were scanned one after the other together, and their faces are named by the others'.
struct PersonScore {
  std::string person;
  std::size_t faces = 0;        // judged
  std::size_t right = 0;        // given this name
  std::size_t wrong = 0;        // given somebody else's
  std::size_t unknown = 0;      // given none
  std::size_t false_names = 0;  // other people's faces that were given this name
};
struct Confusion {
  std::string person;
  std::string taken_for;
  std::size_t faces = 0;
};
struct LibraryEvaluation {
  std::vector<PersonScore> people;    // by name; without those whose faces were all held out together
  std::vector<Confusion> confusions;  // the most frequent first
};

// The faces that the owner named, as one embedder sees them.
struct ConfirmedVectors {
  std::size_t dimension = 0;
  std::vector<float> values;       // row by row
  std::vector<PersonId> people;    // whose each row is
  std::size_t without_vector = 0;  // confirmed faces that this embedder has not seen
};

// A similarity below which a person's name is not given, and what it would change.
struct TunedThreshold {
  std::string person;
  float before = 0;
  float after = 0;
  std::size_t refused = 0;     // faces that you said are not this person, and that come closer than `before`
  std::size_t mistaken = 0;    // likewise faces that you confirmed as somebody else whom they resemble less
  std::size_t names_lost = 0;  // names suggested now that would not be any more
  std::size_t confirmed = 0;  // the person's own faces that another one of them resembles as much as `before`
  std::size_t confirmed_lost = 0;  // of these, the ones that none would resemble enough
};

// A face whose name another model would change.
struct NameChange {
  LibraryFace face;                   // with its name as it is
  std::optional<std::string> person;  // as it would be
};

struct FoundPhoto {
  PhotoId id = 0;
  std::filesystem::path path;
  std::vector<std::string> people;  // confirmed or suggested, from left to right, each once
};

struct ExportSettings {
  enum class Format { json_lines, csv };
  Format format = Format::json_lines;
  bool vectors = false;  // they are most of the bytes, and a face can be recognised by them
};

struct ImportSummary {
  std::size_t photos = 0;        // in the file
  std::size_t known_photos = 0;  // of these in the library
  std::size_t faces = 0;         // in the file
  std::size_t placed_faces = 0;  // of these known in the library
  // What was new to the library:
  std::size_t people = 0;
  std::size_t confirmed = 0;
  std::size_t rejected = 0;
  std::size_t ignored = 0;
  std::size_t drawn = 0;
  std::size_t links = 0;
  std::vector<std::string> kept;        // where the library says otherwise than the file, a line each
  std::vector<std::string> not_placed;  // decisions about what the library does not have, a line each
};

// ---- names in photos' own metadata

struct WriteSettings {
  MetadataSettings metadata;
  // Names that kith suggests are written too where they are at least as probable; absent: confirmed ones
  // alone.
  std::optional<double> min_probability;
  bool dry_run = false;  // tells what would be done
  int threads = 1;
};

// What was done, or would be, to one photo's metadata.
struct WriteReport {
  std::filesystem::path photo;
  struct File {
    std::filesystem::path path;  // the photo, or a sidecar
    std::vector<MetadataChange> changes;
  };
  std::vector<File> files;
  bool written = false;  // a file was changed; with a dry run: would be
  std::optional<Error> error;
};

struct WriteProgress {
  std::size_t done = 0;
  std::size_t total = 0;  // photos that have to be opened
  const WriteReport* report = nullptr;
};

struct WriteSummary {
  std::size_t photos = 0;     // that have a name to be written, or bear one that kith wrote
  std::size_t written = 0;    // of these changed; with a dry run: would be
  std::size_t unchanged = 0;  // say what they should already
  std::size_t failed = 0;
  double seconds = 0;
  bool cancelled = false;
};

// What kith wrote into one file of a photo, and stands there as far as kith knows.
struct WrittenFile {
  std::filesystem::path file;
  std::vector<std::string> names;
};

struct NamesImportSettings {
  int threads = 1;
  DecodeSettings decode;
  bool dry_run = false;  // tells what would be done
};

struct NamesImportProgress {
  std::size_t done = 0;
  std::size_t total = 0;  // photos and databases that have to be read
};

struct NamesImport {
  std::size_t photos = 0;       // that files name people on
  std::size_t names = 0;        // on these
  std::size_t confirmed = 0;    // faces that have their name by it
  std::size_t drawn = 0;        // of these where kith had found no face
  std::size_t people = 0;       // new to the library
  std::size_t known = 0;        // that the library says too, or that kith itself wrote
  std::size_t waiting = 0;      // on photos that were not scanned yet; the scan settles them
  std::size_t conflicts = 0;    // new ones: see conflicts()
  std::size_t settled = 0;      // that the owner decided against before
  std::size_t forgotten = 0;    // of faces that were forgotten, and stay so
  std::vector<Error> problems;  // files that could not be read, or only in part
  bool cancelled = false;       // nothing was imported
};

// A name in a file that the library does not simply take over: the owner decides.
struct NameConflict {
  enum class Kind {
    other_name,  // the face has another name in the library
    refused,     // the owner said that the face is not this person
    ignored,     // the owner ignores the face
    unplaced,    // the file does not say where on the photo
    stale,       // the photo was cropped or turned since; where can't be told any more
    undecided,   // nothing speaks against it any more
  };
  ConflictId id = 0;
  std::filesystem::path photo;
  std::string name;    // the file's
  std::string source;  // NameClaim::source
  Kind kind = Kind::unplaced;
  std::optional<Box> box;           // pixels of the upright photo
  std::optional<FaceId> face;       // that it is about
  std::optional<std::string> here;  // whom the library has that face for
};

enum class ConflictWord { file, library };

// What forgetting erased.
struct Receipt {
  std::size_t faces = 0;
  std::size_t vectors = 0;
  std::size_t crops = 0;
  std::size_t guesses = 0;
  std::size_t decisions = 0;
  std::size_t journal_entries = 0;
  std::size_t claims = 0;  // names from files that waited for a scan or for the owner
  std::size_t files = 0;   // that what kith had written was taken out of
  // That still bear the name as kith wrote it, and why, where it was to be taken out.
  std::size_t files_left = 0;
  std::vector<Error> failures;
};

class Library {
 public:
  enum class Mode { create, write, read };

  // `stop`: once it is asked for, the call under way and all further ones end with `cancelled` and change
  // nothing. scan(), watch(), group() and preview() are given a stop of their own, and keep what is finished.
  // Errors: library_missing, library_newer, library_damaged, library_busy, no_space, write_failed.
  [[nodiscard]] static Result<Library> open(const std::filesystem::path& folder, Mode mode,
                                            std::stop_token stop = {});
  Library(Library&&) noexcept;
  Library& operator=(Library&&) noexcept;
  ~Library();

  // What tells this library from all others, wherever it is moved or restored: 32 hexadecimal digits, made
  // when they are first asked for.
  [[nodiscard]] Result<std::string> id();

  // ---- photos

  // Brings the library up to date with these folders. What is there unchanged costs a look at the folder;
  // a stop, a crash or a full disk loses no finished photo, and the next scan goes on. Errors:
  // library_busy (naming the process that scans), not_found (no such file or folder), no_space, and models'.
  [[nodiscard]] Result<ScanSummary> scan(const std::vector<std::filesystem::path>& inputs,
                                         const Models& models, const ScanSettings& settings,
                                         const std::function<void(const ScanProgress&)>& progress = {},
                                         std::stop_token stop = {});

  // Scans these folders, and then again whenever something in them changes, until it is stopped. Between
  // the scans it holds no lock. A folder that is removed or unmounted is waited for, and its photos stay as
  // they are. Errors: those of scan(), and bad_argument where an input is not a folder.
  [[nodiscard]] Status watch(const std::vector<std::filesystem::path>& folders, const Models& models,
                             const WatchSettings& settings, const WatchEvents& events, std::stop_token stop);

  // Drops photos that are missing, with their faces and what was decided of these. How many.
  [[nodiscard]] Result<std::size_t> forget_missing();

  // Drops photos (files or folders) from the library; the files stay. How many. Errors: not_found (a path
  // that is not in the library; nothing is dropped).
  [[nodiscard]] Result<std::size_t> forget_photos(const std::vector<std::filesystem::path>& paths);

  // ---- people

  [[nodiscard]] Result<std::vector<PersonSummary>> people();
  // The person of that name or alias. Errors: bad_argument, with the names that come near.
  [[nodiscard]] Result<PersonSummary> person(const std::string& name);
  [[nodiscard]] Result<PersonId> add_person(const std::string& name);
  [[nodiscard]] Status rename(const std::string& name, const std::string& new_name);
  // `from` becomes `into`: its faces, and its names as aliases.
  [[nodiscard]] Status merge(const std::string& into, const std::string& from);
  // The confirmed faces of `name` that resemble `examples` more than the others become `new_name`, which is
  // nobody's name yet or an alias of `name`. How many.
  [[nodiscard]] Result<std::size_t> split(const std::string& name, const std::string& new_name,
                                          std::span<const FaceId> examples);
  // "1990", "1990-05", "1990-05-17", or empty for unknown. Errors: bad_argument.
  [[nodiscard]] Status set_birth(const std::string& name, const std::string& birth);
  [[nodiscard]] Status set_cover(const std::string& name, FaceId face);
  // Erases what is known of a person: vectors, crops, guesses, decisions, journal, and where not
  // `keep_name` the name. Only the places of the faces stay, so that no scan brings them back. Can't be
  // undone. With `from_files`, what kith wrote of the person is taken out of the photos' metadata first; a
  // file where that fails is named in the receipt, and kith knows no more that it wrote there. Everybody's
  // vectors of projections go too, since the person may have gone into these; a scan makes them again. The
  // models whose Adaptation::learned_from is this library's id() are the caller's to remove, beforehand.
  [[nodiscard]] Result<Receipt> forget_person(const std::string& name, bool keep_name,
                                              bool from_files = false);

  // ---- faces: the owner's word. Each call is one journal entry.

  [[nodiscard]] Result<std::vector<LibraryFace>> faces_of(PhotoId photo);
  [[nodiscard]] Result<std::vector<LibraryFace>> faces_on(const std::filesystem::path& photo);
  [[nodiscard]] Result<std::vector<LibraryFace>> faces_of_cluster(ClusterId cluster);
  [[nodiscard]] Result<LibraryFace> face(FaceId id);
  [[nodiscard]] Result<std::vector<std::uint8_t>> thumbnail(FaceId id);  // JPEG
  // The person is made where there is none of that name.
  [[nodiscard]] Status confirm(std::span<const FaceId> faces, const std::string& person);
  [[nodiscard]] Status reject(std::span<const FaceId> faces, const std::string& person);
  // Takes a confirmation or an ignoring back without undoing what came after it.
  [[nodiscard]] Status unname(std::span<const FaceId> faces);
  [[nodiscard]] Status ignore(std::span<const FaceId> faces);
  [[nodiscard]] Status link(FaceId one, FaceId other, bool same);
  // A face that no detector saw. Its vector is made by the next scan.
  [[nodiscard]] Result<FaceId> draw(const std::filesystem::path& photo, const Box& box);

  // ---- naming and groups

  // Looks at every face that the owner has not decided about again. How many names changed. While a scan has
  // still to embed faces with this model, names stay as they are.
  [[nodiscard]] Result<std::size_t> update_names(const ModelSpec& embedder,
                                                 const IdentifySettings& settings = {});
  // Groups the faces without a name (cluster.h). Groups that are there stay and keep their numbers, unless
  // `afresh`. Errors: bad_argument (what you linked contradicts itself, or a scan has still to embed faces
  // with this model), cancelled.
  [[nodiscard]] Result<ClusterSummary> group(const ModelSpec& embedder, bool afresh,
                                             std::stop_token stop = {});
  // The largest first; clusters of one are strangers.
  [[nodiscard]] Result<std::vector<LibraryCluster>> clusters();
  [[nodiscard]] Result<std::vector<Suggestion>> suggestions(std::size_t at_most);
  [[nodiscard]] Result<Explanation> explain(FaceId face, const ModelSpec& embedder,
                                            const IdentifySettings& settings = {});

  // Holds confirmed faces out, a fifth of the photos at a time, and names them by the rest.
  [[nodiscard]] Result<LibraryEvaluation> evaluate(const ModelSpec& embedder,
                                                   const IdentifySettings& settings = {});
  // What an embedder can be adapted by.
  [[nodiscard]] Result<ConfirmedVectors> confirmed_vectors(const ModelSpec& embedder);
  // A threshold of their own for people whom faces came too close to that the owner refused, or confirmed as
  // somebody else: where wrong names, each as bad as several missing ones, and confirmed faces that could not
  // be recognised by the others cost the least. With `apply` they hold from now on, as one journal entry.
  [[nodiscard]] Result<std::vector<TunedThreshold>> tune(const ModelSpec& embedder, bool apply,
                                                         const IdentifySettings& settings = {});
  // Which names would change with these models; makes the vectors that this needs and changes nothing else.
  // Of the pipeline's settings, how many threads and how photos are decoded count.
  [[nodiscard]] Result<std::vector<NameChange>> preview(
      const Models& models, const ScanSettings& settings = {},
      const std::function<void(const ScanProgress&)>& progress = {}, std::stop_token stop = {});

  // ---- search

  // The photos that meet a query in the language of docs/search.md, by capture date and then by path. Errors:
  // bad_argument, with the place in the query marked.
  [[nodiscard]] Result<std::vector<FoundPhoto>> search(const std::string& query);

  // ---- history

  [[nodiscard]] Result<std::vector<HistoryEntry>> history(std::size_t at_most);
  // The entry that was undone or done again; nothing where there is none left.
  [[nodiscard]] Result<std::optional<HistoryEntry>> undo();
  [[nodiscard]] Result<std::optional<HistoryEntry>> redo();

  // ---- exchange: docs/export.md describes the files

  // Hands the library's content on as text, piece by piece; ends with the first error of `write`.
  [[nodiscard]] Status export_to(const std::function<Status(std::string_view)>& write,
                                 const ExportSettings& settings = {});
  // The same into a file, all of it or nothing. Errors: bad_argument (the file is there already), no_space,
  // write_failed.
  [[nodiscard]] Status export_to(const std::filesystem::path& file, const ExportSettings& settings = {});
  // Makes what an export tells of its owner's decisions this library's, as one journal entry. A photo is
  // known by its content, a face by its place; a decision that is there already stays as it is. Errors:
  // not_found, unreadable, damaged (naming the line; nothing was imported).
  [[nodiscard]] Result<ImportSummary> import_from(const std::filesystem::path& file);

  // ---- names in photos' own metadata: docs/metadata.md

  // Makes the metadata of these photos (files and folders; none: all of the library) say who is on them,
  // and takes out what kith wrote that holds no more. What already says so is not opened. A photo that was
  // changed since its last scan, or is missing, is reported and left alone. Several photos are worked on at
  // once; `progress` is called by the calling thread. A stop leaves each file as it was or as it should be.
  // Errors: not_found (an input that is not in the library), library_busy, no_space, cancelled.
  [[nodiscard]] Result<WriteSummary> write_names(
      const std::vector<std::filesystem::path>& inputs, const WriteSettings& settings,
      const std::function<void(const WriteProgress&)>& progress = {}, std::stop_token stop = {});
  // What kith wrote into this photo's metadata. Empty where the photo is not in the library.
  [[nodiscard]] Result<std::vector<WrittenFile>> written(const std::filesystem::path& photo);
  // Makes an edit of a photo's metadata, so that the next scan finds the photo unchanged; a photo that the
  // library does not have is edited all the same. Errors: those of MetadataEdit::commit().
  [[nodiscard]] Status commit(MetadataEdit& edit, const std::filesystem::path& photo);

  // Takes over the names that files give to people on photos: the photos' own metadata and sidecars, what
  // Picasa and Google Takeout keep beside them, digiKam's database. Inputs are photos, folders of photos,
  // sidecars, and those programs' files. A named place becomes a confirmed face, where the library has not
  // decided otherwise; see NameConflict. One journal entry. Importing the same again changes nothing.
  // Errors: not_found (an input), bad_argument (one that is nothing of all this).
  [[nodiscard]] Result<NamesImport> import_names(
      const std::vector<std::filesystem::path>& inputs, const NamesImportSettings& settings = {},
      const std::function<void(const NamesImportProgress&)>& progress = {}, std::stop_token stop = {});
  // Whether import_names() takes this, by what it is; what it does not take may be an export for
  // import_from().
  [[nodiscard]] static bool bears_names(const std::filesystem::path& input);
  // By path.
  [[nodiscard]] Result<std::vector<NameConflict>> conflicts();
  // Settles conflicts as one journal entry: the file's name is given to the face, or the library's word
  // stands and the same is not asked again. Errors: bad_argument (no such conflict, or the file's word on a
  // photo of several faces without a place); nothing was changed then.
  [[nodiscard]] Status settle(std::span<const ConflictId> conflicts, ConflictWord word);
  // Makes the vectors that faces lack, such as drawn ones. How many; those made before a stop are kept. Of
  // the pipeline's settings, how many threads and how photos are decoded count.
  [[nodiscard]] Result<std::size_t> make_vectors(
      const Models& models, const ScanSettings& settings = {},
      const std::function<void(const ScanProgress&)>& progress = {}, std::stop_token stop = {});

  // ---- keeping

  // What is wrong with the library, a line each; with `repair`, what can be made again is.
  [[nodiscard]] Result<std::vector<std::string>> check(bool repair);
  [[nodiscard]] Status backup(const std::filesystem::path& file);
  // Errors: library_damaged (the file is no backup), bad_argument (there is a library already).
  [[nodiscard]] static Status restore(const std::filesystem::path& file, const std::filesystem::path& folder,
                                      const std::stop_token& stop = {});

 private:
  struct Impl;
  explicit Library(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace kith
