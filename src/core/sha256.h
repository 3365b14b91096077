// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include <kith/result.h>

namespace kith {

// SHA-256 as 64 lower-case hexadecimal digits.
[[nodiscard]] std::string sha256_of(std::string_view bytes);
[[nodiscard]] std::string sha256_of(std::span<const std::uint8_t> bytes);

// The same of a file's content. Errors: model_missing, unreadable.
[[nodiscard]] Result<std::string> sha256_of_file(const std::filesystem::path& file);

}  // namespace kith
