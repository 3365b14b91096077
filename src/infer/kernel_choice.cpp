// SPDX-License-Identifier: Apache-2.0
#include "infer/kernel_choice.h"

#include <memory>
#include <string>

#include <openvino/op/convolution.hpp>
#include <openvino/op/group_conv.hpp>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace kith::infer {
namespace {

// The attribute's type is in no public header of the engine, but its reader of models makes one: the notes of
// the only layer of this model.
ov::RTMap notes_of(ov::Core& engine, std::string_view kernels) {
  const std::string head = R"(<net name="kernel order" version="11"><layers>
    <layer id="0" name="in" type="Parameter" version="opset1">
      <data shape="1" element_type="f32"/>
      <output><port id="0" precision="FP32"><dim>1</dim></port></output>
    </layer>
    <layer id="1" name="noted" type="ReLU" version="opset1">
      <rt_info><attribute name="primitives_priority" version="0"
                          value=")";
  const std::string tail = R"("/></rt_info>
      <input><port id="0" precision="FP32"><dim>1</dim></port></input>
      <output><port id="1" precision="FP32"><dim>1</dim></port></output>
    </layer>
    <layer id="2" name="out" type="Result" version="opset1">
      <input><port id="0" precision="FP32"><dim>1</dim></port></input>
    </layer></layers>
    <edges><edge from-layer="0" from-port="0" to-layer="1" to-port="0"/>
           <edge from-layer="1" from-port="1" to-layer="2" to-port="0"/></edges></net>)";
  const std::shared_ptr<ov::Model> read = engine.read_model(head + std::string(kernels) + tail, ov::Tensor());
  return read->output().get_node()->get_input_node_ptr(0)->get_rt_info();
}

#if defined(__x86_64__)
// Compilers know of it by different names, or not yet.
bool has_amx() {
  constexpr unsigned features = 7;
  constexpr unsigned amx_tile = 1U << 24;  // of edx
  unsigned eax = 0;
  unsigned ebx = 0;
  unsigned ecx = 0;
  unsigned edx = 0;
  return __get_cpuid_count(features, 0, &eax, &ebx, &ecx, &edx) != 0 && (edx & amx_tile) != 0;
}
#endif

}  // namespace

std::string_view preferred_kernels() {
#if defined(__x86_64__)
  if (has_amx()) return {};
  if (__builtin_cpu_supports("avx512f") != 0) return "cpu:jit_avx512_dw,cpu:jit_avx512_1x1,cpu:jit_avx512";
  if (__builtin_cpu_supports("avx2") != 0) return "cpu:jit_avx2_dw,cpu:jit_avx2_1x1,cpu:jit_avx2";
#endif
  return {};
}

void choose_kernels(ov::Core& engine, ov::Model& model) {
  if (preferred_kernels().empty()) return;
  const ov::RTMap notes = notes_of(engine, preferred_kernels());
  for (const std::shared_ptr<ov::Node>& node : model.get_ops()) {
    if (ov::is_type<ov::op::v1::Convolution>(node) || ov::is_type<ov::op::v1::GroupConvolution>(node))
      node->get_rt_info().insert(notes.begin(), notes.end());
  }
}

}  // namespace kith::infer
