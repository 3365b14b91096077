// SPDX-License-Identifier: Apache-2.0
// Stages that read what they answer from a photo's colour, so that a test says by painting what is seen.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <kith/pipeline.h>

#include "imageio/pictures.h"

namespace kith::test {

// What a photo of one colour stands for: red is the number of faces, green whose they are.
struct Scene {
  int faces = 1;
  int person = 0;    // 0..3: an axis of the fake embedder's space
  int delay_ms = 0;  // 0..3: how long detection takes
};

inline constexpr int fails = 4;   // "faces" that make the detector report an error
inline constexpr int throws = 5;  // and throw

// A photo of 96 x 64; the name's ending says the format.
inline void write_scene(const std::filesystem::path& file, const Scene& scene) {
  std::filesystem::create_directories(file.parent_path());
  write_bytes(file, encode(one_colour(96, 64, scene.faces * 40, scene.person * 80, scene.delay_ms * 80),
                           file.extension().string()));
}

inline int level(std::uint8_t value, int step) { return (value + step / 2) / step; }

class FakeDetector final : public Detector {
 public:
  [[nodiscard]] Result<std::vector<Face>> detect(ImageSource& source, Wanted wanted) const override {
    asked_for_the_largest = wanted == Wanted::largest;
    const Result<const Image*> picture = source.at_least(source.long_side());
    if (!picture) return tl::unexpected(picture.error());
    const std::uint8_t* pixel = (*picture)->row(32) + 48 * Image::channels;
    const int count = level(pixel[0], 40);
    std::this_thread::sleep_for(std::chrono::milliseconds(level(pixel[2], 80)));
    if (count == fails) return fail(ErrorCode::internal, "the engine failed");
    if (count >= throws) throw std::runtime_error("a bug");
    std::vector<Face> faces;
    for (int i = 0; i < count; ++i) {
      // The second is the largest.
      const float side = i == 1 ? 28.0F : 20.0F;
      Face face;
      face.box = {2.0F + 30 * static_cast<float>(i), 10, side, side};
      face.score = 0.9F;
      face.landmarks = scaled(AlignTemplate{}.landmarks, side / 112);
      for (Point& point : face.landmarks) point = {point.x + face.box.x, point.y + face.box.y};
      faces.push_back(face);
    }
    return faces;
  }

  mutable std::atomic<bool> asked_for_the_largest{false};
};

class FakeEmbedder final : public Embedder {
 public:
  [[nodiscard]] std::span<const AlignTemplate> crop_templates() const noexcept override { return templates_; }
  [[nodiscard]] int dimension() const noexcept override { return 4; }
  [[nodiscard]] Result<Embedding> look(const Image& crop, std::size_t /*view*/) const override {
    const std::uint8_t* pixel = crop.row(56) + 56 * Image::channels;
    Embedding result(4, 0.0F);
    result[static_cast<std::size_t>(level(pixel[1], 80))] = 1;
    return result;
  }

 private:
  std::array<AlignTemplate, 1> templates_;
};

// Throws at the faces of one axis.
class ThrowingEmbedder final : public Embedder {
 public:
  explicit ThrowingEmbedder(std::size_t axis) : axis_(axis) {}
  [[nodiscard]] std::span<const AlignTemplate> crop_templates() const noexcept override {
    return whole_.crop_templates();
  }
  [[nodiscard]] int dimension() const noexcept override { return whole_.dimension(); }
  [[nodiscard]] Result<Embedding> look(const Image& crop, std::size_t view) const override {
    Result<Embedding> seen = whole_.look(crop, view);
    if (seen && (*seen)[axis_] > 0) throw std::runtime_error("a bug");
    return seen;
  }

 private:
  FakeEmbedder whole_;
  std::size_t axis_;
};

// Names the face of axis 0 and nobody else.
class FakeIdentifier final : public Identifier {
 public:
  void identify(std::span<Face> faces) const override {
    for (Face& face : faces) {
      face.identity.emplace();
      if (!face.embedding.empty() && face.embedding[0] > 0.5F) face.identity->name = "Anna";
    }
  }
};

// The two stages as the library takes them.
inline Models fake_models() {
  Models models;
  models.detector = std::make_unique<FakeDetector>();
  models.embedder = std::make_unique<FakeEmbedder>();
  models.embedder_spec.name = "fake";
  models.embedder_spec.feeding.dimension = 4;
  models.embedder_spec.calibration = {
      .slope = 30, .intercept = -9, .tail = {-1, -10, 0}, .min_similarity = 0.3F};
  return models;
}

}  // namespace kith::test
