// SPDX-License-Identifier: Apache-2.0
#include "infer/compiled_cache.h"

#include <fstream>
#include <system_error>

#include "core/atomic_write.h"
#include "core/sha256.h"

namespace kith::infer {
namespace {

constexpr std::size_t checksum_length = 64;

}  // namespace

std::filesystem::path CompiledCache::file_of(std::string_view key) const {
  return folder_ / (sha256_of(key) + ".compiled");
}

std::optional<std::string> CompiledCache::find(std::string_view key) const {
  std::ifstream file(file_of(key), std::ios::binary | std::ios::ate);
  const std::streamoff size = file ? static_cast<std::streamoff>(file.tellg()) : -1;
  if (size < static_cast<std::streamoff>(checksum_length)) return std::nullopt;
  std::string checksum(checksum_length, '\0');
  std::string compiled(static_cast<std::size_t>(size) - checksum_length, '\0');
  file.seekg(0);
  file.read(checksum.data(), static_cast<std::streamsize>(checksum.size()));
  file.read(compiled.data(), static_cast<std::streamsize>(compiled.size()));
  // The engine computes on with a flipped bit, so damage has to be noticed here.
  if (!file || checksum != sha256_of(compiled)) return std::nullopt;
  return compiled;
}

void CompiledCache::store(std::string_view key, std::string_view compiled) const {
  std::error_code ignored;
  std::filesystem::create_directories(folder_, ignored);
  std::string bytes = sha256_of(compiled);
  bytes += compiled;
  [[maybe_unused]] const Status best_effort = write_atomically(file_of(key), bytes);
}

}  // namespace kith::infer
