// SPDX-License-Identifier: Apache-2.0
// What the tests of interop share: files of our own making, and what was read from them as text.
#pragma once

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "interop/claims.h"

namespace kith::test {

inline void write_text(const std::filesystem::path& file, std::string_view text) {
  std::ofstream(file, std::ios::binary) << text;
}

inline interop::FrameOf frame(int width, int height, int orientation = 1) {
  return [=](const std::filesystem::path&) {
    return Result<PhotoFrame>(PhotoFrame{width, height, orientation});
  };
}

// "a.jpg: Anna 10,20 30x40; Ben; ? 1,2 3x4 | b.jpg: ...", boxes in whole pixels.
inline std::string told(const interop::Claims& claims) {
  std::ostringstream text;
  for (const interop::PhotoClaims& photo : claims.photos) {
    if (text.tellp() > 0) text << " | ";
    text << photo.photo.filename().string() << ":";
    for (std::size_t i = 0; i < photo.claims.size(); ++i) {
      const NameClaim& claim = photo.claims[i];
      text << (i > 0 ? "; " : " ") << (claim.name.empty() ? "?" : claim.name);
      if (claim.kind != RegionKind::face) text << " (no face)";
      if (claim.box)
        text << ' ' << std::lround(claim.box->x) << ',' << std::lround(claim.box->y) << ' '
             << std::lround(claim.box->width) << 'x' << std::lround(claim.box->height);
      if (claim.stale) text << " stale";
    }
  }
  return text.str();
}

inline std::vector<std::string> names_in(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    names.push_back(entry.path().filename().string());
  std::ranges::sort(names);
  return names;
}

}  // namespace kith::test
