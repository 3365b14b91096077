// SPDX-License-Identifier: Apache-2.0
// Turning an aligned crop into a unit vector that is close for the same person and far for others.
//
// Thread rule: an Embedder is const and may be used by many threads at once.
#pragma once

#include <string>

#include <kith/align.h>
#include <kith/face.h>
#include <kith/image.h>
#include <kith/result.h>

namespace kith {

class Embedder {
 public:
  virtual ~Embedder() = default;

  // The vector of a crop of crop_template()'s size, `dimension()` floats of unit length.
  // Errors: bad_argument (another size), internal (the engine failed, or gave no finite vector).
  [[nodiscard]] virtual Result<Embedding> embed(const Image& crop) const = 0;

  [[nodiscard]] virtual int dimension() const noexcept = 0;
  [[nodiscard]] virtual const AlignTemplate& crop_template() const noexcept = 0;
};

}  // namespace kith
