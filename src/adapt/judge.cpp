// SPDX-License-Identifier: Apache-2.0
#include "adapt/judge.h"

#include <algorithm>
#include <cassert>
#include <functional>
#include <limits>
#include <map>

#include "eval/bootstrap.h"

namespace kith::adapt {
namespace {

using Similarity = float PairOfFaces::*;

// How often a draw has each person.
using Weights = std::vector<double>;

// One way of comparing, with what a draw needs of it at hand.
class Comparison {
 public:
  Comparison(const HeldOut& held_out, Similarity similarity, double false_accept_rate)
      : similarity_(similarity), rate_(false_accept_rate), same_(held_out.same), top_(held_out.different) {
    // A draw's threshold lies among the most similar pairs: people come several times, but by far not that
    // often.
    constexpr double room = 20;
    const double wanted = room * (rate_ * static_cast<double>(top_.size()) + 10);
    const auto kept = std::min(top_.size(), static_cast<std::size_t>(wanted));
    const auto end = top_.begin() + static_cast<std::ptrdiff_t>(kept);
    std::ranges::nth_element(top_, end, std::greater{}, similarity_);
    top_.erase(end, top_.end());
    std::ranges::sort(top_, std::greater{}, similarity_);
  }

  // The mean over the draw's people who have pairs of their own.
  [[nodiscard]] double true_accept_rate(const Weights& weights, double pairs_of_strangers) const {
    const float threshold = threshold_of(weights, rate_ * pairs_of_strangers);
    double sum = 0;
    double people = 0;
    for (std::size_t begin = 0; begin < same_.size();) {
      const std::size_t person = same_[begin].person;
      std::size_t end = begin;
      std::size_t accepted = 0;
      for (; end < same_.size() && same_[end].person == person; ++end)
        accepted += same_[end].*similarity_ > threshold ? 1U : 0U;
      sum += weights[person] * static_cast<double>(accepted) / static_cast<double>(end - begin);
      people += weights[person];
      begin = end;
    }
    return people > 0 ? sum / people : 0;
  }

 private:
  // The lowest that pairs of no more than this weight exceed.
  [[nodiscard]] float threshold_of(const Weights& weights, double allowed) const {
    double above = 0;
    for (const PairOfFaces& pair : top_) {
      above += weights[pair.person] * weights[pair.other];
      if (above > allowed) return pair.*similarity_;
    }
    return top_.size() < 2 ? -std::numeric_limits<float>::infinity() : top_.back().*similarity_;
  }

  Similarity similarity_;
  double rate_;
  std::span<const PairOfFaces> same_;
  std::vector<PairOfFaces> top_;  // pairs of strangers, the most similar first
};

// Of all pairs of two people of one part.
double weight_of_strangers(const std::vector<HeldOutPerson>& people, const Weights& weights) {
  struct Sums {
    double faces = 0;
    double squares = 0;
  };
  std::map<std::size_t, Sums> parts;
  for (std::size_t i = 0; i < people.size(); ++i) {
    const double faces = weights[i] * static_cast<double>(people[i].faces);
    parts[people[i].part].faces += faces;
    parts[people[i].part].squares += faces * faces;
  }
  double pairs = 0;
  for (const auto& [part, sums] : parts) pairs += (sums.faces * sums.faces - sums.squares) / 2;
  return pairs;
}

}  // namespace

Gain gain_of(const HeldOut& held_out, double false_accept_rate, int draws, std::uint64_t seed) {
  assert(!held_out.same.empty() && !held_out.different.empty() && draws >= 40);
  assert(std::ranges::is_sorted(held_out.same, {}, &PairOfFaces::person));
  const Comparison base(held_out, &PairOfFaces::base, false_accept_rate);
  const Comparison adapted(held_out, &PairOfFaces::adapted, false_accept_rate);

  const std::size_t people = held_out.people.size();
  const Weights once(people, 1.0);
  const double all = weight_of_strangers(held_out.people, once);
  Gain gain{.false_accept_rate = false_accept_rate,
            .base = base.true_accept_rate(once, all),
            .adapted = adapted.true_accept_rate(once, all),
            .difference = 0,
            .difference95 = {}};
  gain.difference = gain.adapted - gain.base;

  const auto difference = [&](std::span<const std::uint32_t> drawn) {
    const Weights weights(drawn.begin(), drawn.end());
    const double strangers = weight_of_strangers(held_out.people, weights);
    return std::vector{adapted.true_accept_rate(weights, strangers) -
                       base.true_accept_rate(weights, strangers)};
  };
  gain.difference95 = eval::bootstrap95(people, difference, {.draws = draws, .seed = seed}).front();
  return gain;
}

}  // namespace kith::adapt
