// SPDX-License-Identifier: Apache-2.0
// Parts of kith that few commands need, each in a shared library of its own that is loaded by the first call:
// what it links would cost every command's start, or is under a licence that libkith itself is not under.
//
// The part NAME is the stage src/NAME/, linked as libkith_NAME.so. It says what it can do in a table of
// functions,
//   struct Part {
//     static constexpr const char* name = "NAME";
//     static constexpr const char* purpose = "read tea leaves";  // ends the sentence "this kith can't ..."
//     decltype(&read_leaves) read;
//   };
// which its one exported function hands out: extern "C" const void* kith_NAME_part(). A file of this stage,
// NAME.cpp, defines the public functions as calls through part<Part>().
//
// Thread rule: may be called by many threads at once.
#pragma once

#include <string>
#include <string_view>

#include <kith/result.h>

namespace kith::ondemand {

// What kith_NAME_part() of libkith_NAME.so returns; the library stays loaded, since what it hands out may
// live as long as the process. Errors, in the words that follow "this kith can't ...: ": unsupported_format.
[[nodiscard]] Result<const void*> load_part(std::string_view name);

// The part's functions. `subject` is what they are to work on, as it stands in the message. Errors:
// unsupported_format where this kith has no such part.
template <typename Part>
[[nodiscard]] Result<const Part*> part(const std::string& subject) {
  static const Result<const void*> loaded = load_part(Part::name);
  if (loaded) return static_cast<const Part*>(*loaded);
  return fail(loaded.error().code,
              subject + ": this kith can't " + Part::purpose + ": " + loaded.error().message);
}

}  // namespace kith::ondemand
