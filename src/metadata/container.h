// SPDX-License-Identifier: Apache-2.0
// The XMP packet and the EXIF tags inside a photo file, and how the file has to be changed to hold others.
// All else in it stays as it is, byte for byte and in its order. (Exiv2 reads a file into its own model and
// writes that: comments, text chunks and what it does not know get lost on the way.)
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <kith/result.h>

#include "metadata/byte_source.h"
#include "metadata/tiff_edit.h"

namespace kith::metadata {

enum class PhotoFormat { unknown, jpeg, png, webp, tiff };

// By the content, never by the name. `unknown`: none that kith writes metadata into, a camera's raw file too,
// though most of them are TIFFs.
[[nodiscard]] PhotoFormat writable_format(const ByteSource& photo);

// A segment or chunk.
struct Block {
  std::uint64_t from = 0;
  std::uint64_t count = 0;  // with its frame; 0: there is none, but it may be put here
  std::string content;
};

struct Container {
  PhotoFormat format = PhotoFormat::unknown;
  Block xmp;                 // in a TIFF the content alone
  Block exif;                // a TIFF stream; not in a TIFF, which is one itself
  std::string extended_xmp;  // JPEG: what of the XMP stands in segments of its own
  // Why it can't be changed there: "its ... "; empty: it can.
  std::string xmp_obstacle;
  std::string exif_obstacle;

  // WebP: its first chunk, and what VP8X says or would have to say.
  std::uint64_t first_chunk = 0;
  bool has_features = false;
  std::string features;
};

// Nothing where the file's structure is damaged.
[[nodiscard]] std::optional<Container> read_container(const ByteSource& photo, PhotoFormat format);

struct PhotoChange {
  std::optional<std::string> xmp;  // absent: stays; empty: removed
  std::vector<TiffChange> exif;
};

// What turns the photo into the changed one. Errors: too_large (more than a segment holds), damaged; the
// message is a clause: "its XMP ...".
[[nodiscard]] Result<std::vector<Splice>> changed_photo(const ByteSource& photo, const Container& container,
                                                        const PhotoChange& change);

}  // namespace kith::metadata
