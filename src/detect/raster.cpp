// SPDX-License-Identifier: Apache-2.0
#include "detect/raster.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>

#include <opencv2/imgproc.hpp>

namespace kith::detect {
namespace {

// OpenCV has no view of const pixels; it does not write through the sources used here.
cv::Mat as_mat(const Image& image) {
  return {image.height(), image.width(), CV_8UC3, const_cast<std::uint8_t*>(image.bytes().data())};
}

// Bilinear sampling sees 2 x 2 pixels; what is shrunk further is averaged, at seven times the cost.
void resize_into(const cv::Mat& from, cv::Mat to) {
  const bool skips_pixels = to.cols * 2 < from.cols || to.rows * 2 < from.rows;
  cv::resize(from, to, to.size(), 0, 0, skips_pixels ? cv::INTER_AREA : cv::INTER_LINEAR);
}

// Within what integers can add up: a network may ask for a box of any size, anywhere.
int whole(float value) {
  constexpr float limit = 1 << 28;
  return std::isnan(value) ? 0 : static_cast<int>(std::clamp(value, -limit, limit));
}

}  // namespace

Image resized(const Image& image, int width, int height) {
  Image result(width, height);
  resize_into(as_mat(image), as_mat(result));
  return result;
}

Image cut_out(const Image& image, const Box& box, int width, int height) {
  Image result(width, height);
  cv::Mat target = as_mat(result);
  target.setTo(cv::Scalar::all(0));

  // The part of the box that lies in the picture, and where that part lies in the result.
  const cv::Rect frame(0, 0, image.width(), image.height());
  const cv::Rect wanted(whole(std::floor(box.x)), whole(std::floor(box.y)),
                        std::max(1, whole(std::round(box.width))),
                        std::max(1, whole(std::round(box.height))));
  const cv::Rect inside = wanted & frame;
  if (inside.empty()) return result;
  const double scale_x = static_cast<double>(width) / wanted.width;
  const double scale_y = static_cast<double>(height) / wanted.height;
  const int left = cvRound((inside.x - wanted.x) * scale_x);
  const int top = cvRound((inside.y - wanted.y) * scale_y);
  const int right = cvRound((inside.br().x - wanted.x) * scale_x);
  const int bottom = cvRound((inside.br().y - wanted.y) * scale_y);
  if (right <= left || bottom <= top) return result;
  resize_into(as_mat(image)(inside), target(cv::Rect(left, top, right - left, bottom - top)));
  return result;
}

void write_planes(const Image& image, Normalisation normalisation, int plane_width, int plane_height,
                  std::span<float> planes) {
  assert(image.width() <= plane_width && image.height() <= plane_height);
  const std::size_t plane = static_cast<std::size_t>(plane_width) * static_cast<std::size_t>(plane_height);
  assert(planes.size() == 3 * plane);
  // What lies outside the picture is the neutral value, which normalises to zero.
  if (image.width() < plane_width || image.height() < plane_height) std::ranges::fill(planes, 0.0F);
  std::array<cv::Mat, Image::channels> bytes;
  cv::split(as_mat(image), bytes.data());
  for (std::size_t channel = 0; channel < bytes.size(); ++channel) {
    const cv::Mat values(plane_height, plane_width, CV_32FC1, planes.data() + channel * plane);
    bytes[channel].convertTo(values(cv::Rect(0, 0, image.width(), image.height())), CV_32F,
                             normalisation.scale, -normalisation.mean * normalisation.scale);
  }
}

}  // namespace kith::detect
