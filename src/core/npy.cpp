// SPDX-License-Identifier: Apache-2.0
#include "core/npy.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <charconv>
#include <fstream>
#include <functional>
#include <numeric>
#include <optional>
#include <string_view>

namespace kith {

static_assert(std::endian::native == std::endian::little, "the headers below promise little-endian numbers");

namespace {

// As NumPy writes it in a file, and as it calls it elsewhere.
struct TypeName {
  std::string_view stored;
  std::string_view spoken;
};
template <typename T>
constexpr TypeName type_name{};
template <>
constexpr TypeName type_name<float>{"<f4", "float32"};
template <>
constexpr TypeName type_name<std::uint8_t>{"|u1", "uint8"};
template <>
constexpr TypeName type_name<std::int64_t>{"<i8", "int64"};

constexpr std::size_t most_dimensions = 4;

// The numbers of "'shape': (13233, 512)" or "(7,)"; a stray text gives none.
std::vector<std::size_t> shape_in(std::string_view header) {
  constexpr std::string_view key = "'shape': (";
  const std::size_t found = header.find(key);
  if (found == std::string_view::npos) return {};
  const char* at = header.data() + found + key.size();
  const char* const end = header.data() + header.size();
  std::vector<std::size_t> shape;
  while (at < end && *at != ')') {
    std::size_t length = 0;
    const std::from_chars_result read = std::from_chars(at, end, length);
    if (read.ec != std::errc() || shape.size() == most_dimensions) return {};
    shape.push_back(length);
    at = read.ptr;
    while (at < end && (*at == ',' || *at == ' ')) ++at;
  }
  return at < end ? shape : std::vector<std::size_t>{};
}

// How many values there are; nothing where a dimension is 0 (but the first) or they are more than `most`.
std::optional<std::size_t> count_of(std::span<const std::size_t> shape, std::uintmax_t most) {
  if (std::ranges::find(shape.subspan(1), std::size_t{0}) != shape.end()) return std::nullopt;
  if (shape.front() == 0) return 0;
  std::uintmax_t count = 1;
  for (const std::size_t length : shape) {
    // By division, since what the header says may be anything.
    if (count > most / length) return std::nullopt;
    count *= length;
  }
  return static_cast<std::size_t>(count);
}

}  // namespace

template <typename T>
std::string npy_bytes(std::span<const T> values, std::span<const std::size_t> shape) {
  assert(std::accumulate(shape.begin(), shape.end(), std::size_t{1}, std::multiplies{}) == values.size());
  std::string lengths;
  for (const std::size_t length : shape) lengths += std::to_string(length) + ", ";
  if (shape.size() > 1) lengths.resize(lengths.size() - 2);
  std::string header = "{'descr': '" + std::string(type_name<T>.stored) +
                       "', 'fortran_order': False, 'shape': (" + lengths + "), }";
  // Magic, version and length take 10 bytes; the data starts at a multiple of 64.
  const std::size_t unpadded = 10 + header.size() + 1;
  header.append((64 - unpadded % 64) % 64, ' ');
  header += '\n';

  std::string bytes("\x93NUMPY\x01\x00", 8);
  bytes += static_cast<char>(header.size() & 0xFFU);
  bytes += static_cast<char>(header.size() >> 8U);
  bytes += header;
  bytes.append(reinterpret_cast<const char*>(values.data()), values.size_bytes());
  return bytes;
}

template <typename T>
Result<NpyArray<T>> read_npy(const std::filesystem::path& file, std::size_t dimensions) {
  std::error_code unknown;
  const std::filesystem::file_status status = std::filesystem::status(file, unknown);
  if (!std::filesystem::exists(status)) return fail(ErrorCode::not_found, file.string() + ": no such file");
  std::ifstream stream;
  if (std::filesystem::is_regular_file(status))
    stream.open(file, std::ios::binary);  // a pipe would make it wait
  if (!stream.is_open()) return fail(ErrorCode::unreadable, file.string() + ": cannot be opened as a file");
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
  NpyArray<T> array;
  array.shape = shape_in(header);
  if (header.find("'descr': '" + std::string(type_name<T>.stored) + "'") == std::string::npos ||
      header.find("'fortran_order': False") == std::string::npos || array.shape.size() != dimensions) {
    return fail(ErrorCode::unsupported_format, file.string() + ": is no array of type " +
                                                   std::string(type_name<T>.spoken) + " with " +
                                                   std::to_string(dimensions) + " dimensions, row by row");
  }
  const std::uintmax_t bytes = std::filesystem::file_size(file, unknown);
  const std::optional<std::size_t> count =
      count_of(array.shape, unknown ? std::uintmax_t{0} : bytes / sizeof(T));
  if (!count) return fail(ErrorCode::truncated, file.string() + ": ends before its array does");
  array.values.resize(*count);
  if (!read_bytes(array.values.data(), array.values.size() * sizeof(T)))
    return fail(ErrorCode::truncated, file.string() + ": ends before its array does");
  return array;
}

template std::string npy_bytes<float>(std::span<const float>, std::span<const std::size_t>);
template std::string npy_bytes<std::uint8_t>(std::span<const std::uint8_t>, std::span<const std::size_t>);
template std::string npy_bytes<std::int64_t>(std::span<const std::int64_t>, std::span<const std::size_t>);
template Result<NpyArray<float>> read_npy<float>(const std::filesystem::path&, std::size_t);
template Result<NpyArray<std::uint8_t>> read_npy<std::uint8_t>(const std::filesystem::path&, std::size_t);
template Result<NpyArray<std::int64_t>> read_npy<std::int64_t>(const std::filesystem::path&, std::size_t);

}  // namespace kith
