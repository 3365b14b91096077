// SPDX-License-Identifier: Apache-2.0
// A model's description as JSON, and back.
#pragma once

#include <filesystem>
#include <string>

#include <nlohmann/json.hpp>

#include <kith/models.h>

namespace kith::catalog {

inline constexpr const char* projection_architecture = "projection";

// Whether a model's file may be called that: no folders, nothing hidden; a model's longest name and an
// ending fit.
[[nodiscard]] bool is_plain_file_name(const std::string& name);

// Whether a model may be called that: safe as a file's name and on a command line. Errors: bad_argument.
[[nodiscard]] Status check_plain_name(const std::string& name);

// The whole document; hostile until checked. Errors: not_found, unreadable, damaged.
[[nodiscard]] Result<nlohmann::json> read_json(const std::filesystem::path& file);

// File names are taken below `folder`. `origin` stands in front of error messages.
// Errors: damaged, naming the field that is missing or out of range.
[[nodiscard]] Result<ModelSpec> spec_from_json(const nlohmann::json& json,
                                               const std::filesystem::path& folder,
                                               const std::string& origin);

[[nodiscard]] nlohmann::json spec_to_json(const ModelSpec& spec);

}  // namespace kith::catalog
