// SPDX-License-Identifier: Apache-2.0
// What libvips leaves out of a TIFF that it writes: the EXIF of the photo it was made from.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace kith::imageio {

// `copy` (a TIFF of our own making) with the descriptive tags, EXIF and GPS of `source`, a TIFF whose bytes
// are not to be trusted, and with `software` as what wrote it. The maker's note stays behind, since its
// offsets would lead nowhere, and so do the pixels' dimensions and orientation, which are the copy's own. Of
// a `source` that is no classic TIFF only `software` is taken; a `copy` that is none comes back as it is.
[[nodiscard]] std::vector<std::uint8_t> with_exif_of(std::vector<std::uint8_t> copy,
                                                     std::span<const std::uint8_t> source,
                                                     std::string_view software);

}  // namespace kith::imageio
