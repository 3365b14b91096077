// SPDX-License-Identifier: Apache-2.0
// A drawn-on picture back to bytes, with its source's metadata, by libvips (vipsio/, loaded with the first
// call).
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include <kith/image.h>
#include <kith/result.h>

#include "imageio/opened_photo.h"

namespace kith::imageio {

// What stands in the Software tag of every copy: by it kith knows its own again (is_own_copy). No bracket:
// libvips takes one for the beginning of a remark of its own, and leaves it out.
inline constexpr std::string_view copy_mark = "kith, annotated copy";

// Whether the bytes are a copy that encode_copy made. Whatever can't be read is none.
[[nodiscard]] bool is_own_copy(std::span<const std::uint8_t> bytes);

// The format an annotated copy of a photo is written in: its own where kith writes it, else JPEG.
[[nodiscard]] Format copy_format(std::string_view source_format);

// `image` is `source` decoded at ColourSpace::source. EXIF (orientation 1, no thumbnail: it would show
// the old picture), IPTC and RGB profile come along. XMP does not: its face regions and its own
// orientation are about the stored pixels, which were turned. Of a TIFF, EXIF comes as tiff_exif.h says.
// Errors: truncated, damaged, internal.
[[nodiscard]] Result<std::vector<std::uint8_t>> encode_copy(const Image& image, const OpenedPhoto& source,
                                                            Format format);

}  // namespace kith::imageio
