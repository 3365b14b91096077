// SPDX-License-Identifier: Apache-2.0
#include "imageio/encode.h"

#include <utility>

#include "imageio/colour.h"
#include "imageio/vips_image.h"

namespace kith::imageio {
namespace {

// Above 90 the difference from the source can't be seen, and libjpeg keeps colour at full resolution,
// which thin coloured lines need.
constexpr int lossy_quality = 92;

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

Format copy_format(std::string_view source_format) {
  for (const Format format : {Format::png, Format::webp, Format::tiff}) {
    if (source_format == format_name(format)) return format;
  }
  return Format::jpeg;
}

Result<std::vector<std::uint8_t>> encode_copy(const Image& image, const OpenedPhoto& source, Format format) {
  if (Status status = start_vips(); !status) return tl::unexpected(status.error());
  const VipsPtr picture(vips_image_new_from_memory(image.bytes().data(), image.bytes().size(), image.width(),
                                                   image.height(), Image::channels, VIPS_FORMAT_UCHAR));
  if (!picture)
    return fail(ErrorCode::internal, "libvips took no picture for '" + source.name + "'; report it");
  picture->Type = VIPS_INTERPRETATION_sRGB;
  if (Status status = copy_metadata(source, picture.get()); !status) return tl::unexpected(status.error());
  vips_image_set_int(picture.get(), VIPS_META_ORIENTATION, 1);

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
  return std::vector<std::uint8_t>(first, first + size);
}

}  // namespace kith::imageio
