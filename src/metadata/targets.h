// SPDX-License-Identifier: Apache-2.0
// Which file a photo's metadata are written into, and that file as it is.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include <kith/metadata.h>

#include "core/atomic_write.h"
#include "core/descriptor.h"
#include "metadata/container.h"

namespace kith::metadata {

struct Target {
  std::filesystem::path file;
  bool sidecar = false;
  PhotoFormat format = PhotoFormat::unknown;  // the photo's
};

// Errors: not_found, unreadable (the photo), bad_argument (never a sidecar, and no format to write into).
[[nodiscard]] Result<Target> choose_target(const std::filesystem::path& photo,
                                           const MetadataSettings& settings);

// The sidecar that is there, or the new one's path.
[[nodiscard]] std::filesystem::path sidecar_of(const std::filesystem::path& photo,
                                               const MetadataSettings& settings);

// A target, open.
struct OpenTarget {
  Target target;
  std::optional<FileState> state;  // absent: it does not exist
  std::string packet;              // its XMP; empty: none
  // The photo's, where that is the target.
  std::unique_ptr<Descriptor> file;
  std::unique_ptr<FileSource> source;
  std::optional<Container> container;
};

// Errors: not_found, unreadable, damaged, too_large (a sidecar beyond 64 MiB).
[[nodiscard]] Result<OpenTarget> open_target(const Target& target);

}  // namespace kith::metadata
