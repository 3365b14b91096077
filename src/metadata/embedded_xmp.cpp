// SPDX-License-Identifier: Apache-2.0
#include "metadata/embedded_xmp.h"

#include <cstddef>

namespace kith::metadata {
namespace {

using namespace std::string_view_literals;

// A number of `size` bytes; 0 beyond the end.
std::size_t number_at(std::string_view bytes, std::size_t at, std::size_t size, bool big_endian) {
  if (at > bytes.size() || size > bytes.size() - at) return 0;
  std::size_t value = 0;
  for (std::size_t i = 0; i < size; ++i) {
    const std::size_t place = big_endian ? i : size - 1 - i;
    value = value << 8U | static_cast<std::uint8_t>(bytes[at + place]);
  }
  return value;
}

// Empty where it reaches beyond the end.
std::string_view part(std::string_view bytes, std::size_t at, std::size_t size) {
  return at <= bytes.size() && size <= bytes.size() - at ? bytes.substr(at, size) : std::string_view();
}

// Chunks of a length, a name, the content and a checksum. XMP is a text with a keyword, two zeros where it is
// not compressed, and a language and a translated keyword that are empty.
std::string_view png_xmp(std::string_view png) {
  constexpr std::size_t around = 12;
  constexpr std::string_view keyword = "XML:com.adobe.xmp\0\0\0"sv;
  for (std::size_t at = 8; at + around <= png.size();) {
    const std::size_t size = number_at(png, at, 4, true);
    const std::string_view content = part(png, at + 8, size);
    if (part(png, at + 4, 4) == "iTXt" && content.starts_with(keyword)) {
      const std::size_t language = content.find('\0', keyword.size());
      const std::size_t translated =
          language == std::string_view::npos ? language : content.find('\0', language + 1);
      return translated == std::string_view::npos ? content : content.substr(translated + 1);
    }
    at += around + size;
  }
  return {};
}

// Chunks of a name, a length, and the content, filled up to an even length.
std::string_view webp_xmp(std::string_view webp) {
  for (std::size_t at = 12; at + 8 <= webp.size();) {
    const std::size_t size = number_at(webp, at + 4, 4, false);
    if (part(webp, at, 4) == "XMP ") return part(webp, at + 8, size);
    at += 8 + size + size % 2;
  }
  return {};
}

// Tag 700 of the first directory.
std::string_view tiff_xmp(std::string_view tiff) {
  constexpr std::size_t xmp_tag = 700;
  const bool big_endian = tiff.starts_with('M');
  const std::size_t directory = number_at(tiff, 4, 4, big_endian);
  const std::size_t entries = number_at(tiff, directory, 2, big_endian);
  for (std::size_t i = 0; i < entries; ++i) {
    const std::size_t entry = directory + 2 + 12 * i;
    if (number_at(tiff, entry, 2, big_endian) != xmp_tag) continue;
    return part(tiff, number_at(tiff, entry + 8, 4, big_endian), number_at(tiff, entry + 4, 4, big_endian));
  }
  return {};
}

}  // namespace

std::string_view embedded_xmp(std::span<const std::uint8_t> file) {
  const std::string_view bytes(reinterpret_cast<const char*>(file.data()), file.size());
  if (bytes.starts_with("\x89PNG\r\n\x1a\n")) return png_xmp(bytes);
  if (bytes.starts_with("RIFF") && part(bytes, 8, 4) == "WEBP") return webp_xmp(bytes);
  if (bytes.starts_with("II*\0"sv) || bytes.starts_with("MM\0*"sv)) return tiff_xmp(bytes);
  return {};
}

}  // namespace kith::metadata
