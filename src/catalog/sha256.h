// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include <kith/result.h>

namespace kith::catalog {

// The file's SHA-256 as 64 lower-case hexadecimal digits. Errors: model_missing, unreadable.
[[nodiscard]] Result<std::string> sha256_of(const std::filesystem::path& file);

}  // namespace kith::catalog
