// SPDX-License-Identifier: Apache-2.0
#include "dataset/again.h"

#include <utility>

#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <kith/photo.h>

#include "core/attempt.h"
#include "core/file_bytes.h"
#include "core/sha256.h"
#include "dataset/look.h"
#include "pipeline/face_crops.h"
#include "pipeline/scaled_photo.h"

namespace kith::dataset {
namespace {

// The vector stays empty where the picture is another by now, or can't be read.
Present looked_at(const Folder& folder, std::size_t number, const Embedder& embedder,
                  const DecodeSettings& decode) {
  Present present{number, {}, {}};
  const Picture& picture = folder.pictures()[number];
  Result<std::vector<std::uint8_t>> bytes = read_file(folder.path() / picture.file, decode.max_file_bytes);
  if (!bytes || sha256_of(*bytes) != picture.sha256) return present;
  Result<Photo> photo = Photo::from_bytes(std::move(*bytes), picture.file, decode);
  if (!photo) return present;
  pipeline::ScaledPhoto pixels(std::move(*photo));
  Face face = picture.face;
  face.landmarks = picture.landmarks;
  const Result<std::vector<Image>> crops = pipeline::face_crops(pixels, embedder, face);
  const Result<Image> crop = measuring_crop(pixels, face.landmarks);
  if (!crops || !crop) return present;
  if (Result<Embedding> vector = embedder.embed(*crops)) {
    present.vector = std::move(*vector);
    present.signature = picture_signature(*crop);
  }
  return present;
}

}  // namespace

std::vector<Present> look_again(const Folder& folder, std::span<const std::size_t> pictures,
                                const Embedder& embedder, const PipelineSettings& pipeline) {
  std::vector<Present> result(pictures.size());
  tbb::task_arena arena(pipeline.threads);
  arena.execute([&] {
    tbb::parallel_for(std::size_t{0}, pictures.size(), [&](std::size_t i) {
      Result<Present> seen = without_exceptions(
          folder.pictures()[pictures[i]].file,
          [&]() -> Result<Present> { return looked_at(folder, pictures[i], embedder, pipeline.decode); });
      if (seen) result[i] = std::move(*seen);
    });
  });
  std::erase_if(result, [](const Present& one) { return one.vector.empty(); });
  return result;
}

}  // namespace kith::dataset
