// SPDX-License-Identifier: Apache-2.0
// Setting tags of a TIFF stream (a TIFF file, or a photo's EXIF block) without moving anything that is in it:
// what is longer than before goes behind the end. A maker's notes, whose inner offsets nobody else knows,
// stay good, and so do thumbnails and pixels.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "metadata/byte_source.h"

namespace kith::metadata {

enum class TiffDirectory { root, exif };

struct TiffTag {
  TiffDirectory directory = TiffDirectory::root;
  std::uint16_t tag = 0;
};

namespace tiff_tag {
inline constexpr TiffTag image_description{TiffDirectory::root, 270};
inline constexpr TiffTag xmp{TiffDirectory::root, 700};
inline constexpr TiffTag user_comment{TiffDirectory::exif, 0x9286};
}  // namespace tiff_tag

// The types of values that are written here.
enum class TiffType : std::uint16_t { byte = 1, ascii = 2, undefined = 7 };

struct TiffChange {
  TiffTag tag;
  TiffType type = TiffType::undefined;
  std::optional<std::string> value;  // absent: the tag is removed
};

// A stream without any tag.
[[nodiscard]] std::string empty_tiff();

// Big-endian ("MM"); nothing where it is no TIFF of the classic, 32-bit kind.
[[nodiscard]] std::optional<bool> tiff_is_big_endian(const ByteSource& tiff);

// A value's bytes, at most 64 MiB; nothing where absent or damaged.
[[nodiscard]] std::optional<std::string> tiff_value(const ByteSource& tiff, TiffTag tag);

// Whether it is a camera's raw file: it holds a sensor's pixels, or is a DNG.
[[nodiscard]] bool tiff_holds_raw(const ByteSource& tiff);

// What turns the stream into the changed one; nothing where its directories are damaged, or would lie beyond
// what 32 bits can point at. The bytes of a value that goes are overwritten with zeros.
[[nodiscard]] std::optional<std::vector<Splice>> changed_tiff(const ByteSource& tiff,
                                                              std::span<const TiffChange> changes);

// The bytes with the splices, which must be in order, done.
[[nodiscard]] std::string spliced(std::string_view bytes, std::span<const Splice> splices);

}  // namespace kith::metadata
