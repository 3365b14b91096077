// SPDX-License-Identifier: Apache-2.0
// Learning an embedding: from aligned crops of known people to a network that brings one person's faces
// together and keeps two people's apart, as FaceNet does (Schroff, Kalenichenko and Philbin, 2015).
//
// All of this is in a library of its own (libkith_train.so, over LibTorch), which is loaded by the first
// call. A kith that is without it (built with KITH_TRAIN=OFF) answers every call with `unsupported_format`.
//
// Thread rule: one training at a time in a process: LibTorch's threads and random numbers are the process's.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include <kith/embed.h>
#include <kith/result.h>

namespace kith {

// Aligned faces of known people, all of one size.
struct CropSet {
  int side = 0;                      // a crop is side x side pixels
  std::vector<std::uint8_t> pixels;  // crop after crop, each as Image: rows of R, G, B
  std::vector<int> people;           // of each crop: an index into `names`
  std::vector<std::string> names;
  std::vector<std::string> photos;  // of each crop: where it comes from

  [[nodiscard]] std::size_t size() const noexcept { return people.size(); }
  [[nodiscard]] std::span<const std::uint8_t> crop(std::size_t index) const noexcept {
    const std::size_t bytes = static_cast<std::size_t>(side) * static_cast<std::size_t>(side) * 3;
    return std::span(pixels).subspan(index * bytes, bytes);
  }
};

enum class TrainLoss {
  // max(0, |a - p|^2 - |a - n|^2 + margin) for anchors a, p of the same person, n of another (FaceNet).
  triplet,
  // -log softmax of scale * cos(angle to each person's centre), the angle to the own centre enlarged by
  // `margin` radians (Deng et al., "ArcFace: Additive Angular Margin Loss for Deep Face Recognition", 2019).
  // The centres are learned too, and left behind at the end.
  arcface,
  // |a - b|^2 for two faces of a person, max(0, margin - |a - b|)^2 for two people's (Hadsell, Chopra and
  // LeCun, "Dimensionality Reduction by Learning an Invariant Mapping", 2006): the Siamese network's.
  contrastive,
};

// Of squared distances (FaceNet's own), of angles in radians (ArcFace's paper has 0.5, for many more people),
// of distances.
[[nodiscard]] constexpr float default_margin(TrainLoss loss) noexcept {
  switch (loss) {
    case TrainLoss::triplet: return 0.2F;
    case TrainLoss::arcface: return 0.3F;
    case TrainLoss::contrastive: return 1;
  }
  return 0;
}

// Which triplets of a batch count. |.| is the distance of unit vectors.
enum class TripletMining {
  // Drawn before the epoch, any three photos that fit, or those of TrainSettings::triplets: no mining. A
  // batch is a third of photos_per_batch() triplets.
  random,
  // All of the batch whose loss is not 0, averaged (Hermans, Beyer and Leibe, "In Defense of the Triplet Loss
  // for Person Re-Identification", 2017, "batch all").
  all,
  // For each anchor its farthest p and its closest n (the same, "batch hard").
  hard,
  // For each anchor and p the closest n that is farther than p, or where there is none the farthest n
  // (FaceNet).
  semi_hard,
};

// How far a crop is changed before it is learned from: each within plus or minus, drawn anew every time.
struct Augmentation {
  bool mirror = true;
  float rotation = 8;             // degrees
  float shift = 0.04F;            // of the side
  float zoom = 0.06F;             // share of the size
  float brightness = 0.2F;        // of the range
  float contrast = 0.2F;          // share
  float saturation = 0.2F;        // share
  float blur_chance = 0.15F;      // that a crop is blurred, as by a cheap lens: sigma up to 1/60 of the side
  float grey_chance = 0.1F;       // that it loses its colours
  float occlusion_chance = 0.3F;  // that a rectangle of up to a third of either side is covered with noise
};

// Crops as they are.
inline constexpr Augmentation no_augmentation{.mirror = false,
                                              .rotation = 0,
                                              .shift = 0,
                                              .zoom = 0,
                                              .brightness = 0,
                                              .contrast = 0,
                                              .saturation = 0,
                                              .blur_chance = 0,
                                              .grey_chance = 0,
                                              .occlusion_chance = 0};

struct TrainSettings {
  std::string backbone = "mobile-face-net";
  int dimension = 128;
  TrainLoss loss = TrainLoss::triplet;
  TripletMining mining = TripletMining::semi_hard;
  std::optional<float> margin;  // absent: default_margin() of the loss
  float scale = 32;  // arcface: the inverse temperature; 64 of the paper is for a thousand times more people
  // P x K: each batch has so many people with so many photos each. A person with fewer lends the same photo,
  // augmented otherwise, again.
  int people_per_batch = 16;
  int photos_per_person = 4;
  // For TripletMining::random: anchor, positive, negative, as indices of crops. Empty: drawn anew every
  // epoch, a third as many as there are crops.
  std::vector<std::array<std::size_t, 3>> triplets;
  int epochs = 20;  // an epoch shows as many photos as there are
  // AdamW (Loshchilov and Hutter, 2019): rises to this over the first twentieth of all steps, then falls to
  // nothing along a cosine.
  float learning_rate = 1e-3F;
  float weight_decay = 5e-4F;
  // Layers whose names begin with one of these stay as they are.
  std::vector<std::string> frozen;
  // Batch normalisation keeps the statistics that it starts with: right for a few epochs on top of given
  // weights, whose statistics come from far more faces.
  bool keep_statistics = false;
  // Stop when the validation has not become better for so many epochs. 0: never.
  int patience = 0;
  Augmentation augmentation;
  std::uint64_t seed = 1;  // with one thread, the same seed gives the same network
  int threads = 1;
  EmbedderFeeding feeding;  // how pixels become numbers; its crop and views do not matter here

  [[nodiscard]] int photos_per_batch() const noexcept { return people_per_batch * photos_per_person; }
};

// How well the network does on people whom it does not learn from.
struct Validation {
  double tar = 0;       // true accepts at a false-accept rate of 1 %
  double accuracy = 0;  // of same or different, at the best threshold
};

// The caller judges, given a vector of unit length for each crop of the validation set.
using Judge = std::function<Validation(std::span<const Embedding>)>;

struct TrainEpoch {
  int epoch = 0;    // from 1
  double loss = 0;  // mean over the epoch's batches
  // Of the triplets or pairs, those whose loss was not 0; of arcface the faces wrong yet.
  double active_share = 0;
  double photos_per_second = 0;
  double seconds = 0;                    // of this epoch, validation included
  std::optional<Validation> validation;  // absent where there is nobody to validate on
};

// What is known between two batches.
struct TrainStep {
  std::uint64_t step = 0;  // of `steps`, over all epochs
  std::uint64_t steps = 0;
  double loss = 0;  // of this batch
};

struct TrainWitness {
  std::function<void(const TrainStep&)> step;
  std::function<void(const TrainEpoch&)> epoch;
};

// Where weights come from.
struct TrainStart {
  // ONNX file of the same backbone, the built-in embedder's or one of ours; empty: random weights.
  std::filesystem::path weights;
  // What an earlier, interrupted call left in `checkpoint` is gone on with, if it is there.
  bool resume = false;
};

struct TrainedEmbedding {
  std::string onnx;  // the network of the best epoch, input 1 x 3 x side x side, output 1 x dimension
  std::vector<TrainEpoch> epochs;
  int best_epoch = 0;  // 0: the start was better than all of them
  bool stopped_early = false;
  // The vectors, of unit length, that LibTorch computes for the first validation crops (training crops where
  // there are none): the exported network must give the same.
  std::vector<Embedding> sample;
};

// A backbone that can be trained.
struct Backbone {
  std::string name;
  std::string description;
  int side = 112;               // the crops that it is made for; others do, as far as its maps do not vanish
  std::int64_t parameters = 0;  // at dimension 128
  std::vector<std::string> layers;  // with weights, for TrainSettings::frozen
};

[[nodiscard]] Result<std::vector<Backbone>> train_backbones();

// Trains on `crops`, looks after every epoch how it does on `validation` (which may be empty), and keeps the
// best. After every epoch, every few minutes in between and when stopped, all that is needed to go on is
// written to `checkpoint` in one piece. Errors: bad_argument (settings that make no sense, fewer than two
// people with two photos, a checkpoint or weights of another architecture or of other settings), not_found
// and unreadable (weights), damaged (weights, checkpoint), cancelled (go on with `resume`), diverged (the
// loss is not finite; the checkpoint is the last good one), out_of_memory, write_failed, no_space.
[[nodiscard]] Result<TrainedEmbedding> train_embedding(const CropSet& crops, const CropSet& validation,
                                                       const TrainSettings& settings, const TrainStart& start,
                                                       const std::filesystem::path& checkpoint,
                                                       const Judge& judge, const TrainWitness& witness,
                                                       std::stop_token stop = {});

// What the backbone with these weights says of each crop, in vectors of unit length. Errors: those of
// train_embedding's weights.
[[nodiscard]] Result<std::vector<Embedding>> embed_with(const std::filesystem::path& weights,
                                                        const TrainSettings& settings, const CropSet& crops);

}  // namespace kith
