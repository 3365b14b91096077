// SPDX-License-Identifier: Apache-2.0
// CenterFace (Xu et al., "CenterFace: Joint Face Detection and Alignment Using Face as Point", 2019):
// a fully convolutional network that marks each face by its centre and regresses size and landmarks.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>

#include <kith/detect.h>

#include "infer/engine.h"

namespace kith::detect {

// Lengths are pixels. The network is at its best for faces of 60 to 200 px and wrong for faces that
// fill a large input, so a photo is looked at on a pyramid and each face taken from the level that
// shows it at the best size.
struct CenterFaceSettings {
  // The usual value for this network; it has not been tuned.
  float min_score = 0.5F;
  // Long sides of the levels that every photo is looked at, coarse to fine. A level above the photo's
  // own size is left out, except that the coarsest always runs (at most at the photo's size).
  int portrait_level = 320;
  int main_level = 1000;  // a quarter of the common 4,000 pixels, which decodes cheapest
  // Where the portrait level shows large faces alone, this one comes before the main level, at four tenths of
  // its cost. Where it shows every face at its best, apart from the others, and nothing under `small_face`
  // that scores more than `hint_score`, it stands in for the main level: what that would show besides has
  // left a trace here (docs/accuracy.md).
  int middle_level = 640;
  float hint_score = 0.07F;
  // Photos too small for the main level are glanced at first. Where that shows every face at its best, it is
  // enough: as accurate, at six tenths of the cost (docs/accuracy.md). The others are looked at as if it had
  // not been.
  int glance_level = 192;
  // A coarser look, paid for only where those leave room for a face that fills the frame. It answers for
  // faces from `best_size_min` on: on smaller ones it errs more than the others (`kith eval detection`).
  int close_up_level = 128;
  // A finer look, paid for only where faces at the main level are under `small_face`.
  int group_level = 2048;
  float small_face = 32;
  // Photos may be enlarged by this much to fill the group level; more invents nothing.
  float max_enlargement = 2;
  // A level is looked at in parts of about this side, of which each shows so much of its neighbours besides:
  // a whole group level would take a gigabyte a thread. The margin holds half of the largest face that the
  // parts are to see on the lines between them; the coarser levels see larger ones. Multiples of the
  // network's stride, so that it sees in a part what it would see there in the whole.
  int part_side = 1024;
  int part_margin = 96;
  // Sizes (square root of the area at the level) at which the network is trusted in full.
  float best_size_min = 60;
  float best_size_max = 200;
  // What levels above the portrait level show larger than this is a part of a face that the network cannot
  // see whole there, such as an eye and the nose; the portrait level can (bench/close_ups).
  float largest_size = 300;
  // Two boxes that overlap more than this are one face.
  float merge_overlap = 0.3F;
  // The photo is decoded so that a face's long side has this many pixels, where it has them: enough for
  // the close look at its landmarks, and for the embedder's crop not to be enlarged.
  float face_pixels = 112;
  // No more faces than this are taken from one photo, the best ones: a picture made to look like faces
  // everywhere would cost an inference for each.
  std::size_t max_faces = 1000;
};

// `landmark_file` is the network of landmark_net.h; an empty path does without the close look.
// Errors: those of infer::Engine::load.
[[nodiscard]] Result<std::unique_ptr<Detector>> load_centerface(const infer::Engine& engine,
                                                                const infer::WeightsFile& model_file,
                                                                const infer::WeightsFile& landmark_file,
                                                                const CenterFaceSettings& settings = {});

}  // namespace kith::detect
