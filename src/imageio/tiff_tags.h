// SPDX-License-Identifier: Apache-2.0
// The few TIFF tags that imageio itself needs, read from hostile bytes: the EXIF orientation, and the
// marks that tell a camera RAW from an ordinary TIFF. (A whole EXIF library is not needed for these and
// shot.h's, and every line of parser that a stranger's file reaches is a risk.)
#pragma once

#include <cstdint>
#include <span>

namespace kith::imageio {

// Takes an EXIF block with or without the leading "Exif\0\0". The orientation tag of its first
// directory: 1..8; 0 where absent.
[[nodiscard]] int exif_orientation(std::span<const std::uint8_t> exif);

// Whether a directory holds sensor data: a DNG version, a colour filter array, linear raw, or one of
// the makers' raw compressions.
[[nodiscard]] bool tiff_is_camera_raw(std::span<const std::uint8_t> tiff);

// Whether a directory, or pixel data that it names, lies beyond the end of the bytes.
[[nodiscard]] bool tiff_ends_early(std::span<const std::uint8_t> tiff);

}  // namespace kith::imageio
