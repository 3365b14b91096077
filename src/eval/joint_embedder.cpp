// SPDX-License-Identifier: Apache-2.0
#include "eval/joint_embedder.h"

#include <algorithm>
#include <cassert>

namespace kith::eval {

JointEmbedder::JointEmbedder(std::vector<std::unique_ptr<Embedder>> embedders)
    : embedders_(std::move(embedders)) {
  assert(!embedders_.empty());
  for (const std::unique_ptr<Embedder>& embedder : embedders_)
    templates_.insert(templates_.end(), embedder->crop_templates().begin(), embedder->crop_templates().end());
}

Result<Embedding> JointEmbedder::look(const Image& crop, std::size_t view) const {
  Embedding joint(static_cast<std::size_t>(dimension()), 0.0F);
  auto place = joint.begin();
  for (const std::unique_ptr<Embedder>& embedder : embedders_) {
    const std::size_t views = embedder->crop_templates().size();
    if (view < views) {
      Result<Embedding> seen = embedder->look(crop, view);
      if (!seen) return seen;
      std::ranges::copy(*seen, place);
      return joint;
    }
    view -= views;
    place += embedder->dimension();
  }
  return fail(ErrorCode::bad_argument, "there is no such view of a face");
}

int JointEmbedder::dimension() const noexcept {
  int sum = 0;
  for (const std::unique_ptr<Embedder>& embedder : embedders_) sum += embedder->dimension();
  return sum;
}

std::vector<Embedding> JointEmbedder::parts(const Embedding& joint) const {
  assert(joint.size() == static_cast<std::size_t>(dimension()));
  std::vector<Embedding> parts;
  auto begin = joint.begin();
  for (const std::unique_ptr<Embedder>& embedder : embedders_) {
    const auto end = begin + embedder->dimension();
    normalise(parts.emplace_back(begin, end));
    begin = end;
  }
  return parts;
}

}  // namespace kith::eval
