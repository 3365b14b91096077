// SPDX-License-Identifier: Apache-2.0
// Turning an aligned crop into a unit vector that is close for the same person and far for others.
//
// Thread rule: an Embedder is const and may be used by many threads at once.
#pragma once

#include <span>
#include <vector>

#include <kith/align.h>
#include <kith/face.h>
#include <kith/image.h>
#include <kith/result.h>

namespace kith {

enum class ChannelOrder { rgb, bgr };

// One look at a face: the crop enlarged about its centre by `scale`, and mirrored left to right or not.
struct EmbedderView {
  float scale = 1;
  bool mirrored = false;
};

// How a network wants its picture: planes of (value - mean) * scale, value 0..255, in this channel
// order; and what it gives back. The defaults are those of the default model.
struct EmbedderFeeding {
  ChannelOrder order = ChannelOrder::bgr;
  float mean = 127;
  float scale = 1.0F / 128;
  int dimension = 512;
  AlignTemplate crop;
  // A face's vector is the normalised mean over its views, an inference each. Two views that differ in
  // both scale and side cost as much as the usual crop and its mirror image and tell people apart
  // better at low false-accept rates (docs/accuracy.md).
  std::vector<EmbedderView> views{{1, false}, {1, true}};
};

class Embedder {
 public:
  virtual ~Embedder() = default;

  // The crops that embed() wants of a face, in order: where the landmarks belong in each. Mirroring is
  // the embedder's own business.
  [[nodiscard]] virtual std::span<const AlignTemplate> crop_templates() const noexcept = 0;

  // The vector of a face: `dimension()` floats of unit length, from one crop for each of
  // crop_templates(). Errors: bad_argument (another number or size of crops), internal (the engine
  // failed, or gave no finite vector).
  [[nodiscard]] Result<Embedding> embed(std::span<const Image> crops) const;

  // One view of a face, number `view` of crop_templates(), an inference: what the network says, as long
  // as it says it. A face's vector is the direction of the sum over its views; direction() of fewer is
  // rougher, and often enough to see that a face is nobody's. Errors: those of embed().
  [[nodiscard]] virtual Result<Embedding> look(const Image& crop, std::size_t view) const = 0;

  [[nodiscard]] virtual int dimension() const noexcept = 0;
};

// A sum of looks, normalised. Errors: internal (not finite, or of no length).
[[nodiscard]] Result<Embedding> direction(Embedding sum);

}  // namespace kith
