// SPDX-License-Identifier: Apache-2.0
#include "imageio/raw.h"

#include <libraw/libraw.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <ctime>
#include <memory>
#include <string>

#include "imageio/errors.h"
#include "imageio/format.h"

namespace kith::imageio {
namespace {

// Enough for 150 megapixels, the largest sensors there are; a damaged header may ask for much more.
constexpr unsigned max_raw_memory_mb = 1536;

struct FreeImage {
  void operator()(libraw_processed_image_t* image) const { LibRaw::dcraw_clear_mem(image); }
};

// LibRaw reports missing or bad sensor data by this call alone and goes on.
struct DataProblem {
  bool seen = false;
  bool at_end = false;
};

void on_data_problem(void* problem, const char* /*file*/, int offset) {
  static_cast<DataProblem*>(problem)->seen = true;
  if (offset < 0) static_cast<DataProblem*>(problem)->at_end = true;
}

class Raw {
 public:
  Raw()
      : raw_(std::make_unique<LibRaw>(LIBRAW_OPIONS_NO_DATAERR_CALLBACK | LIBRAW_OPIONS_NO_MEMERR_CALLBACK)) {
    raw_->set_dataerror_handler(on_data_problem, &problem);
    raw_->imgdata.params.max_raw_memory_mb = max_raw_memory_mb;
  }

  // LibRaw's interface wants a mutable pointer but only reads.
  [[nodiscard]] int open(std::span<const std::uint8_t> bytes) {
    return raw_->open_buffer(const_cast<std::uint8_t*>(bytes.data()), bytes.size());
  }

  LibRaw* operator->() { return raw_.get(); }

  DataProblem problem;

 private:
  std::unique_ptr<LibRaw> raw_;  // some hundred KB
};

tl::unexpected<Error> raw_failure(int code, std::span<const std::uint8_t> bytes, std::string_view name) {
  if (code == LIBRAW_TOO_BIG || code == LIBRAW_UNSUFFICIENT_MEMORY) {
    return cannot_read(ErrorCode::too_large, name, "there is not enough memory to develop it",
                       "convert it to JPEG with a RAW converter");
  }
  if (ends_early(Format::raw, bytes) || code == LIBRAW_IO_ERROR) return truncated_photo(name);
  if (code == LIBRAW_FILE_UNSUPPORTED) {
    return cannot_read(ErrorCode::unsupported_format, name, "LibRaw does not know this camera's RAW format",
                       "convert it to DNG or JPEG");
  }
  return damaged_photo(name, libraw_strerror(code));
}

// LibRaw's flip: 0, 3 (by 180), 5 (to be turned left), 6 (to be turned right).
int orientation_of_flip(int flip) {
  switch (flip) {
    case 3: return 3;
    case 5: return 8;
    case 6: return 6;
    default: return 1;
  }
}

template <std::size_t size>
std::string_view text_in(const char (&field)[size]) {
  return {field, ::strnlen(field, size)};
}

// LibRaw takes the camera's time for this machine's and gives the second it would be: the way back.
std::string local_time(std::time_t seconds) {
  std::tm parts{};
  constexpr int last_year = 9999 - 1900;
  if (seconds <= 0 || ::localtime_r(&seconds, &parts) == nullptr || parts.tm_year > last_year) return {};
  std::array<char, 32> text{};
  const std::size_t length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  return {text.data(), length};
}

Shot shot_of(const libraw_data_t& data) {
  const auto angle = [](const float(&value)[3], char hemisphere) {
    return Angle{double{value[0]}, double{value[1]}, double{value[2]}, hemisphere};
  };
  Shot shot;
  shot.taken = local_time(data.other.timestamp);
  shot.camera = camera_name(text_in(data.idata.make), text_in(data.idata.model));
  shot.lens = lens_name(text_in(data.lens.Lens));
  const libraw_gps_info_t& gps = data.other.parsed_gps;
  if (gps.gpsparsed != 0)
    shot.place = geo_point(angle(gps.latitude, gps.latref), angle(gps.longitude, gps.longref));
  return shot;
}

void take_preview(Raw& raw, RawHeader& header) {
  if (raw->unpack_thumb() != LIBRAW_SUCCESS) return;
  const libraw_thumbnail_t& thumb = raw->imgdata.thumbnail;
  if (thumb.tformat != LIBRAW_THUMBNAIL_JPEG || thumb.thumb == nullptr) return;
  const auto* data = reinterpret_cast<const std::uint8_t*>(thumb.thumb);
  header.preview.assign(data, data + thumb.tlength);
}

Result<RawHeader> read_header(std::span<const std::uint8_t> bytes, std::uint64_t max_pixels,
                              std::string_view name) {
  Raw raw;
  if (const int code = raw.open(bytes); code != LIBRAW_SUCCESS) return raw_failure(code, bytes, name);
  const libraw_image_sizes_t& sizes = raw->imgdata.sizes;
  const std::uint64_t pixels = std::uint64_t{sizes.raw_width} * sizes.raw_height;
  if (pixels > max_pixels) {
    return cannot_read(
        ErrorCode::too_large, name,
        "it has " + std::to_string(pixels) + " pixels, the limit is " + std::to_string(max_pixels),
        "raise the limit if it is a genuine photo");
  }
  RawHeader header;
  header.orientation = orientation_of_flip(sizes.flip);
  header.shot = shot_of(raw->imgdata);
  take_preview(raw, header);
  if (const int code = raw->adjust_sizes_info_only(); code != LIBRAW_SUCCESS) {
    return raw_failure(code, bytes, name);
  }
  header.sensor = {sizes.iwidth, sizes.iheight};
  return header;
}

Result<Image> copy_developed(const libraw_processed_image_t& developed, std::string_view name) {
  if (developed.type != LIBRAW_IMAGE_BITMAP || developed.bits != 8 ||
      (developed.colors != 3 && developed.colors != 1)) {
    return damaged_photo(name, "RAW with an unusual number of colours");
  }
  Image image(developed.width, developed.height);
  const std::span<const std::uint8_t> source(developed.data, developed.data_size);
  if (developed.colors == 3 && source.size() >= image.bytes().size()) {
    std::ranges::copy(source.first(image.bytes().size()), image.bytes().begin());
    return image;
  }
  if (source.size() * 3 < image.bytes().size()) return damaged_photo(name, "RAW");
  const std::span<std::uint8_t> target = image.bytes();
  for (std::size_t i = 0; i < target.size(); ++i) target[i] = source[i / 3];
  return image;
}

Result<Image> develop(std::span<const std::uint8_t> bytes, int min_long_side, std::string_view name) {
  Raw raw;
  if (const int code = raw.open(bytes); code != LIBRAW_SUCCESS) return raw_failure(code, bytes, name);
  const libraw_image_sizes_t& sizes = raw->imgdata.sizes;
  libraw_output_params_t& params = raw->imgdata.params;
  params.half_size = std::max(sizes.width, sizes.height) / 2 >= min_long_side ? 1 : 0;
  params.output_bps = 8;
  params.output_color = 1;  // sRGB
  params.use_camera_wb = 1;
  params.user_qual = 0;  // bilinear: faces need no more, and it is the fastest
  int code = raw->unpack();
  if (code == LIBRAW_SUCCESS && raw.problem.seen) {
    return raw.problem.at_end ? truncated_photo(name) : damaged_photo(name, "RAW");
  }
  if (code == LIBRAW_SUCCESS) code = raw->dcraw_process();
  if (code != LIBRAW_SUCCESS) return raw_failure(code, bytes, name);
  const std::unique_ptr<libraw_processed_image_t, FreeImage> developed(raw->dcraw_make_mem_image(&code));
  if (!developed) return raw_failure(code, bytes, name);
  return copy_developed(*developed, name);
}

// LibRaw catches its own exceptions at its interface, mostly.
template <typename Work>
auto without_exceptions(std::string_view name, Work work) -> decltype(work()) {
  try {
    return work();
  } catch (...) {
    return damaged_photo(name, "RAW");
  }
}

}  // namespace

Result<RawHeader> read_raw_header(std::span<const std::uint8_t> bytes, std::uint64_t max_pixels,
                                  std::string_view name) {
  return without_exceptions(name, [&] { return read_header(bytes, max_pixels, name); });
}

bool preview_is_enough(Size preview, Size sensor) {
  // The detector looks at a picture of about a thousand pixels; a preview of that size, or of half the
  // sensor's, shows it the same faces at a hundredth of the cost of developing.
  constexpr int detector_long_side = 1024;
  const int have = std::max(preview.width, preview.height);
  return have >= std::min(detector_long_side, std::max(sensor.width, sensor.height) / 2);
}

Result<Image> develop_raw(std::span<const std::uint8_t> bytes, int min_long_side, std::string_view name) {
  return without_exceptions(name, [&] { return develop(bytes, min_long_side, name); });
}

}  // namespace kith::imageio
