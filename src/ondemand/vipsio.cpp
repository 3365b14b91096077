// SPDX-License-Identifier: Apache-2.0
// The libvips part: some ninety libraries come with it, which would take most of the time that a command
// takes to start (docs/performance.md), and a run over JPEGs needs none of them.
#include "vipsio/part.h"

#include "imageio/encode.h"
#include "imageio/text.h"
#include "ondemand/part.h"

namespace kith::imageio {
namespace {

using vipsio::Part;

Result<const Part*> part(std::string_view subject) { return ondemand::part<Part>(std::string(subject)); }

}  // namespace

Result<VipsHeader> read_vips_header(Format format, std::span<const std::uint8_t> bytes,
                                    std::string_view name) {
  return part(name).and_then([&](const Part* one) { return one->header(format, bytes, name); });
}

Result<Image> decode_with_vips(Format format, std::span<const std::uint8_t> bytes, int turn,
                               int min_long_side, ColourSpace space, std::string_view name) {
  return part(name).and_then(
      [&](const Part* one) { return one->pixels(format, bytes, turn, min_long_side, space, name); });
}

Result<std::vector<std::uint8_t>> encode_copy(const Image& image, const OpenedPhoto& source, Format format) {
  return part(source.name).and_then([&](const Part* one) { return one->encode(image, source, format); });
}

bool is_own_copy(std::span<const std::uint8_t> bytes) {
  const Result<const Part*> loaded = part("an annotated copy");
  return loaded && (*loaded)->own_copy(bytes);
}

Result<Overlay> render_text(const std::string& text, float size) {
  return part(text).and_then([&](const Part* one) { return one->text(text, size); });
}

}  // namespace kith::imageio
