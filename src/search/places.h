// SPDX-License-Identifier: Apache-2.0
// Large cities and where they are, so that `near:Paris,20km` needs no look at a map, and no network.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace kith::search {

struct Place {
  std::string_view name;
  std::string_view also;  // another name; empty where there is none
  double latitude;        // degrees, of the centre, to about a kilometre
  double longitude;
};

// By name.
[[nodiscard]] std::span<const Place> places();

// By either name, whatever the case.
[[nodiscard]] std::optional<Place> find_place(std::string_view name);

}  // namespace kith::search
