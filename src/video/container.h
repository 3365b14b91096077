// SPDX-License-Identifier: Apache-2.0
// Which kind of video file some bytes begin. FFmpeg knows some hundred formats, playlists and lists of
// pictures that lead elsewhere among them: only files that are plainly videos get so far.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace kith::video {

// As many bytes as container_of looks at.
inline constexpr std::size_t container_bytes = 400;

// A name of VideoInfo::format; empty where it is none of them.
[[nodiscard]] std::string_view container_of(std::span<const std::uint8_t> beginning);

}  // namespace kith::video
