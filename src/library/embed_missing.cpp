// SPDX-License-Identifier: Apache-2.0
// Vectors that the library lacks: of a model that was chosen since, or of a box that the owner drew.
#include <optional>

#include <kith/align.h>
#include <kith/library.h>
#include <kith/photo.h>

#include "library/impl.h"
#include "pipeline/scaled_photo.h"

namespace kith::library {
namespace {

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
Face in_crop(const store::FaceToEmbed& missing, int side) {
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
  for (const store::FaceToEmbed& missing : store::faces_without_vector(database, model)) {
    if (stop.stop_requested()) break;
    store::FaceRow row{.id = missing.id, .photo = missing.photo, .face = {}, .crop = {}};
    const std::optional<std::vector<std::uint8_t>> crop = store::crop_of(database, missing.id);
    Result<Photo> photo = crop ? Photo::from_bytes(*crop, missing.path + ": the crop kept of a face")
                               : Photo::open(missing.path, decode);
    if (!photo) continue;  // gone or damaged: the face waits for its photo
    const int side = photo->info().width;
    pipeline::ScaledPhoto source(std::move(*photo));
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
