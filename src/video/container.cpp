// SPDX-License-Identifier: Apache-2.0
#include "video/container.h"

#include <algorithm>
#include <array>

namespace kith::video {
namespace {

using namespace std::string_view_literals;

struct Signature {
  std::size_t at;
  std::string_view bytes;
  std::string_view format;
};

// MP4 and QuickTime: the type of the first box (ISO/IEC 14496-12, QuickTime File Format). Matroska: the EBML
// header. MPEG program stream: a pack header, or the sequence header of a bare one. ASF: the header object's
// GUID.
constexpr std::array signatures{
    Signature{4, "ftyp"sv, "mp4"sv},
    Signature{4, "moov"sv, "mp4"sv},
    Signature{4, "mdat"sv, "mp4"sv},
    Signature{4, "wide"sv, "mp4"sv},
    Signature{4, "free"sv, "mp4"sv},
    Signature{4, "skip"sv, "mp4"sv},
    Signature{8, "AVI "sv, "avi"sv},
    Signature{0, "\x1A\x45\xDF\xA3"sv, "matroska"sv},
    Signature{0, "\x00\x00\x01\xBA"sv, "mpeg"sv},
    Signature{0, "\x00\x00\x01\xB3"sv, "mpeg"sv},
    Signature{0, "FLV\x01"sv, "flv"sv},
    Signature{0, "\x30\x26\xB2\x75\x8E\x66\xCF\x11"sv, "asf"sv},
    Signature{0, "OggS"sv, "ogg"sv},
};

// A sync byte at the start of each packet (ISO/IEC 13818-1); on Blu-ray four bytes of time stand before it.
bool is_transport_stream(std::string_view text) {
  const auto packets_at = [&](std::size_t first, std::size_t size) {
    return text.size() > first + size && text[first] == 0x47 && text[first + size] == 0x47;
  };
  return packets_at(0, 188) || packets_at(4, 192);
}

}  // namespace

std::string_view container_of(std::span<const std::uint8_t> beginning) {
  const std::string_view text(reinterpret_cast<const char*>(beginning.data()), beginning.size());
  const auto* const found = std::ranges::find_if(signatures, [&](const Signature& signature) {
    return text.size() > signature.at && text.substr(signature.at).starts_with(signature.bytes);
  });
  if (found != signatures.end()) return found->format;
  return is_transport_stream(text) ? "mpeg-ts" : "";
}

}  // namespace kith::video
