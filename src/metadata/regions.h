// SPDX-License-Identifier: Apache-2.0
// Whom XMP names: regions as MWG and as Microsoft write them, PersonInImage, and keywords below "People".
//
// Thread rule: free functions without state.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include <kith/metadata.h>

#include "metadata/xmp_texts.h"

namespace kith::metadata {

// Whether two claims speak of one place.
[[nodiscard]] bool same_place(const NameClaim& a, const NameClaim& b);

// A name as it can be kept: in one line, without blanks around it. Empty where it is longer than a name is.
[[nodiscard]] std::string region_name(std::string_view text);

// What one file's XMP says, each place once. Regions come first, in the file's order. One whose numbers make
// no sense is a name without a place, or nothing where it has no name.
[[nodiscard]] std::vector<NameClaim> claims_of(const XmpTexts& xmp, const PhotoFrame& frame);

// The claims of several files, the one to be believed first: a later file's region yields to an earlier one
// of the same place or name, and a name without a place to any region that bears it.
[[nodiscard]] std::vector<NameClaim> united(const std::vector<std::vector<NameClaim>>& files);

}  // namespace kith::metadata
