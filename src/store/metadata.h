// SPDX-License-Identifier: Apache-2.0
// What photos' own metadata has to do with the library: names that files give and that nobody settled yet,
// and what kith wrote into files. Rows in, rows out.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <kith/library.h>

#include "store/database.h"

namespace kith::store {

// What a file says of somebody on a photo.
struct FileWord {
  std::string name;
  std::string source;         // NameClaim::source
  std::optional<Box> shares;  // of the upright photo's width and height; absent: somewhere on it
  bool stale = false;         // its place can't be told any more
};

// ---- of photos that were not scanned yet

struct ClaimRow {
  std::int64_t id = 0;
  FileWord word;
};
[[nodiscard]] std::vector<ClaimRow> claims_on(Database& database, const std::string& path);
void put_claim(Database& database, const std::string& path, const FileWord& word);
void drop_claim(Database& database, std::int64_t claim);

// A photo as it was when it was last read.
struct KnownFile {
  PhotoId id = 0;
  std::string path;
  std::int64_t size = 0;
  std::int64_t mtime_ns = 0;
  int width = 0;  // of the upright photo, pixels; 0: it could not be read
  int height = 0;
  int orientation = 1;
  bool missing = false;
};
[[nodiscard]] std::optional<KnownFile> known_file(Database& database, const std::string& path);
[[nodiscard]] std::optional<KnownFile> file_of(Database& database, PhotoId photo);
// Those that could be read and have claims, by path.
[[nodiscard]] std::vector<KnownFile> files_with_claims(Database& database);

// ---- that the owner is asked about

struct ConflictRow {
  ConflictId id = 0;
  PhotoId photo = 0;
  FileWord word;
  bool settled = false;  // the library's word stands
};
[[nodiscard]] std::vector<ConflictRow> conflicts_on(Database& database, PhotoId photo);
// Those that are open, with their photos; by path.
struct OpenConflict {
  ConflictRow row;
  KnownFile file;
};
[[nodiscard]] std::vector<OpenConflict> open_conflicts(Database& database);
[[nodiscard]] std::optional<OpenConflict> open_conflict(Database& database, ConflictId conflict);
void put_conflict(Database& database, PhotoId photo, const FileWord& word);
void settle_conflict(Database& database, ConflictId conflict);
void drop_conflict(Database& database, ConflictId conflict);

// Every name that claims and conflicts speak of, each once.
[[nodiscard]] std::vector<std::string> names_in_files(Database& database);
// Erases claims and conflicts with this name. How many there were.
std::size_t drop_words_of(Database& database, const std::string& name);

// ---- written by kith

struct WrittenRow {
  PhotoId photo = 0;
  std::string file;                 // as in the table
  std::string record;               // what is known to stand there
  std::optional<std::string> next;  // of a write under way, or one that a crash cut short
  std::string wanted;
  std::int64_t size = -1;  // of the file after the write, or before the one under way; -1: not there
  std::int64_t mtime_ns = 0;
  std::int64_t ctime_ns = 0;

  friend bool operator==(const WrittenRow&, const WrittenRow&) = default;
};
[[nodiscard]] std::vector<WrittenRow> written_for(Database& database, PhotoId photo);
[[nodiscard]] std::vector<WrittenRow> all_written(Database& database);
void put_written(Database& database, const WrittenRow& row);
void drop_written(Database& database, PhotoId photo, const std::string& file);

// A photo that is as it was but for its metadata, which kith changed.
void rewrite_photo(Database& database, PhotoId photo, std::int64_t size, std::int64_t mtime_ns,
                   const std::string& content);

// A photo with its faces that have a name: the owner's, or a guess of at least `min_probability`. Every photo
// of which that holds, and every one that something was written into, by path.
struct NamedPhoto {
  KnownFile file;
  struct Named {
    std::string name;
    Box box;
  };
  std::vector<Named> faces;  // left to right
};
void for_each_named_photo(Database& database, std::optional<double> min_probability,
                          const std::function<void(NamedPhoto&&)>& work);

}  // namespace kith::store
