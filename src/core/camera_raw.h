// SPDX-License-Identifier: Apache-2.0
// By what a TIFF directory tells that it holds a camera's sensor data. Who reads photos and who writes into
// them must agree: a raw file is never written into.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

namespace kith {

// DNG 1.4: such a tag says it, whatever its value.
constexpr std::uint16_t dng_version_tag = 50706;

// TIFF/EP's colour filter array, and DNG's linear raw.
[[nodiscard]] constexpr bool is_raw_photometric(std::uint32_t value) noexcept {
  return value == 32803 || value == 34892;
}

// The makers' own: Sony, Nikon, Pentax, Samsung (two), Kodak.
[[nodiscard]] constexpr bool is_raw_compression(std::uint32_t value) noexcept {
  constexpr std::array<std::uint32_t, 6> makers{32767, 34713, 65535, 32770, 32772, 65000};
  return std::ranges::find(makers, value) != makers.end();
}

}  // namespace kith
