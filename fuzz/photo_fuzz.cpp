// SPDX-License-Identifier: Apache-2.0
// Any bytes must give a picture or an error, at every scale, and never hang, crash or grow without end.
#include <kith/photo.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const kith::DecodeSettings settings{.max_pixels = 1'000'000, .min_side = 1};
  const auto photo = kith::Photo::from_bytes({data, data + size}, "fuzz", settings);
  if (!photo) return 0;
  const kith::PhotoInfo& info = photo->info();
  const bool somewhere =
      !info.place || (std::abs(info.place->latitude) <= 90 && std::abs(info.place->longitude) <= 180);
  if (!somewhere || info.camera.size() > 64 || info.lens.size() > 64 ||
      (!info.taken.empty() && info.taken.size() != 19))
    __builtin_trap();
  for (const int side : {1, 100, 1 << 20}) {
    const auto image = photo->decode(side);
    if (!image) continue;
    // What the header promised must hold, or boxes end up beside the faces.
    const bool full = image->width() == photo->info().width && image->height() == photo->info().height;
    if (image->empty() || (side > photo->info().width && side > photo->info().height && !full))
      __builtin_trap();
  }
  return 0;
}
