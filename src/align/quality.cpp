// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <vector>

#include <kith/align.h>

namespace kith {
namespace {

// 0 well below `half`, 1/2 at `half`, towards 1 above: value^2 / (value^2 + half^2).
float saturating(float value, float half) {
  const float squared = value * value;
  return squared / (squared + half * half);
}

float distance(Point a, Point b) { return std::hypot(a.x - b.x, a.y - b.y); }

float luminance(const std::uint8_t* pixel) {
  return 0.299F * static_cast<float>(pixel[0]) + 0.587F * static_cast<float>(pixel[1]) +
         0.114F * static_cast<float>(pixel[2]);
}

float sharpness(const Image& crop) {
  const int left = crop.width() / 5;
  const int top = crop.height() / 5;
  double sum = 0;
  double squares = 0;
  int count = 0;
  for (int y = top; y < crop.height() - top; ++y) {
    const std::uint8_t* above = crop.row(std::max(y - 1, 0));
    const std::uint8_t* here = crop.row(y);
    const std::uint8_t* below = crop.row(std::min(y + 1, crop.height() - 1));
    for (int x = std::max(left, 1); x < crop.width() - std::max(left, 1); ++x) {
      const auto at = static_cast<std::ptrdiff_t>(x) * 3;
      const double value = luminance(above + at) + luminance(below + at) + luminance(here + at - 3) +
                           luminance(here + at + 3) - 4 * luminance(here + at);
      sum += value;
      squares += value * value;
      ++count;
    }
  }
  if (count == 0) return 0;
  const double mean = sum / count;
  return static_cast<float>(std::sqrt(std::max(0.0, squares / count - mean * mean)));
}

float frontality(const Landmarks& landmarks) {
  const Point left = landmarks[0];
  const Point right = landmarks[1];
  const Point nose = landmarks[2];
  const float eyes = distance(left, right);
  if (eyes <= 0) return 0;
  const float along =
      ((nose.x - left.x) * (right.x - left.x) + (nose.y - left.y) * (right.y - left.y)) / (eyes * eyes);
  return std::clamp(1 - std::abs(along - 0.5F) * 2, 0.0F, 1.0F);
}

}  // namespace

FaceMeasures measure_face(const Face& face, const Image& crop) noexcept {
  return {distance(face.landmarks[0], face.landmarks[1]), sharpness(crop), frontality(face.landmarks)};
}

float face_quality(const Face& face, const Image& crop) noexcept {
  // Half values set by judgement, not fitted: they order photos, and are no measured loss of accuracy.
  constexpr float half_eye_distance = 10;  // pixels of the full photo
  constexpr float half_sharpness = 4;      // grey levels
  const FaceMeasures measures = measure_face(face, crop);
  const float quality = saturating(measures.eye_distance, half_eye_distance) *
                        saturating(measures.sharpness, half_sharpness) *
                        saturating(measures.frontality, 0.25F) * std::clamp(face.score, 0.0F, 1.0F);
  return std::isfinite(quality) ? quality : 0;
}

}  // namespace kith
