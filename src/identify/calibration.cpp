// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include <kith/identify.h>

namespace kith {

float similarity_threshold(const Calibration& calibration, double false_accept_rate,
                           std::size_t people) noexcept {
  // Solve tail(s) = log10(rate / people) by bisection: the tail falls on [0, 1] by its definition.
  const double wanted = std::log10(false_accept_rate / static_cast<double>(people));
  const auto tail = [&](double s) {
    return calibration.tail[0] + calibration.tail[1] * s + calibration.tail[2] * s * s;
  };
  double low = 0;
  double high = 1;
  for (int step = 0; step < 40; ++step) {
    const double middle = (low + high) / 2;
    (tail(middle) > wanted ? low : high) = middle;
  }
  return std::max(static_cast<float>(high), calibration.min_similarity);
}

float same_person_probability(const Calibration& calibration, float similarity) noexcept {
  return 1 / (1 + std::exp(-(calibration.slope * similarity + calibration.intercept)));
}

}  // namespace kith
