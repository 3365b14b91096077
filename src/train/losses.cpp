// SPDX-License-Identifier: Apache-2.0
#include "train/losses.h"

#include <cmath>
#include <numbers>

#include "train/mining.h"

namespace kith::train {
namespace {

double share(std::size_t part, std::size_t whole) {
  return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : 0;
}

// Of unit vectors: |a - b|^2 = 2 - 2 a.b, which rounding may take below 0.
torch::Tensor squared_distances(const torch::Tensor& vectors) {
  return (2 - 2 * torch::mm(vectors, vectors.t())).clamp_min(0);
}

// By row and column at once.
torch::Tensor picked(const torch::Tensor& matrix, const std::vector<std::int64_t>& flat) {
  return matrix.flatten().index_select(0, torch::tensor(flat, torch::kInt64));
}

torch::Tensor people_tensor(std::span<const int> person_of) {
  return torch::tensor(std::vector<std::int64_t>(person_of.begin(), person_of.end()), torch::kInt64);
}

}  // namespace

LossValue triplet_loss(const torch::Tensor& vectors, std::span<const int> person_of, TripletMining mining,
                       float margin) {
  const torch::Tensor distances = squared_distances(vectors);
  const torch::Tensor plain = distances.detach().contiguous();
  const Mined mined =
      mine({plain.data_ptr<float>(), static_cast<std::size_t>(plain.numel())}, person_of, mining, margin);
  // A sum over nothing keeps the graph whole, with a gradient of 0.
  if (mined.triplets.empty()) return {vectors.sum() * 0, 0};
  std::vector<std::int64_t> positives;
  std::vector<std::int64_t> negatives;
  const auto size = static_cast<std::int64_t>(person_of.size());
  for (const auto& [anchor, positive, negative] : mined.triplets) {
    positives.push_back(static_cast<std::int64_t>(anchor) * size + static_cast<std::int64_t>(positive));
    negatives.push_back(static_cast<std::int64_t>(anchor) * size + static_cast<std::int64_t>(negative));
  }
  const torch::Tensor losses =
      torch::relu(picked(distances, positives) - picked(distances, negatives) + margin);
  return {losses.mean(), share(mined.active, mined.candidates)};
}

LossValue given_triplets_loss(const torch::Tensor& vectors, float margin) {
  const torch::Tensor triplets = vectors.view({-1, 3, vectors.size(1)});
  const auto distance = [&](int other) {
    return (triplets.select(1, 0) - triplets.select(1, other)).square().sum(1);
  };
  const torch::Tensor losses = torch::relu(distance(1) - distance(2) + margin);
  return {losses.mean(), (losses > 0).to(torch::kFloat64).mean().item<double>()};
}

LossValue arcface_loss(const torch::Tensor& vectors, std::span<const int> person_of,
                       const torch::Tensor& centres, float scale, float margin) {
  namespace F = torch::nn::functional;
  const torch::Tensor people = people_tensor(person_of);
  const torch::Tensor cosines =
      torch::mm(vectors, F::normalize(centres, F::NormalizeFuncOptions().dim(1)).t())
          .clamp(-1 + 1e-6, 1 - 1e-6);
  const torch::Tensor own = cosines.gather(1, people.unsqueeze(1));
  const torch::Tensor sine = (1 - own.square()).sqrt();
  const torch::Tensor enlarged = own * std::cos(margin) - sine * std::sin(margin);
  // Beyond pi the cosine would rise again; from there on it falls as a line does.
  const torch::Tensor beyond = own - margin * std::sin(margin);
  const torch::Tensor target = torch::where(own > std::cos(std::numbers::pi - margin), enlarged, beyond);
  const torch::Tensor logits = cosines.scatter(1, people.unsqueeze(1), target) * scale;
  const torch::Tensor wrong = logits.argmax(1).ne(people);
  return {F::cross_entropy(logits, people), wrong.to(torch::kFloat64).mean().item<double>()};
}

LossValue contrastive_loss(const torch::Tensor& vectors, std::span<const int> person_of, float margin) {
  std::vector<std::int64_t> same;
  std::vector<std::int64_t> different;
  const auto size = static_cast<std::int64_t>(person_of.size());
  for (std::int64_t a = 0; a < size; ++a) {
    for (std::int64_t b = a + 1; b < size; ++b) {
      const bool one = person_of[static_cast<std::size_t>(a)] == person_of[static_cast<std::size_t>(b)];
      (one ? same : different).push_back(a * size + b);
    }
  }
  const torch::Tensor squared = squared_distances(vectors);
  torch::Tensor loss = vectors.sum() * 0;
  std::int64_t active = static_cast<std::int64_t>(same.size());
  if (!same.empty()) loss = loss + picked(squared, same).mean() / 2;
  if (!different.empty()) {
    // The root's slope has no end at 0.
    const torch::Tensor closer = torch::relu(margin - (picked(squared, different) + 1e-8).sqrt());
    loss = loss + closer.square().mean() / 2;
    active += (closer > 0).sum().item<std::int64_t>();
  }
  return {loss, share(static_cast<std::size_t>(active), same.size() + different.size())};
}

}  // namespace kith::train
