// SPDX-License-Identifier: Apache-2.0
// The door to Exiv2, by which kith reads and never writes: set up once, silent, one thread at a time, its
// exceptions turned into errors.
//
// Its XMP toolkit keeps the names of namespaces in globals that every reading changes: a photo that binds a
// prefix to something of its own would change how the next one is understood. So Exiv2 is used in sessions. A
// session has Exiv2 for itself and begins with none but the standard namespaces.
//
// Thread rule: any thread; a second one waits for the first one's session to end. Calls within a session are
// part of it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <exiv2/exiv2.hpp>

#include <kith/result.h>

namespace kith::metadata {

class Exiv2Session {
 public:
  Exiv2Session();
  ~Exiv2Session();
  Exiv2Session(const Exiv2Session&) = delete;
  Exiv2Session& operator=(const Exiv2Session&) = delete;
};

// The error for the exception that is being handled. unsupported_format, damaged, too_large (more than
// there is memory).
[[nodiscard]] tl::unexpected<Error> exiv2_error(const std::filesystem::path& file);

// In a session does `work`, which gives a Result, may use Exiv2 and let it throw.
template <typename Work>
[[nodiscard]] std::invoke_result_t<Work> with_exiv2(const std::filesystem::path& file, Work&& work) {
  const Exiv2Session session;
  try {
    return std::forward<Work>(work)();
  } catch (...) {
    return exiv2_error(file);
  }
}

// A photo's metadata, read; the image refers to `bytes` until it is written to. `file` stands in messages.
// Errors: unsupported_format (nothing that Exiv2 knows as a picture), damaged, also where XMP is there and is
// not sound or uses a standard prefix for a namespace of its own.
[[nodiscard]] Result<std::unique_ptr<Exiv2::Image>> open_image(std::span<const std::uint8_t> bytes,
                                                               const std::filesystem::path& file);

// XMP, as it stands in a sidecar or inside a photo; UTF-8 or UTF-16. Empty text is empty XMP. Errors:
// damaged, too_large (see xmp_guard.h).
[[nodiscard]] Result<Exiv2::XmpData> parse_xmp(std::string_view text, const std::filesystem::path& file);

}  // namespace kith::metadata
