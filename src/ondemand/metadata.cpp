// SPDX-License-Identifier: Apache-2.0
// The metadata part: Exiv2 would cost every command some milliseconds of its start, and is under the GPL.
#include <kith/metadata.h>

#include "metadata/part.h"
#include "ondemand/part.h"

namespace kith {
namespace {

using metadata::Part;

Result<const Part*> part(const std::filesystem::path& photo) { return ondemand::part<Part>(photo.string()); }

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
