// SPDX-License-Identifier: Apache-2.0
// Lines as Windows programs write them into .ini files.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kith::interop {

struct IniEntry {
  std::string section;
  std::string key;
  std::string value;
};

// Every "key=value" of it, in UTF-8; what is no such line is passed over. Text that is no UTF-8 is taken for
// Windows-1252, line by line, since an ini outlives the version that began it; one that begins with the mark
// of UTF-16 is UTF-16.
[[nodiscard]] std::vector<IniEntry> read_ini(std::string_view bytes);

}  // namespace kith::interop
