// SPDX-License-Identifier: Apache-2.0
// digiKam's own database, digikam4.db: who was confirmed where on which photo.
//
// Nothing is written, neither to the database nor beside it. Where digiKam has left a journal or a
// write-ahead log, which only a writer can make sense of, a copy of both is read.
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
  std::map<std::string, std::filesystem::path, std::less<>> roots;
  // digiKam knows a disk by its UUID or label. The system's links from these to devices, by-uuid/ and
  // by-label/, and its list of what is mounted where lead to the folder.
  std::filesystem::path disks = "/dev/disk";
  std::filesystem::path mounts = "/proc/self/mountinfo";
  // Where a copy lies while a database with a log beside it is read; as large as the two.
  std::filesystem::path scratch = "/var/tmp";
};

// Errors: not_found, unreadable, library_busy (digiKam writes just now), damaged, unsupported_format (a
// schema of a version that is not known).
[[nodiscard]] Result<Claims> read_digikam(const std::filesystem::path& database, const FrameOf& frame_of,
                                          const DigikamSettings& settings = {});

}  // namespace kith::interop
