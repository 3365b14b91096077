// SPDX-License-Identifier: Apache-2.0
#include "adapt/whitening.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <opencv2/core.hpp>

namespace kith::adapt {
namespace {

// How the vectors differ from the mean of their person, a row a vector, scaled so that the mean of the rows'
// outer products is S.
struct Residuals {
  cv::Mat rows;
  std::size_t freedom = 0;  // sum of n_p - 1
};

Residuals residuals_of(const Matrix& vectors, std::span<const Rows> people) {
  Residuals result;
  std::size_t count = 0;
  for (const Rows& rows : people) {
    if (rows.size() < 2) continue;
    count += rows.size();
    result.freedom += rows.size() - 1;
  }
  result.rows = cv::Mat::zeros(static_cast<int>(count), static_cast<int>(vectors.dimension), CV_64F);
  int next = 0;
  for (const Rows& rows : people) {
    if (rows.size() < 2) continue;
    std::vector<double> mean(vectors.dimension, 0.0);
    for (const std::size_t row : rows)
      std::ranges::transform(mean, vectors.row(row), mean.begin(), std::plus<>{});
    for (double& value : mean) value /= static_cast<double>(rows.size());
    for (const std::size_t row : rows)
      std::ranges::transform(vectors.row(row), mean, result.rows.ptr<double>(next++), std::minus<>{});
  }
  if (count > 0) result.rows *= std::sqrt(static_cast<double>(count) / static_cast<double>(result.freedom));
  return result;
}

// Ledoit and Wolf's estimate for S = mean of y y^T: the expected squared error of S over the squared distance
// of S from the scaled identity. Of the rows only `freedom` are independent, so as many count.
double ledoit_wolf(const Residuals& residuals, const cv::Mat& covariance) {
  const double mean_variance = cv::trace(covariance)[0] / covariance.rows;
  const double square = covariance.dot(covariance);
  const double distance = square - covariance.rows * mean_variance * mean_variance;
  if (distance <= 0) return 1;
  double error = 0;
  const cv::Mat mapped = residuals.rows * covariance;
  for (int i = 0; i < residuals.rows.rows; ++i) {
    const cv::Mat row = residuals.rows.row(i);
    const double length = row.dot(row);
    error += length * length - 2 * row.dot(mapped.row(i)) + square;  // |y y^T - S|^2
  }
  error /= static_cast<double>(residuals.rows.rows) * static_cast<double>(residuals.freedom);
  return std::clamp(error / distance, 0.0, 1.0);
}

Projection identity(std::size_t dimension) {
  Projection result{dimension, std::vector<float>(dimension * dimension, 0.0F)};
  for (std::size_t i = 0; i < dimension; ++i) result.matrix[i * dimension + i] = 1;
  return result;
}

// c T^(-1/2) from the eigenvalues and eigenvectors of S.
Projection inverse_root(const cv::Mat& covariance, double shrinkage) {
  cv::Mat values;
  cv::Mat vectors;  // a row each
  cv::eigen(covariance, values, vectors);
  const double mean = cv::trace(covariance)[0] / covariance.rows;
  cv::Mat scaled = vectors.clone();
  double sum = 0;
  for (int i = 0; i < values.rows; ++i) {
    // Rounding may leave an eigenvalue below zero, and no shrinkage leave it there.
    const double variance =
        std::max((1 - shrinkage) * std::max(values.at<double>(i), 0.0) + shrinkage * mean, 1e-12 * mean);
    const double factor = 1 / std::sqrt(variance);
    sum += factor;
    scaled.row(i) *= factor;
  }
  const cv::Mat root = vectors.t() * scaled * (covariance.rows / sum);
  cv::Mat floats;
  root.convertTo(floats, CV_32F);
  return {static_cast<std::size_t>(covariance.rows),
          std::vector<float>(floats.begin<float>(), floats.end<float>())};
}

}  // namespace

Whitening fit_whitening(const Matrix& vectors, std::span<const Rows> people,
                        std::optional<double> shrinkage) {
  const Residuals residuals = residuals_of(vectors, people);
  if (residuals.freedom == 0) return {identity(vectors.dimension), 1};
  const cv::Mat covariance = residuals.rows.t() * residuals.rows / residuals.rows.rows;
  if (cv::trace(covariance)[0] <= 0) return {identity(vectors.dimension), 1};
  const double chosen = shrinkage ? *shrinkage : ledoit_wolf(residuals, covariance);
  if (chosen >= 1) return {identity(vectors.dimension), 1};
  return {inverse_root(covariance, chosen), chosen};
}

}  // namespace kith::adapt
