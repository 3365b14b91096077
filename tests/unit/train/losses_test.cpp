// SPDX-License-Identifier: Apache-2.0
#include "train/losses.h"

#include <array>
#include <cmath>

#include <gtest/gtest.h>

namespace kith::train {
namespace {

// On the unit circle, at these angles in degrees.
torch::Tensor at_angles(const std::vector<double>& degrees) {
  torch::Tensor vectors = torch::empty({static_cast<std::int64_t>(degrees.size()), 2});
  for (std::size_t i = 0; i < degrees.size(); ++i) {
    const double radians = degrees[i] * M_PI / 180;
    vectors[static_cast<std::int64_t>(i)][0] = std::cos(radians);
    vectors[static_cast<std::int64_t>(i)][1] = std::sin(radians);
  }
  return vectors.requires_grad_();
}

double squared(double degrees) { return 2 - 2 * std::cos(degrees * M_PI / 180); }

TEST(Losses, OfTripletsIsTheFormula) {
  const std::array<int, 3> people{0, 0, 1};
  const LossValue value = triplet_loss(at_angles({0, 40, 30}), people, TripletMining::hard, 0.2F);
  // From 0: positive 40, negative 30; from 40: positive 40, negative 10.
  EXPECT_NEAR(value.loss.item<double>(),
              (squared(40) - squared(30) + 0.2 + squared(40) - squared(10) + 0.2) / 2, 1e-5);
  EXPECT_EQ(value.active_share, 1);
}

TEST(Losses, OfGivenTripletsIsTheSame) {
  const LossValue value = given_triplets_loss(at_angles({0, 40, 30, 0, 10, 170}), 0.2F);
  EXPECT_NEAR(value.loss.item<double>(), (squared(40) - squared(30) + 0.2) / 2, 1e-5);
  EXPECT_EQ(value.active_share, 0.5);
}

TEST(Losses, WithoutTripletsAreNothingAndStillHaveAGradient) {
  const torch::Tensor vectors = at_angles({0, 90});
  const LossValue value = triplet_loss(vectors, std::array<int, 2>{0, 1}, TripletMining::all, 0.2F);
  value.loss.backward();
  EXPECT_EQ(value.loss.item<double>(), 0);
  EXPECT_EQ(vectors.grad().abs().sum().item<double>(), 0);
}

TEST(Losses, OfPairsWeighEitherKindTheSame) {
  const std::array<int, 3> people{0, 0, 1};
  const LossValue value = contrastive_loss(at_angles({0, 20, 30}), people, 1);
  const auto closer = [](double degrees) { return std::pow(1 - std::sqrt(squared(degrees)), 2); };
  EXPECT_NEAR(value.loss.item<double>(), squared(20) / 2 + (closer(30) + closer(10)) / 2 / 2, 1e-4);
}

TEST(Losses, OfAnglesEnlargeTheOwnOne) {
  const torch::Tensor centres = at_angles({0, 90}).detach();
  const double scale = 4;
  const auto expected = [&](double own, double other) {
    const double right = std::exp(scale * std::cos(own * M_PI / 180));
    return -std::log(right / (right + std::exp(scale * std::cos(other * M_PI / 180))));
  };
  const std::array<int, 1> person{0};
  const double margin_degrees = 0.3 * 180 / M_PI;
  EXPECT_NEAR(arcface_loss(at_angles({20}), person, centres, 4, 0).loss.item<double>(), expected(20, 70),
              1e-5);
  EXPECT_NEAR(arcface_loss(at_angles({20}), person, centres, 4, 0.3F).loss.item<double>(),
              expected(20 + margin_degrees, 70), 1e-5);
}

TEST(Losses, OfAnglesStillGrowWhereTheEnlargedOneIsBeyondPi) {
  // The other centre is at a right angle to all of them.
  const torch::Tensor centres = torch::tensor({{1.0F, 0.0F, 0.0F}, {0.0F, 0.0F, 1.0F}});
  const std::array<int, 1> person{0};
  const auto loss_at = [&](double degrees) {
    const torch::Tensor vector = torch::constant_pad_nd(at_angles({degrees}).detach(), {0, 1});
    return arcface_loss(vector, person, centres, 4, 0.5F).loss.item<double>();
  };
  EXPECT_LT(loss_at(140), loss_at(150));
  EXPECT_LT(loss_at(150), loss_at(152));  // the enlarged angle passes pi at 151.4
  EXPECT_LT(loss_at(170), loss_at(179));
}

TEST(Losses, HaveFiniteGradientsWhereVectorsCoincide) {
  const std::array<int, 4> people{0, 0, 1, 1};
  for (int loss = 0; loss < 3; ++loss) {
    const torch::Tensor vectors = at_angles({0, 0, 0, 180});
    const LossValue value = loss == 0 ? triplet_loss(vectors, people, TripletMining::semi_hard, 0.2F)
                            : loss == 1
                                ? contrastive_loss(vectors, people, 1)
                                : arcface_loss(vectors, people, at_angles({0, 180}).detach(), 32, 0.3F);
    value.loss.backward();
    EXPECT_TRUE(vectors.grad().isfinite().all().item<bool>()) << loss;
  }
}

}  // namespace
}  // namespace kith::train
