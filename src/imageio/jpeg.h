// SPDX-License-Identifier: Apache-2.0
// JPEG by libjpeg-turbo, decoded at the cheapest scale that gives the wanted size.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include <kith/image.h>
#include <kith/result.h>

#include "imageio/colour.h"
#include "imageio/orientation.h"
#include "imageio/shot.h"

namespace kith::imageio {

// A progressive photo has about ten scans; each costs a pass over the whole picture, so a small file
// with thousands of empty ones would decode for hours.
inline constexpr int max_jpeg_scans = 100;

struct JpegHeader {
  Size stored;                            // before orientation
  int orientation = 0;                    // EXIF 1..8; 0 where absent
  bool cmyk = false;                      // four inks: libvips converts those
  std::vector<std::uint8_t> icc_profile;  // empty where absent
  Shot shot;
};

// `name` is for messages. Errors: unsupported_format, truncated, damaged.
[[nodiscard]] Result<JpegHeader> read_jpeg_header(std::span<const std::uint8_t> bytes, std::string_view name);

// The upright picture, in sRGB or `space`; its long side at least min(min_long_side, stored long side).
// Requires a header of these bytes that is not CMYK. Errors: unsupported_format, truncated, damaged,
// too_large (out of memory).
[[nodiscard]] Result<Image> decode_jpeg(std::span<const std::uint8_t> bytes, const JpegHeader& header,
                                        int orientation, int min_long_side, ColourSpace space,
                                        std::string_view name);

// The numerator M of the scale M/8 that decode_jpeg uses: 1, 2, 4 or 8.
[[nodiscard]] int jpeg_scale_eighths(int long_side, int min_long_side);

}  // namespace kith::imageio
