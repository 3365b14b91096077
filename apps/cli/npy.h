// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include <kith/face.h>
#include <kith/result.h>

namespace kith::cli {

// Vectors of one length as a NumPy array file (format 1.0: float32, little-endian, C order), shape
// vectors.size() x dimension.
[[nodiscard]] std::string npy_bytes(std::span<const Embedding> vectors, std::size_t dimension);

struct Matrix {
  std::vector<float> values;  // row by row
  std::size_t rows = 0;
  std::size_t columns = 0;
};

// Such a file, whoever wrote it. Errors: not_found, damaged, truncated, unsupported_format (of another type,
// order or number of dimensions).
[[nodiscard]] Result<Matrix> read_npy(const std::filesystem::path& file);

}  // namespace kith::cli
