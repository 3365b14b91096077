// SPDX-License-Identifier: Apache-2.0
#include "infer/kernel_choice.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <openvino/openvino.hpp>
#include <openvino/opsets/opset13.hpp>

namespace kith::infer {
namespace {

namespace op = ov::opset13;

ov::Output<ov::Node> convolved(const ov::Output<ov::Node>& input, const ov::Shape& weights) {
  const auto edge = static_cast<std::ptrdiff_t>(weights[2] / 2);
  return std::make_shared<op::Convolution>(
             input,
             op::Constant::create(ov::element::f32, weights,
                                  std::vector<float>(ov::shape_size(weights), 0.5F)),
             ov::Strides{1, 1}, ov::CoordinateDiff{edge, edge}, ov::CoordinateDiff{edge, edge},
             ov::Strides{1, 1})
      ->output(0);
}

// Begins as the networks here do: a convolution of three planes, a depthwise one, a pointwise one.
std::shared_ptr<ov::Model> three_convolutions() {
  const auto input = std::make_shared<op::Parameter>(ov::element::f32, ov::Shape{1, 3, 32, 32});
  const auto depthwise = std::make_shared<op::GroupConvolution>(
      convolved(input, {16, 3, 3, 3}),
      op::Constant::create(ov::element::f32, {16, 1, 1, 3, 3}, std::vector<float>(144, 0.5F)),
      ov::Strides{1, 1}, ov::CoordinateDiff{1, 1}, ov::CoordinateDiff{1, 1}, ov::Strides{1, 1});
  return std::make_shared<ov::Model>(ov::OutputVector{convolved(depthwise, {16, 16, 1, 1})},
                                     ov::ParameterVector{input});
}

// The names of the kernels that compute the model's convolutions.
std::vector<std::string> kernels(ov::Core& engine, const std::shared_ptr<ov::Model>& model) {
  const ov::CompiledModel compiled =
      engine.compile_model(model, "CPU", ov::hint::inference_precision(ov::element::f32));
  std::vector<std::string> names;
  for (const std::shared_ptr<ov::Node>& node : compiled.get_runtime_model()->get_ops()) {
    const ov::RTMap& notes = node->get_rt_info();
    if (notes.at("layerType").as<std::string>().find("Convolution") != std::string::npos)
      names.push_back(notes.at("primitiveType").as<std::string>());
  }
  return names;
}

// The engine does not complain of a wish that it does not understand: what it does is what counts.
TEST(KernelChoiceTest, TheEngineTakesTheKernelsAskedFor) {
  if (preferred_kernels().empty()) GTEST_SKIP() << "no kernels are chosen on this processor";
  const std::string_view last = preferred_kernels().substr(preferred_kernels().rfind(':') + 1);
  ov::Core engine;
  const std::shared_ptr<ov::Model> model = three_convolutions();
  choose_kernels(engine, *model);
  EXPECT_EQ(kernels(engine, model),
            (std::vector<std::string>{std::string(last) + "_1x1_f32", std::string(last) + "_dw_f32",
                                      std::string(last) + "_f32"}));
}

TEST(KernelChoiceTest, ElsewhereTheModelStaysAsItIs) {
  if (!preferred_kernels().empty()) GTEST_SKIP() << "kernels are chosen on this processor";
  ov::Core engine;
  const std::shared_ptr<ov::Model> chosen = three_convolutions();
  choose_kernels(engine, *chosen);
  EXPECT_EQ(kernels(engine, chosen), kernels(engine, three_convolutions()));
}

}  // namespace
}  // namespace kith::infer
