// SPDX-License-Identifier: Apache-2.0
#include "store/half.h"

#include <opencv2/core.hpp>

namespace kith::store {

std::vector<std::uint8_t> to_half(std::span<const float> values) {
  std::vector<std::uint8_t> half(values.size() * 2);
  const int count = static_cast<int>(values.size());
  const cv::Mat from(1, count, CV_32F, const_cast<float*>(values.data()));
  cv::Mat to(1, count, CV_16F, half.data());
  from.convertTo(to, CV_16F);
  return half;
}

void append_floats(std::span<const std::uint8_t> half, std::vector<float>& values) {
  const std::size_t count = half.size() / 2;
  const std::size_t begin = values.size();
  values.resize(begin + count);
  const cv::Mat from(1, static_cast<int>(count), CV_16F, const_cast<std::uint8_t*>(half.data()));
  cv::Mat to(1, static_cast<int>(count), CV_32F, values.data() + begin);
  from.convertTo(to, CV_32F);
}

}  // namespace kith::store
