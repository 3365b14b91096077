// SPDX-License-Identifier: Apache-2.0
// What kith wrote into a file: it may change that, and nothing else. Kept by the caller, as JSON.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <kith/result.h>

#include "core/frame.h"

namespace kith::metadata {

struct WrittenRegion {
  std::string name;
  Area area;               // of the stored pixels, as it stands in the file
  bool name_only = false;  // the region is another program's, and bore no name
};

struct Record {
  bool made = false;                      // the packet (in a photo) or the sidecar was made by kith
  std::vector<WrittenRegion> regions;     // MWG's
  std::vector<WrittenRegion> microsoft;   // those of Microsoft's form
  std::vector<std::string> people;        // PersonInImage
  std::vector<std::string> keywords;      // dc:subject
  std::vector<std::string> hierarchical;  // lr:hierarchicalSubject
  std::vector<std::string> tags;          // digiKam:TagsList

  [[nodiscard]] bool empty() const;
};

// Of an empty text: an empty record. Error: bad_argument (no record that kith wrote).
[[nodiscard]] Result<Record> parse_record(std::string_view json);

// Of an empty record: an empty text.
[[nodiscard]] std::string record_json(const Record& record);

}  // namespace kith::metadata
