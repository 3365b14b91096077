// SPDX-License-Identifier: Apache-2.0
// Any text must give pairs that can be judged, or an error that says where.
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "eval/metrics.h"
#include "eval/pair_lists.h"

namespace {

void check(const kith::Result<std::vector<kith::eval::ListedPair>>& pairs, bool folds) {
  if (!pairs) {
    if (!pairs.error().message.starts_with("list:")) __builtin_trap();
    return;
  }
  const std::vector<kith::eval::Pair> scored = kith::eval::score_pairs(*pairs, {});
  if (scored.empty()) __builtin_trap();
  // No photo has a face: nothing is decided rightly, whatever the folds.
  const kith::eval::Decisions decisions =
      folds ? kith::eval::cross_validated(scored) : kith::eval::decided(scored, 0);
  for (const bool right : decisions.right) {
    if (right) __builtin_trap();
  }
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check(kith::eval::parse_lfw_folds(text, "list", 1), true);
  check(kith::eval::parse_lfw_part(text, "list", 0, 1), false);
  check(kith::eval::parse_pair_list(text, "list", 1), true);
  check(kith::eval::parse_pair_list(text, "list", 3), true);
  return 0;
}
