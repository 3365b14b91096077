// SPDX-License-Identifier: Apache-2.0
// Networks of a few hundred bytes that see what a test draws: stand-ins for the real detectors and
// embedders, built with the engine itself, so that unit tests need no downloads.
//
// To these detectors a face is a red square on grey or black, with a border that is not red. They
// answer only where the square has about the size that they know.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <kith/face.h>

#include "support/temporary_folder.h"

namespace kith::test {

// All lengths are pixels of the network's input.
struct TinyCenterFace {
  static constexpr int square = 36;  // side of the red square that is a face
  float box_side = 60;               // of the box reported around it
  // As the network gives them: (y, x) pairs in units of the box.
  std::vector<float> landmarks{0.3F, 0.3F, 0.3F, 0.7F, 0.5F, 0.5F, 0.8F, 0.35F, 0.8F, 0.65F};
};

// Each function writes a model into the folder and returns its path.
[[nodiscard]] std::filesystem::path write_centerface(const std::filesystem::path& folder,
                                                     const TinyCenterFace& description = {});

// A CenterFace whose scale map is smaller than its heat map, within the contract.
[[nodiscard]] std::filesystem::path write_uneven_centerface(const std::filesystem::path& folder);

// MTCNN's networks. A face is a red square that fills the middle two thirds of the window; only the
// O-Net corrects: from the window to the square.
struct TinyMtcnn {
  std::filesystem::path pnet;
  std::filesystem::path rnet;
  std::filesystem::path onet;
};
[[nodiscard]] TinyMtcnn write_mtcnn(const std::filesystem::path& folder);
// The O-Net's landmarks in units of its window, 5 x then 5 y.
[[nodiscard]] const std::vector<float>& mtcnn_landmarks();

// An embedder of side x side crops with 3 dimensions: the mean of each input plane over the crop's left half.
[[nodiscard]] std::filesystem::path write_embedder(const std::filesystem::path& folder, int side);

// An embedder that gives NaN.
[[nodiscard]] std::filesystem::path write_broken_embedder(const std::filesystem::path& folder, int side);

// A model of one input and one output that fits no contract of ours.
[[nodiscard]] std::filesystem::path write_foreign_model(const std::filesystem::path& folder);

// A network of 68 points that puts those of each of the five landmarks at one place, in units of its crop;
// the brighter the crop's left half is, 0..1, the further to the right.
[[nodiscard]] std::filesystem::path write_landmark_net(const std::filesystem::path& folder,
                                                       const Landmarks& places);

// One that takes and gives 16-bit floats; otherwise like write_embedder's.
[[nodiscard]] std::filesystem::path write_half_model(const std::filesystem::path& folder, int side);

// A file that is no model.
[[nodiscard]] std::filesystem::path write_garbage(const std::filesystem::path& folder);

}  // namespace kith::test
