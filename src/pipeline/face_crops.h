// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include <kith/embed.h>
#include <kith/face.h>
#include <kith/image_source.h>
#include <kith/result.h>

namespace kith::pipeline {

// The crop for the first of the embedder's templates; sets the face's quality.
[[nodiscard]] Result<Image> first_crop(ImageSource& source, const Embedder& embedder, Face& face);

// A face's crops, one for each of the embedder's templates, cut from its photo; sets the face's quality.
[[nodiscard]] Result<std::vector<Image>> face_crops(ImageSource& source, const Embedder& embedder,
                                                    Face& face);

}  // namespace kith::pipeline
