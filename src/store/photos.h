// SPDX-License-Identifier: Apache-2.0
// Photos and the faces on them: rows in, rows out.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include <kith/library.h>

#include "store/database.h"

namespace kith::store {

// How a file looked when it was last read: enough to tell that it is as it was.
struct FileState {
  PhotoId id = 0;
  std::int64_t size = 0;
  std::int64_t mtime_ns = 0;
  bool missing = false;
  bool failed = false;
};

struct PhotoRow {
  PhotoId id = 0;  // 0: a new one
  std::string path;
  std::int64_t size = 0;
  std::int64_t mtime_ns = 0;
  std::string content;
  PhotoInfo info;
  std::optional<Error> error;
};

// Every photo's state by its path; a hundred thousand are read in a tenth of a second.
[[nodiscard]] std::unordered_map<std::string, FileState> file_states(Database& database);

[[nodiscard]] std::optional<std::string> content_of(Database& database, PhotoId photo);
[[nodiscard]] std::optional<PhotoId> photo_at(Database& database, const std::string& path);
// When photos were taken, where that is known.
[[nodiscard]] std::unordered_map<PhotoId, std::string> capture_dates(Database& database);
// Photos at this path, or in the folder of this name and below.
[[nodiscard]] std::vector<PhotoId> photos_below(Database& database, const std::string& path);

// Writes a photo; its id.
PhotoId put_photo(Database& database, const PhotoRow& photo);
// To be moved to another path in the same transaction, so that others can come to the one it has.
void leave_path(Database& database, PhotoId photo);
void move_photo(Database& database, PhotoId photo, const std::string& path, std::int64_t mtime_ns);
void touch_photo(Database& database, PhotoId photo, std::int64_t mtime_ns);
void set_missing(Database& database, PhotoId photo, bool missing);

// Drops photos, their faces, and the owner's decisions about these. What of the owner's goes is not
// journalled: the caller says so beforehand.
void drop_photos(Database& database, std::span<const PhotoId> photos);
[[nodiscard]] std::vector<PhotoId> missing_photos(Database& database);

// ---- faces

struct FaceRow {
  FaceId id = 0;  // 0: a new one
  PhotoId photo = 0;
  Face face;  // box, landmarks, score, quality; the vector where it was asked for
  std::vector<std::uint8_t> crop;
};

struct KnownFace {
  FaceId id = 0;
  Box box;
  bool decided = false;    // the owner said something about it: no machine may take it away
  bool forgotten = false;  // its place only
};

// How many of a photo's faces have a name, the owner's or a guess.
[[nodiscard]] std::size_t named_faces(Database& database, PhotoId photo);

[[nodiscard]] std::optional<PhotoId> photo_of(Database& database, FaceId face);
// False of a forgotten one too.
[[nodiscard]] bool has_face(Database& database, FaceId face);

[[nodiscard]] std::vector<KnownFace> known_faces(Database& database, PhotoId photo);
// Writes a face, its crop and its vector of `model` where it has them; its id.
FaceId put_face(Database& database, const FaceRow& face, std::int64_t model);
void drop_face(Database& database, FaceId face);
[[nodiscard]] std::optional<std::vector<std::uint8_t>> crop_of(Database& database, FaceId face);

// The number that a model's vectors are kept under; nothing where it is not known here. The second makes it
// known.
[[nodiscard]] std::optional<std::int64_t> known_model(Database& database, const std::string& name);
[[nodiscard]] std::int64_t model_id(Database& database, const std::string& name, int dimension);
// Those whose names match this pattern of SQLite's GLOB, with all of their vectors.
void drop_models_like(Database& database, const std::string& pattern);
// The model that embedded most of the library; nothing where nothing is embedded.
[[nodiscard]] std::optional<std::int64_t> main_model(Database& database);

// Vectors as rows of one matrix, with what the naming rules need to know of each face.
struct Vectors {
  std::size_t dimension = 0;
  std::vector<float> values;  // faces x dimension
  std::vector<FaceId> faces;  // by photo, then by id, unless Which says otherwise
  std::vector<PhotoId> photos;
  [[nodiscard]] std::span<const float> row(std::size_t i) const {
    return std::span(values).subspan(i * dimension, dimension);
  }
};

// The same as it is stored, for those who work through it once: half the bytes, and many threads can make
// floats of it.
struct HalfVectors {
  std::size_t dimension = 0;
  std::vector<std::uint8_t> halves;
  std::vector<FaceId> faces;
  std::vector<PhotoId> photos;
};
// Adds the floats of `block` to what is there.
void append(const HalfVectors& block, Vectors& vectors);

enum class Which {
  confirmed,
  undecided,  // neither confirmed nor ignored
  unnamed,    // of these, the ones that are taken for nobody; by id
};
[[nodiscard]] Vectors vectors(Database& database, std::int64_t model, Which which);

// Reads vectors block by block, in the order of Vectors.
class VectorReader {
 public:
  VectorReader(Database& database, std::int64_t model, Which which);
  // `faces` faces, and those that share the last one's photo; none where all was read.
  [[nodiscard]] HalfVectors next(std::size_t faces);

 private:
  SQLite::Statement read_;
  std::size_t dimension_ = 0;
  bool at_row_;
};

// A face of which there is no vector of some model yet.
struct FaceToEmbed {
  FaceId id = 0;
  PhotoId photo = 0;
  std::string path;
  Box box;
  Landmarks landmarks{};
  float score = 0;
  float quality = 0;
};
[[nodiscard]] std::vector<FaceToEmbed> faces_without_vector(Database& database, std::int64_t model);

// Whether some faces have a vector of another model, and none of this one.
[[nodiscard]] bool lacks_vectors(Database& database, std::int64_t model);

[[nodiscard]] std::optional<Embedding> vector_of(Database& database, FaceId face, std::int64_t model);

// ---- faces as the library shows them: no forgotten ones; by path, and from left to right

[[nodiscard]] std::optional<LibraryFace> library_face(Database& database, FaceId face);
[[nodiscard]] std::vector<LibraryFace> faces_on_photo(Database& database, PhotoId photo);
[[nodiscard]] std::vector<LibraryFace> faces_in_cluster(Database& database, ClusterId cluster);
[[nodiscard]] std::vector<LibraryFace> faces_in_clusters(Database& database);

}  // namespace kith::store
