// SPDX-License-Identifier: Apache-2.0
#include <kith/annotate.h>

#include <algorithm>
#include <system_error>
#include <utility>
#include <vector>

#include "core/atomic_write.h"
#include "core/file_bytes.h"
#include "imageio/canvas.h"
#include "imageio/encode.h"
#include "imageio/errors.h"
#include "imageio/label_layout.h"
#include "imageio/opened_photo.h"
#include "imageio/text.h"

namespace kith {
namespace {

using namespace imageio;

// The coloured line lies between two dark ones and the letters on a dark plate, so that both show on
// any background.
constexpr Rgb dark{16, 18, 22};
constexpr Rgb known_colour{64, 224, 96};
constexpr Rgb unknown_colour{214, 218, 224};
constexpr float plate_opacity = 0.74F;

struct Drawing {
  Rect frame;  // outer edge, the dark line included
  FrameStyle style;
  bool known = false;
  std::string text;  // empty: no plate
  Overlay letters;
};

void draw_box(Image& image, const Drawing& drawing) {
  const FrameStyle& style = drawing.style;
  draw_frame(image, drawing.frame, style.line + 2 * style.edge, dark);
  draw_frame(image, grown(drawing.frame, -style.edge), style.line,
             drawing.known ? known_colour : unknown_colour);
}

// Renders the name no wider than the photo: smaller first, cut short where it would become illegible.
Result<PlateRequest> fit_text(Size photo, const Box& box, Drawing& drawing) {
  float size = text_size(photo, box);
  const float least = std::max(4.0F, size * 0.6F);
  for (;;) {
    Result<Overlay> letters = render_text(drawing.text, size);
    if (!letters) return tl::unexpected(std::move(letters.error()));
    if (letters->width == 0) drawing.text.clear();
    const int room = std::max(1, photo.width - 2 * plate_padding(size));
    if (letters->width <= room || (size <= least && character_count(drawing.text) <= 2)) {
      const auto width = static_cast<float>(letters->width);
      drawing.letters = std::move(*letters);
      return PlateRequest{drawing.frame, size, width};
    }
    const float ratio = static_cast<float>(room) / static_cast<float>(letters->width);
    if (size > least) {
      size = std::max(least, size * ratio * 0.98F);
      continue;
    }
    const auto characters = static_cast<float>(character_count(drawing.text));
    drawing.text =
        cut_after(drawing.text, static_cast<std::size_t>(std::max(1.0F, characters * ratio - 1.5F)));
  }
}

Status draw_name(Image& image, Drawing& drawing, const PlatePlacement& placement, float rendered_size) {
  if (placement.text_size < rendered_size) {
    Result<Overlay> smaller = render_text(drawing.text, placement.text_size);
    if (!smaller) return tl::unexpected(std::move(smaller.error()));
    drawing.letters = std::move(*smaller);
  }
  const Rect& plate = placement.plate;
  draw_plate(image, plate, plate.height() / 4, dark, plate_opacity);
  draw_overlay(image, drawing.letters, plate.left + (plate.width() - drawing.letters.width) / 2,
               plate.top + (plate.height() - drawing.letters.height) / 2);
  return {};
}

Drawing make_drawing(Size photo, const Label& label) {
  Drawing drawing;
  drawing.style = frame_style(photo, label.box);
  drawing.frame = face_frame(photo, label.box, drawing.style);
  drawing.known = label.known;
  drawing.text = one_line(label.text);
  return drawing;
}

Status draw_labels(Image& image, std::span<const Label> labels) {
  const Size photo{image.width(), image.height()};
  std::vector<Drawing> drawings;
  std::vector<PlateRequest> requests;
  for (const Label& label : labels) {
    Drawing drawing = make_drawing(photo, label);
    if (drawing.frame.width() <= 0) continue;
    Result<PlateRequest> request = PlateRequest{drawing.frame, 0, 0};
    if (!drawing.text.empty()) request = fit_text(photo, label.box, drawing);
    if (!request) return tl::unexpected(std::move(request.error()));
    draw_box(image, drawing);
    drawings.push_back(std::move(drawing));
    requests.push_back(*request);
  }
  // Names last, so that no box runs through one.
  const std::vector<PlatePlacement> placements = place_plates(photo, requests);
  for (std::size_t i = 0; i < drawings.size(); ++i) {
    if (drawings[i].text.empty()) continue;
    if (Status status = draw_name(image, drawings[i], placements[i], requests[i].text_size); !status) {
      return status;
    }
  }
  return {};
}

Status annotate(const std::filesystem::path& source, const std::filesystem::path& target,
                std::span<const Label> labels, const DecodeSettings& settings) {
  std::error_code not_there;
  if (std::filesystem::equivalent(source, target, not_there)) {
    return cannot_write(ErrorCode::bad_argument, display_name(target), "that is the original photo",
                        "choose another folder for annotated copies");
  }
  Result<std::vector<std::uint8_t>> bytes = read_file(source, settings.max_file_bytes);
  if (!bytes) return tl::unexpected(std::move(bytes.error()));
  const Result<OpenedPhoto> photo = open_photo(std::move(*bytes), display_name(source), settings);
  if (!photo) return tl::unexpected(photo.error());
  Result<Image> image =
      decode_photo(*photo, std::max(photo->info.width, photo->info.height), ColourSpace::source);
  if (!image) return tl::unexpected(std::move(image.error()));
  if (Status status = draw_labels(*image, labels); !status) return status;
  const Result<std::vector<std::uint8_t>> copy = encode_copy(*image, *photo, copy_format(photo->info.format));
  if (!copy) return tl::unexpected(copy.error());
  return write_atomically(target, {reinterpret_cast<const char*>(copy->data()), copy->size()});
}

}  // namespace

Status write_annotated(const std::filesystem::path& source, const std::filesystem::path& target,
                       std::span<const Label> labels, const DecodeSettings& settings) {
  return imageio::guarded(display_name(source), [&] { return annotate(source, target, labels, settings); });
}

std::filesystem::path annotated_file_name(const std::filesystem::path& source, const PhotoInfo& info) {
  std::filesystem::path name = source.filename();
  if (format_name(copy_format(info.format)) != info.format) name.replace_extension(".jpg");
  return name;
}

}  // namespace kith
