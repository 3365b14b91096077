// SPDX-License-Identifier: Apache-2.0
#include "eval/bootstrap.h"

#include <algorithm>
#include <cmath>
#include <random>

namespace kith::eval {
namespace {

Interval middle95(std::vector<double>& values) {
  if (values.empty()) return {};
  std::ranges::sort(values);
  const auto at = [&](double quantile) {
    return values[static_cast<std::size_t>(std::lround(quantile * static_cast<double>(values.size() - 1)))];
  };
  return {at(0.025), at(0.975)};
}

}  // namespace

std::vector<Interval> bootstrap95(std::size_t units, const Figures& figures,
                                  const BootstrapSettings& settings) {
  std::vector<std::uint32_t> weights(units);
  std::vector<std::vector<double>> drawn;
  std::mt19937_64 random(settings.seed);
  for (int draw = 0; draw < settings.draws; ++draw) {
    std::ranges::fill(weights, 0U);
    for (std::size_t i = 0; i < units; ++i) ++weights[random() % units];
    const std::vector<double> values = figures(weights);
    drawn.resize(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (std::isfinite(values[i])) drawn[i].push_back(values[i]);
    }
  }
  std::vector<Interval> intervals;
  for (std::vector<double>& values : drawn) intervals.push_back(middle95(values));
  return intervals;
}

}  // namespace kith::eval
