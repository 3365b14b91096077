// SPDX-License-Identifier: Apache-2.0
// Camera RAW by LibRaw: the JPEG that the camera put beside the sensor data, or the data developed.
// LibRaw itself prints a line on standard error for some damaged files; it offers no way to stop that.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include <kith/image.h>
#include <kith/result.h>

#include "imageio/orientation.h"
#include "imageio/shot.h"

namespace kith::imageio {

struct RawHeader {
  Size sensor;          // what developing at full size gives, upright
  int orientation = 1;  // EXIF 1, 3, 6 or 8: how the camera was held
  // The largest embedded JPEG, stored as the sensor saw it; empty where there is none.
  std::vector<std::uint8_t> preview;
  Shot shot;  // as LibRaw reads it, for formats that are no TIFF (Canon CR3)
};

// Errors: unsupported_format, truncated, damaged, too_large.
[[nodiscard]] Result<RawHeader> read_raw_header(std::span<const std::uint8_t> bytes, std::uint64_t max_pixels,
                                                std::string_view name);

// Whether the preview is large enough to stand for the photo.
[[nodiscard]] bool preview_is_enough(Size preview, Size sensor);

// Develops the sensor data to upright sRGB: at half size (each colour filter cell one pixel: no
// interpolation, four times as fast) where that gives the wanted long side, at full size otherwise.
// Errors: truncated, damaged, too_large.
[[nodiscard]] Result<Image> develop_raw(std::span<const std::uint8_t> bytes, int min_long_side,
                                        std::string_view name);

}  // namespace kith::imageio
