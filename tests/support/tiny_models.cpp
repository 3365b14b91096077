// SPDX-License-Identifier: Apache-2.0
#include "support/tiny_models.h"

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <memory>
#include <stdexcept>
#include <utility>

#include <openvino/openvino.hpp>
#include <openvino/opsets/opset13.hpp>

namespace kith::test {
namespace {

namespace op = ov::opset13;
using Tensor = ov::Output<ov::Node>;

Tensor constant(const ov::Shape& shape, const std::vector<float>& values) {
  return op::Constant::create(ov::element::f32, shape, values)->output(0);
}

Tensor multiplied(const Tensor& a, const Tensor& b) {
  return std::make_shared<op::Multiply>(a, b)->output(0);
}
Tensor added(const Tensor& a, const Tensor& b) { return std::make_shared<op::Add>(a, b)->output(0); }

std::shared_ptr<op::Parameter> picture(const ov::PartialShape& shape) {
  return std::make_shared<op::Parameter>(ov::element::f32, shape);
}

std::filesystem::path write(const std::filesystem::path& folder, const std::string& name,
                            const std::shared_ptr<op::Parameter>& input, const std::vector<Tensor>& outputs) {
  const std::filesystem::path file = folder / (name + ".xml");
  ov::serialize(std::make_shared<ov::Model>(outputs, ov::ParameterVector{input}, name), file.string());
  return file;
}

// Slides a window of `outer` cells over one plane: the mean of its inner cells minus the mean of the rest.
Tensor centre_minus_ring(const Tensor& plane, std::size_t outer, std::size_t inner, std::size_t stride,
                         std::size_t padding) {
  const std::size_t border = (outer - inner) / 2;
  const auto inside = static_cast<float>(inner * inner);
  const float outside = static_cast<float>(outer * outer) - inside;
  std::vector<float> weights(outer * outer);
  for (std::size_t y = 0; y < outer; ++y) {
    for (std::size_t x = 0; x < outer; ++x) {
      const bool central = y >= border && y < border + inner && x >= border && x < border + inner;
      weights[y * outer + x] = central ? 1 / inside : -1 / outside;
    }
  }
  const auto pad = static_cast<std::ptrdiff_t>(padding);
  return std::make_shared<op::Convolution>(plane, constant({1, 1, outer, outer}, weights),
                                           ov::Strides{stride, stride}, ov::CoordinateDiff{pad, pad},
                                           ov::CoordinateDiff{pad, pad}, ov::Strides{1, 1})
      ->output(0);
}

// Red minus the mean of green and blue, times `scale`: one plane.
Tensor redness(const Tensor& input, float scale) {
  return std::make_shared<op::Convolution>(input, constant({1, 3, 1, 1}, {scale, -scale / 2, -scale / 2}),
                                           ov::Strides{1, 1}, ov::CoordinateDiff{0, 0},
                                           ov::CoordinateDiff{0, 0}, ov::Strides{1, 1})
      ->output(0);
}

// A map with the plane's extents that has these values, one a channel, everywhere.
Tensor constant_map(const Tensor& plane, const std::vector<float>& values) {
  return added(multiplied(plane, constant({1}, {0})), constant({1, values.size(), 1, 1}, values));
}

// Background and face, from a plane of scores.
Tensor probabilities(const Tensor& score) {
  const Tensor background = added(multiplied(score, constant({1}, {-1})), constant({1}, {1}));
  return std::make_shared<op::Concat>(ov::OutputVector{background, score}, 1)->output(0);
}

// N x C x 1 x 1 -> N x C
Tensor flat(const Tensor& tensor) {
  return std::make_shared<op::Squeeze>(tensor, op::Constant::create(ov::element::i64, {2}, {2, 3}))
      ->output(0);
}

// MTCNN feeds (x - 127.5) / 128, so red minus the others spans 255 / 128.
constexpr float mtcnn_redness = 128.0F / 255;

// The mean of each plane's left half.
Tensor left_means(const Tensor& input, int side) {
  const auto extent = static_cast<std::size_t>(side);
  std::vector<float> weights(extent * extent, 0.0F);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (i % extent < extent / 2) weights[i] = 2 / static_cast<float>(weights.size());
  }
  return std::make_shared<op::ReduceSum>(multiplied(input, constant({1, 1, extent, extent}, weights)),
                                         op::Constant::create(ov::element::i64, {2}, {2, 3}), false)
      ->output(0);
}

}  // namespace

std::filesystem::path write_centerface(const std::filesystem::path& folder,
                                       const TinyCenterFace& description) {
  const auto input = picture({1, 3, -1, -1});
  const Tensor cells = std::make_shared<op::AvgPool>(redness(input, 1.0F / 255), ov::Strides{4, 4},
                                                     ov::Shape{0, 0}, ov::Shape{0, 0}, ov::Shape{4, 4}, false)
                           ->output(0);
  const Tensor heat = centre_minus_ring(cells, 13, TinyCenterFace::square / 4, 1, 6);
  const float scale = std::log(description.box_side / 4);
  return write(folder, "centerface", input,
               {heat, constant_map(heat, {scale, scale}), constant_map(heat, {0, 0}),
                constant_map(heat, description.landmarks)});
}

std::filesystem::path write_uneven_centerface(const std::filesystem::path& folder) {
  const auto input = picture({1, 3, -1, -1});
  const Tensor heat = added(multiplied(redness(input, 1), constant({1}, {0})), constant({1}, {1}));
  return write(folder, "uneven_centerface", input,
               {heat, constant({1, 2, 1, 1}, {0, 0}), constant_map(heat, {0, 0}),
                constant_map(heat, std::vector<float>(10, 0))});
}

const std::vector<float>& mtcnn_landmarks() {
  static const std::vector<float> landmarks{0.35F, 0.65F, 0.5F, 0.4F, 0.6F, 0.35F, 0.35F, 0.5F, 0.7F, 0.7F};
  return landmarks;
}

TinyMtcnn write_mtcnn(const std::filesystem::path& folder) {
  TinyMtcnn result;
  {
    const auto input = picture({1, 3, -1, -1});
    const Tensor score = centre_minus_ring(redness(input, mtcnn_redness), 12, 8, 2, 0);
    result.pnet = write(folder, "pnet", input, {constant_map(score, {0, 0, 0, 0}), probabilities(score)});
  }
  {
    const auto input = picture({-1, 3, 24, 24});
    const Tensor score = centre_minus_ring(redness(input, mtcnn_redness), 24, 16, 1, 0);
    result.rnet =
        write(folder, "rnet", input, {flat(constant_map(score, {0, 0, 0, 0})), flat(probabilities(score))});
  }
  {
    const auto input = picture({-1, 3, 48, 48});
    const Tensor score = centre_minus_ring(redness(input, mtcnn_redness), 48, 32, 1, 0);
    result.onet = write(folder, "onet", input,
                        {flat(constant_map(score, {1.0F / 6, 1.0F / 6, -1.0F / 6, -1.0F / 6})),
                         flat(constant_map(score, mtcnn_landmarks())), flat(probabilities(score))});
  }
  return result;
}

std::filesystem::path write_landmark_net(const std::filesystem::path& folder, const Landmarks& places) {
  std::vector<float> values(136, 0.5F);
  std::vector<float> to_the_right(136, 0.0F);
  const std::vector<std::vector<std::size_t>> points{
      {37, 38, 40, 41}, {43, 44, 46, 47}, {30}, {48, 60}, {54, 64}};
  for (std::size_t i = 0; i < points.size(); ++i) {
    for (const std::size_t point : points[i]) {
      values[2 * point] = places[i].x;
      values[2 * point + 1] = places[i].y;
      to_the_right[2 * point] = 1;
    }
  }
  constexpr int side = 64;
  const auto input = picture({1, 1, side, side});
  return write(folder, "landmarks", input,
               {added(constant({1, 136}, values),
                      multiplied(left_means(input, side), constant({1, 136}, to_the_right)))});
}

std::filesystem::path write_embedder(const std::filesystem::path& folder, int side) {
  const auto input = picture({1, 3, side, side});
  return write(folder, "embedder", input, {left_means(input, side)});
}

std::filesystem::path write_broken_embedder(const std::filesystem::path& folder, int side) {
  const auto input = picture({1, 3, side, side});
  const Tensor nan = constant({1}, {std::numeric_limits<float>::quiet_NaN()});
  return write(folder, "broken_embedder", input, {added(left_means(input, side), nan)});
}

std::filesystem::path write_foreign_model(const std::filesystem::path& folder) {
  const auto input = picture({1, 3, -1, -1});
  return write(folder, "foreign", input, {redness(input, 1)});
}

std::filesystem::path write_half_model(const std::filesystem::path& folder, int side) {
  const auto input = std::make_shared<op::Parameter>(ov::element::f16, ov::PartialShape{1, 3, side, side});
  const Tensor single = std::make_shared<op::Convert>(input, ov::element::f32)->output(0);
  return write(folder, "half", input,
               {std::make_shared<op::Convert>(left_means(single, side), ov::element::f16)->output(0)});
}

std::filesystem::path write_garbage(const std::filesystem::path& folder) {
  const std::filesystem::path file = folder / "garbage.onnx";
  std::ofstream(file, std::ios::binary) << "this is not a model, it is a line of text\n";
  return file;
}

}  // namespace kith::test
