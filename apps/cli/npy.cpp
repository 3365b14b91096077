// SPDX-License-Identifier: Apache-2.0
#include "npy.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstdint>
#include <fstream>
#include <string_view>

namespace kith::cli {

static_assert(std::endian::native == std::endian::little, "the header below promises little-endian floats");

namespace {

// The numbers of "'shape': (13233, 512)"; a stray text gives none.
Matrix shape_in(std::string_view header) {
  Matrix shape;
  const std::size_t key = header.find("'shape': (");
  if (key == std::string_view::npos) return shape;
  const char* const end = header.data() + header.size();
  std::from_chars_result read =
      std::from_chars(header.data() + key + std::string_view("'shape': (").size(), end, shape.rows);
  while (read.ptr < end && (*read.ptr == ',' || *read.ptr == ' ')) ++read.ptr;
  if (read.ec == std::errc()) read = std::from_chars(read.ptr, end, shape.columns);
  if (read.ec != std::errc() || read.ptr == end || *read.ptr != ')') return {};
  return shape;
}

}  // namespace

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

Result<Matrix> read_npy(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return fail(ErrorCode::not_found, file.string() + ": cannot be opened");
  const auto damaged = [&] { return fail(ErrorCode::damaged, file.string() + ": is no NumPy array file"); };
  // Magic, version, and the header's length in two bytes or, from version 2 on, four.
  std::array<unsigned char, 12> start{};
  const auto read_bytes = [&](auto* target, std::size_t bytes) {
    return static_cast<bool>(
        stream.read(reinterpret_cast<char*>(target), static_cast<std::streamsize>(bytes)));
  };
  if (!read_bytes(start.data(), 10) ||
      std::string_view(reinterpret_cast<const char*>(start.data()), 6) != "\x93NUMPY") {
    return damaged();
  }
  std::size_t length = start[8] + (static_cast<std::size_t>(start[9]) << 8U);
  if (start[6] > 1) {
    if (!read_bytes(start.data() + 10, 2)) return damaged();
    length += (static_cast<std::size_t>(start[10]) << 16U) + (static_cast<std::size_t>(start[11]) << 24U);
  }
  std::string header(std::min<std::size_t>(length, 1U << 16U), ' ');
  if (header.size() != length || !read_bytes(header.data(), header.size())) return damaged();
  Matrix matrix = shape_in(header);
  if (header.find("'descr': '<f4'") == std::string::npos ||
      header.find("'fortran_order': False") == std::string::npos || matrix.columns == 0) {
    return fail(ErrorCode::unsupported_format,
                file.string() + ": is no array of float32 with two dimensions, row by row");
  }
  std::error_code unknown;
  const std::uintmax_t bytes = std::filesystem::file_size(file, unknown);
  // By division, since what the header says may be anything.
  if (unknown || matrix.rows > bytes / sizeof(float) / matrix.columns)
    return fail(ErrorCode::truncated, file.string() + ": ends before its array does");
  matrix.values.resize(matrix.rows * matrix.columns);
  if (!read_bytes(matrix.values.data(), matrix.values.size() * sizeof(float)))
    return fail(ErrorCode::truncated, file.string() + ": ends before its array does");
  return matrix;
}

}  // namespace kith::cli
