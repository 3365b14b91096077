// SPDX-License-Identifier: Apache-2.0
// A folder of photos of known people -> aligned crops to learn from, made once and kept.
//
// Thread rule: free functions; the pipeline inside uses its own threads.
#pragma once

#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include <kith/pipeline.h>
#include <kith/train.h>

namespace kith::pipeline {

struct LabelledPhoto {
  std::string person;
  std::filesystem::path photo;
};

// Person/photo below the folder, sorted. Other folders deeper down count as their person's. Errors:
// not_found, unreadable, bad_argument (no photo in any person's folder).
[[nodiscard]] Result<std::vector<LabelledPhoto>> labelled_photos(const std::filesystem::path& folder);

// The people whom a list names: a name a line, as LFW's people lists have it, with a tab and a number behind
// it or not; or as its pairs lists do, "name number number" and "name number name number" with tabs between.
// Lines of numbers alone count for nothing. Errors: not_found, damaged (the line).
[[nodiscard]] Result<std::vector<std::string>> listed_people(const std::filesystem::path& file);

// A photo that gave no crop.
struct CropNote {
  std::filesystem::path photo;
  std::string reason;
};

struct CropRun {
  CropSet crops;  // in the order of the photos
  std::vector<CropNote> without;
  bool kept = false;  // read from `store`, where nothing had changed
};

struct CropSettings {
  int side = 112;  // pixels; the common template, scaled
  int threads = 1;
  DecodeSettings decode;
  // Two files beside each other, STORE.npy and STORE.json, which hold the crops and whose they are. They are
  // made again where a photo is another, newer or of another size, or the detector or the side is another.
  std::filesystem::path store;
  std::string detector;  // its model_identity()
};

// How faces lie in crops of that many pixels a side.
[[nodiscard]] AlignTemplate crop_template(int side);

// Aligned crops of each photo's person: the face that is largest, less so the farther it is from the middle
// (photos of one person often show others at the edge). `advance` is called for each photo looked at. Errors:
// cancelled, no_face (in none of the photos), those of models, no_space, write_failed.
[[nodiscard]] Result<CropRun> prepare_crops(const Detector& detector,
                                            const std::vector<LabelledPhoto>& photos,
                                            const CropSettings& settings,
                                            const std::function<void()>& advance, std::stop_token stop);

// Those of the crops whose person `wanted` says yes to; people are numbered anew.
[[nodiscard]] CropSet subset(const CropSet& crops,
                             const std::function<bool(const std::string& person)>& wanted);

}  // namespace kith::pipeline
