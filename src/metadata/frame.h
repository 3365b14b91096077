// SPDX-License-Identifier: Apache-2.0
// The geometry of core/frame.h under this stage's names.
#pragma once

#include "core/frame.h"

namespace kith::metadata {

using kith::Area;
using kith::area_of;
using kith::pixels_of;
using kith::stored_from_upright;
using kith::stored_size;
using kith::upright_from_stored;
using Size = kith::FrameSize;

}  // namespace kith::metadata
