// SPDX-License-Identifier: Apache-2.0
// What a JPEG has before its picture: where that ends, and the XMP that did not fit into one segment, which
// Exiv2 0.27 does not read.
//
// Thread rule: free functions without state.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace kith::metadata {

// How many bytes stand before the picture's own, the mark of its beginning included: all that Exiv2 looks at.
// Nothing where `bytes` is no JPEG, or ends before.
[[nodiscard]] std::optional<std::size_t> jpeg_header_bytes(std::span<const std::uint8_t> bytes);

// XMP specification part 3, 1.1.3.1: the extended XMP that the main packet names in xmpNote:HasExtendedXMP,
// put together of its segments. Empty where it is not there as a whole: it counts as absent then, as what
// an editor left behind that knows nothing of it.
[[nodiscard]] std::string extended_xmp(std::span<const std::uint8_t> jpeg, std::string_view guid);

}  // namespace kith::metadata
