// SPDX-License-Identifier: Apache-2.0
// The backbones that can be trained. Each ends in `dimension` numbers a face, not yet of unit length.
// Parameters are counted at dimension 128 (`kith train backbones` prints the same).
//
// Thread rule: free functions without state.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <kith/result.h>
#include <kith/train.h>

#include "train/architecture.h"

namespace kith::train {

// Inception-ResNet-v1, FaceNet in practice: Szegedy et al., "Inception-v4, Inception-ResNet and the Impact of
// Residual Connections on Learning", 2016, with the residuals scaled by 0.17, 0.10 and 0.20.
[[nodiscard]] Architecture inception_resnet_v1(int side, int dimension);

// Inception-ResNet-v2 of the same paper, with the stem that its authors published it with (that of
// Inception-v3).
[[nodiscard]] Architecture inception_resnet_v2(int side, int dimension);

// VGG-19: Simonyan and Zisserman, "Very Deep Convolutional Networks for Large-Scale Image Recognition", 2014,
// configuration E with its three layers of 4096, 4096 and here `dimension` outputs; with batch normalisation
// (Ioffe and Szegedy, 2015), without which it hardly learns from random weights.
[[nodiscard]] Architecture vgg19(int side, int dimension);

// MobileNetV2, width 1: Sandler et al., "MobileNetV2: Inverted Residuals and Linear Bottlenecks", 2018.
[[nodiscard]] Architecture mobilenet_v2(int side, int dimension);

// MobileFaceNet, the built-in embedder's: Chen et al., "MobileFaceNets: Efficient CNNs for Accurate Real-Time
// Face Verification on Mobile Devices", 2018. The map is summed up by a depthwise convolution as large as it.
[[nodiscard]] Architecture mobile_face_net(int side, int dimension);

// All of them, as TrainSettings::backbone names them.
[[nodiscard]] const std::vector<Backbone>& backbones();

// Errors: bad_argument (no such backbone, a side that is too small for it, a dimension that makes no sense).
[[nodiscard]] Result<Architecture> make_backbone(std::string_view name, int side, int dimension);

}  // namespace kith::train
