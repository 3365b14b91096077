// SPDX-License-Identifier: Apache-2.0
// A linear map of an embedder's vectors, kept as a NumPy file beside the models.
//
// There is no offset on purpose: a linear map commutes with adding up the looks at a face (Embedder::look)
// and, up to length, with bringing their sum to unit length. So a face's projected vector is the same whether
// each look, their sum, or the finished vector is projected, and stored vectors can be projected without the
// photo.
//
// Thread rule: plain values; share them like any other.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include <kith/face.h>
#include <kith/result.h>

namespace kith {

struct Projection {
  std::size_t dimension = 0;
  std::vector<float> matrix;  // dimension x dimension, row by row

  // The matrix times the vector; not brought to unit length. Requires as many values as `dimension`.
  [[nodiscard]] Embedding operator()(std::span<const float> vector) const;
};

// The file: a matrix of float32.
[[nodiscard]] std::string projection_bytes(const Projection& projection);

// Such a file, hostile until checked. Errors: model_missing; model_damaged (no such matrix, or one with
// numbers that are not finite); model_mismatch (not of dimension x dimension).
[[nodiscard]] Result<Projection> read_projection(const std::filesystem::path& file, std::size_t dimension);

}  // namespace kith
