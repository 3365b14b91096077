// SPDX-License-Identifier: Apache-2.0
#include "npy.h"

#include <bit>
#include <cstring>

namespace kith::cli {

static_assert(std::endian::native == std::endian::little, "the header below promises little-endian floats");

std::string npy_bytes(std::span<const Embedding> vectors, std::size_t dimension) {
  std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (" +
                       std::to_string(vectors.size()) + ", " + std::to_string(dimension) + "), }";
  // Magic, version and length take 10 bytes; the data starts at a multiple of 64.
  const std::size_t unpadded = 10 + header.size() + 1;
  header.append((64 - unpadded % 64) % 64, ' ');
  header += '\n';

  std::string bytes("\x93NUMPY\x01\x00", 8);
  bytes += static_cast<char>(header.size() & 0xFFU);
  bytes += static_cast<char>(header.size() >> 8U);
  bytes += header;
  for (const Embedding& vector : vectors)
    bytes.append(reinterpret_cast<const char*>(vector.data()), vector.size() * sizeof(float));
  return bytes;
}

}  // namespace kith::cli
