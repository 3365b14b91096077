// SPDX-License-Identifier: Apache-2.0
#include "pipeline/scaled_photo.h"

#include <algorithm>

namespace kith::pipeline {

Result<const Image*> ScaledPhoto::at_least(int min_long_side) {
  if (finest_.empty() || finest_.long_side() < std::min(min_long_side, long_side())) {
    const auto start = std::chrono::steady_clock::now();
    // The coarser picture goes first: two at a time would double the peak.
    finest_ = Image();
    Result<Image> decoded = photo_.decode(min_long_side);
    decode_time_ += std::chrono::steady_clock::now() - start;
    if (!decoded) return tl::unexpected(decoded.error());
    finest_ = std::move(*decoded);
  }
  return &finest_;
}

}  // namespace kith::pipeline
