// SPDX-License-Identifier: Apache-2.0
#include "infer/compiled_cache.h"

#include <chrono>
#include <fstream>
#include <system_error>

#include "core/atomic_write.h"
#include "core/sha256.h"

namespace kith::infer {
namespace {

constexpr std::size_t checksum_length = 64;
constexpr const char* extension = ".compiled";

// What another version of kith or of the engine compiled, some 30 MB, nobody asks for again. What is still in
// use is compiled once more.
void remove_old(const std::filesystem::path& folder) {
  const auto oldest = std::filesystem::file_time_type::clock::now() - std::chrono::days(180);
  std::error_code ignored;
  for (std::filesystem::directory_iterator entry(folder, ignored), end; !ignored && entry != end;
       entry.increment(ignored)) {
    std::error_code unknown;
    const bool old = entry->path().extension() == extension && entry->last_write_time(unknown) < oldest;
    if (old && !unknown) std::filesystem::remove(entry->path(), unknown);
  }
}

}  // namespace

std::filesystem::path CompiledCache::file_of(std::string_view key) const {
  return folder_ / (sha256_of(key) + extension);
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
  remove_old(folder_);
  [[maybe_unused]] const Status best_effort = write_atomically(file_of(key), bytes);
}

}  // namespace kith::infer
