// SPDX-License-Identifier: Apache-2.0
#include "exchange/checks.h"

#include <algorithm>
#include <cmath>

#include "core/partial_date.h"
#include "core/person_name.h"

namespace kith::exchange {
namespace {

constexpr double farthest = 1e7;  // pixels: no picture is as large, and a float still counts them

bool is_near(double value) { return std::abs(value) <= farthest; }  // false of NaN

}  // namespace

std::string checked_name(const std::string& name) {
  if (!is_person_name(name))
    throw Malformed{"a name has 1 to 200 bytes of UTF-8, no line breaks, and no blanks around it"};
  return name;
}

std::string checked_birth(const std::string& date) {
  if (!date.empty() && !is_partial_date(date))
    throw Malformed{"a birth is a date such as 1990, 1990-05 or 1990-05-17"};
  return date;
}

std::string checked_content(const std::string& sha256) {
  const bool digits =
      std::ranges::all_of(sha256, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
  if (!sha256.empty() && (sha256.size() != 64 || !digits))
    throw Malformed{"sha256 has 64 digits, 0 to 9 and a to f"};
  return sha256;
}

std::string checked_path(const std::string& path) {
  if (path.empty() || path.size() > 65'536 || path.find('\0') != std::string::npos)
    throw Malformed{"a photo has a path"};
  return path;
}

float checked_similarity(double value) {
  if (!(value >= -1 && value <= 1)) throw Malformed{"a similarity lies between -1 and 1"};
  return static_cast<float>(value);
}

Box checked_box(double x, double y, double width, double height) {
  if (!is_near(x) || !is_near(y) || !is_near(width) || !is_near(height) || width < 1 || height < 1)
    throw Malformed{
        "a face's box is left, top, width and height in pixels, and at least a pixel wide and high"};
  return {static_cast<float>(x), static_cast<float>(y), static_cast<float>(width),
          static_cast<float>(height)};
}

Point checked_point(double x, double y) {
  if (!is_near(x) || !is_near(y)) throw Malformed{"a landmark lies on the photo"};
  return {static_cast<float>(x), static_cast<float>(y)};
}

}  // namespace kith::exchange
