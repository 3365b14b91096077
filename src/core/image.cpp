// SPDX-License-Identifier: Apache-2.0
#include <kith/image.h>

#include <algorithm>

namespace kith {

Image Image::clone() const {
  Image copy(width_, height_);
  std::ranges::copy(bytes(), copy.bytes().begin());
  return copy;
}

}  // namespace kith
