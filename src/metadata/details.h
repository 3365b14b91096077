// SPDX-License-Identifier: Apache-2.0
// When, where and how a photo was taken, and what it shows, as EXIF and XMP say. What is out of range or no
// valid value counts as absent.
//
// Thread rule: free functions without state.
#pragma once

#include <exiv2/exiv2.hpp>

#include <kith/metadata.h>

#include "metadata/xmp_texts.h"

namespace kith::metadata {

// `order` is that of the EXIF block: a comment in UTF-16 follows it where it does not say.
[[nodiscard]] PhotoDetails details_of(const Exiv2::ExifData& exif, Exiv2::ByteOrder order);
[[nodiscard]] PhotoDetails details_of(const XmpTexts& xmp);

// What `details` lacks is taken from `other`.
void complete(PhotoDetails& details, const PhotoDetails& other);

}  // namespace kith::metadata
