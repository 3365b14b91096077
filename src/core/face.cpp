// SPDX-License-Identifier: Apache-2.0
#include <kith/face.h>

#include <algorithm>
#include <array>
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

const Face* largest_face(std::span<const Face> faces) noexcept {
  const auto largest = std::ranges::max_element(faces, {}, [](const Face& face) { return face.box.area(); });
  return largest == faces.end() ? nullptr : &*largest;
}

float dot(std::span<const float> a, std::span<const float> b) noexcept {
  assert(a.size() == b.size());
  // Sixteen sums side by side, for which a compiler may use vector registers: floating-point addition is not
  // associative, so one running sum would have to be added up a value at a time.
  constexpr std::size_t lanes = 16;
  std::array<float, lanes> sums{};
  std::size_t i = 0;
  for (; i + lanes <= a.size(); i += lanes) {
    for (std::size_t lane = 0; lane < lanes; ++lane) sums[lane] += a[i + lane] * b[i + lane];
  }
  float sum = 0;
  for (; i < a.size(); ++i) sum += a[i] * b[i];
  return std::accumulate(sums.begin(), sums.end(), sum);
}

void normalise(std::span<float> vector) noexcept {
  const float length = std::sqrt(dot(vector, vector));
  if (length <= 0) return;
  for (float& value : vector) value /= length;
}

}  // namespace kith
