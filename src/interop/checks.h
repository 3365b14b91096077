// SPDX-License-Identifier: Apache-2.0
// What comes from elsewhere, checked, and gathered by photo.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/frame.h"
#include "interop/claims.h"

namespace kith::interop {

// The person's name in it, without line breaks and blanks around it; empty where it holds none.
[[nodiscard]] std::string claimed_name(std::string_view text);

// Whether it names a file in a folder and none elsewhere: no separators of any system, not "..".
[[nodiscard]] bool is_file_name(std::string_view text);

// The whole file as text; "" of an empty one. Errors: those of core/file_bytes.h but empty_file.
[[nodiscard]] Result<std::string> read_text(const std::filesystem::path& file, std::uint64_t max_bytes);

// The part of it that lies on the photo; nothing where that is less than a pixel.
[[nodiscard]] std::optional<Box> box_on_photo(const Area& upright, const PhotoFrame& frame);

// A place as it was told, of which `area_in` makes shares of the upright photo as it is now; nothing where
// that can't be told any more.
struct ToldRegion {
  NameClaim claim;
  std::function<std::optional<Area>(const PhotoFrame& now)> area_in;
};

class ClaimsByPhoto {
 public:
  void add(const std::filesystem::path& photo, NameClaim claim);
  // Asks for the photo's frame, once. Where there is none the claims stand without a box.
  void add(const std::filesystem::path& photo, const std::vector<ToldRegion>& regions,
           const FrameOf& frame_of);
  void add_problem(Error problem) { problems_.push_back(std::move(problem)); }

  [[nodiscard]] Claims take() &&;

 private:
  std::map<std::filesystem::path, std::vector<NameClaim>> photos_;
  std::vector<Error> problems_;
};

}  // namespace kith::interop
