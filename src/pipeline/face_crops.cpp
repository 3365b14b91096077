// SPDX-License-Identifier: Apache-2.0
#include "pipeline/face_crops.h"

#include <kith/align.h>

namespace kith::pipeline {

Result<Image> first_crop(ImageSource& source, const Embedder& embedder, Face& face) {
  Result<Image> crop = align(source, face.landmarks, embedder.crop_templates().front());
  if (crop) face.quality = face_quality(face, *crop);
  return crop;
}

Result<std::vector<Image>> face_crops(ImageSource& source, const Embedder& embedder, Face& face) {
  Result<Image> first = first_crop(source, embedder, face);
  if (!first) return tl::unexpected(first.error());
  std::vector<Image> crops;
  crops.push_back(std::move(*first));
  for (const AlignTemplate& target : embedder.crop_templates().subspan(1)) {
    Result<Image> crop = align(source, face.landmarks, target);
    if (!crop) return tl::unexpected(crop.error());
    crops.push_back(std::move(*crop));
  }
  return crops;
}

}  // namespace kith::pipeline
