// SPDX-License-Identifier: Apache-2.0
// digiKam's own database, digikam4.db: who was confirmed where on which photo.
//
// Nothing is written, neither to the database nor beside it. While digiKam has it open, or has left a
// write-ahead log, a copy of both in memory or in a temporary folder is read.
//
// Thread rule: functions of their arguments.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include <kith/result.h>

#include "interop/claims.h"

namespace kith::interop {

struct DigikamSettings {
  // Where collections lie now, by their label or identifier in digiKam; goes before what the database says.
  std::map<std::string, std::filesystem::path> roots;
  // How a disk's UUID, by which digiKam knows it, leads to its mount point.
  std::filesystem::path disks_by_uuid = "/dev/disk/by-uuid";
  std::filesystem::path mounts = "/proc/self/mountinfo";
};

// Errors: not_found, unreadable, library_busy (digiKam writes just now), damaged, unsupported_format (a
// schema of a version that is not known).
[[nodiscard]] Result<Claims> read_digikam(const std::filesystem::path& database, const FrameOf& frame_of,
                                          const DigikamSettings& settings = {});

}  // namespace kith::interop
