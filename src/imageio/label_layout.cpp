// SPDX-License-Identifier: Apache-2.0
#include "imageio/label_layout.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>

namespace kith::imageio {
namespace {

// What a plate covers costs this much a pixel. Another name is worst, one's own face the least.
constexpr double cost_on_plate = 12;
constexpr double cost_on_other_face = 5;
constexpr double cost_on_own_face = 1;
// Of the plate's area, for each step down the list of positions: a free place further down beats an
// occupied one further up, but a corner's touch doesn't send a name to the other side.
constexpr double cost_of_position = 0.06;
constexpr std::array<float, 3> sizes{1.0F, 0.85F, 0.72F};
// Of the plate's area, times the part by which the letters shrink.
constexpr double cost_of_smaller = 2.5;

int rounded(float value) { return static_cast<int>(std::lround(value)); }

int long_side(Size photo) { return std::max(photo.width, photo.height); }

struct Sides {
  int width = 0;
  int height = 0;
};

Rect kept_inside(Size photo, int left, int top, Sides plate) {
  left = std::clamp(left, 0, std::max(0, photo.width - plate.width));
  top = std::clamp(top, 0, std::max(0, photo.height - plate.height));
  return {left, top, left + plate.width, top + plate.height};
}

// In the order of liking.
std::vector<Rect> candidates(Size photo, const Rect& face, Sides plate, int gap) {
  const int centred = face.left + (face.width() - plate.width) / 2;
  const int below = face.bottom + gap;
  const int above = face.top - gap - plate.height;
  const int inside = face.bottom - plate.height - gap * 2;
  const int middle = face.top + (face.height() - plate.height) / 2;
  std::vector<Rect> places;
  for (const int top : {below, above}) {
    for (const int left : {centred, face.left, face.right - plate.width}) {
      places.push_back(kept_inside(photo, left, top, plate));
    }
  }
  places.push_back(kept_inside(photo, centred, inside, plate));
  places.push_back(kept_inside(photo, face.right + gap, middle, plate));
  places.push_back(kept_inside(photo, face.left - gap - plate.width, middle, plate));
  places.push_back(kept_inside(photo, centred, below + plate.height + gap, plate));
  return places;
}

double cost(const Rect& plate, std::size_t own, std::span<const PlateRequest> requests,
            std::span<const Rect> taken) {
  double sum = 0;
  for (const Rect& other : taken) sum += cost_on_plate * static_cast<double>(shared_area(plate, other));
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const double each = i == own ? cost_on_own_face : cost_on_other_face;
    sum += each * static_cast<double>(shared_area(plate, requests[i].face));
  }
  return sum;
}

PlatePlacement best_placement(Size photo, std::span<const PlateRequest> requests, std::size_t own,
                              std::span<const Rect> taken) {
  const PlateRequest& request = requests[own];
  PlatePlacement best;
  double least = std::numeric_limits<double>::max();
  for (const float factor : sizes) {
    const float em = request.text_size * factor;
    const Sides plate{rounded(request.text_width * factor) + 2 * plate_padding(em), plate_height(em)};
    const int gap = std::max(1, rounded(em / 16));  // near enough to belong to its frame
    const double area = double{request.text_width} * plate_height(request.text_size);
    double extra = (1.0 - double{factor}) * cost_of_smaller * area;
    for (const Rect& place : candidates(photo, request.face, plate, gap)) {
      const double total = cost(place, own, requests, taken) + extra;
      if (total < least) {
        least = total;
        best = {place, em};
      }
      extra += cost_of_position * area;
    }
  }
  return best;
}

}  // namespace

FrameStyle frame_style(Size photo, const Box& box) {
  const float by_photo = static_cast<float>(long_side(photo)) / 450;
  const float by_box = std::min(box.width, box.height) / 14;
  const int line = std::max(1, rounded(std::min(by_photo, by_box)));
  return {line, std::max(1, line / 3)};
}

Rect face_frame(Size photo, const Box& box, const FrameStyle& style) {
  // Also keeps values that an int can't hold, or that aren't numbers, away from the pixels.
  const auto grid = [](float value, int limit) {
    const auto edge = static_cast<float>(limit);
    return std::isnan(value) ? 0 : rounded(std::clamp(value, -edge, 2 * edge));
  };
  const Rect face{grid(box.x, photo.width), grid(box.y, photo.height), grid(box.x + box.width, photo.width),
                  grid(box.y + box.height, photo.height)};
  const Rect whole{0, 0, photo.width, photo.height};
  if (shared_area(face, whole) == 0) return {};
  const Rect frame = grown(face, style.edge + style.line / 2);
  return {std::max(frame.left, 0), std::max(frame.top, 0), std::min(frame.right, photo.width),
          std::min(frame.bottom, photo.height)};
}

float text_size(Size photo, const Box& box) {
  const auto side = static_cast<float>(long_side(photo));
  constexpr float smallest = 12;  // below that, letters run together at any zoom
  const float least = std::max(smallest, side / 52);
  const float most = std::max(smallest, side / 26);
  const float in_proportion = std::isfinite(box.width) ? box.width * 0.16F : least;
  const float highest = static_cast<float>(photo.height) / 6;
  return std::max(4.0F, std::min(std::clamp(in_proportion, least, most), highest));
}

int plate_padding(float text_size) { return std::max(2, rounded(text_size * 0.42F)); }

int plate_height(float text_size) { return std::max(6, rounded(text_size * 1.55F)); }

std::vector<PlatePlacement> place_plates(Size photo, std::span<const PlateRequest> requests) {
  // From the bottom up, because a plate first looks for room below its face.
  std::vector<std::size_t> order(requests.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::ranges::greater{},
                           [&](std::size_t i) { return requests[i].face.bottom; });

  std::vector<PlatePlacement> placements(requests.size());
  std::vector<Rect> taken;
  for (const std::size_t i : order) {
    if (requests[i].text_width <= 0) continue;
    placements[i] = best_placement(photo, requests, i, taken);
    taken.push_back(placements[i].plate);
  }
  return placements;
}

}  // namespace kith::imageio
