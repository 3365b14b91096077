// SPDX-License-Identifier: Apache-2.0
// The names in a packet: what stands there, what is to become of it, and doing that.
#pragma once

#include <span>
#include <string>
#include <vector>

#include <kith/metadata.h>

#include "metadata/merge.h"
#include "metadata/record.h"
#include "metadata/xmp_packet.h"

namespace kith::metadata {

struct WantedNames {
  std::vector<WantedRegion> regions;
  std::vector<std::string> people;  // those of the regions, too, each once
};

// Boxes are cut at the photo's edges; a face that lies outside is somewhere on the photo. Control characters
// in names become blanks; a name of nothing else is left out. Error: bad_argument (a name that is no UTF-8).
[[nodiscard]] Result<WantedNames> wanted_names(std::span<const NamedFace> faces,
                                               std::span<const std::string> people, const PhotoFrame& frame);

// A name as one level of a keyword path: readers split paths at "|" or "/" without any way to escape them, so
// look-alikes stand for them ("¦" U+00A6, "∕" U+2215).
[[nodiscard]] std::string path_level(const std::string& name);

struct NamesPlan {
  bool new_region_list = false;  // of another size of photo, and kith's alone: it is written anew
  RegionPlan regions;
  RegionPlan microsoft;
  TextPlan people;
  TextPlan keywords;
  TextPlan hierarchical;
  TextPlan tags;
  std::vector<MetadataChange> changes;

  [[nodiscard]] bool changes_nothing() const;
  // What kith will have written, but for Record::made.
  [[nodiscard]] Record record() const;
};

[[nodiscard]] NamesPlan plan_names(const XmpPacket& packet, const WantedNames& wanted, const Record& record,
                                   const PhotoFrame& frame, const MetadataSettings& settings);

// The plan must be made of this packet as it is.
void apply_names(XmpPacket& packet, const NamesPlan& plan, const PhotoFrame& frame);

// Whether there are names of any of the forms that kith writes.
[[nodiscard]] bool holds_names(const XmpPacket& packet);

}  // namespace kith::metadata
