// SPDX-License-Identifier: Apache-2.0
// Intervals of figures that are no proportions: draw the units anew, with replacement, and see how the figure
// scatters.
//
// Efron, "Bootstrap methods: another look at the jackknife", Annals of Statistics 7, 1979; the interval is
// from the 2.5th to the 97.5th percentile of the draws.
//
// Thread rule: pure functions; the same units give the same interval.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "eval/metrics.h"

namespace kith::eval {

struct BootstrapSettings {
  int draws = 500;         // an end of the interval is then known to about a twentieth of its width
  std::uint64_t seed = 1;  // the same draws for every model: differences of two are paired
};

// Figures of a draw: `weights[i]` is how often unit i was drawn. As many figures each time; one that this
// draw does not have (no face to find) is not finite, and left out.
using Figures = std::function<std::vector<double>(std::span<const std::uint32_t> weights)>;

// An interval a figure. Units should be what is independent: people or photos rather than faces. Without
// units, or where no draw had the figure: 0 to 0.
[[nodiscard]] std::vector<Interval> bootstrap95(std::size_t units, const Figures& figures,
                                                const BootstrapSettings& settings = {});

}  // namespace kith::eval
