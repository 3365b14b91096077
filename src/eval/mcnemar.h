// SPDX-License-Identifier: Apache-2.0
// Whether one model is better than another on the same trials (pairs, probes): only those count which one
// decides rightly and the other does not.
//
// Thread rule: pure functions.
#pragma once

#include <cstddef>
#include <vector>

#include "eval/metrics.h"

namespace kith::eval {

// How two models decided the same trials.
struct PairedCounts {
  std::size_t both = 0;
  std::size_t only_first = 0;
  std::size_t only_second = 0;
  std::size_t neither = 0;

  [[nodiscard]] std::size_t trials() const noexcept { return both + only_first + only_second + neither; }
};

// Requires as many of one as of the other.
[[nodiscard]] PairedCounts paired_counts(const std::vector<bool>& first, const std::vector<bool>& second);

// Up to so many discordant trials the exact test is taken: the chi-squared distribution is no good for few.
inline constexpr std::size_t most_exact = 25;

struct McNemar {
  bool exact = true;
  double chi_squared = 0;  // with one degree of freedom; only where not exact
  double p = 1;            // two-sided: how often equally good models differ by this much or more
};

// McNemar, "Note on the sampling error of the difference between correlated proportions or percentages",
// Psychometrika 12, 1947. With b and c trials that only the first or only the second decides rightly:
//   b + c <= most_exact:  p = min(1, 2 sum_{i <= min(b, c)} C(b + c, i) / 2^(b + c))      (binomial, p = 1/2)
//   otherwise:            chi^2 = max(0, |b - c| - 1)^2 / (b + c),  p = erfc(sqrt(chi^2 / 2))
// The 1 is the continuity correction of Edwards, "Note on the 'correction for continuity' in testing the
// significance of the difference between correlated proportions", Psychometrika 13, 1948.
[[nodiscard]] McNemar mcnemar(const PairedCounts& counts);

// The share that the first decides rightly less the share of the second; 0 without trials.
[[nodiscard]] double difference(const PairedCounts& counts);

// Its 95 % interval: Newcombe, "Improved
// confidence intervals for the difference between binomial proportions based on paired data", Statistics in
// Medicine 17, 1998, method 10. Without trials: -1 to 1.
[[nodiscard]] Interval difference95(const PairedCounts& counts);

}  // namespace kith::eval
