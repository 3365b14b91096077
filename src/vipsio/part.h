// SPDX-License-Identifier: Apache-2.0
// What imageio leaves to libvips: functions of vips_decode.h, encode.h and text.h as this stage does them. It
// is a shared library of its own (libkith_vipsio.so), which ondemand/vipsio.cpp loads when one of them is
// first called.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <kith/image.h>
#include <kith/result.h>

#include "imageio/canvas.h"
#include "imageio/opened_photo.h"
#include "imageio/vips_decode.h"

namespace kith::vipsio {

[[nodiscard]] Result<imageio::VipsHeader> read_header(imageio::Format format,
                                                      std::span<const std::uint8_t> bytes,
                                                      std::string_view name);

[[nodiscard]] Result<Image> decode(imageio::Format format, std::span<const std::uint8_t> bytes, int turn,
                                   int min_long_side, imageio::ColourSpace space, std::string_view name);

[[nodiscard]] Result<std::vector<std::uint8_t>> encode_copy(const Image& image,
                                                            const imageio::OpenedPhoto& source,
                                                            imageio::Format format);

[[nodiscard]] bool is_own_copy(std::span<const std::uint8_t> bytes);

[[nodiscard]] Result<imageio::Overlay> render_text(const std::string& text, float size);

struct Part {
  static constexpr const char* name = "vipsio";
  static constexpr const char* purpose = "read photos other than JPEG, or draw names";
  decltype(&read_header) header;
  decltype(&decode) pixels;
  decltype(&encode_copy) encode;
  decltype(&is_own_copy) own_copy;
  decltype(&render_text) text;
};

}  // namespace kith::vipsio

// The one name that is looked up in the shared library.
extern "C" const void* kith_vipsio_part();
