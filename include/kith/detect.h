// SPDX-License-Identifier: Apache-2.0
// Finding faces in a picture.
//
// Thread rule: a Detector is const and may be used by many threads at once.
#pragma once

#include <vector>

#include <kith/face.h>
#include <kith/image_source.h>
#include <kith/result.h>

namespace kith {

class Detector {
 public:
  virtual ~Detector() = default;

  // The faces in the picture, in pixels of its full size, sorted left to right; `embedding` is empty
  // and `quality` is 0. An empty list is an answer, not an error.
  // Errors: those of decoding; internal (the engine failed).
  [[nodiscard]] virtual Result<std::vector<Face>> detect(ImageSource& source) const = 0;
};

}  // namespace kith
