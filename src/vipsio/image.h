// SPDX-License-Identifier: Apache-2.0
// libvips behind three calls: load, pixels, metadata.
//
// libvips is started on first use, because that takes some 25 ms which a run over JPEGs never needs.
// Its own cache and threads are off: kith works on several photos at once instead.
#pragma once

#include <vips/vips.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include <kith/image.h>
#include <kith/result.h>

#include "imageio/format.h"
#include "imageio/shot.h"

namespace kith::vipsio {

using imageio::Format;
using imageio::Shot;

struct Unref {
  void operator()(VipsImage* image) const { g_object_unref(image); }
};
using VipsPtr = std::unique_ptr<VipsImage, Unref>;

// Starts libvips once a process and readies it for this thread. Error: internal.
[[nodiscard]] Status start_vips();

// Reads the header; pixels follow when asked for, in one pass from top to bottom. `shrink` (1, 2, 4, 8)
// is for JPEG alone. The bytes must outlive the image. Errors: unsupported_format, truncated, damaged.
[[nodiscard]] Result<VipsPtr> load_vips(Format format, std::span<const std::uint8_t> bytes, int shrink,
                                        std::string_view name);

// EXIF 1..8. Formats whose decoder turns the picture itself (HEIC, AVIF) give 1.
[[nodiscard]] int vips_orientation(Format format, std::span<const std::uint8_t> bytes, VipsImage* image);

// When, where and with what it was taken.
[[nodiscard]] Shot vips_shot(Format format, std::span<const std::uint8_t> bytes, VipsImage* image);

// The EXIF block; empty where absent (always of a TIFF, mostly of a PNG). Lives as long as the image.
[[nodiscard]] std::span<const std::uint8_t> vips_exif(VipsImage* image);

// The embedded profile; empty where absent. Lives as long as the image.
[[nodiscard]] std::span<const std::uint8_t> vips_profile(VipsImage* image);

struct VipsPixels {
  Image image;                  // not yet turned upright
  bool in_source_space = true;  // false: converted from CMYK or Lab to sRGB, so the profile is spent
};

// 8-bit RGB: grey spread to three channels, alpha over white, 16 bits scaled down. RGB and grey values
// stay in the photo's own colour space. Errors: truncated, damaged, too_large (out of memory).
[[nodiscard]] Result<VipsPixels> vips_pixels(Format format, std::span<const std::uint8_t> bytes,
                                             VipsImage* image, std::string_view name);

}  // namespace kith::vipsio
