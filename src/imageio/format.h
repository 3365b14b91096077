// SPDX-License-Identifier: Apache-2.0
// Which format a file's bytes are in. The file's name plays no part.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace kith::imageio {

enum class Format { unknown, jpeg, png, webp, tiff, gif, heic, avif, raw };

[[nodiscard]] Format sniff_format(std::span<const std::uint8_t> bytes);

// As in PhotoInfo::format: "jpeg", "png", ...
[[nodiscard]] std::string_view format_name(Format format);

// The EXIF block of a PNG, wherever in the file it stands (libvips writes it behind the pixels but looks
// for it only before them); empty where absent.
[[nodiscard]] std::span<const std::uint8_t> png_exif(std::span<const std::uint8_t> png);

// Whether the container promises more bytes than there are. Tells, after a decoder has failed, a file
// that was cut short from one that was damaged. JPEG has no lengths to check: always false.
[[nodiscard]] bool ends_early(Format format, std::span<const std::uint8_t> bytes);

}  // namespace kith::imageio
