// SPDX-License-Identifier: Apache-2.0
#include "store/exchange.h"

#include <algorithm>

#include "store/columns.h"
#include "store/half.h"

namespace kith::store {
namespace {

std::vector<std::string> rejected_names(Database& database, FaceId face) {
  Prepared read = database.prepared(
      "SELECT person.name FROM rejected JOIN person ON person.id = rejected.person WHERE rejected.face = ? "
      "ORDER BY person.name");
  read.bind(1, face);
  std::vector<std::string> names;
  while (read.executeStep()) names.push_back(read.getColumn(0).getString());
  return names;
}

std::vector<WholeFace::OfModel> vectors_of(Database& database, FaceId face) {
  Prepared read = database.prepared(
      "SELECT model.name, vector.half FROM vector JOIN model ON model.id = vector.model WHERE vector.face = "
      "? "
      "ORDER BY model.name");
  read.bind(1, face);
  std::vector<WholeFace::OfModel> vectors;
  while (read.executeStep()) {
    const SQLite::Column half = read.getColumn(1);
    WholeFace::OfModel vector{read.getColumn(0).getString(), {}};
    append_floats(
        {static_cast<const std::uint8_t*>(half.getBlob()), static_cast<std::size_t>(half.getBytes())},
        vector.values);
    vectors.push_back(std::move(vector));
  }
  return vectors;
}

}  // namespace

std::vector<WholeFace> whole_faces(Database& database, PhotoId photo, bool with_vectors) {
  Prepared read = database.prepared(
      "SELECT face.id, face.x, face.y, face.width, face.height, face.landmarks, face.score, face.quality,"
      " drawn.face IS NOT NULL, ignored.face IS NOT NULL, forgotten.face IS NOT NULL, owner.name, "
      "guessed.name,"
      " guess.probability "
      "FROM face"
      " LEFT JOIN drawn ON drawn.face = face.id"
      " LEFT JOIN ignored ON ignored.face = face.id"
      " LEFT JOIN forgotten ON forgotten.face = face.id"
      " LEFT JOIN confirmed ON confirmed.face = face.id"
      " LEFT JOIN person AS owner ON owner.id = confirmed.person"
      " LEFT JOIN guess ON guess.face = face.id"
      " LEFT JOIN person AS guessed ON guessed.id = guess.person "
      "WHERE face.photo = ? ORDER BY face.id");
  read.bind(1, photo);
  std::vector<WholeFace> faces;
  while (read.executeStep()) {
    const auto number = [&](int column) { return static_cast<float>(read.getColumn(column).getDouble()); };
    WholeFace face;
    face.row.id = read.getColumn(0).getInt64();
    face.row.photo = photo;
    face.row.face.box = box_at(read, 1);
    face.row.face.landmarks = landmarks_at(read, 5).value_or(Landmarks{});
    face.row.face.score = number(6);
    face.row.face.quality = number(7);
    face.drawn = read.getColumn(8).getInt() != 0;
    face.ignored = read.getColumn(9).getInt() != 0;
    face.forgotten = read.getColumn(10).getInt() != 0;
    face.confirmed = optional_text(read.getColumn(11));
    face.suggested = optional_text(read.getColumn(12));
    face.probability = number(13);
    faces.push_back(std::move(face));
  }
  for (WholeFace& face : faces) {
    face.rejected = rejected_names(database, face.row.id);
    if (with_vectors) face.vectors = vectors_of(database, face.row.id);
  }
  return faces;
}

Status for_each_photo(
    Database& database, bool with_vectors,
    const std::function<Status(const PhotoRow&, bool, const std::vector<WholeFace>&)>& work) {
  SQLite::Statement read(
      database.sql(),
      "SELECT id, path, content, width, height, orientation, taken, camera, latitude, longitude,"
      " missing FROM photo ORDER BY path");
  while (read.executeStep()) {
    PhotoRow photo;
    photo.id = read.getColumn(0).getInt64();
    photo.path = read.getColumn(1).getString();
    photo.content = read.getColumn(2).getString();
    photo.info.width = read.getColumn(3).getInt();
    photo.info.height = read.getColumn(4).getInt();
    photo.info.orientation = read.getColumn(5).getInt();
    photo.info.taken = read.getColumn(6).getString();
    photo.info.camera = read.getColumn(7).getString();
    if (!read.getColumn(8).isNull() && !read.getColumn(9).isNull())
      photo.info.place = GeoPoint{read.getColumn(8).getDouble(), read.getColumn(9).getDouble()};
    const bool missing = read.getColumn(10).getInt() != 0;
    if (Status done = work(photo, missing, whole_faces(database, photo.id, with_vectors)); !done) return done;
  }
  return {};
}

std::unordered_map<std::string, std::vector<KnownPhoto>> photos_by_content(Database& database) {
  SQLite::Statement read(database.sql(),
                         "SELECT content, id, path FROM photo WHERE content <> '' ORDER BY path");
  std::unordered_map<std::string, std::vector<KnownPhoto>> photos;
  while (read.executeStep())
    photos[read.getColumn(0).getString()].push_back(
        {read.getColumn(1).getInt64(), read.getColumn(2).getString()});
  return photos;
}

std::optional<bool> link_between(Database& database, FaceId one, FaceId other) {
  Prepared read = database.prepared("SELECT same FROM link WHERE face = ? AND other = ?");
  read.bind(1, std::min(one, other));
  read.bind(2, std::max(one, other));
  if (!read.executeStep()) return std::nullopt;
  return read.getColumn(0).getInt() != 0;
}

}  // namespace kith::store
