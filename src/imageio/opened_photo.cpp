// SPDX-License-Identifier: Apache-2.0
#include "imageio/opened_photo.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "imageio/raw.h"
#include "imageio/vips_decode.h"

namespace kith::imageio {
namespace {

void set_size(PhotoInfo& info, Size upright) {
  info.width = upright.width;
  info.height = upright.height;
}

Status check_size(const OpenedPhoto& photo, const DecodeSettings& settings) {
  const PhotoInfo& info = photo.info;
  const std::string size = std::to_string(info.width) + " x " + std::to_string(info.height) + " pixels";
  if (info.width <= 0 || info.height <= 0) return damaged_photo(photo.name, "no pixels");
  if (static_cast<std::uint64_t>(info.width) * static_cast<std::uint64_t>(info.height) >
      settings.max_pixels) {
    return cannot_read(ErrorCode::too_large, photo.name,
                       "it has " + size + ", the limit is " + std::to_string(settings.max_pixels) + " in all",
                       "raise the limit if it is a genuine photo");
  }
  if (std::min(info.width, info.height) < settings.min_side) {
    return cannot_read(ErrorCode::too_small, photo.name, "it has only " + size,
                       "no face can be told apart in it; leave it out");
  }
  return {};
}

// Reads a progressive picture's scans without decoding, for the decoder that has no limit of its own.
bool has_too_many_scans(std::span<const std::uint8_t> jpeg) {
  constexpr std::uint8_t marker = 0xff;
  constexpr std::uint8_t start_of_scan = 0xda;
  int scans = 0;
  for (std::size_t i = 0; i + 1 < jpeg.size(); ++i) {
    if (jpeg[i] == marker && jpeg[i + 1] == start_of_scan && ++scans > max_jpeg_scans) return true;
  }
  return false;
}

Status open_jpeg(OpenedPhoto& photo) {
  Result<JpegHeader> header = read_jpeg_header(photo.bytes, photo.name);
  if (!header) return tl::unexpected(std::move(header.error()));
  if (header->cmyk && has_too_many_scans(photo.bytes)) return damaged_photo(photo.name, "too many scans");
  photo.decoder = header->cmyk ? Decoder::libvips : Decoder::libjpeg;
  photo.turn = std::max(1, header->orientation);
  photo.jpeg = std::move(*header);
  set_size(photo.info, upright_size(photo.jpeg.stored, photo.turn));
  put_shot(photo.info, photo.jpeg.shot);
  return {};
}

Status open_with_vips(OpenedPhoto& photo) {
  const Result<VipsHeader> header = read_vips_header(photo.bytes_format, photo.bytes, photo.name);
  if (!header) return tl::unexpected(header.error());
  photo.decoder = Decoder::libvips;
  photo.turn = header->orientation;
  set_size(photo.info, upright_size(header->stored, photo.turn));
  put_shot(photo.info, header->shot);
  return {};
}

// A turned preview of a camera held upright: some converters store it that way.
bool is_turned_already(Size preview, Size upright_sensor, int orientation) {
  const bool quarter_turn = orientation == 6 || orientation == 8;
  return quarter_turn && (preview.width < preview.height) == (upright_sensor.width < upright_sensor.height);
}

// False where the preview can't be used.
bool take_preview(OpenedPhoto& photo, const RawHeader& raw) {
  if (sniff_format(raw.preview) != Format::jpeg) return false;
  OpenedPhoto preview;
  preview.name = photo.name;
  preview.bytes = raw.preview;
  if (!open_jpeg(preview) || !preview_is_enough(preview.jpeg.stored, raw.sensor)) return false;
  if (preview.jpeg.orientation == 0 && !is_turned_already(preview.jpeg.stored, raw.sensor, raw.orientation)) {
    preview.turn = raw.orientation;
    set_size(preview.info, upright_size(preview.jpeg.stored, preview.turn));
  }
  photo = std::move(preview);
  photo.bytes_format = Format::jpeg;
  return true;
}

Status open_raw(OpenedPhoto& photo, const DecodeSettings& settings) {
  Result<RawHeader> raw = read_raw_header(photo.bytes, settings.max_pixels, photo.name);
  if (!raw) return tl::unexpected(std::move(raw.error()));
  Shot shot = read_shot(photo.bytes);
  if (take_preview(photo, *raw)) {
    complete(shot, photo.jpeg.shot);
    complete(shot, std::move(raw->shot));
    put_shot(photo.info, std::move(shot));
    return {};
  }
  complete(shot, std::move(raw->shot));
  put_shot(photo.info, std::move(shot));
  photo.decoder = Decoder::develop;
  photo.turn = raw->orientation;  // LibRaw applies it while developing
  set_size(photo.info, raw->sensor);
  return {};
}

Status open_by_format(OpenedPhoto& photo, const DecodeSettings& settings) {
  switch (photo.bytes_format) {
    case Format::unknown:
      return cannot_read(ErrorCode::unsupported_format, photo.name, "it is not a photo that kith reads",
                         "give JPEG, PNG, WebP, TIFF, GIF, HEIC, AVIF or camera RAW");
    case Format::jpeg: return open_jpeg(photo);
    case Format::raw: return open_raw(photo, settings);
    default: return open_with_vips(photo);
  }
}

}  // namespace

Result<OpenedPhoto> open_photo(std::vector<std::uint8_t> bytes, std::string name,
                               const DecodeSettings& settings) {
  OpenedPhoto photo;
  photo.name = std::move(name);
  photo.bytes = std::move(bytes);
  if (photo.bytes.empty()) {
    return cannot_read(ErrorCode::empty_file, photo.name, "the file is empty",
                       "copy it again from the camera or a backup");
  }
  const Format format = sniff_format(photo.bytes);
  photo.bytes_format = format;
  if (Status status = open_by_format(photo, settings); !status) return tl::unexpected(status.error());
  photo.info.format = format_name(format);
  photo.info.orientation = photo.turn;
  if (Status status = check_size(photo, settings); !status) return tl::unexpected(status.error());
  return photo;
}

Result<Image> decode_photo(const OpenedPhoto& photo, int min_long_side, ColourSpace space) {
  const int wanted = std::max(1, min_long_side);
  switch (photo.decoder) {
    case Decoder::libjpeg: return decode_jpeg(photo.bytes, photo.jpeg, photo.turn, wanted, space, photo.name);
    case Decoder::develop: return develop_raw(photo.bytes, wanted, photo.name);
    case Decoder::libvips: break;
  }
  return decode_with_vips(photo.bytes_format, photo.bytes, photo.turn, wanted, space, photo.name);
}

}  // namespace kith::imageio
