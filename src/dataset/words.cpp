// SPDX-License-Identifier: Apache-2.0
#include <array>

#include <kith/dataset.h>

namespace kith {

std::string_view dataset_picture_name(DatasetPicture picture) noexcept {
  constexpr std::array<std::string_view, 3> names{"aligned", "box", "none"};
  return names[static_cast<std::size_t>(picture)];
}

std::string_view drop_reason_name(DropReason reason) noexcept {
  constexpr std::array<std::string_view, 13> names{
      "no-face", "small",     "unsure",  "blurred",        "turned", "poor",    "other-face",
      "unknown", "seen-once", "removed", "near-duplicate", "unlike", "too-many"};
  return names[static_cast<std::size_t>(reason)];
}

}  // namespace kith
