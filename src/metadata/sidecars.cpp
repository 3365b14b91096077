// SPDX-License-Identifier: Apache-2.0
#include "metadata/sidecars.h"

#include <algorithm>
#include <string>
#include <system_error>

namespace kith::metadata {
namespace {

namespace fs = std::filesystem;

fs::path with_ending(const fs::path& photo, SidecarName name, const std::string& ending) {
  fs::path path = photo;
  if (name == SidecarName::replaced) return path.replace_extension(ending);
  path += ending;
  return path;
}

}  // namespace

fs::path sidecar_path(const fs::path& photo, SidecarName name) { return with_ending(photo, name, ".xmp"); }

std::vector<fs::path> find_sidecars(const fs::path& photo) {
  std::vector<fs::path> found;
  for (const SidecarName name : {SidecarName::appended, SidecarName::replaced}) {
    for (const char* ending : {".xmp", ".XMP", ".Xmp"}) {
      const fs::path path = with_ending(photo, name, ending);
      std::error_code error;
      if (!fs::is_regular_file(path, error)) continue;
      // One file where the disk knows no case, and where the photo's name has no ending.
      const bool known = std::ranges::any_of(
          found, [&](const fs::path& other) { return fs::equivalent(path, other, error); });
      if (!known) found.push_back(path);
    }
  }
  return found;
}

}  // namespace kith::metadata
