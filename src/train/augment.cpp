// SPDX-License-Identifier: Apache-2.0
#include "train/augment.h"

#include <algorithm>

#include <opencv2/imgproc.hpp>

namespace kith::train {
namespace {

float within(float extent, Random& random) {
  return std::uniform_real_distribution<float>(-extent, std::nextafter(extent, 2 * extent + 1))(random);
}
bool happens(float chance, Random& random) {
  return std::bernoulli_distribution(static_cast<double>(chance))(random);
}
int between(int low, int high, Random& random) {
  return std::uniform_int_distribution<int>(low, high)(random);
}

void move(cv::Mat& picture, const Augmentation& settings, Random& random) {
  const auto side = static_cast<float>(picture.cols);
  const cv::Point2f centre(side / 2 - 0.5F, side / 2 - 0.5F);
  const float angle = within(settings.rotation, random);
  const float zoom = 1 + within(settings.zoom, random);
  const float right = within(settings.shift, random) * side;
  const float down = within(settings.shift, random) * side;
  if (angle == 0 && zoom == 1 && right == 0 && down == 0) return;
  cv::Mat transform = cv::getRotationMatrix2D(centre, angle, zoom);
  transform.at<double>(0, 2) += right;
  transform.at<double>(1, 2) += down;
  cv::Mat moved;
  cv::warpAffine(picture, moved, transform, picture.size(), cv::INTER_LINEAR, cv::BORDER_REFLECT_101);
  picture = moved;
}

void recolour(cv::Mat& picture, const Augmentation& settings, Random& random) {
  const float contrast = 1 + within(settings.contrast, random);
  const float brightness = within(settings.brightness, random) * 255;
  float saturation = 1 + within(settings.saturation, random);
  if (happens(settings.grey_chance, random)) saturation = 0;
  if (contrast == 1 && brightness == 0 && saturation == 1) return;
  const float middle = static_cast<float>(cv::mean(picture)[1]);
  picture.forEach<cv::Vec3b>([&](cv::Vec3b& pixel, const int*) {
    const float grey = 0.299F * pixel[0] + 0.587F * pixel[1] + 0.114F * pixel[2];
    for (int channel = 0; channel < 3; ++channel) {
      const float coloured = grey + (pixel[channel] - grey) * saturation;
      pixel[channel] = cv::saturate_cast<std::uint8_t>((coloured - middle) * contrast + middle + brightness);
    }
  });
}

void blur(cv::Mat& picture, const Augmentation& settings, Random& random) {
  if (!happens(settings.blur_chance, random)) return;
  const double widest = picture.cols / 60.0;
  const double sigma = std::uniform_real_distribution<double>(0.25 * widest, widest)(random);
  cv::GaussianBlur(picture, picture, cv::Size(), std::max(sigma, 0.1));
}

// Noise, since a patch of one colour would be an edge to be learned.
void occlude(cv::Mat& picture, const Augmentation& settings, Random& random) {
  if (!happens(settings.occlusion_chance, random)) return;
  const int longest = std::max(1, picture.cols / 3);
  const int width = between(std::max(1, longest / 4), longest, random);
  const int height = between(std::max(1, longest / 4), longest, random);
  const int x = between(0, picture.cols - width, random);
  const int y = between(0, picture.rows - height, random);
  for (int row = y; row < y + height; ++row) {
    for (int byte = x * 3; byte < (x + width) * 3; ++byte)
      picture.ptr<std::uint8_t>(row)[byte] = static_cast<std::uint8_t>(random() >> 56U);
  }
}

}  // namespace

std::vector<std::uint8_t> augmented(std::span<const std::uint8_t> crop, int side,
                                    const Augmentation& settings, Random& random) {
  cv::Mat picture(side, side, CV_8UC3);
  std::ranges::copy(crop, picture.data);
  if (settings.mirror && happens(0.5F, random)) cv::flip(picture, picture, 1);
  move(picture, settings, random);
  recolour(picture, settings, random);
  blur(picture, settings, random);
  occlude(picture, settings, random);
  return {picture.datastart, picture.dataend};
}

}  // namespace kith::train
