// SPDX-License-Identifier: Apache-2.0
// Which of the engine's kernels compute a network, where its own choice is not the fastest.
#pragma once

#include <string_view>

#include <openvino/openvino.hpp>

namespace kith::infer {

// The kernels to take before all others on this processor, as the engine writes such lists; empty where its
// own order is left alone. Compiled models depend on it.
[[nodiscard]] std::string_view preferred_kernels();

// The engine takes its newer convolutions ("brgconv") where its older ones are faster for the networks here
// (docs/performance.md, one thread; milliseconds, the engine's choice and the older ones):
//   AVX2:          CenterFace 256x256 12.1, 11.1; 1024x768 163, 129;   MobileFaceNet 6.8, 6.1
//   AVX-512:       CenterFace 256x256  9.2,  9.1; 1024x768 141, 116;   MobileFaceNet 5.4, 4.3
//   AVX-512 bf16:  CenterFace 256x256  5.3,  5.4; 1024x768  67, 68;    MobileFaceNet 3.35, 2.36
// With AMX its newest, for which there is nothing older, are left alone. This asks for the older ones; where
// one does not fit a layer, the engine goes on to its own order.
// Changes nothing where preferred_kernels() is empty. Throws what the engine throws.
void choose_kernels(ov::Core& engine, ov::Model& model);

}  // namespace kith::infer
