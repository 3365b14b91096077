// SPDX-License-Identifier: Apache-2.0
#include <kith/face.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>

namespace kith {

float overlap(const Box& a, const Box& b) noexcept {
  const float width = std::min(a.x + a.width, b.x + b.width) - std::max(a.x, b.x);
  const float height = std::min(a.y + a.height, b.y + b.height) - std::max(a.y, b.y);
  if (width <= 0 || height <= 0) return 0;
  const float shared = width * height;
  return shared / (a.area() + b.area() - shared);
}

Box scaled(const Box& box, float factor) noexcept {
  return {box.x * factor, box.y * factor, box.width * factor, box.height * factor};
}

Landmarks scaled(const Landmarks& landmarks, float factor) noexcept {
  Landmarks result = landmarks;
  for (Point& point : result) point = {point.x * factor, point.y * factor};
  return result;
}

float dot(std::span<const float> a, std::span<const float> b) noexcept {
  assert(a.size() == b.size());
  return std::transform_reduce(a.begin(), a.end(), b.begin(), 0.0F);
}

void normalise(std::span<float> vector) noexcept {
  const float length = std::sqrt(dot(vector, vector));
  if (length <= 0) return;
  for (float& value : vector) value /= length;
}

}  // namespace kith
