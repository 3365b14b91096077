// SPDX-License-Identifier: Apache-2.0
#include "train/mining.h"

#include <cassert>
#include <limits>
#include <optional>

namespace kith::train {
namespace {

// One batch, asked about.
class Miner {
 public:
  Miner(std::span<const float> distances, std::span<const int> person_of, float margin)
      : distances_(distances), person_of_(person_of), margin_(margin) {
    assert(distances.size() == person_of.size() * person_of.size());
  }

  Mined all() {
    for_pairs([&](std::size_t anchor, std::size_t positive) {
      for (std::size_t negative = 0; negative < size(); ++negative) {
        if (person_of_[negative] == person_of_[anchor]) continue;
        ++mined_.candidates;
        if (loss({anchor, positive, negative}) > 0) mined_.triplets.push_back({anchor, positive, negative});
      }
    });
    mined_.active = mined_.triplets.size();
    return std::move(mined_);
  }

  Mined hard() {
    for (std::size_t anchor = 0; anchor < size(); ++anchor) {
      std::optional<std::size_t> positive;
      for (std::size_t other = 0; other < size(); ++other) {
        const bool fits = other != anchor && person_of_[other] == person_of_[anchor];
        if (fits && (!positive || at(anchor, other) > at(anchor, *positive))) positive = other;
      }
      const std::optional<std::size_t> negative =
          closest_stranger(anchor, -std::numeric_limits<float>::infinity());
      if (positive && negative) choose({anchor, *positive, *negative});
    }
    return std::move(mined_);
  }

  Mined semi_hard() {
    for_pairs([&](std::size_t anchor, std::size_t positive) {
      std::optional<std::size_t> negative = closest_stranger(anchor, at(anchor, positive));
      if (!negative) negative = farthest_stranger(anchor);
      if (negative) choose({anchor, positive, *negative});
    });
    return std::move(mined_);
  }

 private:
  [[nodiscard]] std::size_t size() const { return person_of_.size(); }
  [[nodiscard]] float at(std::size_t a, std::size_t b) const { return distances_[a * size() + b]; }
  [[nodiscard]] float loss(const Triplet& t) const { return at(t[0], t[1]) - at(t[0], t[2]) + margin_; }

  void choose(const Triplet& triplet) {
    mined_.triplets.push_back(triplet);
    ++mined_.candidates;
    if (loss(triplet) > 0) ++mined_.active;
  }

  template <typename Use>
  void for_pairs(Use use) const {
    for (std::size_t anchor = 0; anchor < size(); ++anchor) {
      for (std::size_t positive = 0; positive < size(); ++positive) {
        if (positive != anchor && person_of_[positive] == person_of_[anchor]) use(anchor, positive);
      }
    }
  }

  // Of those who are farther than `beyond`.
  [[nodiscard]] std::optional<std::size_t> closest_stranger(std::size_t anchor, float beyond) const {
    std::optional<std::size_t> closest;
    for (std::size_t other = 0; other < size(); ++other) {
      if (person_of_[other] == person_of_[anchor] || at(anchor, other) <= beyond) continue;
      if (!closest || at(anchor, other) < at(anchor, *closest)) closest = other;
    }
    return closest;
  }

  [[nodiscard]] std::optional<std::size_t> farthest_stranger(std::size_t anchor) const {
    std::optional<std::size_t> farthest;
    for (std::size_t other = 0; other < size(); ++other) {
      if (person_of_[other] == person_of_[anchor]) continue;
      if (!farthest || at(anchor, other) > at(anchor, *farthest)) farthest = other;
    }
    return farthest;
  }

  std::span<const float> distances_;
  std::span<const int> person_of_;
  float margin_;
  Mined mined_;
};

}  // namespace

Mined mine(std::span<const float> distances, std::span<const int> person_of, TripletMining mining,
           float margin) {
  Miner miner(distances, person_of, margin);
  switch (mining) {
    case TripletMining::all: return miner.all();
    case TripletMining::hard: return miner.hard();
    case TripletMining::semi_hard: return miner.semi_hard();
    case TripletMining::random: break;
  }
  assert(false && "random triplets are drawn before the epoch");
  return {};
}

}  // namespace kith::train
