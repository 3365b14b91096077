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

// Which of a picture's faces are wanted.
enum class Wanted {
  all,
  largest,  // others that are much smaller may be left out, where finding them would take longer
};

class Detector {
 public:
  virtual ~Detector() = default;

  // The faces in the picture, in pixels of its full size, sorted left to right; `embedding` is empty
  // and `quality` is 0. An empty list is an answer, not an error.
  // Errors: those of decoding; internal (the engine failed).
  [[nodiscard]] virtual Result<std::vector<Face>> detect(ImageSource& source, Wanted wanted) const = 0;
  [[nodiscard]] Result<std::vector<Face>> detect(ImageSource& source) const {
    return detect(source, Wanted::all);
  }
};

}  // namespace kith
