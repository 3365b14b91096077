// SPDX-License-Identifier: Apache-2.0
// Finding faces in a picture.
//
// Thread rule: detect() is const and may be called from many threads at once on one Detector.
#pragma once

#include <vector>

#include <kith/face.h>
#include <kith/image.h>
#include <kith/result.h>

namespace kith {

class Detector {
 public:
  virtual ~Detector() = default;

  // The faces in the picture, in its own pixels, sorted left to right; `embedding` is empty and
  // `quality` is 0. An empty list is an answer, not an error.
  // Errors: internal (the engine failed), bad_argument (an empty picture).
  [[nodiscard]] virtual Result<std::vector<Face>> detect(const Image& image) const = 0;

  // The long side, in pixels, of the picture that detect() makes the most of: the decoder need not
  // give more.
  [[nodiscard]] virtual int wanted_long_side() const noexcept = 0;
};

}  // namespace kith
