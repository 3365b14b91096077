// SPDX-License-Identifier: Apache-2.0
// One wording for what goes wrong with a file: what happened, to which file, what to do.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include <kith/result.h>

namespace kith {

// The full path as it stands in messages: absolute, with control characters (a newline in a file's
// name) written as \xNN, so that one message stays one line.
[[nodiscard]] std::string display_name(const std::filesystem::path& file);

// "cannot read '<name>': <what>; <advice>".
[[nodiscard]] tl::unexpected<Error> cannot_read(ErrorCode code, std::string_view name, std::string_view what,
                                                std::string_view advice);

// "cannot write '<name>': <what>; <advice>".
[[nodiscard]] tl::unexpected<Error> cannot_write(ErrorCode code, std::string_view name, std::string_view what,
                                                 std::string_view advice);

}  // namespace kith
