// SPDX-License-Identifier: Apache-2.0
#include "metadata/jpeg_segments.h"

#include <map>

#include "metadata/xmp_guard.h"

namespace kith::metadata {
namespace {

constexpr std::uint8_t app1 = 0xe1;
constexpr std::uint8_t start_of_scan = 0xda;
constexpr std::uint8_t end_of_image = 0xd9;

// Goes from segment to segment up to the picture.
class Segments {
 public:
  explicit Segments(std::span<const std::uint8_t> jpeg) : jpeg_(jpeg) {
    ended_ = jpeg.size() < 2 || jpeg[0] != 0xff || jpeg[1] != 0xd8;
  }

  // False at the picture, and where there is no segment.
  bool next() {
    if (ended_) return false;
    ended_ = true;
    while (at_ + 1 < jpeg_.size() && jpeg_[at_] == 0xff && jpeg_[at_ + 1] == 0xff) ++at_;  // padding
    if (at_ + 4 > jpeg_.size() || jpeg_[at_] != 0xff) return false;
    marker_ = jpeg_[at_ + 1];
    const std::size_t size = std::size_t{jpeg_[at_ + 2]} << 8U | jpeg_[at_ + 3];
    if (marker_ == end_of_image || size < 2 || size > jpeg_.size() - at_ - 2) return false;
    content_ = jpeg_.subspan(at_ + 4, size - 2);
    at_ += 2 + size;
    ended_ = marker_ == start_of_scan;
    return !ended_;
  }

  [[nodiscard]] bool at_picture() const { return marker_ == start_of_scan; }
  [[nodiscard]] std::size_t position() const { return at_; }
  [[nodiscard]] std::uint8_t marker() const { return marker_; }
  [[nodiscard]] std::string_view content() const {
    return {reinterpret_cast<const char*>(content_.data()), content_.size()};
  }

 private:
  std::span<const std::uint8_t> jpeg_;
  std::span<const std::uint8_t> content_;
  std::size_t at_ = 2;
  std::uint8_t marker_ = 0;
  bool ended_ = false;
};

std::size_t big_endian(std::string_view four) {
  std::size_t value = 0;
  for (const char c : four) value = value << 8U | static_cast<std::uint8_t>(c);
  return value;
}

}  // namespace

std::optional<std::size_t> jpeg_header_bytes(std::span<const std::uint8_t> bytes) {
  Segments segments(bytes);
  while (segments.next()) {
  }
  return segments.at_picture() ? std::optional(segments.position()) : std::nullopt;
}

std::string extended_xmp(std::span<const std::uint8_t> jpeg, std::string_view guid) {
  using namespace std::string_view_literals;
  constexpr std::string_view name = "http://ns.adobe.com/xmp/extension/\0"sv;
  constexpr std::size_t guid_bytes = 32;
  if (guid.size() != guid_bytes) return {};
  std::map<std::size_t, std::string_view> parts;  // by where they belong
  std::size_t whole = 0;
  Segments segments(jpeg);
  while (segments.next()) {
    std::string_view content = segments.content();
    if (segments.marker() != app1 || !content.starts_with(name)) continue;
    content.remove_prefix(name.size());
    if (content.size() < guid_bytes + 8 || !content.starts_with(guid)) continue;
    whole = big_endian(content.substr(guid_bytes, 4));
    parts.try_emplace(big_endian(content.substr(guid_bytes + 4, 4)), content.substr(guid_bytes + 8));
  }
  if (whole == 0 || whole > XmpLimits{}.max_bytes) return {};
  std::string text;
  for (const auto& [offset, part] : parts) {
    if (offset != text.size()) return {};
    text += part;
  }
  return text.size() == whole ? text : std::string();
}

}  // namespace kith::metadata
