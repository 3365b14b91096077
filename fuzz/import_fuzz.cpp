// SPDX-License-Identifier: Apache-2.0
// Any bytes must give records or an error that names a line; and records, written again, must be readable.
#include <cstddef>
#include <cstdint>
#include <sstream>
#include <string>

#include "exchange/records.h"

namespace {

void must_read(const std::string& text, std::size_t count) {
  std::istringstream input(text);
  const auto records = kith::exchange::read_records(input);
  if (!records || records->size() != count) __builtin_trap();
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::istringstream input(std::string(reinterpret_cast<const char*>(data), size));
  const auto records = kith::exchange::read_records(input);
  if (!records) {
    if (!records.error().message.starts_with("line ")) __builtin_trap();
    return 0;
  }
  std::string json = kith::exchange::json_heading();
  for (const auto& read : *records) json += kith::exchange::to_json_line(read.record);
  must_read(json, records->size());
  return 0;
}
