// SPDX-License-Identifier: Apache-2.0
#include "metadata/region_geometry.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <vector>

#include "core/fold.h"
#include "core/utf8.h"

namespace kith::metadata {
namespace {

// Of a side, that an aspect may differ by: what crops so little moves no region off its face.
constexpr double aspect_tolerance = 0.01;

std::vector<std::string_view> split(std::string_view text, char mark) {
  std::vector<std::string_view> parts;
  for (std::size_t end = 0; end != std::string_view::npos; text.remove_prefix(end + 1)) {
    end = text.find(mark);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
  }
  return parts;
}

}  // namespace

std::optional<double> region_number(std::string_view text) {
  constexpr std::size_t longest = 64;
  std::string number(trimmed(text).substr(0, longest));
  std::ranges::replace(number, ',', '.');
  const char* first = number.data();
  const char* const last = first + number.size();
  if (number.starts_with('+')) ++first;
  double value = 0;
  const auto [end, error] = std::from_chars(first, last, value);
  if (error != std::errc() || end != last || !std::isfinite(value)) return std::nullopt;
  return value;
}

bool same_aspect(double width, double height, const FrameSize& now) {
  const double ratio = (width / height) / (static_cast<double>(now.width) / now.height);
  return std::abs(ratio - 1) <= std::max(aspect_tolerance, 1 / width + 1 / height);
}

std::optional<Area> mwg_area(const AreaTexts& texts, double photo_width, double photo_height) {
  auto x = region_number(texts.x);
  auto y = region_number(texts.y);
  auto width = region_number(texts.width);
  auto height = region_number(texts.height);
  const bool pixels = folded(texts.unit) == "pixel";
  if (const auto diameter = region_number(texts.diameter); diameter && !width && !height) {
    const double unit = pixels ? 1 : std::min(photo_width, photo_height);
    width = *diameter * unit / (pixels ? 1 : photo_width);
    height = *diameter * unit / (pixels ? 1 : photo_height);
  }
  if (!x || !y || !width || !height) return std::nullopt;
  Area area{*x - *width / 2, *y - *height / 2, *width, *height};
  if (pixels) {
    area = {area.x / photo_width, area.y / photo_height, area.width / photo_width,
            area.height / photo_height};
  }
  return area;
}

std::optional<Area> microsoft_area(std::string_view text) {
  constexpr std::size_t longest = 256;
  text = text.substr(0, longest);
  std::vector<std::string> parts;
  for (const std::string_view part : split(text, text.find(';') == std::string_view::npos ? ',' : ';'))
    parts.emplace_back(trimmed(part));
  if (parts.size() == 8) {
    for (std::size_t i = 0; i < 4; ++i) parts[i] = parts[2 * i] + '.' + parts[2 * i + 1];
    parts.resize(4);
  }
  if (parts.size() != 4) return std::nullopt;
  std::array<double, 4> numbers{};
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const auto number = region_number(parts[i]);
    if (!number) return std::nullopt;
    numbers[i] = *number;
  }
  return Area{numbers[0], numbers[1], numbers[2], numbers[3]};
}

}  // namespace kith::metadata
