// SPDX-License-Identifier: Apache-2.0
// Writing names into whatever other programs left: it must come out as it was put, and all that is not kith's
// must still be there. How the input begins says what it is: '{' a record, a photo's mark a photo, anything
// else an XMP packet.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/utf8.h"
#include "metadata/container.h"
#include "metadata/names.h"
#include "metadata/record.h"
#include "metadata/xmp_packet.h"

namespace {

using namespace kith::metadata;
using Words = std::multiset<std::string>;

void require(bool holds) {
  if (!holds) __builtin_trap();
}

void require_within(const Words& before, const Words& after) {
  require(std::ranges::includes(after, before));
}

// ---- packets

std::string without_blanks(std::string text) {
  std::erase_if(text, [](char c) { return std::string_view(" \t\r\n").find(c) != std::string_view::npos; });
  return text;
}

// What a document says, wherever it says it.
void collect(const XmlElement& element, Words& words) {
  const auto add = [&](const XmlName& name, const std::string& text) {
    const std::string word = without_blanks(text);
    if (!word.empty()) words.insert(name.space + ' ' + name.local + '=' + word);
  };
  add(element.name, element.text);
  for (const XmlAttribute& attribute : element.attributes) add(attribute.name, attribute.value);
  for (const XmlElement* child : children(element)) collect(*child, words);
}

Words words_of(const XmpPacket& packet) {
  std::string text = packet.text();
  text.erase(text.find_last_not_of(std::string_view(" \t\r\n\0", 5)) + 1);
  const auto document = parse_xml(text, "fuzz.xmp");
  require(document.has_value());
  Words words;
  collect(*document->root, words);
  return words;
}

const kith::MetadataSettings settings{.microsoft = true};

// Carries out a plan, and checks that it is carried out then.
XmpPacket applied(XmpPacket packet, const NamesPlan& plan, const WantedNames& wanted,
                  const kith::PhotoFrame& frame) {
  apply_names(packet, plan, frame);
  auto again = XmpPacket::parse(packet.text(), "fuzz.xmp");
  require(again.has_value());
  require(plan_names(*again, wanted, plan.record(), frame, settings).changes_nothing());
  return std::move(*again);
}

void write_names(std::string_view text) {
  auto packet = XmpPacket::parse(text, "fuzz.xmp");
  if (!packet) return require(packet.error().message.starts_with("fuzz.xmp"));
  if (text.find_first_not_of(std::string_view(" \t\r\n\0", 5)) != std::string_view::npos) {
    require(packet->text() == text);
  }
  const kith::PhotoFrame frame{
      .width = 4000, .height = 3000, .orientation = static_cast<int>(text.size() % 8) + 1};
  const std::vector<kith::NamedFace> faces{{"Anna", {1800, 900, 400, 600}},
                                           {"B/n <&>", {100, 100, 300, 400}}};
  const auto wanted = wanted_names(faces, std::vector<std::string>{"Carl"}, frame);
  require(wanted.has_value());
  const Words before = words_of(*packet);
  const NamesPlan plan = plan_names(*packet, *wanted, {}, frame, settings);
  XmpPacket named = applied(std::move(*packet), plan, *wanted, frame);
  require_within(before, words_of(named));
  // And they can be taken back.
  const NamesPlan back = plan_names(named, {}, plan.record(), frame, settings);
  require_within(before, words_of(applied(std::move(named), back, {}, frame)));
}

// ---- photos

void erase_block(std::string& photo, const Block& block) {
  photo.erase(static_cast<std::size_t>(block.from), static_cast<std::size_t>(block.count));
}

// The photo without what may be exchanged.
std::string rest_of(std::string photo, const Container& container, bool had_features) {
  const bool xmp_first = container.xmp.from < container.exif.from;
  erase_block(photo, xmp_first ? container.exif : container.xmp);
  erase_block(photo, xmp_first ? container.xmp : container.exif);
  if (container.format != PhotoFormat::webp) return photo;
  const auto first = static_cast<std::size_t>(container.first_chunk);
  if (!had_features && container.has_features) photo.erase(first, 8 + 10);
  if (had_features) photo[first + 8] = 0;
  return photo.replace(4, 4, 4, '\0');
}

// The values of all tags of the two directories but those that are written here.
Words values_of(std::string_view tiff) {
  const TextSource source(tiff);
  const auto big = tiff_is_big_endian(source);
  if (!big) return {};
  const auto number = [&](std::uint64_t at, std::size_t bytes) {
    const std::string text = source.read(at, bytes);
    return *big ? big_endian(text) : little_endian(text);
  };
  constexpr std::uint16_t exif_pointer = 0x8769;
  Words values;
  const auto add = [&](TiffDirectory directory, std::uint64_t at) {
    std::set<std::uint16_t> seen;
    const std::uint64_t count = number(at, 2);
    for (std::uint64_t i = 0; i < count; ++i) {
      const auto tag = static_cast<std::uint16_t>(number(at + 2 + i * 12, 2));
      const bool root = directory == TiffDirectory::root;
      const bool ours = root && (tag == tiff_tag::xmp.tag || tag == tiff_tag::image_description.tag);
      if (ours || (root && tag == exif_pointer) || !seen.insert(tag).second) continue;
      if (const auto value = tiff_value(source, {directory, tag}))
        values.insert(std::to_string(root ? 0 : 1) + ' ' + std::to_string(tag) + '=' + *value);
    }
  };
  add(TiffDirectory::root, number(4, 4));
  const auto pointer = tiff_value(source, {TiffDirectory::root, exif_pointer});
  if (pointer && pointer->size() == 4)
    add(TiffDirectory::exif, *big ? big_endian(*pointer) : little_endian(*pointer));
  return values;
}

std::string packet_of_anna() {
  auto packet = XmpPacket::parse("", "");
  packet->add_texts({"dc", ns::dc, "subject"}, ArrayKind::bag, std::vector<std::string>{"Anna"});
  return packet->text();
}

void write_photo(const std::string& photo, PhotoFormat format) {
  const TextSource source(photo);
  const auto container = read_container(source, format);
  if (!container) return;
  PhotoChange change{.xmp = packet_of_anna()};
  const std::string text = std::string("By the sea\0", 11);
  if (photo.size() % 2 == 0) change.exif.push_back({tiff_tag::image_description, TiffType::ascii, text});
  const auto splices = changed_photo(source, *container, change);
  if (!splices) return require(splices.error().message.starts_with("its "));
  std::uint64_t at = 0;
  for (const Splice& splice : *splices) {
    require(splice.from >= at && splice.count <= photo.size() - splice.from);
    at = splice.from + splice.count;
  }
  const std::string changed = spliced(photo, *splices);
  const TextSource changed_source(changed);
  require(writable_format(changed_source) == format);
  const auto again = read_container(changed_source, format);
  require(again.has_value());
  require(again->xmp.content == *change.xmp);
  const bool is_tiff = format == PhotoFormat::tiff;
  const std::string_view block = is_tiff ? std::string_view(changed) : again->exif.content;
  if (!change.exif.empty()) {
    require(tiff_value(TextSource(block), tiff_tag::image_description).value_or("").starts_with(text));
  }
  require_within(values_of(is_tiff ? photo : container->exif.content), values_of(block));
  if (is_tiff) return;
  require(again->extended_xmp == container->extended_xmp);
  require(rest_of(photo, *container, container->has_features) ==
          rest_of(changed, *again, container->has_features));
}

// ---- records

void read_record(std::string_view json) {
  const auto record = parse_record(json);
  if (!record) return require(!record.error().message.empty());
  const std::string text = record_json(*record);
  const auto again = parse_record(text);
  require(again && record_json(*again) == text);
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const PhotoFormat format = writable_format(TextSource(text));
  if (format != PhotoFormat::unknown) {
    write_photo(text, format);
  } else if (text.starts_with('{')) {
    read_record(text);
  } else {
    write_names(text);
  }
  return 0;
}
