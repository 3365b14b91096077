// SPDX-License-Identifier: Apache-2.0
// Any text must give a tree or an error; and a tree, printed, must read back as itself.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "search/query.h"

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto tree = kith::search::parse(text);
  if (!tree) return tree.error().message.empty() ? (__builtin_trap(), 0) : 0;
  const std::string printed = kith::search::print(*tree);
  if (printed.size() > kith::search::longest_query) return 0;  // it writes out what may be left out
  const auto again = kith::search::parse(printed);
  if (!again || !(*again == *tree)) __builtin_trap();
  return 0;
}
