// SPDX-License-Identifier: Apache-2.0
// A name as pixels, in any script, by Pango (through libvips: vipsio/, loaded with the first call).
#pragma once

#include <string>
#include <string_view>

#include <kith/result.h>

#include "imageio/canvas.h"

namespace kith::imageio {

// Valid UTF-8 on one line: broken bytes replaced, control characters and line ends turned into spaces,
// cut with an ellipsis after a length that no name has.
[[nodiscard]] std::string one_line(std::string_view text);

// The first `count` characters and an ellipsis; the text itself where it has no more.
[[nodiscard]] std::string cut_after(const std::string& text, std::size_t count);

[[nodiscard]] std::size_t character_count(const std::string& text);

// White letters, `size` pixels to the em, cropped to the ink; colour emoji keep their colours. Width 0
// where a text has no ink (invisible characters alone). Requires a text from one_line.
// Error: internal (no font, for example).
[[nodiscard]] Result<Overlay> render_text(const std::string& text, float size);

}  // namespace kith::imageio
