// SPDX-License-Identifier: Apache-2.0
#include "vipsio/part.h"

extern "C" const void* kith_vipsio_part() {
  using namespace kith::vipsio;
  static constexpr Part part{read_header, decode, encode_copy, is_own_copy, render_text};
  return &part;
}
