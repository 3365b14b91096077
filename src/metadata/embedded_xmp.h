// SPDX-License-Identifier: Apache-2.0
// The XMP inside a picture, found before Exiv2 sees it, so that the guard can look at it first. JPEG's has no
// more than 64 KB and needs none; compressed XMP in a PNG Exiv2 limits to 128 KB itself.
//
// Thread rule: free functions without state.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace kith::metadata {

// XMP as it stands in a PNG, WebP or TIFF (and what is TIFF by another name). Empty where there is none.
[[nodiscard]] std::string_view embedded_xmp(std::span<const std::uint8_t> file);

}  // namespace kith::metadata
