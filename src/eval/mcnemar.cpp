// SPDX-License-Identifier: Apache-2.0
#include "eval/mcnemar.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace kith::eval {
namespace {

// sum_{i <= few} C(trials, i) / 2^trials.
double binomial_tail(std::size_t few, std::size_t trials) {
  double term = std::pow(0.5, static_cast<double>(trials));
  double sum = term;
  for (std::size_t i = 1; i <= few; ++i) {
    term *= static_cast<double>(trials - i + 1) / static_cast<double>(i);
    sum += term;
  }
  return sum;
}

// How the two models' outcomes go together, -1..1; towards 0 by half a trial where they agree (method 10).
double correlation(double both, double only_first, double only_second, double neither) {
  const double margins =
      (both + only_first) * (only_second + neither) * (both + only_second) * (only_first + neither);
  if (margins <= 0) return 0;
  const double trials = both + only_first + only_second + neither;
  double product = both * neither - only_first * only_second;
  if (product > 0) product = std::max(0.0, product - trials / 2);
  return product / std::sqrt(margins);
}

}  // namespace

PairedCounts paired_counts(const std::vector<bool>& first, const std::vector<bool>& second) {
  assert(first.size() == second.size());
  PairedCounts counts;
  for (std::size_t i = 0; i < first.size(); ++i) {
    if (first[i]) {
      ++(second[i] ? counts.both : counts.only_first);
    } else {
      ++(second[i] ? counts.only_second : counts.neither);
    }
  }
  return counts;
}

McNemar mcnemar(const PairedCounts& counts) {
  const std::size_t b = counts.only_first;
  const std::size_t c = counts.only_second;
  if (b + c <= most_exact) return {true, 0, std::min(1.0, 2 * binomial_tail(std::min(b, c), b + c))};
  const double excess = std::max(0.0, static_cast<double>(std::max(b, c) - std::min(b, c)) - 1);
  const double chi_squared = excess * excess / static_cast<double>(b + c);
  return {false, chi_squared, std::erfc(std::sqrt(chi_squared / 2))};
}

double difference(const PairedCounts& counts) {
  if (counts.trials() == 0) return 0;
  return (static_cast<double>(counts.only_first) - static_cast<double>(counts.only_second)) /
         static_cast<double>(counts.trials());
}

Interval difference95(const PairedCounts& counts) {
  const std::size_t trials = counts.trials();
  if (trials == 0) return {-1, 1};
  const std::size_t first_right = counts.both + counts.only_first;
  const std::size_t second_right = counts.both + counts.only_second;
  const double first = static_cast<double>(first_right) / static_cast<double>(trials);
  const double second = static_cast<double>(second_right) / static_cast<double>(trials);
  const Interval around_first = wilson95(first_right, trials);
  const Interval around_second = wilson95(second_right, trials);
  const double together =
      correlation(static_cast<double>(counts.both), static_cast<double>(counts.only_first),
                  static_cast<double>(counts.only_second), static_cast<double>(counts.neither));
  const auto reach = [&](double one, double other) {
    return std::sqrt(std::max(0.0, one * one - 2 * together * one * other + other * other));
  };
  return {difference(counts) - reach(first - around_first.low, around_second.high - second),
          difference(counts) + reach(around_first.high - first, second - around_second.low)};
}

}  // namespace kith::eval
