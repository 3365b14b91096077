// SPDX-License-Identifier: Apache-2.0
// The files beside a photo that hold its XMP: "a.jpg.xmp" (digiKam, darktable), and "a.xmp" (Adobe), which
// all photos of that stem share.
#pragma once

#include <filesystem>
#include <vector>

#include <kith/metadata.h>

namespace kith::metadata {

// The path of a new sidecar.
[[nodiscard]] std::filesystem::path sidecar_path(const std::filesystem::path& photo, SidecarName name);

// Those that are there, also with ".XMP"; the appended name, which is that photo's alone, first.
[[nodiscard]] std::vector<std::filesystem::path> find_sidecars(const std::filesystem::path& photo);

}  // namespace kith::metadata
