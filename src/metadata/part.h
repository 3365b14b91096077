// SPDX-License-Identifier: Apache-2.0
// The functions of include/kith/metadata.h as this stage does them. It is a shared library of its own
// (libkith_metadata.so), a part in the sense of ondemand/part.h.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <kith/metadata.h>

namespace kith::metadata {

[[nodiscard]] Result<PhotoMetadata> read_metadata(const std::filesystem::path& photo,
                                                  const PhotoFrame& frame);

[[nodiscard]] Result<std::filesystem::path> metadata_target(const std::filesystem::path& photo,
                                                            const MetadataSettings& settings);

[[nodiscard]] Result<MetadataEdit> edit_names(const std::filesystem::path& photo, const PhotoFrame& frame,
                                              std::span<const NamedFace> faces,
                                              std::span<const std::string> people, std::string_view record,
                                              const MetadataSettings& settings);

[[nodiscard]] Result<MetadataEdit> edit_texts(const std::filesystem::path& photo,
                                              const std::optional<std::string>& description,
                                              const std::optional<std::string>& comment,
                                              const MetadataSettings& settings);

struct Part {
  static constexpr const char* name = "metadata";
  static constexpr const char* purpose = "read or write metadata";
  decltype(&read_metadata) read;
  decltype(&metadata_target) target;
  decltype(&edit_names) names;
  decltype(&edit_texts) texts;
};

}  // namespace kith::metadata

// The one name that is looked up in the shared library.
extern "C" const void* kith_metadata_part();
