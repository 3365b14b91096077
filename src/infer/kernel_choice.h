// SPDX-License-Identifier: Apache-2.0
// Which of the engine's kernels compute a network, where its own choice is not the fastest.
#pragma once

#include <string_view>

#include <openvino/openvino.hpp>

namespace kith::infer {

// The kernels to take before all others on this processor, as the engine writes such lists; empty where its
// own order is left alone. Compiled models depend on it.
[[nodiscard]] std::string_view preferred_kernels();

// With AVX2 and no AVX-512 the engine takes its newer convolutions ("brgconv"), which are slower there than
// its older ones: CenterFace takes 12.1 ms instead of 11.1 at 256x256 and 163 instead of 129 at 1024x768,
// MobileFaceNet 6.8 instead of 6.1 (AMD EPYC Milan, one thread; docs/performance.md). This asks for the older
// ones; where one does not fit a layer, the engine goes on to its own order.
// Changes nothing where preferred_kernels() is empty. Throws what the engine throws.
void choose_kernels(ov::Core& engine, ov::Model& model);

}  // namespace kith::infer
