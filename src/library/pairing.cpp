// SPDX-License-Identifier: Apache-2.0
#include "library/pairing.h"

#include <algorithm>

namespace kith::library {
namespace {

// Boxes of one photo that overlap this much are one face: two detectors' boxes of one face overlap by more,
// and two neighbours' by less.
constexpr float same_face_overlap = 0.4F;
// A head's box of twice the area of the face's in it overlaps by a half; one of four times by a quarter.
constexpr float same_place_overlap = 0.25F;

bool contains(const Box& box, const Point& point) {
  return point.x >= box.x && point.x <= box.x + box.width && point.y >= box.y &&
         point.y <= box.y + box.height;
}

}  // namespace

std::vector<std::optional<std::size_t>> paired(std::size_t count, std::size_t others,
                                               const Likeness& likeness) {
  struct Pair {
    float likeness;
    std::size_t one;
    std::size_t other;
  };
  std::vector<Pair> pairs;
  for (std::size_t one = 0; one < count; ++one) {
    for (std::size_t other = 0; other < others; ++other) {
      if (const float alike = likeness(one, other); alike > 0) pairs.push_back({alike, one, other});
    }
  }
  std::ranges::stable_sort(pairs, std::greater{}, &Pair::likeness);
  std::vector<std::optional<std::size_t>> result(count);
  std::vector<bool> taken(others, false);
  for (const Pair& pair : pairs) {
    if (result[pair.one] || taken[pair.other]) continue;
    result[pair.one] = pair.other;
    taken[pair.other] = true;
  }
  return result;
}

float same_face(const Box& one, const Box& other) {
  const float common = overlap(one, other);
  return common >= same_face_overlap ? common : 0;
}

float same_place(const Box& one, const Box& other) {
  const float common = overlap(one, other);
  return common >= same_place_overlap && contains(one, other.centre()) && contains(other, one.centre())
             ? common
             : 0;
}

}  // namespace kith::library
