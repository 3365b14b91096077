// SPDX-License-Identifier: Apache-2.0
#include "imageio/errors.h"

namespace kith::imageio {
namespace {

constexpr std::string_view copy_again = "copy it again from the camera or a backup";

}  // namespace

tl::unexpected<Error> truncated_photo(std::string_view name) {
  return cannot_read(ErrorCode::truncated, name, "the file ends before the picture does", copy_again);
}

tl::unexpected<Error> damaged_photo(std::string_view name, std::string_view detail) {
  std::string what = "the picture is damaged";
  if (!detail.empty()) what.append(" (").append(detail).append(")");
  return cannot_read(ErrorCode::damaged, name, what, copy_again);
}

}  // namespace kith::imageio
