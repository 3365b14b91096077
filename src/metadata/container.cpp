// SPDX-License-Identifier: Apache-2.0
#include "metadata/container.h"

#include <algorithm>
#include <limits>
#include <map>
#include <utility>

#include <zlib.h>

namespace kith::metadata {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view exif_mark = "Exif\0\0"sv;
constexpr std::size_t max_block_bytes = std::size_t{64} << 20U;

// ---- JPEG: marker, length, content

constexpr std::string_view jpeg_xmp = "http://ns.adobe.com/xap/1.0/\0"sv;
constexpr std::string_view jpeg_extension = "http://ns.adobe.com/xmp/extension/\0"sv;
constexpr std::string_view jpeg_index = "MPF\0"sv;
constexpr std::size_t extension_frame = 40;         // a hash, the whole length, this part's place
constexpr std::size_t jpeg_segment_bytes = 65'533;  // without the length itself

struct Segment {
  unsigned char marker = 0;
  std::uint64_t from = 0;
  std::uint64_t count = 0;
  std::string start;  // of the content
};

// The one at a place; nothing where there is none.
std::optional<Segment> read_segment(const ByteSource& photo, std::uint64_t at) {
  constexpr std::size_t start_bytes = 80;
  const std::string bytes = photo.read(at, 4 + start_bytes);
  if (bytes.size() < 4 || bytes[0] != '\xff') return std::nullopt;
  const std::uint64_t length = big_endian(std::string_view(bytes).substr(2, 2));
  if (length < 2) return std::nullopt;
  return Segment{static_cast<unsigned char>(bytes[1]), at, 2 + length,
                 bytes.substr(4, std::min<std::size_t>(static_cast<std::size_t>(length - 2), start_bytes))};
}

std::string content_after(const ByteSource& photo, const Segment& segment, std::size_t mark) {
  return photo.read(segment.from + 4 + mark, static_cast<std::size_t>(segment.count) - 4 - mark);
}

std::optional<Container> read_jpeg(const ByteSource& photo) {
  Container found{.format = PhotoFormat::jpeg};
  std::map<std::uint64_t, std::string> extension;
  std::uint64_t index = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t at = 2;
  std::uint64_t head_end = 2;  // behind the JFIF and EXIF segments, with which a file begins
  bool in_head = true;
  while (true) {
    while (photo.read(at, 2) == "\xff\xff") ++at;  // filling
    const std::optional<Segment> segment = read_segment(photo, at);
    if (!segment || segment->count > photo.size() - at) return std::nullopt;
    if (segment->marker == 0xda || segment->marker == 0xd9) break;
    const bool app1 = segment->marker == 0xe1;
    if (app1 && segment->start.starts_with(exif_mark) && found.exif.count == 0) {
      found.exif = {at, segment->count, content_after(photo, *segment, exif_mark.size())};
    } else if (app1 && segment->start.starts_with(jpeg_xmp) && found.xmp.count == 0) {
      found.xmp = {at, segment->count, content_after(photo, *segment, jpeg_xmp.size())};
    } else if (app1 && segment->start.starts_with(jpeg_extension)) {
      const std::string part = content_after(photo, *segment, jpeg_extension.size());
      if (part.size() >= extension_frame) {
        extension[big_endian(std::string_view(part).substr(36, 4))] = part.substr(extension_frame);
      }
    } else if (segment->marker == 0xe2 && segment->start.starts_with(jpeg_index)) {
      index = std::min(index, at);
    }
    in_head = in_head && (segment->marker == 0xe0 || (app1 && segment->start.starts_with(exif_mark)));
    at += segment->count;
    if (in_head) head_end = at;
  }
  for (const auto& [place, part] : extension) found.extended_xmp += part;
  if (found.exif.count == 0) {
    const std::optional<Segment> first = read_segment(photo, 2);
    found.exif.from = first && first->marker == 0xe0 ? first->from + first->count : 2;
  }
  if (found.xmp.count == 0) found.xmp.from = head_end;
  // It tells how far from itself the further pictures of the file lie.
  const std::string moved = "its index of further pictures stands before it and would lead astray";
  if (found.xmp.from > index) found.xmp_obstacle = moved;
  if (found.exif.from > index) found.exif_obstacle = moved;
  return found;
}

std::string jpeg_block(std::string_view mark, std::string_view content) {
  std::string block = "\xff\xe1" + big_endian_bytes(2 + mark.size() + content.size(), 2);
  block += mark;
  return block += content;
}

// ---- PNG: length, type, content, checksum

constexpr std::string_view png_mark = "\x89PNG\r\n\x1a\n"sv;
constexpr std::string_view png_xmp = "XML:com.adobe.xmp\0"sv;
constexpr std::size_t png_frame = 12;

// Nothing where it is damaged or absurdly long.
std::optional<std::string> inflated(std::string_view packed) {
  std::string out;
  z_stream stream{};
  if (inflateInit(&stream) != Z_OK) return std::nullopt;
  std::string input(packed);
  stream.next_in = reinterpret_cast<Bytef*>(input.data());
  stream.avail_in = static_cast<uInt>(input.size());
  int state = Z_OK;
  while (state == Z_OK && out.size() < max_block_bytes) {
    std::string part(std::size_t{1} << 16U, '\0');
    stream.next_out = reinterpret_cast<Bytef*>(part.data());
    stream.avail_out = static_cast<uInt>(part.size());
    state = inflate(&stream, Z_NO_FLUSH);
    out.append(part, 0, part.size() - stream.avail_out);
  }
  inflateEnd(&stream);
  if (state != Z_STREAM_END) return std::nullopt;
  return out;
}

// The text of an iTXt chunk behind its keyword; nothing where it is damaged.
std::optional<std::string> international_text(std::string_view chunk) {
  if (chunk.size() < 2) return std::nullopt;
  const bool packed = chunk[0] != 0;
  const std::size_t language_end = chunk.find('\0', 2);
  const std::size_t keyword_end =
      language_end == std::string_view::npos ? std::string_view::npos : chunk.find('\0', language_end + 1);
  if (keyword_end == std::string_view::npos) return std::nullopt;
  const std::string_view text = chunk.substr(keyword_end + 1);
  return packed ? inflated(text) : std::optional<std::string>(text);
}

std::optional<Container> read_png(const ByteSource& photo) {
  constexpr std::size_t start_bytes = 32;
  Container found{.format = PhotoFormat::png};
  std::uint64_t at = png_mark.size();
  while (true) {
    const std::string bytes = photo.read(at, 8 + start_bytes);
    if (bytes.size() < png_frame) return std::nullopt;
    const std::uint64_t length = big_endian(std::string_view(bytes).substr(0, 4));
    const std::uint64_t count = length + png_frame;
    if (count > photo.size() - at) return std::nullopt;
    const std::string_view type = std::string_view(bytes).substr(4, 4);
    const std::string_view start = std::string_view(bytes).substr(8, static_cast<std::size_t>(length));
    if (at == png_mark.size()) {
      if (type != "IHDR") return std::nullopt;
      // Before the pixels, where every reader finds it.
      found.xmp.from = found.exif.from = at + count;
    } else if (type == "iTXt" && start.starts_with(png_xmp) && found.xmp.count == 0) {
      const std::string chunk =
          photo.read(at + 8 + png_xmp.size(), static_cast<std::size_t>(length) - png_xmp.size());
      const std::optional<std::string> text = international_text(chunk);
      if (!text) return std::nullopt;
      found.xmp = {at, count, *text};
    } else if (type == "eXIf" && found.exif.count == 0) {
      found.exif = {at, count, photo.read(at + 8, static_cast<std::size_t>(length))};
      if (found.exif.content.starts_with(exif_mark)) found.exif.content.erase(0, exif_mark.size());
    } else if (type == "zTXt" || type == "tEXt" || type == "iTXt") {
      // ImageMagick's way, from before there was a chunk for it.
      if (start.starts_with("Raw profile type exif") || start.starts_with("Raw profile type APP1")) {
        found.exif_obstacle = "its EXIF stands in a text chunk";
      }
      if (start.starts_with("Raw profile type xmp"))
        found.xmp_obstacle = "its XMP stands in a text chunk of another kind";
    }
    at += count;
    if (type == "IEND") break;
  }
  if (found.exif.count != 0) found.exif_obstacle.clear();
  if (found.xmp.count != 0) found.xmp_obstacle.clear();
  return found;
}

std::string png_block(std::string_view type, std::string_view content) {
  std::string block = big_endian_bytes(content.size(), 4);
  block += type;
  block += content;
  const uLong sum =
      crc32(0, reinterpret_cast<const Bytef*>(block.data() + 4), static_cast<uInt>(block.size() - 4));
  return block += big_endian_bytes(sum, 4);
}

// ---- WebP: type, length, content, filled up to an even length

constexpr std::uint64_t riff_frame = 12;
constexpr std::size_t features_bytes = 10;
constexpr unsigned char webp_alpha = 0x10;
constexpr unsigned char webp_exif = 0x08;
constexpr unsigned char webp_xmp = 0x04;

std::string webp_block(std::string_view type, std::string_view content) {
  std::string block(type);
  block += little_endian_bytes(content.size(), 4);
  block += content;
  return content.size() % 2 == 0 ? block : block + '\0';
}

// What VP8X has to say of a picture that so far needed none; empty where it can't be told.
std::string features_of(std::string_view type, std::string_view content) {
  std::uint64_t width = 0;
  std::uint64_t height = 0;
  unsigned char flags = 0;
  if (type == "VP8 " && content.size() >= 10 && content.substr(3, 3) == "\x9d\x01\x2a") {
    width = little_endian(content.substr(6, 2)) & 0x3fffU;
    height = little_endian(content.substr(8, 2)) & 0x3fffU;
  } else if (type == "VP8L" && content.size() >= 5 && content[0] == '\x2f') {
    const std::uint64_t bits = little_endian(content.substr(1, 4));
    width = (bits & 0x3fffU) + 1;
    height = (bits >> 14U & 0x3fffU) + 1;
    if ((bits >> 28U & 1U) != 0) flags = webp_alpha;
  }
  if (width == 0 || height == 0) return "";
  return std::string(1, static_cast<char>(flags)) + std::string(3, '\0') + little_endian_bytes(width - 1, 3) +
         little_endian_bytes(height - 1, 3);
}

std::optional<Container> read_webp(const ByteSource& photo) {
  Container found{.format = PhotoFormat::webp, .first_chunk = riff_frame};
  const std::uint64_t end = little_endian(photo.read(4, 4)) + 8;
  if (end > photo.size()) return std::nullopt;
  for (std::uint64_t at = riff_frame; at < end;) {
    const std::string bytes = photo.read(at, 8 + features_bytes);
    if (bytes.size() < 8) return std::nullopt;
    const std::string type = bytes.substr(0, 4);
    const std::uint64_t length = little_endian(std::string_view(bytes).substr(4, 4));
    const std::uint64_t count = 8 + length + length % 2;
    if (length > end - at - 8) return std::nullopt;
    if (type == "XMP " && found.xmp.count == 0 && length <= max_block_bytes) {
      found.xmp = {at, std::min(count, end - at), photo.read(at + 8, static_cast<std::size_t>(length))};
    } else if (type == "EXIF" && found.exif.count == 0 && length <= max_block_bytes) {
      found.exif = {at, std::min(count, end - at), photo.read(at + 8, static_cast<std::size_t>(length))};
      if (found.exif.content.starts_with(exif_mark)) found.exif.content.erase(0, exif_mark.size());
    } else if (at == riff_frame) {
      found.has_features = type == "VP8X" && length == features_bytes;
      found.features =
          found.has_features ? bytes.substr(8) : features_of(type, std::string_view(bytes).substr(8));
    }
    at += count;
  }
  if (found.features.size() != features_bytes || end % 2 != 0) {
    found.xmp_obstacle = found.exif_obstacle = "its chunks are not as the format wants them";
  }
  if (found.xmp.count == 0) found.xmp.from = end;
  if (found.exif.count == 0) found.exif.from = end;
  return found;
}

// The header of the file that is made by the other splices.
void splice_webp_header(const ByteSource& photo, const Container& container, bool xmp, bool exif,
                        std::vector<Splice>& splices) {
  std::string features = container.features;
  auto flags = static_cast<unsigned char>(features[0]);
  flags = static_cast<unsigned char>((flags & ~(webp_xmp | webp_exif)) | (xmp ? webp_xmp : 0) |
                                     (exif ? webp_exif : 0));
  features[0] = static_cast<char>(flags);
  if (container.has_features) {
    splices.push_back({container.first_chunk + 8, features_bytes, features});
  } else if (xmp || exif) {
    splices.push_back({container.first_chunk, 0, webp_block("VP8X", features)});
  }
  std::uint64_t length = little_endian(photo.read(4, 4));
  for (const Splice& splice : splices) length += splice.bytes.size() - splice.count;
  splices.push_back({4, 4, little_endian_bytes(length, 4)});
}

// ---- all

tl::unexpected<Error> too_much(std::string_view what) {
  return fail(ErrorCode::too_large,
              "its " + std::string(what) + " would be larger than the format's segments hold");
}

// Empty content: none. Requires that it fits.
std::string framed(PhotoFormat format, std::string_view content, bool xmp) {
  if (content.empty()) return "";
  switch (format) {
    case PhotoFormat::jpeg: return jpeg_block(xmp ? jpeg_xmp : exif_mark, content);
    case PhotoFormat::png:
      return xmp ? png_block("iTXt", std::string(png_xmp) + std::string(4, '\0') + std::string(content))
                 : png_block("eXIf", content);
    case PhotoFormat::webp: return webp_block(xmp ? "XMP " : "EXIF", content);
    case PhotoFormat::tiff:
    case PhotoFormat::unknown: break;
  }
  return "";
}

Result<std::string> changed_exif(const Container& container, const std::vector<TiffChange>& changes) {
  if (changes.empty()) return container.exif.content;
  if (!container.exif_obstacle.empty()) return fail(ErrorCode::damaged, container.exif_obstacle);
  const std::string before = container.exif.count == 0 ? empty_tiff() : container.exif.content;
  const auto splices = changed_tiff(TextSource(before), changes);
  if (!splices) return fail(ErrorCode::damaged, "its EXIF block is damaged");
  std::string after = spliced(before, *splices);
  if (container.format == PhotoFormat::jpeg && exif_mark.size() + after.size() > jpeg_segment_bytes) {
    return too_much("EXIF block");
  }
  return after;
}

Result<std::vector<Splice>> changed_tiff_file(const ByteSource& photo, const PhotoChange& change) {
  std::vector<TiffChange> changes = change.exif;
  if (change.xmp) {
    changes.push_back(
        {tiff_tag::xmp, TiffType::byte, change.xmp->empty() ? std::nullopt : std::optional(*change.xmp)});
  }
  auto splices = changed_tiff(photo, changes);
  if (!splices) return fail(ErrorCode::damaged, "its directories are damaged or full");
  return std::move(*splices);
}

}  // namespace

PhotoFormat writable_format(const ByteSource& photo) {
  const std::string start = photo.read(0, 16);
  const std::string_view bytes = start;
  if (bytes.starts_with("\xff\xd8\xff")) return PhotoFormat::jpeg;
  if (bytes.starts_with(png_mark)) return PhotoFormat::png;
  if (bytes.starts_with("RIFF") && bytes.substr(0, 12).ends_with("WEBP")) return PhotoFormat::webp;
  const bool canon = bytes.size() >= 10 && bytes.substr(8, 2) == "CR";
  if (!tiff_is_big_endian(photo) || canon) return PhotoFormat::unknown;
  return tiff_holds_raw(photo) ? PhotoFormat::unknown : PhotoFormat::tiff;
}

std::optional<Container> read_container(const ByteSource& photo, PhotoFormat format) {
  switch (format) {
    case PhotoFormat::jpeg: return read_jpeg(photo);
    case PhotoFormat::png: return read_png(photo);
    case PhotoFormat::webp: return read_webp(photo);
    case PhotoFormat::tiff: {
      Container found{.format = PhotoFormat::tiff};
      found.xmp.content = tiff_value(photo, tiff_tag::xmp).value_or("");
      return found;
    }
    case PhotoFormat::unknown: break;
  }
  return std::nullopt;
}

Result<std::vector<Splice>> changed_photo(const ByteSource& photo, const Container& container,
                                          const PhotoChange& change) {
  if (change.xmp && !container.xmp_obstacle.empty()) return fail(ErrorCode::damaged, container.xmp_obstacle);
  if (container.format == PhotoFormat::tiff) return changed_tiff_file(photo, change);
  const std::string xmp = change.xmp.value_or(container.xmp.content);
  if (container.format == PhotoFormat::jpeg && jpeg_xmp.size() + xmp.size() > jpeg_segment_bytes) {
    return too_much("XMP");
  }
  const Result<std::string> exif = changed_exif(container, change.exif);
  if (!exif) return tl::unexpected(exif.error());

  std::vector<Splice> splices;
  if (!change.exif.empty()) {
    splices.push_back({container.exif.from, container.exif.count, framed(container.format, *exif, false)});
  }
  if (change.xmp)
    splices.push_back({container.xmp.from, container.xmp.count, framed(container.format, xmp, true)});
  if (container.format == PhotoFormat::webp) {
    splice_webp_header(photo, container, !xmp.empty(), !exif->empty(), splices);
  }
  // What is put in at a block's place comes before the block.
  std::ranges::stable_sort(splices, {},
                           [](const Splice& splice) { return std::pair(splice.from, splice.count); });
  return splices;
}

}  // namespace kith::metadata
