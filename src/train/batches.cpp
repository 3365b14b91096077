// SPDX-License-Identifier: Apache-2.0
#include "train/batches.h"

#include <algorithm>
#include <cassert>

namespace kith::train {
namespace {

std::size_t below(std::size_t end, Random& random) {
  return std::uniform_int_distribution<std::size_t>(0, end - 1)(random);
}

// Goes through a list in random order, and again in another.
class Deck {
 public:
  Deck(Batch cards, Random& random) : cards_(std::move(cards)), random_(&random), next_(cards_.size()) {}

  std::size_t draw() {
    if (next_ == cards_.size()) {
      std::ranges::shuffle(cards_, *random_);
      next_ = 0;
    }
    return cards_[next_++];
  }

  [[nodiscard]] std::size_t size() const { return cards_.size(); }

 private:
  Batch cards_;
  Random* random_;
  std::size_t next_;
};

}  // namespace

Random random_for(std::initializer_list<std::uint64_t> purpose) {
  std::vector<std::uint32_t> words;
  for (const std::uint64_t part : purpose) {
    words.push_back(static_cast<std::uint32_t>(part));
    words.push_back(static_cast<std::uint32_t>(part >> 32U));
  }
  std::seed_seq seeds(words.begin(), words.end());
  return Random(seeds);
}

std::vector<Batch> people_to_learn_from(std::span<const int> person_of) {
  std::vector<Batch> people;
  for (std::size_t crop = 0; crop < person_of.size(); ++crop) {
    const auto person = static_cast<std::size_t>(person_of[crop]);
    if (person >= people.size()) people.resize(person + 1);
    people[person].push_back(crop);
  }
  std::erase_if(people, [](const Batch& crops) { return crops.size() < 2; });
  return people;
}

std::vector<int> classes(std::span<const int> person_of) {
  const std::vector<Batch> people = people_to_learn_from(person_of);
  std::vector<int> class_of(person_of.size(), -1);
  for (std::size_t person = 0; person < people.size(); ++person) {
    for (const std::size_t crop : people[person]) class_of[crop] = static_cast<int>(person);
  }
  int next = static_cast<int>(people.size());
  for (int& of_crop : class_of) {
    if (of_crop < 0) of_crop = next++;
  }
  return class_of;
}

std::vector<Batch> balanced_batches(std::span<const int> person_of, int people, int photos, Random random) {
  std::vector<Deck> crops_of;
  Batch everybody;
  for (Batch& crops : people_to_learn_from(person_of)) {
    everybody.push_back(crops_of.size());
    crops_of.emplace_back(std::move(crops), random);
  }
  assert(crops_of.size() >= 2);
  const std::size_t in_batch = std::min(static_cast<std::size_t>(people), crops_of.size());
  const std::size_t batch_size = in_batch * static_cast<std::size_t>(photos);
  Deck deck(everybody, random);
  std::vector<Batch> batches((person_of.size() + batch_size - 1) / batch_size);
  Batch put_back;  // who is in the batch already, where the deck was shuffled in mid-batch
  for (Batch& batch : batches) {
    std::vector<bool> taken(crops_of.size(), false);
    Batch chosen;
    while (chosen.size() < in_batch) {
      const auto waiting = std::ranges::find_if(put_back, [&](std::size_t person) { return !taken[person]; });
      std::size_t person = 0;
      if (waiting != put_back.end()) {
        person = *waiting;
        put_back.erase(waiting);
      } else {
        person = deck.draw();
        if (taken[person]) {
          put_back.push_back(person);
          continue;
        }
      }
      taken[person] = true;
      chosen.push_back(person);
    }
    for (const std::size_t person : chosen) {
      for (int i = 0; i < photos; ++i) batch.push_back(crops_of[person].draw());
    }
  }
  return batches;
}

std::vector<Triplet> random_triplets(std::span<const int> person_of, std::size_t count, Random random) {
  const std::vector<Batch> people = people_to_learn_from(person_of);
  assert(people.size() >= 2);
  std::vector<Triplet> triplets;
  triplets.reserve(count);
  while (triplets.size() < count) {
    const Batch& crops = people[below(people.size(), random)];
    const std::size_t anchor = below(crops.size(), random);
    const std::size_t positive = (anchor + 1 + below(crops.size() - 1, random)) % crops.size();
    std::size_t negative = below(person_of.size(), random);
    while (person_of[negative] == person_of[crops[anchor]]) negative = below(person_of.size(), random);
    triplets.push_back({crops[anchor], crops[positive], negative});
  }
  return triplets;
}

std::vector<Batch> triplet_batches(std::vector<Triplet> triplets, int triplets_per_batch, Random random) {
  std::ranges::shuffle(triplets, random);
  std::vector<Batch> batches;
  const auto size = static_cast<std::size_t>(triplets_per_batch);
  for (std::size_t i = 0; i < triplets.size(); ++i) {
    if (i % size == 0) batches.emplace_back();
    std::ranges::copy(triplets[i], std::back_inserter(batches.back()));
  }
  return batches;
}

}  // namespace kith::train
