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

enum class ChannelOrder { rgb, bgr };

// How a network wants its picture: planes of (value - mean) * scale, value 0..255, in this channel
// order; and what it gives back. The defaults are those of the default model.
struct EmbedderFeeding {
  ChannelOrder order = ChannelOrder::bgr;
  float mean = 127;
  float scale = 1.0F / 128;
  // Embed the crop and its mirror image and take the normalised mean: costs a second inference, and
  // lifts LFW's TAR at low FAR.
  bool with_mirror = true;
  int dimension = 512;
  AlignTemplate crop;
};

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
