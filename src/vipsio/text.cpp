// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "vipsio/image.h"
#include "vipsio/part.h"

namespace kith::vipsio {
namespace {

using imageio::Overlay;
using GString = std::unique_ptr<gchar, decltype(&g_free)>;
using GPixels = std::unique_ptr<void, decltype(&g_free)>;

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

Result<Overlay> render_text(const std::string& text, float size) {
  if (Status status = start_vips(); !status) return tl::unexpected(status.error());
  if (std::optional<Overlay> letters = render(text, size)) return std::move(*letters);
  // libvips fails on a text without ink, and on a machine without fonts: something visible tells.
  if (render("?", size)) return Overlay{};
  return fail(ErrorCode::internal,
              "cannot draw the name '" + text +
                  "': no usable font; install one, such as the package fonts-dejavu-core");
}

}  // namespace kith::vipsio
