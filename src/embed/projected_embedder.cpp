// SPDX-License-Identifier: Apache-2.0
#include "embed/projected_embedder.h"

#include <string>
#include <utility>

namespace kith::embed {
namespace {

class ProjectedEmbedder final : public Embedder {
 public:
  ProjectedEmbedder(std::unique_ptr<Embedder> base, Projection projection)
      : base_(std::move(base)), projection_(std::move(projection)) {}

  // Each look by itself, so that fewer looks than all are as good a guess as the base's: see projection.h.
  Result<Embedding> look(const Image& crop, std::size_t view) const override {
    return base_->look(crop, view).map(projection_);
  }

  std::span<const AlignTemplate> crop_templates() const noexcept override { return base_->crop_templates(); }
  int dimension() const noexcept override { return base_->dimension(); }

 private:
  std::unique_ptr<Embedder> base_;
  Projection projection_;
};

}  // namespace

Result<std::unique_ptr<Embedder>> project(std::unique_ptr<Embedder> base, Projection projection) {
  if (projection.dimension != static_cast<std::size_t>(base->dimension())) {
    return fail(ErrorCode::model_mismatch, "a projection of " + std::to_string(projection.dimension) +
                                               " dimensions does not fit an embedder of " +
                                               std::to_string(base->dimension()));
  }
  return std::make_unique<ProjectedEmbedder>(std::move(base), std::move(projection));
}

}  // namespace kith::embed
