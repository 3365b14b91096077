// SPDX-License-Identifier: Apache-2.0
// Writes a small picture of every format into the folder named on the command line.
#include <vips/vips.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "imageio/dng.h"
#include "imageio/exif_block.h"

namespace {

// A date, a camera and a place, so that a fuzzer has the directories that they lie in to start from.
void put_exif(VipsImage* picture) {
  using kith::test::ascii;
  using kith::test::rationals;
  const std::vector<std::uint8_t> block =
      kith::test::exif_block({{ascii(271, "Kith"), ascii(272, "Test")},
                              {ascii(36867, "2019:07:31 18:05:11")},
                              {ascii(1, "N"), rationals(2, {48, 1, 51, 1, 29, 1}), ascii(3, "E"),
                               rationals(4, {2, 1, 17, 1, 40, 1})}});
  std::vector<std::uint8_t> marked{'E', 'x', 'i', 'f', 0, 0};
  marked.insert(marked.end(), block.begin(), block.end());
  vips_image_set_blob_copy(picture, VIPS_META_EXIF_NAME, marked.data(), marked.size());
}

bool write_seeds(VipsImage* picture, const std::filesystem::path& folder) {
  const char* const suffixes[] = {".jpg",
                                  ".jpg[interlace]",
                                  ".jpg[profile=p3]",
                                  ".jpg[restart-interval=2]",
                                  ".png",
                                  ".png[interlace,palette]",
                                  ".webp",
                                  ".webp[lossless]",
                                  ".tif",
                                  ".tif[compression=lzw,predictor=horizontal]",
                                  ".tif[compression=jpeg,tile]",
                                  ".gif",
                                  ".heic",
                                  ".avif[effort=0]"};
  int number = 0;
  for (const std::string suffix : suffixes) {
    const std::filesystem::path file = folder / ("seed" + std::to_string(number++) + suffix);
    if (vips_image_write_to_file(picture, file.c_str(), nullptr) != 0) {
      std::fprintf(stderr, "%s: %s\n", file.c_str(), vips_error_buffer());
      vips_error_clear();
    }
  }
  return number > 0;
}

void write_dng(const std::filesystem::path& file, const std::vector<std::uint8_t>& preview) {
  const std::vector<std::uint8_t> dng = kith::test::make_dng({.width = 48,
                                                              .height = 32,
                                                              .orientation = 6,
                                                              .preview = preview,
                                                              .preview_width = 40,
                                                              .preview_height = 24});
  std::ofstream(file, std::ios::binary)
      .write(reinterpret_cast<const char*>(dng.data()), static_cast<std::streamsize>(dng.size()));
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2 || vips_init(arguments[0]) != 0) return 1;
  std::filesystem::create_directories(arguments[1]);
  VipsImage* grey = nullptr;
  VipsImage* picture = nullptr;
  if (vips_eye(&grey, 40, 24, "uchar", TRUE, nullptr) != 0) return 1;
  VipsImage* bands[] = {grey, grey, grey};
  if (vips_bandjoin(bands, &picture, 3, nullptr) != 0) return 1;
  put_exif(picture);
  vips_image_set_int(picture, VIPS_META_ORIENTATION, 6);
  picture->Type = VIPS_INTERPRETATION_sRGB;
  const bool good = write_seeds(picture, arguments[1]);
  void* jpeg = nullptr;
  std::size_t size = 0;
  if (vips_jpegsave_buffer(picture, &jpeg, &size, nullptr) != 0) return 1;
  const auto* first = static_cast<const std::uint8_t*>(jpeg);
  const std::filesystem::path folder = arguments[1];
  write_dng(folder / "developed.dng", {});
  write_dng(folder / "preview.dng", {first, first + size});
  g_free(jpeg);
  g_object_unref(picture);
  g_object_unref(grey);
  return good ? 0 : 1;
}
