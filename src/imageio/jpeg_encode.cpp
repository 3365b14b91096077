// SPDX-License-Identifier: Apache-2.0
#include "imageio/jpeg_encode.h"

// jpeglib.h needs FILE and size_t declared before it, and jerror.h needs jpeglib.h.
// clang-format off
#include <csetjmp>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <jpeglib.h>
#include <jerror.h>
// clang-format on

#include <memory>
#include <string>

namespace kith::imageio {
namespace {

// Plain data throughout: libjpeg leaves by longjmp, which must not pass over a destructor.
struct Encoder {
  jpeg_compress_struct jpeg;  // first, so that libjpeg's pointer to it is a pointer to Encoder
  jpeg_error_mgr errors;
  std::jmp_buf out;
  unsigned char* bytes;
  unsigned long size;
  bool out_of_memory;
  char message[JMSG_LENGTH_MAX];
};

[[noreturn]] void on_error(j_common_ptr jpeg) {
  auto* encoder = reinterpret_cast<Encoder*>(jpeg);
  encoder->out_of_memory = encoder->errors.msg_code == JERR_OUT_OF_MEMORY;
  encoder->errors.format_message(jpeg, encoder->message);
  std::longjmp(encoder->out, 1);
}

void print_nothing(j_common_ptr /*jpeg*/) {}

bool encode(Encoder* encoder, const std::uint8_t* pixels, int width, int height, int quality) {
  jpeg_compress_struct& jpeg = encoder->jpeg;
  jpeg.err = jpeg_std_error(&encoder->errors);
  encoder->errors.error_exit = on_error;
  encoder->errors.output_message = print_nothing;
  if (setjmp(encoder->out) != 0) return false;
  jpeg_create_compress(&jpeg);
  jpeg_mem_dest(&jpeg, &encoder->bytes, &encoder->size);
  jpeg.image_width = static_cast<JDIMENSION>(width);
  jpeg.image_height = static_cast<JDIMENSION>(height);
  jpeg.input_components = Image::channels;
  jpeg.in_color_space = JCS_RGB;
  jpeg_set_defaults(&jpeg);
  jpeg_set_quality(&jpeg, quality, TRUE);
  jpeg.optimize_coding = TRUE;  // a second pass over a small picture, for a file smaller by a few per cent
  jpeg_start_compress(&jpeg, TRUE);
  const std::size_t stride = static_cast<std::size_t>(width) * Image::channels;
  for (int y = 0; y < height; ++y) {
    // libjpeg's interface wants a mutable row but only reads.
    auto* row = const_cast<JSAMPROW>(pixels + stride * static_cast<std::size_t>(y));
    jpeg_write_scanlines(&jpeg, &row, 1);
  }
  jpeg_finish_compress(&jpeg);
  return true;
}

struct Release {
  void operator()(Encoder* encoder) const {
    jpeg_destroy_compress(&encoder->jpeg);
    std::free(encoder->bytes);
    delete encoder;
  }
};

}  // namespace

Result<std::vector<std::uint8_t>> encode_jpeg(const Image& image, int quality) {
  if (image.empty() || image.long_side() > JPEG_MAX_DIMENSION) {
    return fail(ErrorCode::bad_argument, "a picture of " + std::to_string(image.width()) + " x " +
                                             std::to_string(image.height()) + " pixels cannot be a JPEG");
  }
  const std::unique_ptr<Encoder, Release> encoder(new Encoder{});
  if (!encode(encoder.get(), image.bytes().data(), image.width(), image.height(), quality)) {
    if (encoder->out_of_memory)
      return fail(ErrorCode::too_large, "there is not enough memory to encode a JPEG");
    return fail(ErrorCode::internal, std::string("libjpeg: ") + encoder->message + "; please report this");
  }
  return std::vector<std::uint8_t>(encoder->bytes, encoder->bytes + encoder->size);
}

}  // namespace kith::imageio
