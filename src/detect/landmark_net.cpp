// SPDX-License-Identifier: Apache-2.0
#include "detect/landmark_net.h"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <utility>

#include "detect/raster.h"

namespace kith::detect {
namespace {

constexpr int side = 64;
constexpr int points = 68;
// The network was trained on boxes that reach a little lower than CenterFace's, as a part of the height
// (the best of 0 and 0.05 on the training people, by a hair).
constexpr float lowered = 0.05F;

// Cut along whole pixels, so that mapping back is exact.
Box crop_of(const Box& box) {
  const float width = std::max(1.0F, std::round(box.width));
  const float height = std::max(1.0F, std::round(box.height));
  return {std::floor(box.x + (box.width - width) / 2),
          std::floor(box.y + (box.height - height) / 2 + lowered * box.height), width, height};
}

void write_grey(const Image& crop, std::span<float> plane) {
  for (int y = 0; y < side; ++y) {
    const std::uint8_t* pixel = crop.row(y);
    float* out = plane.data() + static_cast<std::ptrdiff_t>(y) * side;
    for (int x = 0; x < side; ++x, pixel += Image::channels) {
      const float luminance = 0.299F * static_cast<float>(pixel[0]) + 0.587F * static_cast<float>(pixel[1]) +
                              0.114F * static_cast<float>(pixel[2]);
      out[x] = luminance / 256;
    }
  }
}

// The mean of some of the 68 points, given as x, y pairs in units of the crop.
Point mean_of(std::span<const float> values, std::initializer_list<std::size_t> indices) {
  Point sum;
  for (const std::size_t i : indices) sum = {sum.x + values[2 * i], sum.y + values[2 * i + 1]};
  const auto count = static_cast<float>(indices.size());
  return {sum.x / count, sum.y / count};
}

// In units of the crop, which the session's input holds.
Result<Landmarks> look(infer::Session& session) {
  if (Status ran = session.run(); !ran) return tl::unexpected(ran.error());
  const std::span<const float> values = session.output(0).values;
  if (!std::ranges::all_of(values, [](float value) { return std::isfinite(value); })) {
    return fail(ErrorCode::internal, "the landmark network gave no usable points; run `kith models check`");
  }
  // The inner points of the eyelids stand for the eye; the mouth's corner for both lips.
  return Landmarks{mean_of(values, {37, 38, 40, 41}), mean_of(values, {43, 44, 46, 47}),
                   mean_of(values, {30}), mean_of(values, {48, 60}), mean_of(values, {54, 64})};
}

void mirror(std::span<float> plane) {
  for (auto row = plane.begin(); row != plane.end(); row += side) std::reverse(row, row + side);
}

// What is seen in a mirror on the left is on the right.
Landmarks mirrored(const Landmarks& landmarks) {
  const auto& [left_eye, right_eye, nose, left_corner, right_corner] = landmarks;
  Landmarks result{right_eye, left_eye, nose, right_corner, left_corner};
  for (Point& point : result) point.x = 1 - point.x;
  return result;
}

}  // namespace

Landmarks blended(const Landmarks& a, const Landmarks& b, float weight) {
  Landmarks result;
  for (std::size_t i = 0; i < result.size(); ++i) {
    result[i] = {a[i].x * weight + b[i].x * (1 - weight), a[i].y * weight + b[i].y * (1 - weight)};
  }
  return result;
}

Result<LandmarkNet> LandmarkNet::load(const infer::Engine& engine, const infer::WeightsFile& model_file) {
  Result<infer::Model> model =
      engine.load(model_file, {.input = {1, 1, side, side}, .outputs = {{1, std::int64_t{2} * points}}});
  if (!model) return tl::unexpected(model.error());
  return LandmarkNet(std::move(*model));
}

Result<Landmarks> LandmarkNet::locate(const Image& picture, const Box& box) const {
  const Box crop = crop_of(box);
  Result<infer::Session> session = model_.acquire({1, 1, side, side});
  if (!session) return tl::unexpected(session.error());
  write_grey(cut_out(picture, crop, side, side), session->input());
  const Result<Landmarks> seen = look(*session);
  if (!seen) return tl::unexpected(seen.error());
  mirror(session->input());
  const Result<Landmarks> in_mirror = look(*session);
  if (!in_mirror) return tl::unexpected(in_mirror.error());
  Landmarks landmarks = blended(*seen, mirrored(*in_mirror), 0.5F);
  for (Point& point : landmarks) point = {crop.x + point.x * crop.width, crop.y + point.y * crop.height};
  return landmarks;
}

}  // namespace kith::detect
