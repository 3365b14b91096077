// SPDX-License-Identifier: Apache-2.0
// The library's tables, and the way from each older version of them to this one.
#pragma once

#include <span>
#include <string_view>

namespace kith::store {

// One step a version: `migrations()[n]` takes a database of version n to version n + 1. A step that has
// been released is never changed again.
[[nodiscard]] std::span<const std::string_view> migrations();

// The tables that hold what the owner decided. Their changes are journalled; no machine writes to them,
// but that a scan takes away the claims that it settles.
[[nodiscard]] std::span<const char* const> owners_tables();

}  // namespace kith::store
