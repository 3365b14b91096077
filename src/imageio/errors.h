// SPDX-License-Identifier: Apache-2.0
// The wording of imageio's failures; what holds for every file is in core/file_errors.h.
#pragma once

#include <string_view>

#include <kith/result.h>

#include "core/file_errors.h"

namespace kith::imageio {

// The two failures that every decoder shares.
[[nodiscard]] tl::unexpected<Error> truncated_photo(std::string_view name);
[[nodiscard]] tl::unexpected<Error> damaged_photo(std::string_view name, std::string_view detail);

}  // namespace kith::imageio
