// SPDX-License-Identifier: Apache-2.0
// Which crops go into which batch. All follows from the seed and the epoch, so that a training that was
// interrupted goes on with the very batches that it would have had.
//
// Thread rule: free functions without state.
#pragma once

#include <array>
#include <cstdint>
#include <random>
#include <span>
#include <vector>

namespace kith::train {

using Random = std::mt19937_64;

// Random numbers of their own for each purpose: (seed, epoch), (seed, epoch, step), ...
[[nodiscard]] Random random_for(std::initializer_list<std::uint64_t> purpose);

using Batch = std::vector<std::size_t>;      // indices of crops
using Triplet = std::array<std::size_t, 3>;  // anchor, positive, negative

// Batches of `people` different people with `photos` crops each, a person's side by side. Only people with
// two crops or more are drawn, all of them equally often (within one); of a person's crops none again before
// all have been drawn, but within the batch where there are fewer than `photos`. As many batches as would
// show each crop once. Requires two people with two crops; draws as many people as there are where `people`
// are more.
[[nodiscard]] std::vector<Batch> balanced_batches(std::span<const int> person_of, int people, int photos,
                                                  Random random);

// Triplets of any three crops that fit: a person, two of their crops, one crop of another person, each drawn
// uniformly. Requires what balanced_batches does.
[[nodiscard]] std::vector<Triplet> random_triplets(std::span<const int> person_of, std::size_t count,
                                                   Random random);

// So many triplets a batch, in shuffled order; the crops of each stand side by side.
[[nodiscard]] std::vector<Batch> triplet_batches(std::vector<Triplet> triplets, int triplets_per_batch,
                                                 Random random);

// Crops of each person who has two or more.
[[nodiscard]] std::vector<Batch> people_to_learn_from(std::span<const int> person_of);

// The same people as numbers from 0, of each crop; who has one crop only comes after them. So a loss that
// keeps something for each class keeps nothing for people whom no batch shows.
[[nodiscard]] std::vector<int> classes(std::span<const int> person_of);

}  // namespace kith::train
