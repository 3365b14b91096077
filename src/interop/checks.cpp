// SPDX-License-Identifier: Apache-2.0
#include "interop/checks.h"

#include <algorithm>
#include <utility>

#include "core/file_bytes.h"
#include "core/person_name.h"
#include "core/utf8.h"

namespace kith::interop {

std::string claimed_name(std::string_view text) {
  std::string name(text);
  std::ranges::replace_if(
      name, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
  name = trimmed(name);
  return is_person_name(name) ? name : std::string();
}

bool is_file_name(std::string_view text) {
  return !text.empty() && text != "." && text != ".." &&
         text.find_first_of(std::string_view("/\\\0", 3)) == std::string_view::npos;
}

Result<std::string> read_text(const std::filesystem::path& file, std::uint64_t max_bytes) {
  const auto bytes = read_file(file, max_bytes);
  if (bytes) return std::string(bytes->begin(), bytes->end());
  if (bytes.error().code == ErrorCode::empty_file) return std::string();
  return tl::unexpected(bytes.error());
}

std::optional<Box> box_on_photo(const Area& upright, const PhotoFrame& frame) {
  const double left = std::clamp(upright.x, 0.0, 1.0);
  const double top = std::clamp(upright.y, 0.0, 1.0);
  const double right = std::clamp(upright.x + upright.width, 0.0, 1.0);
  const double bottom = std::clamp(upright.y + upright.height, 0.0, 1.0);
  const Box box = pixels_of({left, top, right - left, bottom - top}, frame);
  if (!(box.width >= 1) || !(box.height >= 1)) return std::nullopt;
  return box;
}

void ClaimsByPhoto::add(const std::filesystem::path& photo, NameClaim claim) {
  photos_[photo].push_back(std::move(claim));
}

void ClaimsByPhoto::add(const std::filesystem::path& photo, const std::vector<ToldRegion>& regions,
                        const FrameOf& frame_of) {
  if (regions.empty()) return;
  const Result<PhotoFrame> frame = frame_of(photo);
  if (!frame) add_problem(frame.error());
  for (const ToldRegion& region : regions) {
    NameClaim claim = region.claim;
    if (frame) {
      const auto area = region.area_in(*frame);
      if (area) claim.box = box_on_photo(*area, *frame);
      claim.stale = !claim.box;
    }
    add(photo, std::move(claim));
  }
}

Claims ClaimsByPhoto::take() && {
  Claims claims;
  for (auto& [photo, told] : photos_) claims.photos.push_back({photo, std::move(told)});
  claims.problems = std::move(problems_);
  return claims;
}

}  // namespace kith::interop
