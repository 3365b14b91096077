// SPDX-License-Identifier: Apache-2.0
// What the library tells others, and where what others tell belongs: rows in, rows out.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <kith/library.h>

#include "store/database.h"
#include "store/photos.h"

namespace kith::store {

// A face with all that the owner decided about it and all that a machine guesses.
struct WholeFace {
  FaceRow row;  // without its crop
  bool drawn = false;
  bool ignored = false;
  bool forgotten = false;  // its place only
  std::optional<std::string> confirmed;
  std::optional<std::string> suggested;
  float probability = 0;              // of `suggested`
  std::vector<std::string> rejected;  // names, sorted
  struct OfModel {
    std::string model;
    Embedding values;
  };
  std::vector<OfModel> vectors;  // where they were asked for
};

// Of one photo, by id.
[[nodiscard]] std::vector<WholeFace> whole_faces(Database& database, PhotoId photo, bool with_vectors);

// Every photo with its faces, by path; ends with the first error of `work`. Within a transaction, where
// others may write.
[[nodiscard]] Status for_each_photo(
    Database& database, bool with_vectors,
    const std::function<Status(const PhotoRow&, bool missing, const std::vector<WholeFace>&)>& work);

// Every photo that could be read, under its content; copies of one photo by path.
struct KnownPhoto {
  PhotoId id = 0;
  std::string path;
};
[[nodiscard]] std::unordered_map<std::string, std::vector<KnownPhoto>> photos_by_content(Database& database);

// What the owner said about a pair of faces; nothing where it was nothing.
[[nodiscard]] std::optional<bool> link_between(Database& database, FaceId one, FaceId other);

}  // namespace kith::store
