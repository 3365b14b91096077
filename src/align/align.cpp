// SPDX-License-Identifier: Apache-2.0
#include <kith/align.h>

#include <algorithm>
#include <cmath>

#include <opencv2/imgproc.hpp>

namespace kith {
namespace {

Point mean_of(const Landmarks& points) {
  Point sum;
  for (const Point& point : points) sum = {sum.x + point.x, sum.y + point.y};
  return {sum.x / static_cast<float>(points.size()), sum.y / static_cast<float>(points.size())};
}

Similarity inverse(const Similarity& s) {
  const float squared = s.a * s.a + s.b * s.b;
  const float a = s.a / squared;
  const float b = -s.b / squared;
  return {a, b, -(a * s.tx - b * s.ty), -(b * s.tx + a * s.ty)};
}

// The upright rectangle of the picture that the crop's corners reach, with a border for interpolation.
cv::Rect reach(const Similarity& to_picture, cv::Size crop, const Image& picture) {
  const auto width = static_cast<float>(crop.width);
  const auto height = static_cast<float>(crop.height);
  const Point corners[] = {to_picture({0, 0}), to_picture({width, 0}), to_picture({0, height}),
                           to_picture({width, height})};
  const auto [left, right] = std::ranges::minmax(corners, {}, &Point::x);
  const auto [top, bottom] = std::ranges::minmax(corners, {}, &Point::y);
  // Clamped before the conversion, since landmarks may lie anywhere.
  const auto clamped = [](float value, int limit) {
    return static_cast<int>(std::clamp(value, -2.0F, static_cast<float>(limit) + 2.0F));
  };
  const cv::Point first(clamped(left.x - 2, picture.width()), clamped(top.y - 2, picture.height()));
  const cv::Point last(clamped(right.x + 3, picture.width()), clamped(bottom.y + 3, picture.height()));
  return cv::Rect(first, last) & cv::Rect(0, 0, picture.width(), picture.height());
}

// The crop that `back` maps onto the picture, by pixels of the crop; `outside` is what the picture lacks.
Image sampled(const Image& picture, const Similarity& back, cv::Size size, const cv::Scalar& outside) {
  Image crop(size.width, size.height);
  cv::Mat crop_pixels(crop.height(), crop.width(), CV_8UC3, crop.bytes().data());

  const cv::Rect region = reach(back, size, picture);
  if (region.empty()) {
    crop_pixels.setTo(outside);
    return crop;
  }
  // OpenCV has no view of const pixels; it does not write through the source of a warp.
  cv::Mat pixels = cv::Mat(picture.height(), picture.width(), CV_8UC3,
                           const_cast<std::uint8_t*>(picture.bytes().data()))(region);
  // Bilinear sampling sees 2 x 2 pixels: a region more than twice too fine is averaged first, or detail
  // between the samples would turn into noise.
  const float shrink = std::max(1.0F, std::floor(std::hypot(back.a, back.b)));
  cv::Mat averaged;
  float shrink_x = 1;
  float shrink_y = 1;
  if (shrink > 1) {
    const cv::Size fewer(std::max(1, cvRound(static_cast<float>(region.width) / shrink)),
                         std::max(1, cvRound(static_cast<float>(region.height) / shrink)));
    cv::resize(pixels, averaged, fewer, 0, 0, cv::INTER_AREA);
    shrink_x = static_cast<float>(region.width) / static_cast<float>(fewer.width);
    shrink_y = static_cast<float>(region.height) / static_cast<float>(fewer.height);
    pixels = averaged;
  }
  // Crop pixel -> picture pixel -> region pixel. Pixel centres lie at +0.5, which a shrink must respect.
  const auto from_left = static_cast<float>(region.x);
  const auto from_top = static_cast<float>(region.y);
  const cv::Matx23f sampling(back.a / shrink_x, -back.b / shrink_x,
                             (back.tx - from_left + 0.5F) / shrink_x - 0.5F, back.b / shrink_y,
                             back.a / shrink_y, (back.ty - from_top + 0.5F) / shrink_y - 0.5F);
  cv::warpAffine(pixels, crop_pixels, sampling, crop_pixels.size(), cv::INTER_LINEAR | cv::WARP_INVERSE_MAP,
                 cv::BORDER_CONSTANT, outside);
  return crop;
}

}  // namespace

AlignTemplate zoomed(const AlignTemplate& target, float scale) noexcept {
  const Point centre{static_cast<float>(target.width) / 2, static_cast<float>(target.height) / 2};
  AlignTemplate result = target;
  for (Point& point : result.landmarks)
    point = {centre.x + (point.x - centre.x) * scale, centre.y + (point.y - centre.y) * scale};
  return result;
}

Similarity fit_similarity(const Landmarks& from, const Landmarks& to) noexcept {
  const Point from_mean = mean_of(from);
  const Point to_mean = mean_of(to);
  float real = 0;
  float imaginary = 0;
  float spread = 0;
  for (std::size_t i = 0; i < from.size(); ++i) {
    const Point p{from[i].x - from_mean.x, from[i].y - from_mean.y};
    const Point q{to[i].x - to_mean.x, to[i].y - to_mean.y};
    real += p.x * q.x + p.y * q.y;
    imaginary += p.x * q.y - p.y * q.x;
    spread += p.x * p.x + p.y * p.y;
  }
  Similarity result{0, 0, 0, 0};
  if (spread > 0) result = {real / spread, imaginary / spread, 0, 0};
  const Point moved = result(from_mean);
  result.tx = to_mean.x - moved.x;
  result.ty = to_mean.y - moved.y;
  return result;
}

Result<Image> align(ImageSource& source, const Landmarks& landmarks, const AlignTemplate& target) {
  const Similarity wanted = fit_similarity(landmarks, target.landmarks);
  const float scale = std::hypot(wanted.a, wanted.b);
  if (!std::isfinite(scale) || scale < 1e-6F) {
    return fail(ErrorCode::bad_argument, "the face's landmarks do not span a face; it cannot be aligned");
  }
  const float needed = std::min(1.0F, scale) * static_cast<float>(source.long_side());
  const Result<const Image*> picture = source.at_least(static_cast<int>(std::ceil(needed)));
  if (!picture) return tl::unexpected(picture.error());

  const float to_picture =
      static_cast<float>((*picture)->long_side()) / static_cast<float>(source.long_side());
  const Similarity transform = fit_similarity(scaled(landmarks, to_picture), target.landmarks);
  return sampled(**picture, inverse(transform), {target.width, target.height}, cv::Scalar::all(0));
}

Box thumbnail_box(const Box& face) noexcept {
  constexpr float around = 1.8F;
  const float side = face.long_side() * around;
  const Point centre = face.centre();
  return {centre.x - side / 2, centre.y - side / 2, side, side};
}

Face in_thumbnail(Face face, int side) noexcept {
  const Box shown = thumbnail_box(face.box);
  const float factor = static_cast<float>(side) / shown.width;
  face.box = scaled(Box{face.box.x - shown.x, face.box.y - shown.y, face.box.width, face.box.height}, factor);
  for (Point& point : face.landmarks) point = {(point.x - shown.x) * factor, (point.y - shown.y) * factor};
  return face;
}

Result<Image> thumbnail(ImageSource& source, const Box& face, int side) {
  const Box box = thumbnail_box(face);
  if (!std::isfinite(box.x) || !std::isfinite(box.y) || !std::isfinite(box.width) || !(box.width > 0)) {
    return fail(ErrorCode::bad_argument, "the face's box is empty; it has no thumbnail");
  }
  const auto full = static_cast<float>(source.long_side());
  const float needed = std::min(1.0F, static_cast<float>(side) / box.width) * full;
  const Result<const Image*> picture = source.at_least(static_cast<int>(std::ceil(needed)));
  if (!picture) return tl::unexpected(picture.error());
  const float to_picture = static_cast<float>((*picture)->long_side()) / full;
  const float step = box.width * to_picture / static_cast<float>(side);
  // Pixel 0 has its centre at 0.5, in the thumbnail as in the picture.
  const float shift = step / 2 - 0.5F;
  constexpr double grey = 128;
  return sampled(**picture, {step, 0, box.x * to_picture + shift, box.y * to_picture + shift}, {side, side},
                 cv::Scalar::all(grey));
}

}  // namespace kith
