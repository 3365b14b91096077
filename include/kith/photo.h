// SPDX-License-Identifier: Apache-2.0
// A photo file, opened once and decoded at whatever scale a stage needs.
//
// Reads JPEG, PNG, WebP, TIFF, GIF (first frame), HEIC, AVIF, and camera RAW by its embedded preview
// (developed where there is none). The content decides the format, never the file's name. Grey, CMYK,
// 16-bit, alpha (over white) and ICC-tagged files all come out as 8-bit sRGB, upright.
//
// Thread rule: a Photo is used by one thread at a time; different Photos are independent.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <kith/image.h>
#include <kith/result.h>

namespace kith {

// Limits against hostile or absurd files; checked from the header, before any pixel is decoded.
struct DecodeSettings {
  // Above any camera in use (a 200-megapixel phone), well below what a bomb needs. Error: too_large.
  std::uint64_t max_pixels = 250'000'000;
  std::uint64_t max_file_bytes = std::uint64_t{1} << 31;
  // Smaller pictures cannot hold a face that can be told apart. Error: too_small.
  int min_side = 16;
};

// Degrees, north and east positive.
struct GeoPoint {
  double latitude = 0;   // -90..90
  double longitude = 0;  // -180..180
};

// The camera's word stands as it is, right or wrong; what is no valid value counts as absent.
struct PhotoInfo {
  int width = 0;        // of the upright photo, pixels
  int height = 0;       // of the upright photo, pixels
  int orientation = 1;  // EXIF 1..8, as stored; 1 where absent or invalid
  std::string format;   // "jpeg", "png", "webp", "tiff", "gif", "heic", "avif", "raw"
  // When it was taken, by the camera's local time: "2019-07-31T18:05:11". EXIF DateTimeOriginal, else
  // DateTimeDigitized, else DateTime; empty where absent or not a real date.
  std::string taken;
  std::string camera;  // "Canon EOS 5D": printable UTF-8, at most 64 bytes; empty where absent
  std::string lens;    // "EF24-70mm f/2.8L", EXIF LensModel: as `camera`
  std::optional<GeoPoint> place;
  // Where the camera looked: degrees clockwise, 0..360, from true or magnetic north, whichever the camera
  // used.
  std::optional<double> direction;
};

class Photo {
 public:
  // Reads the file and its header. Errors: not_found, unreadable, empty_file, unsupported_format,
  // truncated, damaged, too_large, too_small.
  [[nodiscard]] static Result<Photo> open(const std::filesystem::path& file,
                                          const DecodeSettings& settings = {});

  // The same for bytes that are already in memory; `name` stands in messages where the path would.
  // Errors: those of open, less not_found and unreadable.
  [[nodiscard]] static Result<Photo> from_bytes(std::vector<std::uint8_t> bytes, std::string name,
                                                const DecodeSettings& settings = {});

  Photo(Photo&&) noexcept;
  Photo& operator=(Photo&&) noexcept;
  ~Photo();

  [[nodiscard]] const PhotoInfo& info() const noexcept;

  // The upright picture with a long side of at least min(min_long_side, native), and as little more
  // as the format decodes cheaply (JPEG: 1/8, 1/4, 1/2 or 1; other formats: native size). Its aspect is that
  // of info() within a pixel. A file that ends early is an error, never a half-grey picture. Errors:
  // truncated, damaged, unreadable.
  [[nodiscard]] Result<Image> decode(int min_long_side) const;

 private:
  struct Impl;
  explicit Photo(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace kith
