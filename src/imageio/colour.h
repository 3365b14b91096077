// SPDX-License-Identifier: Apache-2.0
// From a photo's own colour space to sRGB.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

namespace kith::imageio {

enum class ColourSpace {
  srgb,
  source,  // as stored where the profile is for RGB (annotated copies keep values and profile), else sRGB
};

// By its header alone.
[[nodiscard]] bool is_rgb_profile(std::span<const std::uint8_t> icc_profile);

// A conversion of 8-bit RGB pixels (for a grey profile: of grey pixels stored as RGB), in place.
// One thread at a time.
class ColourConversion {
 public:
  // Nothing where no conversion is needed or possible: the profile is sRGB as far as 8 bits can tell,
  // or is damaged, or is not for RGB or grey. Such a photo's pixels are taken as sRGB, as viewers do.
  [[nodiscard]] static std::optional<ColourConversion> to_srgb(std::span<const std::uint8_t> icc_profile);

  // The same; nothing too where `space` says that the pixels stay as they are.
  [[nodiscard]] static std::optional<ColourConversion> to(ColourSpace space,
                                                          std::span<const std::uint8_t> icc_profile);

  ColourConversion(ColourConversion&&) noexcept;
  ColourConversion& operator=(ColourConversion&&) noexcept;
  ~ColourConversion();

  void apply(std::span<std::uint8_t> rgb) const;

 private:
  struct Impl;
  explicit ColourConversion(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace kith::imageio
