// SPDX-License-Identifier: Apache-2.0
// When, where and with what a photo was taken, as its EXIF says. The bytes are not to be trusted: what is
// cut off, of another type or impossible counts as absent, and three directories at most are looked at.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <kith/photo.h>

namespace kith::imageio {

// The fields are those of PhotoInfo.
struct Shot {
  std::string taken;
  std::string camera;
  std::optional<GeoPoint> place;
};

// Takes an EXIF block with or without the leading "Exif\0\0", or a TIFF file, camera RAW too.
[[nodiscard]] Shot read_shot(std::span<const std::uint8_t> exif);

// What `shot` lacks is taken from `other`.
void complete(Shot& shot, Shot other);

void put_shot(PhotoInfo& info, Shot shot);

// Make and model without the make repeated, cut to what PhotoInfo promises.
[[nodiscard]] std::string camera_name(std::string_view make, std::string_view model);

// Degrees, minutes, seconds and the letter of the hemisphere (N or S, E or W); nothing where out of range.
struct Angle {
  double degrees = 0;
  double minutes = 0;
  double seconds = 0;
  char hemisphere = 0;
};
[[nodiscard]] std::optional<GeoPoint> geo_point(const Angle& latitude, const Angle& longitude);

}  // namespace kith::imageio
