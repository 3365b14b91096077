// SPDX-License-Identifier: Apache-2.0
// MTCNN (Zhang, Zhang, Li, Qiao, "Joint Face Detection and Alignment Using Multitask Cascaded
// Convolutional Networks", IEEE Signal Processing Letters 23(10), 2016): a cascade of three networks.
//
//   P-Net  slides over a pyramid of the picture and proposes windows     -> merge, correct, make square
//   R-Net  looks at each window at 24 x 24 and throws most of them away  -> merge, correct, make square
//   O-Net  looks at the rest at 48 x 48, for the landmarks               -> correct, merge
//
// Windows that reach over the edge of the photo are filled up with black, as in the paper's code.
#pragma once

#include <filesystem>
#include <memory>

#include <kith/detect.h>

#include "infer/engine.h"

namespace kith::detect {

// Thresholds, overlaps and the pyramid's factor are the ones of the paper's code, for which the
// networks were trained. They run in float32 whatever the engine's setting: bf16 made faces and false
// alarms near the thresholds change places.
struct MtcnnSettings {
  // The photo is brought to at most this long side, pixels: about CenterFace's main level, so that the
  // two detectors can be compared. That level itself, 1,000, would spare a photo of 4,000 pixels its
  // second decoding, but finds one more false face on the sample photos. A smaller photo keeps its size.
  int long_side = 1024;
  // The smallest face looked for, pixels at that size. Cost grows with its inverse square. At least 8:
  // below, the pyramid would start at more than 1.5 times the picture and invent detail.
  float min_face = 20;
  // From one level of the pyramid to the next: half the area.
  float pyramid_factor = 0.709F;
  // The probability of a face that each network must reach.
  float pnet_score = 0.6F;
  float rnet_score = 0.7F;
  float onet_score = 0.7F;
  // Two windows that overlap more than this, as a part of their union, are one; within a level of the
  // pyramid, between its levels, and after the R-Net.
  float level_overlap = 0.5F;
  float pnet_overlap = 0.7F;
  float rnet_overlap = 0.7F;
  // The same for the final boxes, as a part of the smaller one.
  float onet_overlap = 0.7F;
  // The best this many windows go on from each level of the pyramid, from all levels together, and into
  // the O-Net, so that a picture made to look like faces everywhere costs seconds and not hours.
  int max_level_windows = 4096;
  int max_rnet_windows = 4096;
  int max_onet_windows = 1024;
  // Windows a run of the R-Net or O-Net: more is no faster and takes more memory.
  int batch = 64;
};

// Errors: those of infer::Engine::load; bad_argument where a setting makes no sense.
[[nodiscard]] Result<std::unique_ptr<Detector>> load_mtcnn(const infer::Engine& engine,
                                                           const infer::WeightsFile& pnet_file,
                                                           const infer::WeightsFile& rnet_file,
                                                           const infer::WeightsFile& onet_file,
                                                           const MtcnnSettings& settings = {});

}  // namespace kith::detect
