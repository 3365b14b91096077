// SPDX-License-Identifier: Apache-2.0
// What text from elsewhere has to be, whatever the format. A check that fails throws Malformed, which does
// not leave this stage.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <kith/face.h>

namespace kith::exchange {

struct Malformed {
  std::string what;
};

[[nodiscard]] std::string checked_name(const std::string& name);
[[nodiscard]] std::string checked_birth(const std::string& date);
[[nodiscard]] std::string checked_content(const std::string& sha256);  // or empty
[[nodiscard]] std::string checked_path(const std::string& path);
[[nodiscard]] float checked_similarity(double value);
[[nodiscard]] Box checked_box(double x, double y, double width, double height);
[[nodiscard]] Point checked_point(double x, double y);

}  // namespace kith::exchange
