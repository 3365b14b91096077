// SPDX-License-Identifier: Apache-2.0
#include "ondemand/part.h"

#include <dlfcn.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <system_error>

namespace kith::ondemand {
namespace {

std::filesystem::path folder_of_kith() {
  static const char here = 0;
  Dl_info library{};
  if (::dladdr(&here, &library) == 0 || library.dli_fname == nullptr) return {};
  return std::filesystem::path(library.dli_fname).parent_path();
}

// Beside libkith where it was built, with the other parts where it is installed.
std::filesystem::path place_of(const std::string& file) {
  const std::filesystem::path folder = folder_of_kith();
  std::error_code ignored;
  const std::filesystem::path beside = folder / file;
  return std::filesystem::exists(beside, ignored) ? beside : folder / "kith" / file;
}

std::string build_option(std::string name) {
  std::ranges::transform(name, name.begin(),
                         [](unsigned char letter) { return static_cast<char>(std::toupper(letter)); });
  return "-DKITH_" + name + "=ON";
}

}  // namespace

Result<const void*> load_part(std::string_view name) {
  const std::string part(name);
  const std::string file = "libkith_" + part + ".so";
  const std::filesystem::path place = place_of(file);
  std::error_code ignored;
  if (!std::filesystem::exists(place, ignored)) {
    return fail(ErrorCode::unsupported_format,
                "its part " + file + " is not there; install it, or build kith with " + build_option(part));
  }
  void* const library = ::dlopen(place.c_str(), RTLD_NOW | RTLD_LOCAL);
  void* const entry = library == nullptr ? nullptr : ::dlsym(library, ("kith_" + part + "_part").c_str());
  if (entry == nullptr) {
    const char* const reason = ::dlerror();
    return fail(ErrorCode::unsupported_format, "its part " + file + " can't be loaded (" +
                                                   (reason == nullptr ? "no reason given" : reason) +
                                                   "); install kith, and what that names, again");
  }
  return reinterpret_cast<const void* (*)()>(entry)();
}

}  // namespace kith::ondemand
