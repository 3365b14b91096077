// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "imageio/colour.h"
#include "vipsio/image.h"
#include "vipsio/part.h"

namespace kith::vipsio {
namespace {

// libvips rounds the shrunken side down or up by format version, so one pixel is kept in hand.
int jpeg_shrink(int long_side, int min_long_side) {
  for (const int shrink : {8, 4, 2}) {
    if (long_side / shrink >= std::min(long_side, min_long_side)) return shrink;
  }
  return 1;
}

}  // namespace

Result<imageio::VipsHeader> read_header(Format format, std::span<const std::uint8_t> bytes,
                                        std::string_view name) {
  Result<VipsPtr> image = load_vips(format, bytes, 1, name);
  if (!image) return tl::unexpected(std::move(image.error()));
  return imageio::VipsHeader{{(*image)->Xsize, (*image)->Ysize},
                             vips_orientation(format, bytes, image->get()),
                             vips_shot(format, bytes, image->get())};
}

Result<Image> decode(Format format, std::span<const std::uint8_t> bytes, int turn, int min_long_side,
                     imageio::ColourSpace space, std::string_view name) {
  Result<VipsPtr> image = load_vips(format, bytes, 1, name);
  if (!image) return tl::unexpected(std::move(image.error()));
  const int shrink =
      format == Format::jpeg ? jpeg_shrink(std::max((*image)->Xsize, (*image)->Ysize), min_long_side) : 1;
  if (shrink > 1) image = load_vips(format, bytes, shrink, name);
  if (!image) return tl::unexpected(std::move(image.error()));

  Result<VipsPixels> pixels = vips_pixels(format, bytes, image->get(), name);
  if (!pixels) return tl::unexpected(std::move(pixels.error()));
  if (pixels->in_source_space) {
    if (const auto colour = imageio::ColourConversion::to(space, vips_profile(image->get()))) {
      colour->apply(pixels->image.bytes());
    }
  }
  return imageio::apply_orientation(std::move(pixels->image), turn);
}

}  // namespace kith::vipsio
