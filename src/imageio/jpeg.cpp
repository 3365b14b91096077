// SPDX-License-Identifier: Apache-2.0
#include "imageio/jpeg.h"

// jpeglib.h needs FILE and size_t declared before it, and jerror.h needs jpeglib.h.
// clang-format off
#include <csetjmp>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <jpeglib.h>
#include <jerror.h>
// clang-format on

#include <algorithm>
#include <array>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <utility>

#include "imageio/colour.h"
#include "imageio/errors.h"
#include "imageio/tiff_tags.h"

namespace kith::imageio {
namespace {

constexpr int band_rows = 32;  // stays in the second-level cache up to 8,000 pixels of width
constexpr int exif_marker = JPEG_APP0 + 1;
constexpr int icc_marker = JPEG_APP0 + 2;

enum class Failure { none, truncated, damaged, unsupported, memory };

// Plain data throughout: libjpeg leaves by longjmp, which must not pass over a destructor.
struct Decoder {
  jpeg_decompress_struct jpeg;  // first, so that libjpeg's pointer to it is a pointer to Decoder
  jpeg_error_mgr errors;
  jpeg_progress_mgr progress;
  std::jmp_buf out;
  bool bytes_ran_out;
  Failure failure;
  char message[JMSG_LENGTH_MAX];
};

Decoder* decoder_of(j_common_ptr jpeg) { return reinterpret_cast<Decoder*>(jpeg); }

Failure classify_error(int code, bool bytes_ran_out) {
  switch (code) {
    case JERR_OUT_OF_MEMORY: return Failure::memory;
    case JERR_BAD_PRECISION:
    case JERR_SOF_UNSUPPORTED:
    case JERR_ARITH_NOTIMPL:
    case JERR_CCIR601_NOTIMPL:
    case JERR_CONVERSION_NOTIMPL:
    case JERR_FRACT_SAMPLE_NOTIMPL: return Failure::unsupported;
    default: return bytes_ran_out ? Failure::truncated : Failure::damaged;
  }
}

[[noreturn]] void leave(Decoder* decoder, Failure failure) {
  decoder->failure = failure;
  decoder->errors.format_message(reinterpret_cast<j_common_ptr>(&decoder->jpeg), decoder->message);
  std::longjmp(decoder->out, 1);
}

void on_error(j_common_ptr jpeg) {
  Decoder* decoder = decoder_of(jpeg);
  leave(decoder, classify_error(decoder->errors.msg_code, decoder->bytes_ran_out));
}

// Warnings. The bits that the picture needs running out (JWRN_HIT_MARKER) would turn the rest grey, a
// bad code fills it with rubbish: both end the decode here, which also makes a tiny file that claims to
// be huge fail at once. The file merely ending (JWRN_JPEG_EOF) is no loss when all pixels were there.
// The rest (junk between markers, odd version numbers) leaves the picture whole.
void on_message(j_common_ptr jpeg, int level) {
  if (level >= 0) return;
  Decoder* decoder = decoder_of(jpeg);
  switch (decoder->errors.msg_code) {
    case JWRN_JPEG_EOF: decoder->bytes_ran_out = true; break;
    case JWRN_HIT_MARKER:
    case JWRN_HUFF_BAD_CODE:
    case JWRN_ARITH_BAD_CODE:
    case JWRN_MUST_RESYNC: leave(decoder, decoder->bytes_ran_out ? Failure::truncated : Failure::damaged);
    default: break;
  }
}

void print_nothing(j_common_ptr /*jpeg*/) {}

void on_progress(j_common_ptr jpeg) {
  Decoder* decoder = decoder_of(jpeg);
  if (decoder->jpeg.input_scan_number <= max_jpeg_scans) return;
  decoder->errors.msg_code = JERR_BAD_PROGRESSION;
  leave(decoder, Failure::damaged);
}

bool start(Decoder* decoder, const std::uint8_t* bytes, std::size_t size) {
  decoder->jpeg.err = jpeg_std_error(&decoder->errors);
  decoder->errors.error_exit = on_error;
  decoder->errors.emit_message = on_message;
  decoder->errors.output_message = print_nothing;
  if (setjmp(decoder->out) != 0) return false;
  jpeg_create_decompress(&decoder->jpeg);
  decoder->progress.progress_monitor = on_progress;
  decoder->jpeg.progress = &decoder->progress;
  jpeg_mem_src(&decoder->jpeg, bytes, size);
  return true;
}

bool read_header(Decoder* decoder, bool keep_markers) {
  if (setjmp(decoder->out) != 0) return false;
  if (keep_markers) {
    jpeg_save_markers(&decoder->jpeg, exif_marker, 0xffff);
    jpeg_save_markers(&decoder->jpeg, icc_marker, 0xffff);
  }
  jpeg_read_header(&decoder->jpeg, TRUE);
  return true;
}

bool start_pixels(Decoder* decoder, int eighths) {
  if (setjmp(decoder->out) != 0) return false;
  decoder->jpeg.scale_num = static_cast<unsigned>(eighths);
  decoder->jpeg.scale_denom = 8;
  decoder->jpeg.out_color_space = JCS_RGB;
  decoder->jpeg.dct_method = JDCT_ISLOW;
  jpeg_start_decompress(&decoder->jpeg);
  return true;
}

bool read_rows(Decoder* decoder, std::uint8_t* target, std::size_t stride, int rows) {
  if (setjmp(decoder->out) != 0) return false;
  for (int y = 0; y < rows; ++y) {
    JSAMPROW row = target + stride * static_cast<std::size_t>(y);
    jpeg_read_scanlines(&decoder->jpeg, &row, 1);
  }
  return true;
}

// The profile is malloced; the caller frees it.
bool read_profile(Decoder* decoder, std::uint8_t** profile, unsigned* size) {
  if (setjmp(decoder->out) != 0) return false;
  return jpeg_read_icc_profile(&decoder->jpeg, profile, size) != FALSE;
}

// For a picture in several scans whose end mark is missing: whether only the mark is. A progressive one
// tells by its coefficients; of another kind, rare as it is, nothing can be known.
bool all_scans_came(const jpeg_decompress_struct& jpeg) {
  if (jpeg.progressive_mode == FALSE || jpeg.coef_bits == nullptr) return false;
  for (int component = 0; component < jpeg.num_components; ++component) {
    for (int i = 0; i < DCTSIZE2; ++i) {
      if (jpeg.coef_bits[component][i] != 0) return false;
    }
  }
  return true;
}

class JpegReader {
 public:
  JpegReader(std::span<const std::uint8_t> bytes, std::string_view name)
      : name_(name), decoder_(std::make_unique<Decoder>()) {
    good_ = start(decoder_.get(), bytes.data(), bytes.size());
  }
  JpegReader(const JpegReader&) = delete;
  JpegReader& operator=(const JpegReader&) = delete;
  ~JpegReader() { jpeg_destroy_decompress(&decoder_->jpeg); }

  Status header(bool keep_markers) {
    if (!good_ || !read_header(decoder_.get(), keep_markers)) return error();
    return {};
  }

  Status start_decode(int eighths) {
    if (!start_pixels(decoder_.get(), eighths)) return error();
    const bool in_scans = jpeg_has_multiple_scans(&decoder_->jpeg) != FALSE;
    if (in_scans && decoder_->bytes_ran_out && !all_scans_came(decoder_->jpeg)) return truncated_photo(name_);
    return {};
  }

  Status rows(std::uint8_t* target, std::size_t stride, int count) {
    if (!read_rows(decoder_.get(), target, stride, count)) return error();
    // The arithmetic decoder alone goes on without a warning when its bits run out.
    if (decoder_->jpeg.arith_code != FALSE && decoder_->bytes_ran_out) return truncated_photo(name_);
    return {};
  }

  [[nodiscard]] const jpeg_decompress_struct& jpeg() const { return decoder_->jpeg; }

  // Empty where absent or broken.
  [[nodiscard]] std::vector<std::uint8_t> icc_profile() {
    std::uint8_t* data = nullptr;
    unsigned size = 0;
    if (!read_profile(decoder_.get(), &data, &size)) return {};
    std::vector<std::uint8_t> profile(data, data + size);
    std::free(data);
    return profile;
  }

 private:
  [[nodiscard]] tl::unexpected<Error> error() const {
    switch (decoder_->failure) {
      case Failure::truncated: return truncated_photo(name_);
      case Failure::unsupported:
        return cannot_read(ErrorCode::unsupported_format, name_,
                           std::string("it is an unusual kind of JPEG (") + decoder_->message + ")",
                           "save it as an ordinary 8-bit JPEG");
      case Failure::memory:
        return cannot_read(ErrorCode::too_large, name_, "there is not enough memory to decode it",
                           "close other programs or lower the limit on pixels");
      case Failure::damaged:
      case Failure::none: break;
    }
    return damaged_photo(name_, decoder_->message);
  }

  std::string_view name_;
  std::unique_ptr<Decoder> decoder_;
  bool good_ = false;
};

// Lives as long as the reader; empty where absent.
std::span<const std::uint8_t> find_exif(const jpeg_decompress_struct& jpeg) {
  for (const jpeg_marker_struct* marker = jpeg.marker_list; marker != nullptr; marker = marker->next) {
    if (marker->marker != exif_marker || marker->data_length < 6) continue;
    if (!std::equal(marker->data, marker->data + 4, "Exif")) continue;  // XMP uses this marker too
    return {marker->data, marker->data_length};
  }
  return {};
}

Status decode_straight(JpegReader& reader, Image& image) {
  return reader.rows(image.row(0), image.stride(), image.height());
}

// Colour and orientation while a band is still in the cache.
Status decode_in_bands(JpegReader& reader, Size stored, int orientation, const ColourConversion* colour,
                       Image& upright) {
  const std::size_t stride = static_cast<std::size_t>(stored.width) * Image::channels;
  std::vector<std::uint8_t> band(stride * band_rows);
  for (int y = 0; y < stored.height; y += band_rows) {
    const int count = std::min(band_rows, stored.height - y);
    if (Status status = reader.rows(band.data(), stride, count); !status) return status;
    const std::span<std::uint8_t> filled(band.data(), stride * static_cast<std::size_t>(count));
    if (colour != nullptr) colour->apply(filled);
    place_rows(filled, y, stored, orientation, upright);
  }
  return {};
}

}  // namespace

int jpeg_scale_eighths(int long_side, int min_long_side) {
  // libjpeg-turbo has SIMD code for these scales alone: 3/8 takes longer than 1/2, and 5/8, 6/8 and 7/8
  // longer than full size (a 12-megapixel photo: 25 ms against 19, and 36 to 65 against 33).
  const int wanted = std::min(long_side, min_long_side);
  for (const int eighths : {1, 2, 4}) {
    if ((std::int64_t{long_side} * eighths + 7) / 8 >= wanted) return eighths;
  }
  return 8;
}

Result<JpegHeader> read_jpeg_header(std::span<const std::uint8_t> bytes, std::string_view name) {
  JpegReader reader(bytes, name);
  if (Status status = reader.header(true); !status) return tl::unexpected(status.error());
  JpegHeader header;
  header.stored = {static_cast<int>(reader.jpeg().image_width), static_cast<int>(reader.jpeg().image_height)};
  header.cmyk = reader.jpeg().num_components == 4;
  const std::span<const std::uint8_t> exif = find_exif(reader.jpeg());
  header.orientation = exif_orientation(exif);
  header.shot = read_shot(exif);
  header.icc_profile = reader.icc_profile();
  return header;
}

Result<Image> decode_jpeg(std::span<const std::uint8_t> bytes, const JpegHeader& header, int orientation,
                          int min_long_side, ColourSpace space, std::string_view name) {
  JpegReader reader(bytes, name);
  if (Status status = reader.header(false); !status) return tl::unexpected(status.error());
  const int long_side = std::max(header.stored.width, header.stored.height);
  const int eighths = jpeg_scale_eighths(long_side, min_long_side);
  if (Status status = reader.start_decode(eighths); !status) return tl::unexpected(status.error());

  const Size scaled{static_cast<int>(reader.jpeg().output_width),
                    static_cast<int>(reader.jpeg().output_height)};
  const Size turned = upright_size(scaled, orientation);
  const auto colour = ColourConversion::to(space, header.icc_profile);
  Image image(turned.width, turned.height);
  const Status status = orientation <= 1 && !colour ? decode_straight(reader, image)
                                                    : decode_in_bands(reader, scaled, orientation,
                                                                      colour ? &*colour : nullptr, image);
  if (!status) return tl::unexpected(status.error());
  return image;
}

}  // namespace kith::imageio
