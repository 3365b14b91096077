// SPDX-License-Identifier: Apache-2.0
// Google Takeout: an export of Google Photos has a JSON file beside each photo, which names people and no
// places.
//
// Thread rule: functions of their arguments.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <kith/result.h>

#include "interop/claims.h"

namespace kith::interop {

// The names that the JSON of this photo can have, the likeliest first: "a.jpg.supplemental-metadata.json",
// "a.jpg.json", ... An edited photo ("a-edited.jpg") has its original's.
[[nodiscard]] std::vector<std::string> takeout_sidecar_names(std::string_view photo_file_name);

// The people that a photo's JSON names, each once. Nothing where the text is sound but no sidecar of
// Google's. Errors: damaged; `name` stands in the message.
[[nodiscard]] Result<std::optional<std::vector<std::string>>> parse_takeout(std::string_view json,
                                                                            const std::string& name);

// The people on the photos of this folder (not of those below it), by the JSON files in it. A folder that is
// no export has none: other programs' JSON is passed over without a word. Errors: not_found, unreadable.
[[nodiscard]] Result<Claims> read_takeout_folder(const std::filesystem::path& folder);

}  // namespace kith::interop
