// SPDX-License-Identifier: Apache-2.0
#include "imageio/encode.h"

namespace kith::imageio {

Format copy_format(std::string_view source_format) {
  for (const Format format : {Format::png, Format::webp, Format::tiff}) {
    if (source_format == format_name(format)) return format;
  }
  return Format::jpeg;
}

}  // namespace kith::imageio
