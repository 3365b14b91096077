// SPDX-License-Identifier: Apache-2.0
#include "imageio/pictures.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace kith::test {
namespace {

void need_vips() {
  static const bool started = vips_init("kith_unit_tests") == 0;
  if (!started) throw std::runtime_error("libvips did not start");
}

Picture checked(int outcome, VipsImage* image) {
  if (outcome != 0) throw std::runtime_error(vips_error_buffer());
  return Picture(image);
}

void fill(VipsImage* image, const std::array<double, 3>& colour, int left, int top, int width, int height) {
  if (vips_draw_rect(image, const_cast<double*>(colour.data()), 3, left, top, width, height, "fill", TRUE,
                     nullptr) != 0) {
    throw std::runtime_error(vips_error_buffer());
  }
}

Bytes save(VipsImage* picture, const std::string& suffix) {
  void* data = nullptr;
  std::size_t size = 0;
  if (vips_image_write_to_buffer(picture, suffix.c_str(), &data, &size, nullptr) != 0) {
    throw std::runtime_error(vips_error_buffer());
  }
  const auto* first = static_cast<const std::uint8_t*>(data);
  Bytes bytes(first, first + size);
  g_free(data);
  return bytes;
}

Picture with_exif_block(const Picture& picture) {
  const Bytes jpeg = save(picture.get(), ".jpg");
  const Picture loaded(vips_image_new_from_buffer(jpeg.data(), jpeg.size(), "", nullptr));
  Picture copy =
      processed(picture, [](VipsImage* in, VipsImage** out) { return vips_copy(in, out, nullptr); });
  const void* block = nullptr;
  std::size_t size = 0;
  if (!loaded || vips_image_get_blob(loaded.get(), VIPS_META_EXIF_NAME, &block, &size) != 0) {
    throw std::runtime_error(vips_error_buffer());
  }
  vips_image_set_blob_copy(copy.get(), VIPS_META_EXIF_NAME, block, size);
  return copy;
}

}  // namespace

Picture one_colour(int width, int height, double r, double g, double b) {
  need_vips();
  VipsImage* black = nullptr;
  const int outcome = vips_black(&black, width, height, "bands", 3, nullptr);
  const Picture base = checked(outcome, black);
  Picture coloured = processed(base, [&](VipsImage* in, VipsImage** out) {
    std::array<double, 3> scale{1, 1, 1};
    std::array<double, 3> offset{r, g, b};
    return vips_linear(in, out, scale.data(), offset.data(), 3, "uchar", TRUE, nullptr);
  });
  return processed(coloured, [](VipsImage* in, VipsImage** out) {
    return vips_copy(in, out, "interpretation", VIPS_INTERPRETATION_sRGB, nullptr);
  });
}

Picture quarters(int width, int height) {
  Picture picture(vips_image_copy_memory(one_colour(width, height, 0, 0, 0).get()));
  const int x = width / 2;
  const int y = height / 2;
  fill(picture.get(), quarter_colours[0], 0, 0, x, y);
  fill(picture.get(), quarter_colours[1], x, 0, width - x, y);
  fill(picture.get(), quarter_colours[2], 0, y, x, height - y);
  fill(picture.get(), quarter_colours[3], x, y, width - x, height - y);
  return picture;
}

Picture noise(int width, int height) {
  need_vips();
  std::array<VipsImage*, 3> bands{};
  for (VipsImage*& band : bands) {
    if (vips_gaussnoise(&band, width, height, "mean", 128.0, "sigma", 40.0, nullptr) != 0) {
      throw std::runtime_error(vips_error_buffer());
    }
  }
  VipsImage* joined = nullptr;
  const int outcome = vips_bandjoin(bands.data(), &joined, 3, nullptr);
  for (VipsImage* band : bands) g_object_unref(band);
  const Picture picture = checked(outcome, joined);
  const Picture bytes =
      processed(picture, [](VipsImage* in, VipsImage** out) { return vips_cast_uchar(in, out, nullptr); });
  const Picture typed = processed(bytes, [](VipsImage* in, VipsImage** out) {
    return vips_copy(in, out, "interpretation", VIPS_INTERPRETATION_sRGB, nullptr);
  });
  return Picture(vips_image_copy_memory(typed.get()));
}

Picture stored_for(const Picture& upright, int orientation) {
  // The inverse of each orientation: 6 and 8 undo one another, the others undo themselves.
  const auto turned = [&](VipsAngle angle) {
    return processed(upright,
                     [&](VipsImage* in, VipsImage** out) { return vips_rot(in, out, angle, nullptr); });
  };
  const auto mirrored = [](const Picture& picture, VipsDirection direction) {
    return processed(picture,
                     [&](VipsImage* in, VipsImage** out) { return vips_flip(in, out, direction, nullptr); });
  };
  Picture stored;
  switch (orientation) {
    case 2: stored = mirrored(upright, VIPS_DIRECTION_HORIZONTAL); break;
    case 3: stored = turned(VIPS_ANGLE_D180); break;
    case 4: stored = mirrored(upright, VIPS_DIRECTION_VERTICAL); break;
    case 5: stored = mirrored(turned(VIPS_ANGLE_D90), VIPS_DIRECTION_HORIZONTAL); break;
    case 6: stored = turned(VIPS_ANGLE_D270); break;
    case 7: stored = mirrored(turned(VIPS_ANGLE_D270), VIPS_DIRECTION_HORIZONTAL); break;
    case 8: stored = turned(VIPS_ANGLE_D90); break;
    default: stored = turned(VIPS_ANGLE_D0); break;
  }
  stored = processed(stored, [](VipsImage* in, VipsImage** out) { return vips_copy(in, out, nullptr); });
  vips_image_set_int(stored.get(), VIPS_META_ORIENTATION, orientation);
  return stored;
}

Bytes encode(const Picture& picture, const std::string& suffix) {
  // libvips writes EXIF into a PNG only from a finished block, which its JPEG writer makes.
  if (suffix.starts_with(".png") && vips_image_get_typeof(picture.get(), VIPS_META_ORIENTATION) != 0) {
    return save(with_exif_block(picture).get(), suffix);
  }
  return save(picture.get(), suffix);
}

std::array<int, 3> colour_at(const Image& image, double x, double y) {
  std::array<int, 3> sum{};
  int count = 0;
  const int centre_x = static_cast<int>(x * image.width());
  const int centre_y = static_cast<int>(y * image.height());
  for (int row = centre_y - 1; row <= centre_y + 1; ++row) {
    for (int column = centre_x - 1; column <= centre_x + 1; ++column) {
      if (row < 0 || column < 0 || row >= image.height() || column >= image.width()) continue;
      for (std::size_t c = 0; c < 3; ++c) sum[c] += image.row(row)[column * 3 + static_cast<int>(c)];
      ++count;
    }
  }
  for (int& value : sum) value /= std::max(1, count);
  return sum;
}

void expect_quarters(const Image& image, int tolerance) {
  const std::array<std::array<double, 2>, 4> places{{{0.25, 0.25}, {0.75, 0.25}, {0.25, 0.75}, {0.75, 0.75}}};
  for (std::size_t i = 0; i < places.size(); ++i) {
    const auto colour = colour_at(image, places[i][0], places[i][1]);
    for (std::size_t c = 0; c < 3; ++c) {
      EXPECT_NEAR(colour[c], quarter_colours[i][c], tolerance) << "quarter " << i << ", channel " << c;
    }
  }
}

double difference(const Image& a, const Image& b) {
  if (a.width() != b.width() || a.height() != b.height()) return 1e9;
  double sum = 0;
  for (std::size_t i = 0; i < a.bytes().size(); ++i) sum += std::abs(a.bytes()[i] - b.bytes()[i]);
  return sum / static_cast<double>(a.bytes().size());
}

Result<Image> decode(const Bytes& bytes, int min_long_side) {
  const Result<Photo> photo = Photo::from_bytes(bytes, "test picture");
  if (!photo) return tl::unexpected(photo.error());
  return photo->decode(min_long_side);
}

void write_bytes(const std::filesystem::path& file, const Bytes& bytes) {
  std::ofstream stream(file, std::ios::binary);
  stream.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  if (!stream.flush()) throw std::runtime_error("cannot write " + file.string());
}

Bytes read_bytes(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

WithoutRootRights::WithoutRootRights() : was_root_(::geteuid() == 0) {
  constexpr uid_t nobody = 65534;
  if (was_root_ && ::seteuid(nobody) != 0) throw std::runtime_error("cannot give up root's rights");
}

WithoutRootRights::~WithoutRootRights() {
  if (was_root_ && ::seteuid(0) != 0) std::abort();
}

}  // namespace kith::test
