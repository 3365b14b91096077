// SPDX-License-Identifier: Apache-2.0
// The space in which a Background says everything: see Background::projection.
//
// Thread rule: free functions without state.
#pragma once

#include <span>
#include <vector>

#include <kith/background.h>

#include "identify/looks.h"

namespace kith::identify {

// Requires a vector of dimension() values; returns reduced() of them, of length sqrt(reduced()). A vector
// that is the mean itself has no direction there: zeros.
[[nodiscard]] std::vector<float> projected(const Background& background, std::span<const float> embedding);

// ln of the density of unknown people's faces, the mixture of the components, at z.
[[nodiscard]] double log_density_of_unknown(const Background& background, std::span<const float> z);

// The share of each component in that density; they add up to 1.
[[nodiscard]] std::vector<double> component_shares(const Background& background, std::span<const float> z);

// What n faces of one person with the mean z tell of where that person's faces lie: by the two-covariance
// model (Brümmer and de Villiers, "The speaker partitioning problem", 2010) the person's own centre is
// normal, in each dimension with
//   variance = 1 / (1 / between + n / within),   mean = variance (n / within) z.
struct Centre {
  std::vector<float> mean;
  std::vector<float> variance;
};
[[nodiscard]] Centre centre_of(const Background& background, std::span<const float> mean_z,
                               std::size_t faces);

// The projections of a look's references, and their mean.
struct ProjectedLook {
  std::vector<std::vector<float>> faces;
  std::vector<float> mean;
};
[[nodiscard]] ProjectedLook projected_look(const Background& background, const EnrolledPerson& person,
                                           const Look& look);

}  // namespace kith::identify
