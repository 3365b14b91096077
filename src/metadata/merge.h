// SPDX-License-Identifier: Apache-2.0
// What is to be done to a file's names so that they become those that are wanted, and nobody else's word is
// touched. Pure: no file, no XML.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/frame.h"
#include "metadata/record.h"

namespace kith::metadata {

struct ExistingRegion {
  std::string name;          // empty: none
  std::optional<Area> area;  // of the stored pixels; absent: it can't be told where it lies
  bool face = true;          // and not a pet, a focus area, a bar code
};

struct WantedRegion {
  std::string name;
  Area area;  // of the stored pixels
};

struct RegionPlan {
  struct Rename {
    std::size_t index = 0;
    std::string name;  // empty: it has none any more
  };
  struct Replace {
    std::size_t index = 0;
    WantedRegion by;
  };
  struct Kept {
    std::size_t index = 0;
    std::string wanted;
  };
  // By their place in the list of existing ones.
  std::vector<std::size_t> remove;
  std::vector<Rename> rename;
  std::vector<Replace> replace;
  std::vector<WantedRegion> add;
  std::vector<Kept> kept;             // another name stands there
  std::vector<WrittenRegion> record;  // what kith will have written

  [[nodiscard]] bool changes_nothing() const {
    return remove.empty() && rename.empty() && replace.empty() && add.empty();
  }
};

// At most one region a face: each wanted one goes to the existing region that it overlaps most, and a region
// is taken by one face.
[[nodiscard]] RegionPlan merge_regions(std::span<const ExistingRegion> existing,
                                       std::span<const WantedRegion> wanted,
                                       std::span<const WrittenRegion> record);

// Whether each of the regions is as kith wrote it.
[[nodiscard]] bool all_ours(std::span<const ExistingRegion> existing, std::span<const WrittenRegion> record);

struct TextPlan {
  std::vector<std::string> remove;
  std::vector<std::string> add;
  std::vector<std::string> record;

  [[nodiscard]] bool changes_nothing() const { return remove.empty() && add.empty(); }
};

// A text that is there already, be it in other letter case, is not added.
[[nodiscard]] TextPlan merge_texts(std::span<const std::string> existing, std::span<const std::string> wanted,
                                   std::span<const std::string> record);

}  // namespace kith::metadata
