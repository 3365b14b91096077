// SPDX-License-Identifier: Apache-2.0
// A picture that can be had at several scales, where a finer one is made only when it is asked for.
// Detection starts on few pixels and pays for more only where it sees small faces.
//
// Thread rule: one thread at a time.
#pragma once

#include <algorithm>

#include <kith/image.h>
#include <kith/result.h>

namespace kith {

class ImageSource {
 public:
  virtual ~ImageSource() = default;

  // Size of the upright photo in full, pixels.
  [[nodiscard]] virtual int width() const noexcept = 0;
  [[nodiscard]] virtual int height() const noexcept = 0;
  [[nodiscard]] int long_side() const noexcept { return std::max(width(), height()); }

  // The picture with a long side of at least min(min_long_side, long_side()); perhaps more. Valid
  // until the next call. Errors: those of decoding.
  [[nodiscard]] virtual Result<const Image*> at_least(int min_long_side) = 0;
};

// A picture that is there already, at its only scale. Keeps a reference: the image must outlive it.
class ImageView final : public ImageSource {
 public:
  explicit ImageView(const Image& image) noexcept : image_(image) {}
  [[nodiscard]] int width() const noexcept override { return image_.width(); }
  [[nodiscard]] int height() const noexcept override { return image_.height(); }
  [[nodiscard]] Result<const Image*> at_least(int) override { return &image_; }

 private:
  const Image& image_;
};

}  // namespace kith
