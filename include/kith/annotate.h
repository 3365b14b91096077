// SPDX-License-Identifier: Apache-2.0
// A copy of a photo with boxes and names drawn on it. The original is only read.
//
// Thread rule: free function without state; call it from any thread.
#pragma once

#include <filesystem>
#include <span>
#include <string>

#include <kith/face.h>
#include <kith/photo.h>
#include <kith/result.h>

namespace kith {

struct Label {
  Box box;             // pixels of the upright photo
  std::string text;    // UTF-8, one line; empty draws the box alone
  bool known = false;  // a named person and an unknown face are drawn in different colours
};

// Writes `target` (JPEG, PNG, WebP or TIFF, by the source's format; formats that cannot be written
// become JPEG: see annotated_file_name) at the photo's full size, upright, 8 bits a channel, in the
// source's own RGB space. EXIF comes along with orientation 1 and without its thumbnail, the RGB profile
// too (TIFF without the maker's note; developed RAW has neither). The Software tag says that it is an
// annotated copy of kith's. XMP stays behind: its face regions are about the stored pixels, which were
// turned. Line width and text size follow the photo's and the box's size; text is legible on any background.
// A box outside the photo is left out. Written beside the target and renamed: a failure leaves no file. A
// former annotated copy at `target` is replaced whole, and nothing else ever is. Errors: those of Photo::open
// and decode; bad_argument where target is the source itself (by any name or link); no_space; write_failed,
// also where another file stands at `target`; internal where no font is installed.
[[nodiscard]] Status write_annotated(const std::filesystem::path& source, const std::filesystem::path& target,
                                     std::span<const Label> labels, const DecodeSettings& settings = {});

// The file name an annotated copy gets: the source's own, with its extension changed to .jpg where
// the format cannot be written (GIF, RAW, HEIC, AVIF).
[[nodiscard]] std::filesystem::path annotated_file_name(const std::filesystem::path& source,
                                                        const PhotoInfo& info);

}  // namespace kith
