// SPDX-License-Identifier: Apache-2.0
// Of one person's faces, those that show something new.
//
// Thread rule: free functions without state.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include <kith/dataset.h>
#include <kith/face.h>
#include <kith/image.h>

namespace kith::dataset {

// What a face looks like, coarsely: the grey levels of the aligned crop, averaged over 16 x 16 cells, as a
// vector of mean 0 and length 1, which brightness and contrast do not change. All 0 where the crop is of one
// colour.
using Signature = std::vector<float>;

// Requires a crop of at least 16 x 16.
[[nodiscard]] Signature picture_signature(const Image& crop);

// A face as selection sees it.
struct Sight {
  const Embedding* vector = nullptr;
  const Signature* signature = nullptr;
  float quality = 0;
  std::size_t source = 0;         // faces with the same number are of one photo or video
  std::optional<double> seconds;  // in the video; absent: a photo
  bool present = false;           // its picture is there already, and stays
};

// Why one of `sights` goes: a near-duplicate of another of them.
struct Duplicate {
  std::size_t of = 0;
  float similarity = 0;  // the cosine; of frames that are too near, too
};

// For each, the better one that makes it superfluous; absent: it stays. Those present stay; of the others the
// best is taken first, and earlier in the list where two are as good. The one named stays itself.
[[nodiscard]] std::vector<std::optional<Duplicate>> near_duplicates(std::span<const Sight> sights,
                                                                    const DatasetSettings& settings);

// The numbers of those beyond the best `most`, those present first of all; none where `most` is 0.
[[nodiscard]] std::vector<std::size_t> beyond_the_best(std::span<const Sight> sights, std::size_t most);

// Whose face is the person's on photos of one person. `photos`: the faces of each, with vectors; none is
// empty. The largest, unless another resembles the rest of the photos (`known`: vectors known to be theirs,
// too) more than it does, and enough not to be a stranger. Returns the number of the face on each photo.
[[nodiscard]] std::vector<std::size_t> faces_of_one_person(std::span<const std::vector<const Face*>> photos,
                                                           std::span<const Embedding* const> known,
                                                           float unlike_similarity);

// The direction of the sum; empty where there is none.
[[nodiscard]] Embedding mean_direction(std::span<const Embedding* const> vectors);

}  // namespace kith::dataset
