// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

#include <kith/image_source.h>
#include <kith/photo.h>

namespace kith::pipeline {

// Pixels, and how long it took to decode them, wherever that was asked for.
class TimedSource : public ImageSource {
 public:
  [[nodiscard]] std::chrono::nanoseconds decode_time() const noexcept { return decode_time_; }

 protected:
  std::chrono::nanoseconds decode_time_{};
};

// A photo as an ImageSource: keeps the finest picture decoded so far, and decodes again only where a
// stage asks for more.
class ScaledPhoto final : public TimedSource {
 public:
  explicit ScaledPhoto(Photo photo) : photo_(std::move(photo)) {}

  [[nodiscard]] int width() const noexcept override { return photo_.info().width; }
  [[nodiscard]] int height() const noexcept override { return photo_.info().height; }
  [[nodiscard]] Result<const Image*> at_least(int min_long_side) override;

 private:
  Photo photo_;
  Image finest_;
};

// A picture that was decoded elsewhere.
class WholePicture final : public TimedSource {
 public:
  explicit WholePicture(Image picture) : picture_(std::move(picture)) {}

  [[nodiscard]] int width() const noexcept override { return picture_.width(); }
  [[nodiscard]] int height() const noexcept override { return picture_.height(); }
  [[nodiscard]] Result<const Image*> at_least(int /*min_long_side*/) override { return &picture_; }

 private:
  Image picture_;
};

}  // namespace kith::pipeline
