// SPDX-License-Identifier: Apache-2.0
#include "store/photos.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <system_error>

#include "store/columns.h"
#include "store/half.h"

namespace kith::store {
namespace {

void bind_optional(SQLite::Statement& statement, int index, const std::optional<double>& value) {
  if (value) {
    statement.bind(index, *value);
  } else {
    statement.bind(index);
  }
}

}  // namespace

std::unordered_map<std::string, FileState> file_states(Database& database) {
  std::unordered_map<std::string, FileState> states;
  SQLite::Statement read(database.sql(),
                         "SELECT id, path, size, mtime_ns, missing, error_code <> '' FROM photo");
  while (read.executeStep()) {
    states[read.getColumn(1).getString()] = {read.getColumn(0).getInt64(), read.getColumn(2).getInt64(),
                                             read.getColumn(3).getInt64(), read.getColumn(4).getInt() != 0,
                                             read.getColumn(5).getInt() != 0};
  }
  return states;
}

std::optional<std::string> content_of(Database& database, PhotoId photo) {
  Prepared read = database.prepared("SELECT content FROM photo WHERE id = ?");
  read.bind(1, photo);
  if (!read.executeStep()) return std::nullopt;
  return read.getColumn(0).getString();
}

std::optional<PhotoId> photo_at(Database& database, const std::string& path) {
  Prepared read = database.prepared("SELECT id FROM photo WHERE path = ?");
  read.bind(1, path);
  if (!read.executeStep()) return std::nullopt;
  return read.getColumn(0).getInt64();
}

std::unordered_map<PhotoId, std::string> capture_dates(Database& database) {
  std::unordered_map<PhotoId, std::string> dates;
  Prepared read = database.prepared("SELECT id, taken FROM photo WHERE taken <> ''");
  while (read.executeStep()) dates.emplace(read.getColumn(0).getInt64(), read.getColumn(1).getString());
  return dates;
}

std::vector<PhotoId> photos_below(Database& database, const std::string& path) {
  // A comparison of prefixes and not LIKE, whose wildcards may stand in a path.
  Prepared read = database.prepared(
      "SELECT id FROM photo WHERE path = ?1 OR (?1 <> '' AND substr(path, 1, length(?1) + 1) = ?1 || '/')");
  read.bind(1, path);
  std::vector<PhotoId> photos;
  while (read.executeStep()) photos.push_back(read.getColumn(0).getInt64());
  return photos;
}

PhotoId put_photo(Database& database, const PhotoRow& photo) {
  Prepared put =
      photo.id == 0
          ? database.prepared(
                "INSERT INTO photo(path, size, mtime_ns, content, width, height, orientation, taken, "
                "camera, latitude, longitude, error_code, error_message, lens, direction, missing) "
                "VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15, 0)")
          : database.prepared(
                "UPDATE photo SET path=?1, size=?2, mtime_ns=?3, content=?4, width=?5, height=?6, "
                "orientation=?7, taken=?8, camera=?9, latitude=?10, longitude=?11, error_code=?12, "
                "error_message=?13, lens=?14, direction=?15, missing=0 WHERE id=?16");
  const std::optional<GeoPoint>& place = photo.info.place;
  put.bind(1, photo.path);
  put.bind(2, photo.size);
  put.bind(3, photo.mtime_ns);
  put.bind(4, photo.content);
  put.bind(5, photo.info.width);
  put.bind(6, photo.info.height);
  put.bind(7, photo.info.orientation);
  put.bind(8, photo.info.taken);
  put.bind(9, photo.info.camera);
  bind_optional(put, 10, place ? std::optional(place->latitude) : std::nullopt);
  bind_optional(put, 11, place ? std::optional(place->longitude) : std::nullopt);
  put.bind(12, photo.error ? std::string(error_code_name(photo.error->code)) : std::string());
  put.bind(13, photo.error ? photo.error->message : std::string());
  put.bind(14, photo.info.lens);
  bind_optional(put, 15, photo.info.direction);
  if (photo.id == 0) {
    put.exec();
    return database.sql().getLastInsertRowid();
  }
  put.bind(16, photo.id);
  if (put.exec() > 0) return photo.id;
  // Forgotten by another process since it was found.
  PhotoRow fresh = photo;
  fresh.id = 0;
  return put_photo(database, fresh);
}

void leave_path(Database& database, PhotoId photo) {
  // No path of a photo begins so: these are absolute.
  Prepared leave = database.prepared("UPDATE photo SET path = 'moving ' || id WHERE id = ?");
  leave.bind(1, photo);
  leave.exec();
}

void move_photo(Database& database, PhotoId photo, const std::string& path, std::int64_t mtime_ns) {
  Prepared move = database.prepared("UPDATE photo SET path = ?, mtime_ns = ?, missing = 0 WHERE id = ?");
  move.bind(1, path);
  move.bind(2, mtime_ns);
  move.bind(3, photo);
  move.exec();
}

void touch_photo(Database& database, PhotoId photo, std::int64_t mtime_ns) {
  Prepared touch = database.prepared("UPDATE photo SET mtime_ns = ?, missing = 0 WHERE id = ?");
  touch.bind(1, mtime_ns);
  touch.bind(2, photo);
  touch.exec();
}

void set_missing(Database& database, PhotoId photo, bool missing) {
  Prepared set = database.prepared("UPDATE photo SET missing = ? WHERE id = ?");
  set.bind(1, missing ? 1 : 0);
  set.bind(2, photo);
  set.exec();
}

std::vector<PhotoId> missing_photos(Database& database) {
  std::vector<PhotoId> photos;
  Prepared read = database.prepared("SELECT id FROM photo WHERE missing = 1");
  while (read.executeStep()) photos.push_back(read.getColumn(0).getInt64());
  return photos;
}

void drop_photos(Database& database, std::span<const PhotoId> photos) {
  constexpr std::array statements{
      "DELETE FROM confirmed WHERE face IN (SELECT id FROM face WHERE photo = ?)",
      "DELETE FROM rejected WHERE face IN (SELECT id FROM face WHERE photo = ?)",
      "DELETE FROM link WHERE face IN (SELECT id FROM face WHERE photo = ?1) OR other IN (SELECT id FROM "
      "face "
      "WHERE photo = ?1)",
      "DELETE FROM ignored WHERE face IN (SELECT id FROM face WHERE photo = ?)",
      "DELETE FROM drawn WHERE face IN (SELECT id FROM face WHERE photo = ?)",
      "UPDATE person SET cover = NULL WHERE cover IN (SELECT id FROM face WHERE photo = ?)",
      "DELETE FROM conflict WHERE photo = ?",
      "DELETE FROM claim WHERE path = (SELECT path FROM photo WHERE id = ?)",
      "DELETE FROM photo WHERE id = ?",  // and with it faces, vectors, crops, guesses, and what was written
  };
  for (const PhotoId photo : photos) {
    for (const char* text : statements) {
      Prepared statement = database.prepared(text);
      statement.bind(1, photo);
      statement.exec();
    }
  }
}

std::vector<KnownFace> known_faces(Database& database, PhotoId photo) {
  Prepared read = database.prepared(
      "SELECT id, x, y, width, height,"
      " EXISTS (SELECT 1 FROM confirmed WHERE face = f.id) OR EXISTS (SELECT 1 FROM rejected WHERE face = "
      "f.id)"
      " OR EXISTS (SELECT 1 FROM ignored WHERE face = f.id) OR EXISTS (SELECT 1 FROM drawn WHERE face = f.id)"
      " OR EXISTS (SELECT 1 FROM link WHERE face = f.id OR other = f.id),"
      " EXISTS (SELECT 1 FROM forgotten WHERE face = f.id) "
      "FROM face AS f WHERE photo = ? ORDER BY id");
  read.bind(1, photo);
  std::vector<KnownFace> faces;
  while (read.executeStep()) {
    faces.push_back({read.getColumn(0).getInt64(), box_at(read, 1), read.getColumn(5).getInt() != 0,
                     read.getColumn(6).getInt() != 0});
  }
  return faces;
}

std::optional<PhotoId> photo_of(Database& database, FaceId face) {
  Prepared read = database.prepared("SELECT photo FROM face WHERE id = ?");
  read.bind(1, face);
  if (!read.executeStep()) return std::nullopt;
  return read.getColumn(0).getInt64();
}

bool has_face(Database& database, FaceId face) {
  Prepared read = database.prepared(
      "SELECT 1 FROM face WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM forgotten WHERE face = ?1)");
  read.bind(1, face);
  return read.executeStep();
}

std::size_t named_faces(Database& database, PhotoId photo) {
  Prepared count = database.prepared(
      "SELECT count(*) FROM face WHERE photo = ? AND (EXISTS (SELECT 1 FROM confirmed WHERE confirmed.face = "
      "face.id) OR "
      "EXISTS (SELECT 1 FROM guess WHERE guess.face = face.id AND person IS NOT NULL))");
  count.bind(1, photo);
  count.executeStep();
  return static_cast<std::size_t>(count.getColumn(0).getInt64());
}

FaceId put_face(Database& database, const FaceRow& row, std::int64_t model) {
  Prepared put = row.id == 0 ? database.prepared(
                                   "INSERT INTO face(photo, x, y, width, height, landmarks, score, quality) "
                                   "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")
                             : database.prepared(
                                   "UPDATE face SET photo=?1, x=?2, y=?3, width=?4, height=?5, landmarks=?6, "
                                   "score=?7, quality=?8 WHERE id=?9");
  const Face& face = row.face;
  put.bind(1, row.photo);
  put.bind(2, face.box.x);
  put.bind(3, face.box.y);
  put.bind(4, face.box.width);
  put.bind(5, face.box.height);
  put.bind(6, face.landmarks.data(), static_cast<int>(sizeof face.landmarks));
  put.bind(7, face.score);
  put.bind(8, face.quality);
  if (row.id != 0) put.bind(9, row.id);
  put.exec();
  const FaceId id = row.id != 0 ? row.id : database.sql().getLastInsertRowid();
  if (!face.embedding.empty()) {
    const std::vector<std::uint8_t> half = to_half(face.embedding);
    Prepared vector = database.prepared("INSERT OR REPLACE INTO vector(face, model, half) VALUES (?, ?, ?)");
    vector.bind(1, id);
    vector.bind(2, model);
    vector.bind(3, half.data(), static_cast<int>(half.size()));
    vector.exec();
  }
  if (!row.crop.empty()) {
    Prepared crop = database.prepared("INSERT OR REPLACE INTO crop(face, jpeg) VALUES (?, ?)");
    crop.bind(1, id);
    crop.bind(2, row.crop.data(), static_cast<int>(row.crop.size()));
    crop.exec();
  }
  return id;
}

void drop_face(Database& database, FaceId face) {
  Prepared drop = database.prepared("DELETE FROM face WHERE id = ?");
  drop.bind(1, face);
  drop.exec();
}

std::optional<std::vector<std::uint8_t>> crop_of(Database& database, FaceId face) {
  Prepared read = database.prepared("SELECT jpeg FROM crop WHERE face = ?");
  read.bind(1, face);
  if (!read.executeStep()) return std::nullopt;
  const SQLite::Column column = read.getColumn(0);
  const auto* bytes = static_cast<const std::uint8_t*>(column.getBlob());
  return std::vector(bytes, bytes + column.getBytes());
}

std::optional<std::int64_t> known_model(Database& database, const std::string& name) {
  Prepared read = database.prepared("SELECT id FROM model WHERE name = ?");
  read.bind(1, name);
  if (!read.executeStep()) return std::nullopt;
  return read.getColumn(0).getInt64();
}

std::int64_t model_id(Database& database, const std::string& name, int dimension) {
  if (const std::optional<std::int64_t> known = known_model(database, name)) return *known;
  Prepared put = database.prepared("INSERT INTO model(name, dimension) VALUES (?, ?)");
  put.bind(1, name);
  put.bind(2, dimension);
  put.exec();
  return database.sql().getLastInsertRowid();
}

void drop_models_like(Database& database, const std::string& pattern) {
  Prepared drop = database.prepared("DELETE FROM model WHERE name GLOB ?");
  drop.bind(1, pattern);
  drop.exec();
}

std::optional<std::int64_t> main_model(Database& database) {
  Prepared read = database.prepared("SELECT model FROM vector GROUP BY model ORDER BY count(*) DESC LIMIT 1");
  if (!read.executeStep()) return std::nullopt;
  return read.getColumn(0).getInt64();
}

void append(const HalfVectors& block, Vectors& vectors) {
  vectors.dimension = block.dimension;
  append_floats(block.halves, vectors.values);
  vectors.faces.insert(vectors.faces.end(), block.faces.begin(), block.faces.end());
  vectors.photos.insert(vectors.photos.end(), block.photos.begin(), block.photos.end());
}

namespace {

std::string vectors_of(Which which) {
  std::string text =
      "SELECT f.id, f.photo, v.half FROM face AS f JOIN vector AS v ON v.face = f.id AND v.model = ? WHERE ";
  if (which == Which::confirmed)
    return text + "EXISTS (SELECT 1 FROM confirmed WHERE face = f.id) ORDER BY f.photo, f.id";
  text +=
      "NOT EXISTS (SELECT 1 FROM confirmed WHERE face = f.id) AND "
      "NOT EXISTS (SELECT 1 FROM ignored WHERE face = f.id) ";
  if (which == Which::undecided) return text + "ORDER BY f.photo, f.id";
  return text + "AND NOT EXISTS (SELECT 1 FROM guess WHERE face = f.id AND person IS NOT NULL) ORDER BY f.id";
}

}  // namespace

VectorReader::VectorReader(Database& database, std::int64_t model, Which which)
    : read_(database.sql(), vectors_of(which)) {
  read_.bind(1, model);
  at_row_ = read_.executeStep();
}

HalfVectors VectorReader::next(std::size_t faces) {
  HalfVectors block;
  for (; at_row_; at_row_ = read_.executeStep()) {
    const SQLite::Column half = read_.getColumn(2);
    const auto dimension = static_cast<std::size_t>(half.getBytes()) / 2;
    if (dimension_ == 0) dimension_ = dimension;
    if (dimension == 0 || dimension != dimension_) continue;  // damaged: `kith check` says so
    const PhotoId photo = read_.getColumn(1).getInt64();
    if (block.faces.size() >= faces && photo != block.photos.back()) break;
    if (block.faces.empty()) block.halves.reserve(faces * dimension * 2);
    const auto* bytes = static_cast<const std::uint8_t*>(half.getBlob());
    block.halves.insert(block.halves.end(), bytes, bytes + dimension * 2);
    block.faces.push_back(read_.getColumn(0).getInt64());
    block.photos.push_back(photo);
  }
  block.dimension = dimension_;
  return block;
}

namespace {

// How many numbers the vectors of a model have, each of this dimension. No more than the file can hold: it
// may come from elsewhere.
std::size_t most_floats(Database& database, std::int64_t model, std::size_t dimension) {
  Prepared read = database.prepared("SELECT count(*) FROM vector WHERE model = ?");
  read.bind(1, model);
  read.executeStep();
  std::error_code error;
  const std::uintmax_t bytes = std::filesystem::file_size(database.file(), error);
  const auto floats = static_cast<std::size_t>(read.getColumn(0).getInt64()) * dimension;
  return error ? 0 : std::min<std::size_t>(floats, bytes / 2);
}

}  // namespace

Vectors vectors(Database& database, std::int64_t model, Which which) {
  constexpr std::size_t faces_a_block = 1024;
  VectorReader reader(database, model, which);
  Vectors result;
  for (;;) {
    const HalfVectors block = reader.next(faces_a_block);
    if (block.faces.empty()) return result;
    // Nearly all of them, where they are many: growing step by step would take twice the memory.
    if (result.faces.empty() && which != Which::confirmed)
      result.values.reserve(most_floats(database, model, block.dimension));
    append(block, result);
  }
}

std::vector<FaceToEmbed> faces_without_vector(Database& database, std::int64_t model) {
  SQLite::Statement read(
      database.sql(),
      "SELECT face.id, face.photo, photo.path, x, y, face.width, face.height, landmarks, score, "
      "quality FROM face JOIN photo ON photo.id = face.photo WHERE landmarks IS NOT NULL AND NOT EXISTS "
      "(SELECT 1 FROM vector WHERE vector.face = face.id AND model = ?) ORDER BY face.photo, face.id");
  read.bind(1, model);
  std::vector<FaceToEmbed> faces;
  while (read.executeStep()) {
    const std::optional<Landmarks> landmarks = landmarks_at(read, 7);
    if (!landmarks) continue;
    faces.push_back({.id = read.getColumn(0).getInt64(),
                     .photo = read.getColumn(1).getInt64(),
                     .path = read.getColumn(2).getString(),
                     .box = box_at(read, 3),
                     .landmarks = *landmarks,
                     .score = static_cast<float>(read.getColumn(8).getDouble()),
                     .quality = static_cast<float>(read.getColumn(9).getDouble())});
  }
  return faces;
}

bool lacks_vectors(Database& database, std::int64_t model) {
  Prepared read = database.prepared(
      "SELECT 1 FROM vector AS v WHERE v.model <> ?1 AND NOT EXISTS (SELECT 1 FROM vector WHERE face = "
      "v.face "
      "AND model = ?1) LIMIT 1");
  read.bind(1, model);
  return read.executeStep();
}

std::optional<Embedding> vector_of(Database& database, FaceId face, std::int64_t model) {
  Prepared read = database.prepared("SELECT half FROM vector WHERE face = ? AND model = ?");
  read.bind(1, face);
  read.bind(2, model);
  if (!read.executeStep()) return std::nullopt;
  const SQLite::Column half = read.getColumn(0);
  Embedding values;
  append_floats({static_cast<const std::uint8_t*>(half.getBlob()), static_cast<std::size_t>(half.getBytes())},
                values);
  return values;
}

namespace {

std::string faces_where(const char* condition) {
  return std::string(
             "SELECT face.id, face.photo, photo.path, face.x, face.y, face.width, face.height, face.score, "
             "face.quality,"
             " drawn.face IS NOT NULL, ignored.face IS NOT NULL, owner.name, guessed.name, guess.probability,"
             " guess.similarity, cluster_member.cluster "
             "FROM face JOIN photo ON photo.id = face.photo"
             " LEFT JOIN drawn ON drawn.face = face.id"
             " LEFT JOIN ignored ON ignored.face = face.id"
             " LEFT JOIN confirmed ON confirmed.face = face.id"
             " LEFT JOIN person AS owner ON owner.id = confirmed.person"
             " LEFT JOIN guess ON guess.face = face.id"
             " LEFT JOIN person AS guessed ON guessed.id = guess.person"
             " LEFT JOIN cluster_member ON cluster_member.face = face.id "
             "WHERE NOT EXISTS (SELECT 1 FROM forgotten WHERE forgotten.face = face.id) AND ") +
         condition + " ORDER BY photo.path, face.x, face.id";
}

std::vector<LibraryFace> all_faces(Prepared&& read) {
  std::vector<LibraryFace> faces;
  while (read.executeStep()) {
    LibraryFace face;
    face.id = read.getColumn(0).getInt64();
    face.photo = read.getColumn(1).getInt64();
    face.path = read.getColumn(2).getString();
    face.box = box_at(read, 3);
    face.score = static_cast<float>(read.getColumn(7).getDouble());
    face.quality = static_cast<float>(read.getColumn(8).getDouble());
    face.drawn = read.getColumn(9).getInt() != 0;
    const std::optional<std::string> owner = optional_text(read.getColumn(11));
    const std::optional<std::string> guessed = optional_text(read.getColumn(12));
    if (owner) {
      face.naming = Naming::confirmed;
      face.person = owner;
      face.probability = 1;
    } else if (read.getColumn(10).getInt() != 0) {
      face.naming = Naming::ignored;
    } else if (guessed) {
      face.naming = Naming::suggested;
      face.person = guessed;
      face.probability = static_cast<float>(read.getColumn(13).getDouble());
    }
    face.similarity = static_cast<float>(read.getColumn(14).getDouble());
    if (!read.getColumn(15).isNull()) face.cluster = read.getColumn(15).getInt64();
    faces.push_back(std::move(face));
  }
  return faces;
}

std::vector<LibraryFace> all_faces(Database& database, const std::string& text, std::int64_t value) {
  Prepared read = database.prepared(text.c_str());
  read.bind(1, value);
  return all_faces(std::move(read));
}

}  // namespace

// The texts are static: prepared statements are known by where their text stands.

std::optional<LibraryFace> library_face(Database& database, FaceId face) {
  static const std::string text = faces_where("face.id = ?");
  std::vector<LibraryFace> found = all_faces(database, text, face);
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

std::vector<LibraryFace> faces_on_photo(Database& database, PhotoId photo) {
  static const std::string text = faces_where("face.photo = ?");
  return all_faces(database, text, photo);
}

std::vector<LibraryFace> faces_in_cluster(Database& database, ClusterId cluster) {
  static const std::string text = faces_where("cluster_member.cluster = ?");
  return all_faces(database, text, cluster);
}

std::vector<LibraryFace> faces_in_clusters(Database& database) {
  static const std::string text = faces_where("cluster_member.cluster IS NOT NULL");
  return all_faces(database.prepared(text.c_str()));
}

}  // namespace kith::store
