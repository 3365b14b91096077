// SPDX-License-Identifier: Apache-2.0
// EXIF and XMP inside HEIC and AVIF. Exiv2 0.27 finds them only where the table of places has one of three
// shapes; exiftool, for one, writes others.
//
// Thread rule: free functions without state.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace kith::metadata {

// Parts of the file; empty where absent.
struct HeifItems {
  std::span<const std::uint8_t> exif;  // from the TIFF header on
  std::string_view xmp;
};

// Goes by ISO/IEC 14496-12 and 23008-12, and believes no number in the file. Nothing where the file has no
// items, as Canon's CR3, which is of the same family.
[[nodiscard]] std::optional<HeifItems> heif_items(std::span<const std::uint8_t> file);

}  // namespace kith::metadata
