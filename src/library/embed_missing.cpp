// SPDX-License-Identifier: Apache-2.0
// Vectors that the library lacks: of a model that was chosen since, or of a box that the owner drew.
#include <algorithm>
#include <cstring>
#include <optional>

#include <kith/align.h>
#include <kith/library.h>
#include <kith/photo.h>

#include "library/impl.h"

namespace kith::library {
namespace {

struct Missing {
  FaceId id = 0;
  PhotoId photo = 0;
  std::string path;
  Box box;
  Landmarks landmarks;
  float score = 0;
};

std::vector<Missing> faces_without_vector(store::Database& database, std::int64_t model) {
  SQLite::Statement read(
      database.sql(),
      "SELECT face.id, face.photo, photo.path, x, y, face.width, face.height, landmarks, score "
      "FROM face JOIN photo ON photo.id = face.photo WHERE landmarks IS NOT NULL AND NOT EXISTS "
      "(SELECT 1 FROM vector WHERE vector.face = face.id AND model = ?) ORDER BY face.photo, face.id");
  read.bind(1, model);
  std::vector<Missing> faces;
  while (read.executeStep()) {
    Missing face{.id = read.getColumn(0).getInt64(),
                 .photo = read.getColumn(1).getInt64(),
                 .path = read.getColumn(2).getString(),
                 .box = {},
                 .landmarks = {},
                 .score = static_cast<float>(read.getColumn(8).getDouble())};
    const auto number = [&](int column) { return static_cast<float>(read.getColumn(column).getDouble()); };
    face.box = {number(3), number(4), number(5), number(6)};
    const SQLite::Column landmarks = read.getColumn(7);
    if (landmarks.getBytes() != static_cast<int>(sizeof face.landmarks)) continue;
    std::memcpy(face.landmarks.data(), landmarks.getBlob(), sizeof face.landmarks);
    faces.push_back(std::move(face));
  }
  return faces;
}

// A whole photo as the source of crops.
class DecodedPhoto final : public ImageSource {
 public:
  explicit DecodedPhoto(Photo photo) : photo_(std::move(photo)) {}
  int width() const noexcept override { return photo_.info().width; }
  int height() const noexcept override { return photo_.info().height; }
  Result<const Image*> at_least(int min_long_side) override {
    if (picture_.long_side() < std::min(min_long_side, long_side()) || picture_.empty()) {
      Result<Image> decoded = photo_.decode(min_long_side);
      if (!decoded) return tl::unexpected(decoded.error());
      picture_ = std::move(*decoded);
    }
    return &picture_;
  }

 private:
  Photo photo_;
  Image picture_;
};

Result<Face> embedded(ImageSource& source, Face face, const Embedder& embedder) {
  std::vector<Image> crops;
  for (const AlignTemplate& target : embedder.crop_templates()) {
    Result<Image> crop = align(source, face.landmarks, target);
    if (!crop) return tl::unexpected(crop.error());
    crops.push_back(std::move(*crop));
  }
  face.quality = face_quality(face, crops.front());
  Result<Embedding> embedding = embedder.embed(crops);
  if (!embedding) return tl::unexpected(embedding.error());
  face.embedding = std::move(*embedding);
  return face;
}

// The face in the pixels of its own kept crop.
Face in_crop(const Missing& missing, int side) {
  const Box frame = thumbnail_box(missing.box);
  const float factor = static_cast<float>(side) / frame.width;
  Face face;
  face.box = scaled(
      Box{missing.box.x - frame.x, missing.box.y - frame.y, missing.box.width, missing.box.height}, factor);
  for (std::size_t i = 0; i < face.landmarks.size(); ++i) {
    face.landmarks[i] = {(missing.landmarks[i].x - frame.x) * factor,
                         (missing.landmarks[i].y - frame.y) * factor};
  }
  face.score = missing.score;
  return face;
}

}  // namespace

Result<std::size_t> embed_missing(store::Database& database, const Embedder& embedder, std::int64_t model,
                                  const DecodeSettings& decode, const std::stop_token& stop) {
  constexpr std::size_t faces_a_commit = 256;
  std::size_t made = 0;
  std::optional<SQLite::Transaction> transaction;
  for (const Missing& missing : faces_without_vector(database, model)) {
    if (stop.stop_requested()) break;
    store::FaceRow row{.id = missing.id, .photo = missing.photo, .face = {}, .crop = {}};
    const std::optional<std::vector<std::uint8_t>> crop = store::crop_of(database, missing.id);
    Result<Photo> photo = crop ? Photo::from_bytes(*crop, missing.path + ": the crop kept of a face")
                               : Photo::open(missing.path, decode);
    if (!photo) continue;  // gone or damaged: the face waits for its photo
    const int side = photo->info().width;
    DecodedPhoto source(std::move(*photo));
    Face face{.box = missing.box, .score = missing.score, .landmarks = missing.landmarks};
    Result<Face> done = embedded(source, crop ? in_crop(missing, side) : face, embedder);
    if (!done && is_model_error(done.error().code)) return tl::unexpected(done.error());
    if (!done) continue;
    face.quality = done->quality;
    face.embedding = std::move(done->embedding);
    row.face = std::move(face);
    if (!transaction) {
      transaction.emplace(database.sql(), SQLite::TransactionBehavior::IMMEDIATE);
      names_are_due(database);
    }
    store::put_face(database, row, model);
    if (++made % faces_a_commit != 0) continue;
    transaction->commit();
    transaction.reset();
  }
  if (transaction) transaction->commit();
  return made;
}

}  // namespace kith::library
