// SPDX-License-Identifier: Apache-2.0
#include "identify/space.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>

namespace kith::identify {
namespace {

double log_density(const BackgroundComponent& component, std::span<const float> z) {
  double sum = 0;
  for (std::size_t i = 0; i < z.size(); ++i) {
    const double apart = static_cast<double>(z[i]) - component.mean[i];
    sum += apart * apart / component.variance[i] + std::log(component.variance[i]);
  }
  return -0.5 * (sum + static_cast<double>(z.size()) * std::log(2 * std::numbers::pi));
}

// Of each component: ln(weight density). exp() of them would be 0, so they are compared as they are.
std::vector<double> log_terms(const Background& background, std::span<const float> z) {
  std::vector<double> terms;
  for (const BackgroundComponent& component : background.components)
    terms.push_back(std::log(component.weight) + log_density(component, z));
  return terms;
}

}  // namespace

std::vector<float> projected(const Background& background, std::span<const float> embedding) {
  const std::size_t dimension = background.dimension();
  std::vector<float> centred(dimension);
  std::ranges::transform(embedding, background.mean, centred.begin(), std::minus{});
  std::vector<float> z;
  z.reserve(background.reduced());
  for (std::size_t row = 0; row < background.reduced(); ++row)
    z.push_back(dot(std::span(background.projection).subspan(row * dimension, dimension), centred));
  normalise(z);
  const float length = std::sqrt(static_cast<float>(background.reduced()));
  for (float& value : z) value *= length;
  return z;
}

double log_density_of_unknown(const Background& background, std::span<const float> z) {
  const std::vector<double> terms = log_terms(background, z);
  const double largest = std::ranges::max(terms);
  double sum = 0;
  for (const double term : terms) sum += std::exp(term - largest);
  return largest + std::log(sum);
}

std::vector<double> component_shares(const Background& background, std::span<const float> z) {
  std::vector<double> terms = log_terms(background, z);
  const double whole = log_density_of_unknown(background, z);
  for (double& term : terms) term = std::exp(term - whole);
  return terms;
}

Centre centre_of(const Background& background, std::span<const float> mean_z, std::size_t faces) {
  Centre centre;
  for (std::size_t i = 0; i < mean_z.size(); ++i) {
    const float between = background.between[i];
    const float spread = background.within[i] + static_cast<float>(faces) * between;
    centre.variance.push_back(between * background.within[i] / spread);
    centre.mean.push_back(static_cast<float>(faces) * between / spread * mean_z[i]);
  }
  return centre;
}

ProjectedLook projected_look(const Background& background, const EnrolledPerson& person, const Look& look) {
  ProjectedLook result{{}, std::vector<float>(background.reduced(), 0.0F)};
  for (const std::size_t i : look.references) {
    result.faces.push_back(projected(background, person.references[i].embedding));
    std::ranges::transform(result.mean, result.faces.back(), result.mean.begin(), std::plus{});
  }
  for (float& value : result.mean) value /= static_cast<float>(look.references.size());
  return result;
}

}  // namespace kith::identify
