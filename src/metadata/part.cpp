// SPDX-License-Identifier: Apache-2.0
#include "metadata/part.h"

extern "C" const void* kith_metadata_part() {
  static constexpr kith::metadata::Part part{kith::metadata::read_metadata, kith::metadata::metadata_target,
                                             kith::metadata::edit_names, kith::metadata::edit_texts};
  return &part;
}
