// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

#include <kith/image_source.h>
#include <kith/photo.h>

namespace kith::pipeline {

// A photo as an ImageSource: keeps the finest picture decoded so far, and decodes again only where a
// stage asks for more. Counts the time that decoding takes, wherever it was asked for.
class ScaledPhoto final : public ImageSource {
 public:
  explicit ScaledPhoto(Photo photo) : photo_(std::move(photo)) {}

  [[nodiscard]] int width() const noexcept override { return photo_.info().width; }
  [[nodiscard]] int height() const noexcept override { return photo_.info().height; }
  [[nodiscard]] Result<const Image*> at_least(int min_long_side) override;

  [[nodiscard]] std::chrono::nanoseconds decode_time() const noexcept { return decode_time_; }

 private:
  Photo photo_;
  Image finest_;
  std::chrono::nanoseconds decode_time_{};
};

}  // namespace kith::pipeline
