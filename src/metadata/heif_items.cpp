// SPDX-License-Identifier: Apache-2.0
#include "metadata/heif_items.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>

namespace kith::metadata {
namespace {

using Bytes = std::span<const std::uint8_t>;

// Takes numbers off the front; once there are too few bytes it has failed and gives zeros.
class Reader {
 public:
  explicit Reader(Bytes bytes) : rest_(bytes) {}

  std::uint64_t number(std::size_t size) {
    std::uint64_t value = 0;
    for (const std::uint8_t byte : take(size)) value = value << 8U | byte;
    return value;
  }

  // Up to a zero, which goes too.
  std::string_view text() {
    const auto end = std::ranges::find(rest_, std::uint8_t{0});
    const auto size = static_cast<std::size_t>(end - rest_.begin());
    const Bytes letters = take(size);
    if (end != rest_.end()) take(1);
    return {reinterpret_cast<const char*>(letters.data()), letters.size()};
  }

  Bytes take(std::uint64_t size) {
    if (size > rest_.size()) {
      failed_ = true;
      rest_ = {};
      return {};
    }
    const Bytes taken = rest_.first(static_cast<std::size_t>(size));
    rest_ = rest_.subspan(taken.size());
    return taken;
  }

  [[nodiscard]] bool failed() const { return failed_; }
  [[nodiscard]] std::size_t left() const { return rest_.size(); }

 private:
  Bytes rest_;
  bool failed_ = false;
};

constexpr std::uint32_t name(const char (&letters)[5]) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8U | static_cast<std::uint8_t>(letters[i]);
  return value;
}

struct Container {
  std::uint32_t type = 0;
  Bytes content;
};

// The next box of a sequence.
std::optional<Container> next_box(Reader& reader) {
  std::uint64_t size = reader.number(4);
  Container box{static_cast<std::uint32_t>(reader.number(4)), {}};
  std::uint64_t header = 8;
  if (size == 1) {
    size = reader.number(8);
    header = 16;
  } else if (size == 0) {
    size = header + reader.left();  // up to the end
  }
  if (reader.failed() || size < header) return std::nullopt;
  box.content = reader.take(size - header);
  return reader.failed() ? std::nullopt : std::optional(box);
}

std::optional<Bytes> find_box(Bytes sequence, std::uint32_t type) {
  Reader reader(sequence);
  while (const auto box = next_box(reader)) {
    if (box->type == type) return box->content;
  }
  return std::nullopt;
}

struct Ids {
  std::optional<std::uint64_t> exif;
  std::optional<std::uint64_t> xmp;
};

// What an "infe" box says of an item.
void read_item(Bytes content, Ids& ids) {
  Reader reader(content);
  const std::uint64_t version = reader.number(1);
  reader.number(3);
  if (version < 2) return;
  const std::uint64_t id = reader.number(version == 2 ? 2 : 4);
  reader.number(2);  // protection
  const auto type = static_cast<std::uint32_t>(reader.number(4));
  reader.text();  // the item's name
  if (reader.failed()) return;
  if (type == name("Exif")) ids.exif = id;
  if (type == name("mime") && reader.text() == "application/rdf+xml") ids.xmp = id;
}

Ids read_ids(Bytes infos) {
  Reader reader(infos);
  const std::uint64_t version = reader.number(1);
  reader.number(3);
  reader.number(version == 0 ? 2 : 4);  // how many there are, which the boxes show
  Ids ids;
  while (const auto box = next_box(reader)) {
    if (box->type == name("infe")) read_item(box->content, ids);
  }
  return ids;
}

// Where the items lie that are in one piece in this file; "iloc".
std::map<std::uint64_t, Bytes> read_places(Bytes table, Bytes file) {
  Reader reader(table);
  const std::uint64_t version = reader.number(1);
  reader.number(3);
  const std::uint64_t sizes = reader.number(2);
  const auto nibble = [&](unsigned shift) { return static_cast<std::size_t>(sizes >> shift & 15U); };
  const std::size_t offset_size = nibble(12);
  const std::size_t length_size = nibble(8);
  const std::size_t index_size = version == 0 ? 0 : nibble(0);
  const std::uint64_t count = reader.number(version < 2 ? 2 : 4);
  std::map<std::uint64_t, Bytes> places;
  for (std::uint64_t i = 0; i < count && !reader.failed(); ++i) {
    const std::uint64_t id = reader.number(version < 2 ? 2 : 4);
    const std::uint64_t construction = version == 0 ? 0 : reader.number(2) & 15U;
    const std::uint64_t other_file = reader.number(2);
    const std::uint64_t base = reader.number(nibble(4));
    const std::uint64_t extents = reader.number(2);
    if (extents != 1) {
      reader.take(extents * (index_size + offset_size + length_size));
      continue;
    }
    reader.number(index_size);
    const std::uint64_t start = base + reader.number(offset_size);
    const std::uint64_t length = reader.number(length_size);
    const bool here = construction == 0 && other_file == 0 && !reader.failed();
    if (here && start >= base && start <= file.size() && length <= file.size() - start)
      places.emplace(id, file.subspan(static_cast<std::size_t>(start), static_cast<std::size_t>(length)));
  }
  return places;
}

// Four bytes say how far behind them the TIFF header stands.
Bytes exif_of(Bytes item) {
  Reader reader(item);
  reader.take(reader.number(4));
  return item.last(reader.left());
}

}  // namespace

std::optional<HeifItems> heif_items(Bytes file) {
  const auto meta = find_box(file, name("meta"));
  if (!find_box(file, name("ftyp")) || !meta || meta->size() < 4) return std::nullopt;
  const Bytes boxes = meta->subspan(4);  // version and flags
  const auto infos = find_box(boxes, name("iinf"));
  const auto table = find_box(boxes, name("iloc"));
  if (!infos || !table) return std::nullopt;
  const Ids ids = read_ids(*infos);
  const std::map<std::uint64_t, Bytes> places = read_places(*table, file);
  const auto item = [&](const std::optional<std::uint64_t>& id) {
    const auto place = id ? places.find(*id) : places.end();
    return place == places.end() ? Bytes() : place->second;
  };
  const Bytes xmp = item(ids.xmp);
  return HeifItems{exif_of(item(ids.exif)), {reinterpret_cast<const char*>(xmp.data()), xmp.size()}};
}

}  // namespace kith::metadata
