// SPDX-License-Identifier: Apache-2.0
#include "dataset/select.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <functional>
#include <numeric>

namespace kith::dataset {
namespace {

constexpr int cells = 16;  // a side

// The mean luminance of a cell's pixels.
float cell_level(const Image& crop, int column, int row) {
  const auto edge = [](int cell, int side) { return cell * side / cells; };
  double sum = 0;
  int count = 0;
  for (int y = edge(row, crop.height()); y < edge(row + 1, crop.height()); ++y) {
    const std::uint8_t* pixel = crop.row(y) + static_cast<std::ptrdiff_t>(edge(column, crop.width())) * 3;
    for (int x = edge(column, crop.width()); x < edge(column + 1, crop.width()); ++x, pixel += 3) {
      sum += 0.299 * pixel[0] + 0.587 * pixel[1] + 0.114 * pixel[2];
      ++count;
    }
  }
  return static_cast<float>(sum / count);
}

// Those present, then by quality: in this order each is compared with what was taken before it.
std::vector<std::size_t> best_first(std::span<const Sight> sights) {
  std::vector<std::size_t> order(sights.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) {
    if (sights[a].present != sights[b].present) return sights[a].present;
    return sights[a].quality > sights[b].quality;
  });
  return order;
}

bool are_near_duplicates(const Sight& a, const Sight& b, float similarity, const DatasetSettings& settings) {
  if (a.seconds && b.seconds && a.source == b.source &&
      std::abs(*a.seconds - *b.seconds) < settings.frame_gap_seconds) {
    return true;
  }
  return similarity >= settings.duplicate_similarity &&
         dot(*a.signature, *b.signature) >= settings.duplicate_correlation;
}

}  // namespace

Signature picture_signature(const Image& crop) {
  assert(crop.width() >= cells && crop.height() >= cells);
  Signature levels;
  levels.reserve(static_cast<std::size_t>(cells) * cells);
  for (int row = 0; row < cells; ++row) {
    for (int column = 0; column < cells; ++column) levels.push_back(cell_level(crop, column, row));
  }
  const float mean = std::accumulate(levels.begin(), levels.end(), 0.0F) / static_cast<float>(levels.size());
  for (float& level : levels) level -= mean;
  // Where nothing is to be seen there is nothing but rounding to compare.
  constexpr float least_contrast = 1;  // grey levels
  if (dot(levels, levels) < least_contrast * least_contrast * static_cast<float>(levels.size()))
    return Signature(levels.size(), 0.0F);
  normalise(levels);
  return levels;
}

std::vector<std::optional<Duplicate>> near_duplicates(std::span<const Sight> sights,
                                                      const DatasetSettings& settings) {
  std::vector<std::optional<Duplicate>> result(sights.size());
  std::vector<std::size_t> kept;
  for (const std::size_t at : best_first(sights)) {
    const Sight& sight = sights[at];
    if (!sight.present) {
      for (const std::size_t other : kept) {
        const float similarity = dot(*sight.vector, *sights[other].vector);
        if (!are_near_duplicates(sight, sights[other], similarity, settings)) continue;
        // The one that it resembles most is the one to name.
        if (!result[at] || similarity > result[at]->similarity) result[at] = Duplicate{other, similarity};
      }
    }
    if (!result[at]) kept.push_back(at);
  }
  return result;
}

std::vector<std::size_t> beyond_the_best(std::span<const Sight> sights, std::size_t most) {
  if (most == 0 || sights.size() <= most) return {};
  std::vector<std::size_t> order = best_first(sights);
  order.erase(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(most));
  std::erase_if(order, [&](std::size_t at) { return sights[at].present; });
  return order;
}

Embedding mean_direction(std::span<const Embedding* const> vectors) {
  Embedding sum;
  for (const Embedding* vector : vectors) {
    sum.resize(vector->size(), 0.0F);
    std::ranges::transform(sum, *vector, sum.begin(), std::plus{});
  }
  normalise(sum);
  return sum;
}

std::vector<std::size_t> faces_of_one_person(std::span<const std::vector<const Face*>> photos,
                                             std::span<const Embedding* const> known,
                                             float unlike_similarity) {
  std::vector<std::size_t> chosen;
  Embedding sum;
  const auto add = [&](const Embedding& vector) {
    sum.resize(vector.size(), 0.0F);
    std::ranges::transform(sum, vector, sum.begin(), std::plus{});
  };
  for (const Embedding* vector : known) add(*vector);
  for (const std::vector<const Face*>& faces : photos) {
    const auto largest =
        std::ranges::max_element(faces, {}, [](const Face* face) { return face->box.area(); });
    chosen.push_back(static_cast<std::size_t>(largest - faces.begin()));
    add((*largest)->embedding);
  }
  for (std::size_t photo = 0; photo < photos.size(); ++photo) {
    const std::vector<const Face*>& faces = photos[photo];
    if (faces.size() < 2) continue;
    // Of the others, since a face resembles itself; nothing where there are none.
    const Embedding& own = faces[chosen[photo]]->embedding;
    Embedding centre = sum;
    std::ranges::transform(centre, own, centre.begin(), std::minus{});
    normalise(centre);
    float most = std::max(unlike_similarity, dot(own, centre));
    for (std::size_t face = 0; face < faces.size(); ++face) {
      const float similarity = dot(faces[face]->embedding, centre);
      if (similarity <= most) continue;
      most = similarity;
      chosen[photo] = face;
    }
  }
  return chosen;
}

}  // namespace kith::dataset
