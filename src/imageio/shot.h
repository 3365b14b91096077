// SPDX-License-Identifier: Apache-2.0
// When, where, with what and in which direction a photo was taken, as its EXIF says. The bytes are not to be
// trusted: what is cut off, of another type or impossible counts as absent, and three directories at most are
// looked at.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include <kith/photo.h>

#include "core/shot_values.h"

namespace kith::imageio {

// The fields are those of PhotoInfo.
struct Shot {
  std::string taken;
  std::string camera;
  std::string lens;
  std::optional<GeoPoint> place;
  std::optional<double> direction;
};

// Takes an EXIF block with or without the leading "Exif\0\0", or a TIFF file, camera RAW too.
[[nodiscard]] Shot read_shot(std::span<const std::uint8_t> exif);

// What `shot` lacks is taken from `other`.
void complete(Shot& shot, Shot other);

void put_shot(PhotoInfo& info, Shot shot);

}  // namespace kith::imageio
