// SPDX-License-Identifier: Apache-2.0
#include "pipeline/face_crops.h"

#include <kith/align.h>

namespace kith::pipeline {

Result<std::vector<Image>> face_crops(ImageSource& source, const Embedder& embedder, Face& face) {
  std::vector<Image> crops;
  for (const AlignTemplate& target : embedder.crop_templates()) {
    Result<Image> crop = align(source, face.landmarks, target);
    if (!crop) return tl::unexpected(crop.error());
    crops.push_back(std::move(*crop));
  }
  face.quality = face_quality(face, crops.front());
  return crops;
}

}  // namespace kith::pipeline
