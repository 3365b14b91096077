// SPDX-License-Identifier: Apache-2.0
// Non-maximum suppression: a detector sees one face several times, and only its best sight stays.
#pragma once

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

#include <kith/face.h>

namespace kith::detect {

// The intersection of two boxes, 0..1: as a part of their union, or of the smaller one, which also
// catches a box that lies inside another.
enum class Measure { of_union, of_smaller };

[[nodiscard]] inline float overlap(const Box& a, const Box& b, Measure measure) noexcept {
  const float of_union = kith::overlap(a, b);
  if (measure == Measure::of_union || of_union <= 0) return of_union;
  // With i = u (A + B - i): i = u (A + B) / (1 + u).
  const float shared = of_union * (a.area() + b.area()) / (1 + of_union);
  return shared / std::min(a.area(), b.area());
}

// Greedy: the item of the highest score stays, what overlaps it by more than `max_overlap` goes, and so
// on; best first, equal scores in their given order. `box_of` and `score_of` are projections of Item.
// Requires scores that are not NaN. Time: items times items kept.
template <typename Item, typename BoxOf, typename ScoreOf>
[[nodiscard]] std::vector<Item> without_repeats(std::vector<Item> items, float max_overlap, BoxOf box_of,
                                                ScoreOf score_of, Measure measure = Measure::of_union) {
  std::ranges::stable_sort(items, std::greater{}, score_of);
  std::vector<Item> kept;
  for (Item& item : items) {
    const bool repeated = std::ranges::any_of(kept, [&](const Item& better) {
      return overlap(std::invoke(box_of, better), std::invoke(box_of, item), measure) > max_overlap;
    });
    if (!repeated) kept.push_back(std::move(item));
  }
  return kept;
}

}  // namespace kith::detect
