// SPDX-License-Identifier: Apache-2.0
#include "video/part.h"

extern "C" const void* kith_video_part() {
  static constexpr kith::video::Part part{kith::video::open_video, kith::video::open_camera};
  return &part;
}
