// SPDX-License-Identifier: Apache-2.0
// The page of `kith eval cluster --report`.
#pragma once

#include <string>
#include <vector>

#include "eval_base.h"
#include "eval_report.h"

namespace kith::cli {

// Requires a result. Stored faces have no pictures.
[[nodiscard]] report::Page cluster_page(const std::vector<ClusterResult>& results,
                                        const std::vector<ClusterComparison>& comparisons,
                                        const FacePictures& pictures, const std::string& detector,
                                        const EvalOptions& chosen, const Options& options);

}  // namespace kith::cli
