// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <utility>

#include "imageio/colour.h"
#include "imageio/encode.h"
#include "imageio/tiff_exif.h"
#include "imageio/tiff_reader.h"
#include "vipsio/image.h"
#include "vipsio/part.h"

namespace kith::vipsio {

using namespace imageio;  // whose other half this is

namespace {

// Above 90 the difference from the source can't be seen, and libjpeg keeps colour at full resolution,
// which thin coloured lines need.
constexpr int lossy_quality = 92;

constexpr std::uint16_t software_tag = 305;  // TIFF 6.0

// A true copy: libvips frees some loaders' blocks with the source image, whoever else refers to them.
void copy_block(VipsImage* source, VipsImage* target, const char* field) {
  const void* data = nullptr;
  std::size_t size = 0;
  if (vips_image_get_typeof(source, field) == 0 || vips_image_get_blob(source, field, &data, &size) != 0)
    return;
  vips_image_set_blob_copy(target, field, data, size);
}

void copy_resolution(VipsImage* source, VipsImage* target) {
  target->Xres = source->Xres;
  target->Yres = source->Yres;
  const char* unit = nullptr;
  if (vips_image_get_typeof(source, VIPS_META_RESOLUTION_UNIT) != 0 &&
      vips_image_get_string(source, VIPS_META_RESOLUTION_UNIT, &unit) == 0) {
    vips_image_set_string(target, VIPS_META_RESOLUTION_UNIT, unit);
  }
}

// libvips doesn't find the EXIF block of many PNGs, and wants it with the prefix that JPEG gives it.
void copy_png_exif(std::span<const std::uint8_t> png, VipsImage* target) {
  const std::span<const std::uint8_t> exif = png_exif(png);
  if (exif.empty()) return;
  std::vector<std::uint8_t> block{'E', 'x', 'i', 'f', 0, 0};
  block.insert(block.end(), exif.begin(), exif.end());
  vips_image_set_blob_copy(target, VIPS_META_EXIF_NAME, block.data(), block.size());
}

Status copy_metadata(const OpenedPhoto& photo, VipsImage* target) {
  if (photo.decoder == Decoder::develop) return {};  // libvips can't read a RAW file's metadata
  const Result<VipsPtr> header = load_vips(photo.bytes_format, photo.bytes, 1, photo.name);
  if (!header) return tl::unexpected(header.error());
  copy_block(header->get(), target, VIPS_META_EXIF_NAME);
  copy_block(header->get(), target, VIPS_META_IPTC_NAME);
  if (is_rgb_profile(vips_profile(header->get()))) copy_block(header->get(), target, VIPS_META_ICC_NAME);
  if (photo.bytes_format == Format::png) copy_png_exif(photo.bytes, target);
  copy_resolution(header->get(), target);
  return {};
}

// Upright, and kith's.
void mark(VipsImage* image) {
  if (vips_image_get_typeof(image, VIPS_META_EXIF_NAME) == 0) {
    // Into a PNG libvips writes no tag unless there is a block, be it an empty one.
    constexpr std::array<std::uint8_t, 20> empty{'E', 'x', 'i', 'f', 0, 0, 'I', 'I', 42, 0,
                                                 8,   0,   0,   0,   0, 0, 0,   0,   0,  0};
    vips_image_set_blob_copy(image, VIPS_META_EXIF_NAME, empty.data(), empty.size());
  }
  vips_image_set_int(image, VIPS_META_ORIENTATION, 1);
  vips_image_set_string(image, "exif-ifd0-Software", std::string(copy_mark).c_str());
}

int save(VipsImage* image, Format format, void** bytes, std::size_t* size) {
  switch (format) {
    case Format::png: return vips_pngsave_buffer(image, bytes, size, "compression", 6, nullptr);
    case Format::webp: return vips_webpsave_buffer(image, bytes, size, "Q", lossy_quality, nullptr);
    case Format::tiff:
      return vips_tiffsave_buffer(image, bytes, size, "compression", VIPS_FOREIGN_TIFF_COMPRESSION_DEFLATE,
                                  "predictor", VIPS_FOREIGN_TIFF_PREDICTOR_HORIZONTAL, nullptr);
    default: return vips_jpegsave_buffer(image, bytes, size, "Q", lossy_quality, nullptr);
  }
}

}  // namespace

Result<std::vector<std::uint8_t>> encode_copy(const Image& image, const OpenedPhoto& source, Format format) {
  if (Status status = start_vips(); !status) return tl::unexpected(status.error());
  const VipsPtr picture(vips_image_new_from_memory(image.bytes().data(), image.bytes().size(), image.width(),
                                                   image.height(), Image::channels, VIPS_FORMAT_UCHAR));
  if (!picture)
    return fail(ErrorCode::internal, "libvips took no picture for '" + source.name + "'; report it");
  picture->Type = VIPS_INTERPRETATION_sRGB;
  if (Status status = copy_metadata(source, picture.get()); !status) return tl::unexpected(status.error());
  mark(picture.get());

  void* bytes = nullptr;
  std::size_t size = 0;
  const int outcome = save(picture.get(), format, &bytes, &size);
  const std::unique_ptr<void, decltype(&g_free)> owner(bytes, g_free);
  if (outcome != 0) {
    vips_error_clear();
    return fail(ErrorCode::internal, "cannot encode the copy of '" + source.name + "' as " +
                                         std::string(format_name(format)) + "; give it as JPEG");
  }
  const auto* first = static_cast<const std::uint8_t*>(bytes);
  std::vector<std::uint8_t> copy(first, first + size);
  if (format != Format::tiff) return copy;
  return with_exif_of(std::move(copy), source.bytes, copy_mark);
}

bool is_own_copy(std::span<const std::uint8_t> bytes) {
  const Format format = sniff_format(bytes);
  std::span<const std::uint8_t> exif;
  Result<VipsPtr> header = VipsPtr();  // holds the block
  if (format == Format::tiff) {
    exif = bytes;
  } else if (format == Format::png) {
    exif = png_exif(bytes);
  } else if (format == Format::jpeg || format == Format::webp) {
    header = load_vips(format, bytes, 1, "");
    if (header) exif = vips_exif(header->get());
  }
  const TiffReader tiff(tiff_of_exif(exif));
  const auto entries = tiff.valid() ? tiff.first_directory() : std::nullopt;
  const TiffEntry* software = entries ? find_entry(*entries, software_tag) : nullptr;
  return software != nullptr && tiff.text(*software) == copy_mark;
}

}  // namespace kith::vipsio
