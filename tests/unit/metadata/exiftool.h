// SPDX-License-Identifier: Apache-2.0
// The independent reader: what exiftool says of files. It takes a fifth of a second to start, so one call
// takes all of a test's files.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace kith::test {

// Runs it; throws where it fails. `arguments` are lines of an argument file.
std::string exiftool(const std::vector<std::string>& arguments);

// All tags by file, structures as such, "IFD0:Make"; binary ones in base64 where `binary`.
std::map<std::string, nlohmann::json> all_tags(const std::vector<std::filesystem::path>& files,
                                               bool binary = false);

}  // namespace kith::test
