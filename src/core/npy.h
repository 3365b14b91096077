// SPDX-License-Identifier: Apache-2.0
// NumPy's array files, for handing numbers to other programs and taking theirs: little-endian, C order
// (numpy.lib.format, versions 1 to 3).
//
// Thread rule: free functions without state.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include <kith/result.h>

namespace kith {

template <typename T>
struct NpyArray {
  std::vector<T> values;           // the last dimension's index runs fastest
  std::vector<std::size_t> shape;  // 1 to 4 dimensions, none of them 0 but the first
};

// The whole file. T: float, std::uint8_t, std::int64_t. Requires as many values as the shape says.
template <typename T>
[[nodiscard]] std::string npy_bytes(std::span<const T> values, std::span<const std::size_t> shape);

// Such a file, whoever wrote it. Errors: not_found, unreadable, damaged, truncated,
// unsupported_format (another type, order or number of dimensions).
template <typename T>
[[nodiscard]] Result<NpyArray<T>> read_npy(const std::filesystem::path& file, std::size_t dimensions);

}  // namespace kith
