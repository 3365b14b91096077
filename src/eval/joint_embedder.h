// SPDX-License-Identifier: Apache-2.0
// Several embedders at one go: each photo is decoded and searched once, and all see the same faces, so that
// what they make of them can be compared.
//
// Thread rule: as an Embedder.
#pragma once

#include <memory>
#include <vector>

#include <kith/embed.h>

namespace kith::eval {

// Its vector is the embedders' vectors one behind the other, each of a length of its own, as a whole of unit
// length.
class JointEmbedder final : public Embedder {
 public:
  // Requires at least one.
  explicit JointEmbedder(std::vector<std::unique_ptr<Embedder>> embedders);

  [[nodiscard]] std::span<const AlignTemplate> crop_templates() const noexcept override { return templates_; }
  [[nodiscard]] Result<Embedding> look(const Image& crop, std::size_t view) const override;
  [[nodiscard]] int dimension() const noexcept override;

  [[nodiscard]] const std::vector<std::unique_ptr<Embedder>>& embedders() const noexcept {
    return embedders_;
  }

  // What each embedder would have made of the face by itself: unit vectors. Requires a vector of this
  // embedder.
  [[nodiscard]] std::vector<Embedding> parts(const Embedding& joint) const;

 private:
  std::vector<std::unique_ptr<Embedder>> embedders_;
  std::vector<AlignTemplate> templates_;
};

}  // namespace kith::eval
