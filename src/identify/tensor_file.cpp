// SPDX-License-Identifier: Apache-2.0
#include "identify/tensor_file.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <optional>

#include <nlohmann/json.hpp>

#include "core/json_text.h"

namespace kith::identify {
namespace {

using nlohmann::json;

static_assert(std::endian::native == std::endian::little, "the arrays are written as they lie in memory");

constexpr std::size_t length_bytes = 8;
constexpr const char* metadata_key = "__metadata__";

// The number of values that a shape holds; nothing for one that is none, or larger than `at_most`.
std::optional<std::size_t> values_of(const json& shape, std::size_t at_most) {
  if (!shape.is_array() || shape.empty() || shape.size() > 4) return std::nullopt;
  std::size_t count = 1;
  for (const json& side : shape) {
    if (!side.is_number_unsigned() || side.get<std::size_t>() == 0) return std::nullopt;
    if (side.get<std::size_t>() > at_most / count) return std::nullopt;
    count *= side.get<std::size_t>();
  }
  return count;
}

// A null where there is none. Not a copy, which would take a stack as deep as the file is nested.
const json& member(const json& object, const char* key) {
  static const json none;
  const auto found = object.find(key);
  return found == object.end() ? none : *found;
}

std::optional<Tensor> read_tensor(const json& entry, std::span<const std::uint8_t> data,
                                  std::size_t at_most) {
  if (!entry.is_object() || member(entry, "dtype") != "F32") return std::nullopt;
  const json& shape = member(entry, "shape");
  const json& place = member(entry, "data_offsets");
  const std::optional<std::size_t> count = values_of(shape, at_most);
  if (!count || !place.is_array() || place.size() != 2 || !place[0].is_number_unsigned() ||
      !place[1].is_number_unsigned())
    return std::nullopt;
  const auto begin = place[0].get<std::size_t>();
  const auto end = place[1].get<std::size_t>();
  if (begin > end || end > data.size() || end - begin != *count * sizeof(float)) return std::nullopt;
  Tensor tensor{shape.get<std::vector<std::size_t>>(), std::vector<float>(*count)};
  std::memcpy(tensor.values.data(), data.data() + begin, end - begin);
  if (!std::ranges::all_of(tensor.values, [](float value) { return std::isfinite(value); }))
    return std::nullopt;
  return tensor;
}

}  // namespace

std::string tensor_bytes(const TensorFile& file) {
  json header = json::object();
  header[metadata_key] = file.metadata;
  std::string data;
  for (const auto& [name, tensor] : file.tensors) {
    const std::size_t begin = data.size();
    data.append(reinterpret_cast<const char*>(tensor.values.data()), tensor.values.size() * sizeof(float));
    header[name] = {{"dtype", "F32"}, {"shape", tensor.shape}, {"data_offsets", {begin, data.size()}}};
  }
  std::string text = json_text(header);
  text.append((length_bytes - text.size() % length_bytes) % length_bytes, ' ');
  const std::uint64_t length = text.size();
  std::string bytes(length_bytes, '\0');
  std::memcpy(bytes.data(), &length, length_bytes);
  return bytes + text + data;
}

Result<TensorFile> read_tensors(std::span<const std::uint8_t> bytes, const std::string& origin) {
  const auto damaged = [&](const std::string& what) {
    return fail(ErrorCode::damaged, origin + ": " + what);
  };
  std::uint64_t length = 0;
  if (bytes.size() < length_bytes) return damaged("the file is cut short");
  std::memcpy(&length, bytes.data(), length_bytes);
  if (length > bytes.size() - length_bytes) return damaged("is not a file of arrays, or is cut short");
  const std::span<const std::uint8_t> text = bytes.subspan(length_bytes, length);
  const std::span<const std::uint8_t> data = bytes.subspan(length_bytes + length);
  const json header = json::parse(text.begin(), text.end(), nullptr, false);
  if (!header.is_object()) return damaged("its header is not a JSON object");
  TensorFile file;
  // Arrays that share their bytes would make much memory of a small file.
  std::size_t unread = data.size() / sizeof(float);
  for (const auto& [name, entry] : header.items()) {
    if (name == metadata_key) continue;
    std::optional<Tensor> tensor = read_tensor(entry, data, unread);
    if (!tensor) return damaged("the array \"" + name + "\" is not as its header says");
    unread -= tensor->values.size();
    file.tensors.emplace(name, std::move(*tensor));
  }
  const json& metadata = member(header, metadata_key);
  for (const auto& [key, value] : metadata.items()) {
    if (!value.is_string()) return damaged("\"" + key + "\" in its header is not a text");
    file.metadata.emplace(key, value.get<std::string>());
  }
  return file;
}

}  // namespace kith::identify
