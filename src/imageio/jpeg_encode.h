// SPDX-License-Identifier: Apache-2.0
// A picture as JPEG by libjpeg-turbo, without any metadata: small pictures for showing, many of them.
// (Annotated copies go through libvips, encode.h, which takes 25 ms to start.)
#pragma once

#include <cstdint>
#include <vector>

#include <kith/image.h>
#include <kith/result.h>

namespace kith::imageio {

// Quality 1..100. Errors: bad_argument (no pixels, or more than 65,500 a side), too_large (out of memory),
// internal.
[[nodiscard]] Result<std::vector<std::uint8_t>> encode_jpeg(const Image& image, int quality);

}  // namespace kith::imageio
