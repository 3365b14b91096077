// SPDX-License-Identifier: Apache-2.0
// A photo's description and comment, in XMP and in EXIF.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <kith/metadata.h>

#include "metadata/container.h"
#include "metadata/xmp_packet.h"

namespace kith::metadata {

// Valid UTF-8; an absent one stays as it is, an empty one goes.
struct WantedTexts {
  std::optional<std::string> description;
  std::optional<std::string> comment;
};

// Whether anything was changed. What is done is appended to `changes`.
bool change_texts(XmpPacket& packet, const WantedTexts& wanted, std::vector<MetadataChange>& changes);

// What has to be done to the photo's EXIF: nothing where it says so already, or, for the packet will do,
// where its EXIF can't be changed.
[[nodiscard]] std::vector<TiffChange> exif_changes(const ByteSource& photo, const Container& container,
                                                   const WantedTexts& wanted,
                                                   std::vector<MetadataChange>& changes);

// EXIF 2.32, 4.6.5: a mark of 8 bytes for the kind of text, and the text.
[[nodiscard]] std::string user_comment(std::string_view text, bool big_endian);

[[nodiscard]] bool holds_texts(const XmpPacket& packet);

}  // namespace kith::metadata
