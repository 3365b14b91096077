// SPDX-License-Identifier: Apache-2.0
// The metadata part, loaded when it is first needed: Exiv2 would cost every command some milliseconds of its
// start, and is under the GPL, as libkith itself is not.
#include <kith/metadata.h>

#include <dlfcn.h>

#include "metadata/part.h"

namespace kith {
namespace {

using metadata::Part;

std::filesystem::path folder_of_kith() {
  static const char here = 0;
  Dl_info library{};
  if (::dladdr(&here, &library) == 0 || library.dli_fname == nullptr) return {};
  return std::filesystem::path(library.dli_fname).parent_path();
}

// Nothing where this kith has none.
const Part* load() {
  const std::filesystem::path folder = folder_of_kith();
  // Beside libkith where it was built, with the other parts where it is installed.
  for (const std::filesystem::path& place : {folder, folder / "kith"}) {
    // Never closed: what it hands out may live as long as the process.
    void* const part = ::dlopen((place / "libkith_metadata.so").c_str(), RTLD_NOW | RTLD_LOCAL);
    if (part == nullptr) continue;
    const auto entry = reinterpret_cast<decltype(&kith_metadata_part)>(::dlsym(part, "kith_metadata_part"));
    return entry == nullptr ? nullptr : entry();
  }
  return nullptr;
}

Result<const Part*> part(const std::filesystem::path& photo) {
  static const Part* const loaded = load();
  if (loaded != nullptr) return loaded;
  return fail(ErrorCode::unsupported_format,
              photo.string() +
                  ": this kith can't read or write metadata: its part libkith_metadata.so is not "
                  "there; install it, or build kith with -DKITH_METADATA=ON");
}

}  // namespace

Result<PhotoMetadata> read_metadata(const std::filesystem::path& photo, const PhotoFrame& frame) {
  return part(photo).and_then([&](const Part* one) { return one->read(photo, frame); });
}

Result<std::filesystem::path> metadata_target(const std::filesystem::path& photo,
                                              const MetadataSettings& settings) {
  return part(photo).and_then([&](const Part* one) { return one->target(photo, settings); });
}

Result<MetadataEdit> edit_names(const std::filesystem::path& photo, const PhotoFrame& frame,
                                std::span<const NamedFace> faces, std::span<const std::string> people,
                                std::string_view record, const MetadataSettings& settings) {
  return part(photo).and_then(
      [&](const Part* one) { return one->names(photo, frame, faces, people, record, settings); });
}

Result<MetadataEdit> edit_texts(const std::filesystem::path& photo,
                                const std::optional<std::string>& description,
                                const std::optional<std::string>& comment, const MetadataSettings& settings) {
  return part(photo).and_then(
      [&](const Part* one) { return one->texts(photo, description, comment, settings); });
}

}  // namespace kith
