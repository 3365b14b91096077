// SPDX-License-Identifier: Apache-2.0
// An upright picture in memory: 8-bit sRGB, three channels, rows without padding.
//
// Thread rule: const access from many threads; one writer.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace kith {

// Shape height x width x 3, channel order R, G, B, values 0..255. Row y starts at byte y*width*3.
// Move-only, because a copy of 36 MB should be visible in the code: call clone().
class Image {
 public:
  static constexpr int channels = 3;

  Image() = default;

  // Pixels are uninitialised: the decoder overwrites all of them. Requires width, height >= 0.
  Image(int width, int height)
      : width_(width),
        height_(height),
        pixels_(std::make_unique_for_overwrite<std::uint8_t[]>(byte_count(width, height))) {
    assert(width >= 0 && height >= 0);
  }

  [[nodiscard]] int width() const noexcept { return width_; }
  [[nodiscard]] int height() const noexcept { return height_; }
  [[nodiscard]] int long_side() const noexcept { return width_ > height_ ? width_ : height_; }
  [[nodiscard]] bool empty() const noexcept { return width_ == 0 || height_ == 0; }
  [[nodiscard]] std::size_t stride() const noexcept { return static_cast<std::size_t>(width_) * channels; }

  [[nodiscard]] std::uint8_t* row(int y) noexcept {
    assert(y >= 0 && y < height_);
    return pixels_.get() + stride() * static_cast<std::size_t>(y);
  }
  [[nodiscard]] const std::uint8_t* row(int y) const noexcept {
    assert(y >= 0 && y < height_);
    return pixels_.get() + stride() * static_cast<std::size_t>(y);
  }

  [[nodiscard]] std::span<std::uint8_t> bytes() noexcept {
    return {pixels_.get(), byte_count(width_, height_)};
  }
  [[nodiscard]] std::span<const std::uint8_t> bytes() const noexcept {
    return {pixels_.get(), byte_count(width_, height_)};
  }

  [[nodiscard]] Image clone() const;

 private:
  [[nodiscard]] static std::size_t byte_count(int width, int height) noexcept {
    return static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * channels;
  }

  int width_ = 0;
  int height_ = 0;
  std::unique_ptr<std::uint8_t[]> pixels_;
};

}  // namespace kith
