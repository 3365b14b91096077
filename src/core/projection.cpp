// SPDX-License-Identifier: Apache-2.0
#include "core/projection.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <system_error>

#include "core/npy.h"

namespace kith {
namespace {

constexpr const char* what_to_do = "; remove the model and run `kith train adapt` again";

}  // namespace

Embedding Projection::operator()(std::span<const float> vector) const {
  assert(vector.size() == dimension);
  Embedding projected(dimension);
  for (std::size_t row = 0; row < dimension; ++row)
    projected[row] = dot(std::span(matrix).subspan(row * dimension, dimension), vector);
  return projected;
}

std::string projection_bytes(const Projection& projection) {
  return npy_bytes<float>(projection.matrix, std::array{projection.dimension, projection.dimension});
}

Result<Projection> read_projection(const std::filesystem::path& file, std::size_t dimension) {
  const auto mismatch = [&] {
    return fail(ErrorCode::model_mismatch, file.string() + ": is no matrix of " + std::to_string(dimension) +
                                               " x " + std::to_string(dimension) + " numbers" + what_to_do);
  };
  // Before it is read: the file may be of any size.
  constexpr std::uintmax_t largest_header = 1U << 17U;
  std::error_code error;
  const std::uintmax_t bytes = std::filesystem::file_size(file, error);
  if (error) return fail(ErrorCode::model_missing, file.string() + ": " + error.message() + what_to_do);
  if (bytes > dimension * dimension * sizeof(float) + largest_header) return mismatch();
  Result<NpyArray<float>> array = read_npy<float>(file, 2);
  if (!array) return fail(ErrorCode::model_damaged, array.error().message + what_to_do);
  if (array->shape[0] != dimension || array->shape[1] != dimension) return mismatch();
  if (!std::ranges::all_of(array->values, [](float value) { return std::isfinite(value); })) {
    return fail(ErrorCode::model_damaged, file.string() + ": holds numbers that are not finite" + what_to_do);
  }
  return Projection{dimension, std::move(array->values)};
}

}  // namespace kith
