// SPDX-License-Identifier: Apache-2.0
// A linear map under which the directions in which faces of one person differ count less.
//
// Within-class covariance normalisation (Hatch, Kajarekar, Stolcke, "Within-class covariance normalization
// for SVM-based speaker recognition", 2006; before a cosine: Dehak et al., "Front-end factor analysis for
// speaker verification", 2011). With x_pi the i-th vector of person p, m_p their mean and n_p their number:
//
//   S = sum_p sum_i (x_pi - m_p)(x_pi - m_p)^T / sum_p (n_p - 1)
//   T = (1 - a) S + a (trace(S) / d) I
//   W = c T^(-1/2), the symmetric root, with c so that trace(W) = d
//
// The shrinkage a is Ledoit and Wolf's ("A well-conditioned estimator for large-dimensional covariance
// matrices", 2004), which comes nearest to the true covariance on average: the fewer the faces, the nearer a
// comes to 1, where W is the identity and every cosine stays as it is. The symmetric root rather than a
// Cholesky factor, which has the same cosines, since it is the nearest to the identity for every a.
//
// Pure functions; deterministic.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "core/projection.h"

namespace kith::adapt {

// The rows of one person's vectors in a matrix.
using Rows = std::vector<std::size_t>;

// Vectors row by row, as many values as rows times `dimension`.
struct Matrix {
  std::span<const float> values;
  std::size_t dimension = 0;

  [[nodiscard]] std::span<const float> row(std::size_t i) const {
    return values.subspan(i * dimension, dimension);
  }
};

struct Whitening {
  Projection projection;
  double shrinkage = 1;  // a: 0 trusts the faces wholly, 1 not at all
};

// Learns from people of two vectors or more; others tell nothing here. The order of people and of vectors
// makes no difference but for rounding. Without any difference within people the map is the identity.
// `shrinkage` takes Ledoit and Wolf's place. Requires finite vectors and a shrinkage within 0..1.
[[nodiscard]] Whitening fit_whitening(const Matrix& vectors, std::span<const Rows> people,
                                      std::optional<double> shrinkage = {});

}  // namespace kith::adapt
