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
  Box box;           // pixels of the upright photo
  std::string text;  // UTF-8, one line; empty draws the box alone
  bool known = false;  // a named person and an unknown face are drawn in different colours
};

// Writes `target` (JPEG, PNG, WebP or TIFF, by the source's format; formats that cannot be written
// become JPEG: see annotated_file_name) at the photo's full size, upright, with the source's EXIF and
// ICC profile, orientation reset to 1. Line width and text size follow the photo's and the box's size; text is legible on any
// background. Written beside the target and renamed: a failure leaves no file.
// Errors: those of Photo::open and decode; no_space, write_failed.
[[nodiscard]] Status write_annotated(const std::filesystem::path& source, const std::filesystem::path& target,
                                     std::span<const Label> labels, const DecodeSettings& settings = {});

// The file name an annotated copy gets: the source's own, with its extension changed to .jpg where
// the format cannot be written (GIF, RAW, HEIC, AVIF).
[[nodiscard]] std::filesystem::path annotated_file_name(const std::filesystem::path& source, const PhotoInfo& info);

}  // namespace kith
