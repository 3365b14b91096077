// SPDX-License-Identifier: Apache-2.0
// What libjpeg-turbo does not decode, through libvips: PNG, WebP, TIFF, GIF, HEIC, AVIF, CMYK JPEG. vipsio/
// does it, and is loaded with the first call. Error of each besides its own: unsupported_format where that
// part is missing.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include <kith/image.h>
#include <kith/result.h>

#include "imageio/colour.h"
#include "imageio/format.h"
#include "imageio/orientation.h"
#include "imageio/shot.h"

namespace kith::imageio {

struct VipsHeader {
  Size stored;          // before orientation
  int orientation = 1;  // still to be applied to the stored pixels
  Shot shot;
};

// Errors: truncated, damaged, internal.
[[nodiscard]] Result<VipsHeader> read_vips_header(Format format, std::span<const std::uint8_t> bytes,
                                                  std::string_view name);

// The picture in sRGB or `space`, turned by the EXIF orientation `turn`; a JPEG's long side may be shrunk to
// no less than min_long_side, other formats come at native size. Errors: truncated, damaged, too_large (out
// of memory), internal.
[[nodiscard]] Result<Image> decode_with_vips(Format format, std::span<const std::uint8_t> bytes, int turn,
                                             int min_long_side, ColourSpace space, std::string_view name);

}  // namespace kith::imageio
