// SPDX-License-Identifier: Apache-2.0
#include <kith/embed.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <utility>

namespace kith {

Result<Embedding> Embedder::embed(std::span<const Image> crops) const {
  if (crops.size() != crop_templates().size()) {
    return fail(ErrorCode::bad_argument,
                "the embedder takes " + std::to_string(crop_templates().size()) + " crops of a face");
  }
  Embedding sum(static_cast<std::size_t>(dimension()), 0.0F);
  for (std::size_t view = 0; view < crops.size(); ++view) {
    Result<Embedding> seen = look(crops[view], view);
    if (!seen) return seen;
    std::ranges::transform(sum, *seen, sum.begin(), std::plus{});
  }
  return direction(std::move(sum));
}

Result<Embedding> direction(Embedding sum) {
  normalise(sum);
  if (!std::ranges::all_of(sum, [](float value) { return std::isfinite(value); }) || dot(sum, sum) < 0.5F) {
    return fail(ErrorCode::internal, "the embedder gave no usable vector; run `kith models check`");
  }
  return sum;
}

}  // namespace kith
