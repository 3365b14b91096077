// SPDX-License-Identifier: Apache-2.0
#include "metadata/texts.h"

#include <algorithm>

#include "core/utf8.h"

namespace kith::metadata {
namespace {

using namespace std::string_view_literals;

constexpr Property description_property{"dc", ns::dc, "description"};
constexpr Property comment_property{"exif", ns::exif, "UserComment"};
constexpr std::string_view ascii_mark = "ASCII\0\0\0"sv;
constexpr std::string_view unicode_mark = "UNICODE\0"sv;

MetadataChange change_of(const std::string& field, const std::string& before, const std::string& after) {
  using Kind = MetadataChange::Kind;
  return {before.empty() ? Kind::add : after.empty() ? Kind::remove : Kind::change, field, before, after};
}

// What neither XML nor a line of text can hold becomes a blank.
std::string clean(std::string text) {
  std::ranges::replace_if(
      text,
      [](char c) {
        return (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\r' && c != '\t') || c == 0x7f;
      },
      ' ');
  return text;
}

bool change_text(XmpPacket& packet, const Property& property, const std::optional<std::string>& wanted,
                 const std::string& field, std::vector<MetadataChange>& changes) {
  if (!wanted) return false;
  const std::string before = packet.default_text(property);
  const std::string after = clean(*wanted);
  if (before == after) return false;
  if (!packet.set_default_text(property, after)) {
    changes.push_back({MetadataChange::Kind::kept, field, "in a form of its own", after});
    return false;
  }
  changes.push_back(change_of(field, before, after));
  return true;
}

// The UTF-16 of a character's code point.
std::string utf16(std::string_view text, bool big_endian) {
  std::string out;
  const auto put = [&](std::uint64_t unit) {
    out += big_endian ? big_endian_bytes(unit, 2) : little_endian_bytes(unit, 2);
  };
  while (!text.empty()) {
    const std::size_t bytes = std::max<std::size_t>(character_bytes(text), 1);
    std::uint32_t code = static_cast<unsigned char>(text[0]);
    if (bytes > 1) code &= 0xffU >> (bytes + 1);
    for (std::size_t i = 1; i < bytes; ++i) code = code << 6U | (static_cast<unsigned char>(text[i]) & 0x3fU);
    if (code >= 0x10000) {
      put(0xd800 + ((code - 0x10000) >> 10U));
      put(0xdc00 + ((code - 0x10000) & 0x3ffU));
    } else {
      put(code);
    }
    text.remove_prefix(bytes);
  }
  return out;
}

std::string shown_comment(std::string_view value, bool big_endian) {
  const std::string_view text = value.substr(std::min<std::size_t>(value.size(), ascii_mark.size()));
  if (value.starts_with(unicode_mark)) {
    return utf8_of_utf16(text, big_endian ? ByteOrder::big : ByteOrder::little);
  }
  return std::string(trimmed(valid_utf8(text.substr(0, text.find('\0')))));
}

}  // namespace

bool change_texts(XmpPacket& packet, const WantedTexts& wanted, std::vector<MetadataChange>& changes) {
  const bool description =
      change_text(packet, description_property, wanted.description, "description", changes);
  const bool comment = change_text(packet, comment_property, wanted.comment, "comment", changes);
  return description || comment;
}

std::vector<TiffChange> exif_changes(const ByteSource& photo, const Container& container,
                                     const WantedTexts& wanted, std::vector<MetadataChange>& changes) {
  const std::string block = container.exif.count == 0 ? empty_tiff() : container.exif.content;
  const TextSource inner(block);
  const ByteSource& tiff = container.format == PhotoFormat::tiff ? photo : inner;
  const bool big = tiff_is_big_endian(tiff).value_or(false);
  std::vector<TiffChange> needed;
  if (wanted.description) {
    const std::string after = clean(*wanted.description);
    const std::string stored = tiff_value(tiff, tiff_tag::image_description).value_or("");
    const std::string before = stored.substr(0, stored.find('\0'));
    if (before != after) {
      changes.push_back(change_of("EXIF description", before, after));
      needed.push_back({tiff_tag::image_description, TiffType::ascii,
                        after.empty() ? std::nullopt : std::optional(after + '\0')});
    }
  }
  if (wanted.comment) {
    const std::string after = clean(*wanted.comment);
    const std::string stored = tiff_value(tiff, tiff_tag::user_comment).value_or("");
    const std::string before = shown_comment(stored, big);
    if (before != after && stored != user_comment(after, big)) {
      changes.push_back(change_of("EXIF comment", before, after));
      needed.push_back({tiff_tag::user_comment, TiffType::undefined,
                        after.empty() ? std::nullopt : std::optional(user_comment(after, big))});
    }
  }
  if (needed.empty() || container.exif_obstacle.empty()) return needed;
  changes.push_back({MetadataChange::Kind::kept, "EXIF", container.exif_obstacle, "in XMP alone"});
  return {};
}

std::string user_comment(std::string_view text, bool big_endian) {
  const bool ascii = std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  if (ascii) return std::string(ascii_mark) + std::string(text);
  return std::string(unicode_mark) + utf16(text, big_endian);
}

bool holds_texts(const XmpPacket& packet) {
  return packet.property(description_property) != nullptr || packet.property(comment_property) != nullptr;
}

}  // namespace kith::metadata
