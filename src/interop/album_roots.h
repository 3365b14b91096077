// SPDX-License-Identifier: Apache-2.0
// Where digiKam's collections lie.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include <kith/result.h>

#include "interop/digikam.h"

namespace kith::interop {

// A row of AlbumRoots. The identifier names a disk or a folder:
//   volumeid:?uuid=..., volumeid:?label=...     a disk; specificPath lies below its mount point
//   volumeid:?mountpath=..., networkshareid:?mountpath=...    a mount point, or several to try
//   volumeid:?path=...                          a folder
struct AlbumRoot {
  std::string label;
  std::string identifier;
  std::string specific_path;
};

// The collection's folder, absolute. Errors: not_found (the disk is not mounted), damaged.
[[nodiscard]] Result<std::filesystem::path> folder_of(const AlbumRoot& root, const DigikamSettings& settings);

// A photo by its album's path from the collection's folder ("/2019/July") and its name; nothing where that
// leads out of the folder.
[[nodiscard]] std::optional<std::filesystem::path> path_inside(const std::filesystem::path& root,
                                                               std::string_view album, std::string_view name);

}  // namespace kith::interop
