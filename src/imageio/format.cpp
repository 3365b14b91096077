// SPDX-License-Identifier: Apache-2.0
#include "imageio/format.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "imageio/tiff_tags.h"

namespace kith::imageio {
namespace {

using namespace std::string_view_literals;
using Bytes = std::span<const std::uint8_t>;

bool has(Bytes bytes, std::size_t at, std::string_view text) {
  return at <= bytes.size() && text.size() <= bytes.size() - at &&
         std::equal(text.begin(), text.end(), bytes.begin() + static_cast<std::ptrdiff_t>(at),
                    [](char a, std::uint8_t b) { return static_cast<std::uint8_t>(a) == b; });
}

std::uint64_t big_endian(Bytes bytes, std::size_t at, std::size_t count) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < count; ++i) value = value << 8U | bytes[at + i];
  return value;
}

bool is_tiff(Bytes bytes) {
  return has(bytes, 0, "II*\0"sv) || has(bytes, 0, "MM\0*"sv) || has(bytes, 0, "II+\0"sv) ||
         has(bytes, 0, "MM\0+"sv);
}

// RAW formats with a mark of their own: Canon CR2 and CRW, Olympus, Panasonic, Fujifilm, Sigma, Minolta.
bool is_marked_raw(Bytes bytes) {
  return (is_tiff(bytes) && has(bytes, 8, "CR"sv)) || has(bytes, 6, "HEAPCCDR"sv) ||
         has(bytes, 0, "IIRO"sv) || has(bytes, 0, "IIRS"sv) || has(bytes, 0, "MMOR"sv) ||
         has(bytes, 0, "IIU\0"sv) || has(bytes, 0, "FUJIFILMCCD-RAW"sv) || has(bytes, 0, "FOVb"sv) ||
         has(bytes, 0, "\0MRM"sv);
}

// ISO base media files say by their brands what they are: the major brand first, then the compatible
// ones ("mif1" alone says only that there is a picture; nearly always it is HEVC).
Format sniff_brands(Bytes bytes) {
  constexpr std::array heic{"heic"sv, "heix"sv, "heim"sv, "heis"sv, "hevc"sv, "hevx"sv};
  constexpr std::array avif{"avif"sv, "avis"sv};
  const auto end = std::min<std::size_t>({bytes.size(), big_endian(bytes, 0, 4), 256});
  bool picture = false;
  for (std::size_t at = 8; at + 4 <= end; at += at == 8 ? 8 : 4) {  // the minor version comes second
    const auto is = [&](std::string_view brand) { return has(bytes, at, brand); };
    if (is("crx "sv)) return Format::raw;
    if (std::ranges::any_of(heic, is)) return Format::heic;
    if (std::ranges::any_of(avif, is)) return Format::avif;
    picture = picture || is("mif1"sv) || is("msf1"sv);
  }
  return picture ? Format::heic : Format::unknown;
}

constexpr std::size_t png_mark_bytes = 8;
constexpr std::size_t png_chunk_frame = 12;  // length, type and checksum

struct PngChunk {
  bool whole = false;
  std::size_t data_at = 0;
  std::size_t length = 0;
};

// The first chunk of a type; not whole where the file ends first.
PngChunk find_png_chunk(Bytes png, std::string_view type) {
  std::size_t at = png_mark_bytes;
  while (at <= png.size() && png.size() - at >= png_chunk_frame) {
    const std::uint64_t length = big_endian(png, at, 4);
    if (length > png.size() - at - png_chunk_frame) break;
    if (has(png, at + 4, type)) return {true, at + 8, static_cast<std::size_t>(length)};
    at += length + png_chunk_frame;
  }
  return {};
}

bool riff_ends_early(Bytes bytes) {
  if (bytes.size() < 12) return true;
  const std::uint64_t length = std::uint64_t{bytes[4]} | std::uint64_t{bytes[5]} << 8U |
                               std::uint64_t{bytes[6]} << 16U | std::uint64_t{bytes[7]} << 24U;
  return length + 8 > bytes.size();
}

// Whether the file ends before its trailer. A header, then blocks; the data of each come in pieces, each
// after its length in a byte, up to an empty one. (GIF89a specification, sections 15 to 27.)
bool gif_ends_early(Bytes gif) {
  constexpr std::size_t header_bytes = 13;
  constexpr std::uint8_t extension = 0x21;
  constexpr std::uint8_t picture = 0x2c;
  // A colour table follows where the flags' first bit says so; its size is in their last three.
  const auto table_bytes = [&](std::size_t flags_at) {
    const unsigned flags = gif[flags_at];
    return (flags & 0x80U) == 0 ? std::size_t{0} : std::size_t{3} << ((flags & 7U) + 1);
  };
  if (gif.size() < header_bytes) return true;
  std::size_t at = header_bytes + table_bytes(10);
  while (at < gif.size() && (gif[at] == extension || gif[at] == picture)) {
    if (gif[at] == extension) {
      at += 2;  // the mark and the label
    } else {
      if (gif.size() - at < 10) return true;
      at += 10 + table_bytes(at + 9) + 1;  // the descriptor, its table and the size of the first codes
    }
    while (at < gif.size() && gif[at] != 0) at += 1 + std::size_t{gif[at]};
    ++at;
  }
  return at >= gif.size();  // else the trailer, or nonsense, which is no cut
}

bool boxes_end_early(Bytes bytes) {
  std::size_t at = 0;
  while (at < bytes.size()) {
    if (bytes.size() - at < 8) return true;
    std::uint64_t length = big_endian(bytes, at, 4);
    if (length == 0) return false;  // reaches to the end of the file
    if (length == 1) {
      if (bytes.size() - at < 16) return true;
      length = big_endian(bytes, at + 8, 8);
    }
    if (length < 8) return false;  // nonsense, not a cut
    if (length > bytes.size() - at) return true;
    at += length;
  }
  return false;
}

}  // namespace

Format sniff_format(Bytes bytes) {
  if (has(bytes, 0, "\xff\xd8\xff"sv)) return Format::jpeg;
  if (has(bytes, 0, "\x89PNG\r\n\x1a\n"sv)) return Format::png;
  if (has(bytes, 0, "RIFF"sv) && has(bytes, 8, "WEBP"sv)) return Format::webp;
  if (has(bytes, 0, "GIF87a"sv) || has(bytes, 0, "GIF89a"sv)) return Format::gif;
  if (has(bytes, 4, "ftyp"sv)) return sniff_brands(bytes);
  if (is_marked_raw(bytes)) return Format::raw;
  if (is_tiff(bytes)) return tiff_is_camera_raw(bytes) ? Format::raw : Format::tiff;
  return Format::unknown;
}

std::string_view format_name(Format format) {
  switch (format) {
    case Format::jpeg: return "jpeg";
    case Format::png: return "png";
    case Format::webp: return "webp";
    case Format::tiff: return "tiff";
    case Format::gif: return "gif";
    case Format::heic: return "heic";
    case Format::avif: return "avif";
    case Format::raw: return "raw";
    case Format::unknown: break;
  }
  return "unknown";
}

std::span<const std::uint8_t> png_exif(Bytes png) {
  const PngChunk chunk = find_png_chunk(png, "eXIf"sv);
  return chunk.whole ? png.subspan(chunk.data_at, chunk.length) : Bytes{};
}

bool ends_early(Format format, Bytes bytes) {
  switch (format) {
    case Format::png: return !find_png_chunk(bytes, "IEND"sv).whole;
    case Format::webp: return riff_ends_early(bytes);
    case Format::heic:
    case Format::avif: return boxes_end_early(bytes);
    case Format::tiff:
    case Format::raw: return tiff_ends_early(bytes);
    case Format::gif: return gif_ends_early(bytes);
    case Format::jpeg:
    case Format::unknown: break;
  }
  return false;
}

}  // namespace kith::imageio
