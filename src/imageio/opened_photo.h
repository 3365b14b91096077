// SPDX-License-Identifier: Apache-2.0
// What is behind Photo: the bytes, what the header says, and which decoder takes them.
#pragma once

#include <cstdint>
#include <exception>
#include <new>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <kith/image.h>
#include <kith/photo.h>
#include <kith/result.h>

#include "imageio/colour.h"
#include "imageio/errors.h"
#include "imageio/format.h"
#include "imageio/jpeg.h"

namespace kith::imageio {

enum class Decoder { libjpeg, libvips, develop };

struct OpenedPhoto {
  std::string name;                 // for messages
  std::vector<std::uint8_t> bytes;  // of the picture to decode: for RAW its preview, where it is used
  Format bytes_format = Format::unknown;
  Decoder decoder = Decoder::libvips;
  int turn = 1;     // EXIF orientation that decode has still to apply
  JpegHeader jpeg;  // for Decoder::libjpeg
  PhotoInfo info;
};

// Errors: those of Photo::from_bytes.
[[nodiscard]] Result<OpenedPhoto> open_photo(std::vector<std::uint8_t> bytes, std::string name,
                                             const DecodeSettings& settings);

// Errors: those of Photo::decode.
[[nodiscard]] Result<Image> decode_photo(const OpenedPhoto& photo, int min_long_side,
                                         ColourSpace space = ColourSpace::srgb);

// Runs `work` and turns whatever it throws into an error: no exception leaves kith.
template <typename Work>
auto guarded(std::string_view name, Work work) -> decltype(work()) {
  try {
    return work();
  } catch (const std::bad_alloc&) {
    return cannot_read(ErrorCode::too_large, name, "there is not enough memory for it",
                       "close other programs or lower the limit on pixels");
  } catch (const std::exception& problem) {
    return fail(ErrorCode::internal, "unexpected failure with '" + std::string(name) +
                                         "': " + problem.what() + "; report it as a bug of kith");
  }
}

}  // namespace kith::imageio
