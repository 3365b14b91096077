// SPDX-License-Identifier: Apache-2.0
// Test pictures of every format, made on the spot.
#pragma once

#include <kith/image.h>
#include <kith/photo.h>
#include <vips/vips.h>

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "support/temporary_folder.h"

namespace kith::test {

using Bytes = std::vector<std::uint8_t>;

struct Unref {
  void operator()(VipsImage* image) const { g_object_unref(image); }
};
using Picture = std::unique_ptr<VipsImage, Unref>;

// Four quarters: red, green / blue, yellow. Tells every orientation from every other.
constexpr std::array<std::array<double, 3>, 4> quarter_colours{
    {{200, 30, 30}, {30, 180, 30}, {30, 30, 200}, {220, 200, 40}}};
[[nodiscard]] Picture quarters(int width, int height);

// Noise over a gradient: compresses badly, so that every part of the file holds a part of the picture.
[[nodiscard]] Picture noise(int width, int height);

[[nodiscard]] Picture one_colour(int width, int height, double r, double g, double b);

// What has to be stored so that applying the orientation gives `upright`; carries the tag.
[[nodiscard]] Picture stored_for(const Picture& upright, int orientation);

// `suffix` as in libvips: ".jpg[Q=95]".
[[nodiscard]] Bytes encode(const Picture& picture, const std::string& suffix);

// Applies a libvips call with one input and one output; throws where it fails.
template <typename Operation>
Picture processed(const Picture& picture, Operation operation) {
  VipsImage* result = nullptr;
  if (operation(picture.get(), &result) != 0) throw std::runtime_error(vips_error_buffer());
  return Picture(result);
}

// The mean colour about a point given as a part of width and height.
[[nodiscard]] std::array<int, 3> colour_at(const Image& image, double x, double y);

// Fails the test where the four quarters are not where they belong.
void expect_quarters(const Image& image, int tolerance);

// Mean absolute difference of two pictures of the same size.
[[nodiscard]] double difference(const Image& a, const Image& b);

// from_bytes, then decode at full size.
[[nodiscard]] Result<Image> decode(const Bytes& bytes, int min_long_side = 1 << 20);

void write_bytes(const std::filesystem::path& file, const Bytes& bytes);
[[nodiscard]] Bytes read_bytes(const std::filesystem::path& file);

// While it lives, root loses root's rights over files.
class WithoutRootRights {
 public:
  WithoutRootRights();
  WithoutRootRights(const WithoutRootRights&) = delete;
  WithoutRootRights& operator=(const WithoutRootRights&) = delete;
  ~WithoutRootRights();

 private:
  bool was_root_;
};

}  // namespace kith::test
