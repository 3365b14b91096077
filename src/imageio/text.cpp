// SPDX-License-Identifier: Apache-2.0
#include "imageio/text.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <utility>

#include "imageio/vips_image.h"

namespace kith::imageio {
namespace {

constexpr std::size_t longest_name = 120;  // characters
constexpr std::string_view ellipsis = "\xe2\x80\xa6";

using GString = std::unique_ptr<gchar, decltype(&g_free)>;
using GPixels = std::unique_ptr<void, decltype(&g_free)>;

bool breaks_line(gunichar letter) {
  return letter < 0x20 || letter == 0x7f || (letter >= 0x80 && letter < 0xa0) || letter == 0x2028 ||
         letter == 0x2029;
}

// Pango reads markup; a name such as "<b>&" is meant as it stands.
std::string as_markup(const std::string& text) {
  const GString escaped(g_markup_escape_text(text.data(), static_cast<gssize>(text.size())), g_free);
  return std::string("<span foreground=\"white\">") + escaped.get() + "</span>";
}

std::optional<Overlay> render(const std::string& text, float size) {
  // At 72 dots an inch a point is a pixel.
  const std::string font = "sans-serif bold " + std::to_string(std::max(1L, std::lround(size)));
  VipsImage* image = nullptr;
  const int outcome =
      vips_text(&image, as_markup(text).c_str(), "font", font.c_str(), "dpi", 72, "rgba", TRUE, nullptr);
  const VipsPtr rendered(outcome == 0 ? image : nullptr);
  std::size_t bytes = 0;
  const GPixels pixels(rendered && image->Bands == 4 ? vips_image_write_to_memory(image, &bytes) : nullptr,
                       g_free);
  if (!pixels) {
    vips_error_clear();
    return std::nullopt;
  }
  const auto* first = static_cast<const std::uint8_t*>(pixels.get());
  return Overlay{image->Xsize, image->Ysize, {first, first + bytes}};
}

}  // namespace

std::string one_line(std::string_view text) {
  const GString valid(g_utf8_make_valid(text.data(), static_cast<gssize>(text.size())), g_free);
  std::string line;
  for (const gchar* at = valid.get(); *at != '\0'; at = g_utf8_next_char(at)) {
    if (breaks_line(g_utf8_get_char(at))) {
      line.push_back(' ');
    } else {
      line.append(at, static_cast<std::size_t>(g_utf8_next_char(at) - at));
    }
  }
  const std::size_t first = line.find_first_not_of(' ');
  if (first == std::string::npos) return {};
  line = line.substr(first, line.find_last_not_of(' ') - first + 1);
  return cut_after(line, longest_name);
}

std::size_t character_count(const std::string& text) {
  return static_cast<std::size_t>(g_utf8_strlen(text.data(), static_cast<gssize>(text.size())));
}

std::string cut_after(const std::string& text, std::size_t count) {
  if (character_count(text) <= count) return text;
  const gchar* end = g_utf8_offset_to_pointer(text.data(), static_cast<glong>(count));
  return std::string(text.data(), end).append(ellipsis);
}

Result<Overlay> render_text(const std::string& text, float size) {
  if (Status status = start_vips(); !status) return tl::unexpected(status.error());
  if (std::optional<Overlay> letters = render(text, size)) return std::move(*letters);
  // libvips fails on a text without ink, and on a machine without fonts: something visible tells.
  if (render("?", size)) return Overlay{};
  return fail(ErrorCode::internal,
              "cannot draw the name '" + text +
                  "': no usable font; install one, such as the package fonts-dejavu-core");
}

}  // namespace kith::imageio
