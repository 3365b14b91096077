// SPDX-License-Identifier: Apache-2.0
// Whether a face is worth learning from, and if not, what it lacks.
//
// Thread rule: free functions without state.
#pragma once

#include <optional>

#include <kith/dataset.h>

namespace kith::dataset {

// The first of size, detection, sharpness, pose and quality in which it falls short; absent: none.
[[nodiscard]] std::optional<Drop> shortcoming(const Face& face, const FaceMeasures& measures,
                                              const DatasetSettings& settings);

}  // namespace kith::dataset
