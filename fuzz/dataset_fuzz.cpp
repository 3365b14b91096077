// SPDX-License-Identifier: Apache-2.0
// A data set's manifest and a list of pictures, whoever wrote them: what is read can be written and read
// again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "dataset/manifest.h"
#include "dataset/names.h"
#include "dataset/triplets.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kith::dataset;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto manifest = read_manifest(text, "dataset.json")) {
    const std::string written = manifest_text(*manifest);
    const auto again = read_manifest(written, "dataset.json");
    if (!again || manifest_text(*again) != written) std::abort();
  }
  if (const auto list = read_list(text, "list.txt")) {
    const auto again = read_list(list_text(*list), "list.txt");
    if (!again || again->files != list->files || again->persons != list->persons) std::abort();
  }
  const std::string name = safe_component(text, 40);
  if (name.find('/') != std::string::npos || name == "." || name == ".." || name.empty()) std::abort();
  return 0;
}
