// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <numbers>

#include <opencv2/core.hpp>

#include "identify/look_models.h"
#include "identify/space.h"

namespace kith::identify {
namespace {

// A normal distribution with the covariance diag(d) + U U^T: full, and kept as what it differs by from a
// diagonal one, n faces' worth of directions. With U scaled by d^-1/2 and decomposed as Q diag(s) R^T,
//   (z - mean)^T covariance^-1 (z - mean) = |x|^2 - sum_j s_j^2 / (1 + s_j^2) (q_j . x)^2,  x = d^-1/2 (z -
//   mean), ln det covariance = sum ln d + sum_j ln(1 + s_j^2)
// (Woodbury's identity and the matrix determinant lemma).
class Gaussian {
 public:
  Gaussian(std::vector<float> mean, std::vector<float> diagonal, const std::vector<std::vector<float>>& u)
      : mean_(std::move(mean)), scale_(std::move(diagonal)) {
    double log_determinant = 0;
    for (float& value : scale_) {
      log_determinant += std::log(value);
      value = 1 / std::sqrt(value);
    }
    if (!u.empty()) log_determinant += decompose(u);
    constant_ = -0.5 * (log_determinant + static_cast<double>(mean_.size()) * std::log(2 * std::numbers::pi));
  }

  [[nodiscard]] double log_density(std::span<const float> z) const {
    std::vector<float> x(z.size());
    for (std::size_t i = 0; i < z.size(); ++i) x[i] = (z[i] - mean_[i]) * scale_[i];
    double distance = dot(x, x);
    for (std::size_t j = 0; j < directions_.size(); ++j) {
      const double along = dot(directions_[j], x);
      distance -= shares_[j] * along * along;
    }
    return constant_ - distance / 2;
  }

 private:
  // Returns what it adds to the determinant's logarithm.
  double decompose(const std::vector<std::vector<float>>& u) {
    cv::Mat scaled(static_cast<int>(u.size()), static_cast<int>(mean_.size()), CV_64F);
    for (int row = 0; row < scaled.rows; ++row) {
      for (int i = 0; i < scaled.cols; ++i)
        scaled.at<double>(row, i) =
            static_cast<double>(u[static_cast<std::size_t>(row)][static_cast<std::size_t>(i)]) *
            scale_[static_cast<std::size_t>(i)];
    }
    const cv::SVD svd(scaled);
    double log_determinant = 0;
    for (int j = 0; j < svd.w.rows; ++j) {
      const double square = svd.w.at<double>(j) * svd.w.at<double>(j);
      constexpr double nothing = 1e-9;  // faces that are the same, or lie in others' span
      if (square < nothing) break;
      log_determinant += std::log1p(square);
      shares_.push_back(square / (1 + square));
      const auto* const row = svd.vt.ptr<double>(j);
      directions_.emplace_back(row, row + svd.vt.cols);
    }
    return log_determinant;
  }

  std::vector<float> mean_;
  std::vector<float> scale_;                    // d^-1/2
  std::vector<std::vector<float>> directions_;  // q_j
  std::vector<double> shares_;                  // s_j^2 / (1 + s_j^2)
  double constant_ = 0;
};

// What the look's references and the background tell of where the person's faces lie.
Gaussian gaussian_of(const Background& background, const ProjectedLook& look,
                     const GaussianSettings& settings) {
  const Centre centre = centre_of(background, look.mean, look.faces.size());
  const auto own_weight = static_cast<float>(look.faces.size() - 1);
  const float whole = settings.pooled_faces + own_weight;
  std::vector<float> diagonal(centre.variance.size());
  for (std::size_t i = 0; i < diagonal.size(); ++i)
    diagonal[i] = settings.pooled_faces / whole * background.within[i] + centre.variance[i];
  std::vector<std::vector<float>> apart;
  if (look.faces.size() > 1) apart = look.faces;
  for (std::vector<float>& face : apart) {
    for (std::size_t i = 0; i < face.size(); ++i) face[i] = (face[i] - look.mean[i]) / std::sqrt(whole);
  }
  return {centre.mean, std::move(diagonal), apart};
}

class Gaussians final : public LookModels {
 public:
  Gaussians(const Background& background, std::span<const EnrolledPerson> people,
            const GaussianSettings& settings)
      : background_(background) {
    for (const EnrolledPerson& person : people) {
      for (const Look& look : person.looks)
        looks_.push_back(gaussian_of(background, projected_look(background, person, look), settings));
    }
  }

  std::vector<float> scores(std::span<const float> z) const override {
    const double unknown = log_density_of_unknown(background_, z);
    std::vector<float> result;
    result.reserve(looks_.size());
    const auto reduced = static_cast<double>(background_.reduced());
    for (const Gaussian& look : looks_)
      result.push_back(static_cast<float>((1 + (look.log_density(z) - unknown) / reduced) / 2));
    return result;
  }

 private:
  const Background& background_;
  std::vector<Gaussian> looks_;
};

}  // namespace

Trainer gaussian_trainer(const Background& background, const GaussianSettings& settings) {
  return [&background, settings](std::span<const EnrolledPerson> people) {
    return std::make_unique<Gaussians>(background, people, settings);
  };
}

}  // namespace kith::identify
