// SPDX-License-Identifier: Apache-2.0
#include "vipsio/image.h"

#include <algorithm>
#include <mutex>
#include <string>
#include <utility>

#include "imageio/errors.h"
#include "imageio/tiff_tags.h"

namespace kith::vipsio {

using namespace imageio;  // whose other half this is

namespace {

void ignore_log(const gchar* /*domain*/, GLogLevelFlags /*level*/, const gchar* /*text*/, gpointer /*data*/) {
}

bool start_once() {
  // A library doesn't print: what libvips has to say reaches the caller as an error.
  g_log_set_handler("VIPS", static_cast<GLogLevelFlags>(G_LOG_LEVEL_MASK), ignore_log, nullptr);
  if (vips_init("kith") != 0) return false;
  vips_block_untrusted_set(TRUE);
  vips_cache_set_max(0);
  vips_concurrency_set(1);
  return true;
}

// libvips keeps buffers for each thread that calls it; they go with the thread.
struct ThreadBuffers {
  ~ThreadBuffers() { vips_thread_shutdown(); }
};

const char* loader_name(Format format) {
  switch (format) {
    case Format::jpeg: return "jpegload_buffer";
    case Format::png: return "pngload_buffer";
    case Format::webp: return "webpload_buffer";
    case Format::tiff: return "tiffload_buffer";
    case Format::gif: return "gifload_buffer";
    case Format::heic:
    case Format::avif: return "heifload_buffer";
    case Format::raw:
    case Format::unknown: break;
  }
  return nullptr;
}

tl::unexpected<Error> vips_failure(Format format, std::span<const std::uint8_t> bytes,
                                   std::string_view name) {
  // The text is shared by all threads, so it may be about another photo: it can't be passed on.
  vips_error_clear();
  if (ends_early(format, bytes)) return truncated_photo(name);
  return damaged_photo(name, format_name(format));
}

// Runs one operation with a single image in and out; the input is given up.
template <typename Operation>
bool step(VipsPtr& image, Operation operation) {
  VipsImage* result = nullptr;
  if (operation(image.get(), &result) != 0) return false;
  image.reset(result);
  return true;
}

// Lives as long as the image; empty where absent.
std::span<const std::uint8_t> metadata_block(VipsImage* image, const char* name) {
  const void* data = nullptr;
  std::size_t size = 0;
  if (vips_image_get_typeof(image, name) == 0 || vips_image_get_blob(image, name, &data, &size) != 0) {
    return {};
  }
  return {static_cast<const std::uint8_t*>(data), size};
}

bool is_ink(VipsInterpretation space) {
  return space == VIPS_INTERPRETATION_CMYK || space == VIPS_INTERPRETATION_LAB ||
         space == VIPS_INTERPRETATION_LABS || space == VIPS_INTERPRETATION_LABQ;
}

bool ink_to_srgb(VipsPtr& image) {
  const bool good = step(image, [](VipsImage* in, VipsImage** out) {
    return vips_icc_transform(in, out, "srgb", "embedded", TRUE, "input_profile", "cmyk", "intent",
                              VIPS_INTENT_RELATIVE, "depth", 8, nullptr);
  });
  if (!good) vips_error_clear();  // a damaged profile: go on with libvips's own idea of the space
  return good;
}

bool to_rgb8(VipsPtr& image) {
  if (vips_image_guess_interpretation(image.get()) != VIPS_INTERPRETATION_sRGB &&
      !step(image, [](VipsImage* in, VipsImage** out) {
        return vips_colourspace(in, out, VIPS_INTERPRETATION_sRGB, nullptr);
      })) {
    return false;
  }
  if (vips_image_hasalpha(image.get()) != 0 && !step(image, [](VipsImage* in, VipsImage** out) {
        VipsArrayDouble* white = vips_array_double_newv(3, 255.0, 255.0, 255.0);
        const int outcome = vips_flatten(in, out, "background", white, nullptr);
        vips_area_unref(VIPS_AREA(white));
        return outcome;
      })) {
    return false;
  }
  if (image->Bands > Image::channels && !step(image, [](VipsImage* in, VipsImage** out) {
        return vips_extract_band(in, out, 0, "n", Image::channels, nullptr);
      })) {
    return false;
  }
  return image->BandFmt == VIPS_FORMAT_UCHAR ||
         step(image, [](VipsImage* in, VipsImage** out) { return vips_cast_uchar(in, out, nullptr); });
}

}  // namespace

Status start_vips() {
  static std::once_flag once;
  static bool started = false;
  std::call_once(once, [] { started = start_once(); });
  if (!started) {
    vips_error_clear();
    return fail(ErrorCode::internal, "libvips did not start; reinstall the package libvips42");
  }
  thread_local ThreadBuffers buffers;
  return {};
}

Result<VipsPtr> load_vips(Format format, std::span<const std::uint8_t> bytes, int shrink,
                          std::string_view name) {
  if (Status status = start_vips(); !status) return tl::unexpected(status.error());
  const char* loader = loader_name(format);
  if (loader == nullptr) {
    return cannot_read(ErrorCode::unsupported_format, name, "libvips does not read it", "convert it to JPEG");
  }
  VipsBlob* blob = vips_blob_new(nullptr, bytes.data(), bytes.size());
  VipsImage* image = nullptr;
  // fail_on makes a file that ends early an error; by default libvips fills up with grey.
  const int outcome = format == Format::jpeg
                          ? vips_call(loader, blob, &image, "access", VIPS_ACCESS_SEQUENTIAL, "fail_on",
                                      VIPS_FAIL_ON_ERROR, "shrink", shrink, nullptr)
                          : vips_call(loader, blob, &image, "access", VIPS_ACCESS_SEQUENTIAL, "fail_on",
                                      VIPS_FAIL_ON_ERROR, nullptr);
  vips_area_unref(VIPS_AREA(blob));
  if (outcome != 0) return vips_failure(format, bytes, name);
  return VipsPtr(image);
}

int vips_orientation(Format format, std::span<const std::uint8_t> bytes, VipsImage* image) {
  if (format == Format::heic || format == Format::avif) return 1;
  if (format == Format::png) return std::max(1, exif_orientation(png_exif(bytes)));
  return std::clamp(vips_image_get_orientation(image), 1, 8);
}

Shot vips_shot(Format format, std::span<const std::uint8_t> bytes, VipsImage* image) {
  if (format == Format::tiff) return read_shot(bytes);  // of which libvips keeps no EXIF
  if (format == Format::png) return read_shot(png_exif(bytes));
  return read_shot(vips_exif(image));
}

std::span<const std::uint8_t> vips_exif(VipsImage* image) {
  return metadata_block(image, VIPS_META_EXIF_NAME);
}

std::span<const std::uint8_t> vips_profile(VipsImage* image) {
  return metadata_block(image, VIPS_META_ICC_NAME);
}

Result<VipsPixels> vips_pixels(Format format, std::span<const std::uint8_t> bytes, VipsImage* source,
                               std::string_view name) {
  g_object_ref(source);
  VipsPtr image(source);
  const bool ink = is_ink(vips_image_guess_interpretation(source));
  if (ink) ink_to_srgb(image);
  if (!to_rgb8(image)) return vips_failure(format, bytes, name);

  std::size_t size = 0;
  const std::unique_ptr<void, decltype(&g_free)> pixels(vips_image_write_to_memory(image.get(), &size),
                                                        g_free);
  VipsPixels result{Image(image->Xsize, image->Ysize), !ink};
  if (!pixels || size != result.image.bytes().size()) return vips_failure(format, bytes, name);
  std::copy_n(static_cast<const std::uint8_t*>(pixels.get()), size, result.image.bytes().begin());
  return result;
}

}  // namespace kith::vipsio
