// SPDX-License-Identifier: Apache-2.0
// Named arrays of floats in one file, in the layout of safetensors: eight bytes with the length of a JSON
// header, the header, the arrays' bytes, little endian. The header gives each array's type, shape and place,
// and texts under "__metadata__".
//
// Thread rule: plain values and free functions.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include <kith/result.h>

namespace kith::identify {

struct Tensor {
  std::vector<std::size_t> shape;
  std::vector<float> values;  // the last dimension's index runs fastest; as many as the shape says
};

struct TensorFile {
  std::map<std::string, std::string> metadata;
  std::map<std::string, Tensor> tensors;
};

[[nodiscard]] std::string tensor_bytes(const TensorFile& file);

// Such a file, whoever wrote it. What is returned has shapes that fit the values, all of them finite.
// Errors: damaged, with `origin` before what is wrong.
[[nodiscard]] Result<TensorFile> read_tensors(std::span<const std::uint8_t> bytes, const std::string& origin);

}  // namespace kith::identify
