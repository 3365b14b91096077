// SPDX-License-Identifier: Apache-2.0
// A drawn-on picture back to bytes, with its source's metadata, by libvips.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include <kith/image.h>
#include <kith/result.h>

#include "imageio/opened_photo.h"

namespace kith::imageio {

// The format an annotated copy of a photo is written in: its own where kith writes it, else JPEG.
[[nodiscard]] Format copy_format(std::string_view source_format);

// `image` is `source` decoded at ColourSpace::source. EXIF (orientation 1, no thumbnail: it would show
// the old picture), IPTC and RGB profile come along. XMP does not: its face regions and its own
// orientation are about the stored pixels, which were turned. Errors: truncated, damaged, internal.
[[nodiscard]] Result<std::vector<std::uint8_t>> encode_copy(const Image& image, const OpenedPhoto& source,
                                                            Format format);

}  // namespace kith::imageio
