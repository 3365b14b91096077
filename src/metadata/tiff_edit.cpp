// SPDX-License-Identifier: Apache-2.0
#include "metadata/tiff_edit.h"

#include <algorithm>
#include <array>
#include <limits>

#include "core/camera_raw.h"

namespace kith::metadata {
namespace {

constexpr std::uint16_t compression = 259;
constexpr std::uint16_t photometric = 262;
constexpr std::uint16_t sub_directories = 330;
constexpr std::uint16_t exif_pointer = 0x8769;
constexpr std::uint16_t type_long = 4;
constexpr std::size_t entry_bytes = 12;
constexpr std::size_t max_directories = 64;
constexpr std::size_t max_value_bytes = std::size_t{64} << 20U;

struct Entry {
  std::uint16_t tag = 0;
  std::uint16_t type = 0;
  std::uint32_t count = 0;
  std::string value;  // its 4 bytes: the value itself, or where it lies
};

struct Directory {
  std::uint64_t at = 0;  // 0: it is not there yet
  std::size_t places = 0;
  std::vector<Entry> entries;
  std::uint32_t next = 0;
};

// A value's bytes, by its type; 0 for a type that TIFF does not have.
std::uint64_t width_of(std::uint16_t type) {
  constexpr std::array<std::uint64_t, 14> widths{0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4};
  return type < widths.size() ? widths[type] : 0;
}

class Numbers {
 public:
  explicit Numbers(bool big) : big_(big) {}
  [[nodiscard]] std::uint64_t number(std::string_view bytes) const {
    return big_ ? big_endian(bytes) : little_endian(bytes);
  }
  [[nodiscard]] std::string bytes(std::uint64_t value, std::size_t count) const {
    return big_ ? big_endian_bytes(value, count) : little_endian_bytes(value, count);
  }

 private:
  bool big_;
};

std::optional<Directory> read_directory(const ByteSource& tiff, const Numbers& numbers, std::uint64_t at) {
  const std::string count = tiff.read(at, 2);
  if (at < 8 || count.size() < 2) return std::nullopt;
  Directory directory{.at = at, .places = static_cast<std::size_t>(numbers.number(count))};
  const std::string bytes = tiff.read(at + 2, directory.places * entry_bytes + 4);
  // Some writers leave the pointer to a next directory out at the end of a block.
  if (bytes.size() < directory.places * entry_bytes) return std::nullopt;
  const std::string_view view = bytes;
  for (std::size_t i = 0; i < directory.places; ++i) {
    const std::string_view entry = view.substr(i * entry_bytes, entry_bytes);
    directory.entries.push_back({static_cast<std::uint16_t>(numbers.number(entry.substr(0, 2))),
                                 static_cast<std::uint16_t>(numbers.number(entry.substr(2, 2))),
                                 static_cast<std::uint32_t>(numbers.number(entry.substr(4, 4))),
                                 std::string(entry.substr(8))});
  }
  const std::string_view next = view.substr(directory.places * entry_bytes);
  if (next.size() == 4) directory.next = static_cast<std::uint32_t>(numbers.number(next));
  return directory;
}

auto find_entry(const Directory& directory, std::uint16_t tag) {
  return std::ranges::find(directory.entries, tag, &Entry::tag);
}

std::optional<Directory> read_root(const ByteSource& tiff, const Numbers& numbers) {
  return read_directory(tiff, numbers, numbers.number(tiff.read(4, 4)));
}

// An empty one where it is not there; nothing where it is damaged.
std::optional<Directory> read_exif(const ByteSource& tiff, const Numbers& numbers, const Directory& root) {
  const auto pointer = find_entry(root, exif_pointer);
  if (pointer == root.entries.end()) return Directory{};
  return read_directory(tiff, numbers, numbers.number(pointer->value));
}

// Where a value's bytes lie, if not in the entry itself.
struct Place {
  std::uint64_t at = 0;
  std::uint64_t bytes = 0;
};
std::optional<Place> place_of(const Entry& entry, const Numbers& numbers) {
  const std::uint64_t bytes = entry.count * width_of(entry.type);
  if (bytes <= 4) return std::nullopt;
  return Place{numbers.number(entry.value), bytes};
}

// Nothing where it is cut off, or too much to be one.
std::optional<std::string> value_of(const ByteSource& tiff, const Numbers& numbers, const Entry& entry) {
  const std::uint64_t bytes = entry.count * width_of(entry.type);
  if (bytes > max_value_bytes) return std::nullopt;
  const std::optional<Place> place = place_of(entry, numbers);
  if (!place) return entry.value.substr(0, static_cast<std::size_t>(bytes));
  std::string value = tiff.read(place->at, static_cast<std::size_t>(bytes));
  if (value.size() < bytes) return std::nullopt;
  return value;
}

bool holds_sensor_data(const Directory& directory, const Numbers& numbers) {
  if (find_entry(directory, dng_version_tag) != directory.entries.end()) return true;
  const auto number_of = [&](std::uint16_t tag) {
    const auto found = find_entry(directory, tag);
    if (found == directory.entries.end()) return std::uint32_t{0};
    const std::size_t bytes = found->type == type_long ? 4 : 2;
    return static_cast<std::uint32_t>(numbers.number(std::string_view(found->value).substr(0, bytes)));
  };
  return is_raw_photometric(number_of(photometric)) || is_raw_compression(number_of(compression));
}

class Editor {
 public:
  Editor(const ByteSource& tiff, const Numbers& numbers)
      : tiff_(tiff), numbers_(numbers), end_(tiff.size()) {}

  // All but values that need a new place. False where the value it replaces does not lie within the stream.
  [[nodiscard]] bool change(Directory& directory, const TiffChange& change) {
    const auto found = std::ranges::find(directory.entries, change.tag.tag, &Entry::tag);
    std::optional<Place> old;
    if (found != directory.entries.end()) old = place_of(*found, numbers_);
    if (old && (old->at < 8 || old->at > tiff_.size() || old->bytes > tiff_.size() - old->at)) return false;
    const bool fits = change.value && change.value->size() > 4 && old && change.value->size() <= old->bytes;
    if (old && !fits) free(*old);
    if (!change.value) {
      if (found != directory.entries.end()) directory.entries.erase(found);
      return true;
    }
    Entry entry{change.tag.tag, static_cast<std::uint16_t>(change.type),
                static_cast<std::uint32_t>(change.value->size()), *change.value};
    entry.value.resize(4, '\0');
    if (fits) {
      std::string padded = *change.value;
      padded.resize(static_cast<std::size_t>(old->bytes), '\0');
      overwrite(old->at, std::move(padded));
      entry.value = numbers_.bytes(old->at, 4);
    } else if (change.value->size() > 4) {
      pending_.push_back({&directory, change.tag.tag, *change.value});
    }
    if (found != directory.entries.end()) {
      *found = std::move(entry);
    } else {
      insert(directory, std::move(entry));
    }
    return true;
  }

  // Before the values, so that the last of these is the stream's last, and can grow where it is.
  void make_room(Directory& directory) {
    if (directory.entries.size() <= directory.places) return;
    directory.places = directory.entries.size();
    directory.at = append(std::string(bytes_of(directory), '\0'));
  }

  void append_values() {
    for (const Pending& pending : pending_) {
      const std::string at = numbers_.bytes(append(pending.value), 4);
      std::ranges::find(pending.directory->entries, pending.tag, &Entry::tag)->value = at;
    }
  }

  static void insert(Directory& directory, Entry entry) {
    const auto after = std::ranges::upper_bound(directory.entries, entry.tag, {}, &Entry::tag);
    directory.entries.insert(after, std::move(entry));
  }

  void write(const Directory& directory) {
    std::string bytes = numbers_.bytes(directory.entries.size(), 2);
    for (const Entry& entry : directory.entries) {
      bytes += numbers_.bytes(entry.tag, 2) + numbers_.bytes(entry.type, 2) + numbers_.bytes(entry.count, 4);
      bytes += entry.value;
    }
    bytes += numbers_.bytes(directory.next, 4);
    bytes.resize(bytes_of(directory), '\0');
    overwrite(directory.at, std::move(bytes));
  }

  void overwrite(std::uint64_t at, std::string bytes) {
    if (at >= end_) {
      tail_.replace(static_cast<std::size_t>(at - end_), bytes.size(), bytes);
      return;
    }
    bytes.resize(static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), end_ - at)));
    const std::uint64_t count = bytes.size();
    splices_.push_back({at, count, std::move(bytes)});
  }

  // In a damaged stream a value may lie where another one, or a directory, is written.
  void keep_others(const Directory& directory, TiffDirectory which, std::span<const TiffChange> changes) {
    for (const Entry& entry : directory.entries) {
      const bool changes_it = std::ranges::any_of(changes, [&](const TiffChange& change) {
        return change.tag.directory == which && change.tag.tag == entry.tag;
      });
      const std::optional<Place> place = place_of(entry, numbers_);
      if (place && !changes_it) kept_.push_back(*place);
    }
  }

  // Nothing where 32 bits can't point at its end, or what is to stay would be lost.
  [[nodiscard]] std::optional<std::vector<Splice>> finish() {
    if (end_ + tail_.size() > std::numeric_limits<std::uint32_t>::max()) return std::nullopt;
    if (!tail_.empty() || end_ != tiff_.size())
      splices_.push_back({end_, tiff_.size() - end_, std::move(tail_)});
    std::ranges::sort(splices_, {}, &Splice::from);
    for (std::size_t i = 1; i < splices_.size(); ++i) {
      if (splices_[i - 1].from + splices_[i - 1].count > splices_[i].from) return std::nullopt;
    }
    const bool lost = std::ranges::any_of(kept_, [&](const Place& kept) {
      return std::ranges::any_of(splices_, [&](const Splice& splice) {
        return splice.from < kept.at + kept.bytes && kept.at < splice.from + splice.count;
      });
    });
    if (lost) return std::nullopt;
    return std::move(splices_);
  }

 private:
  struct Pending {
    Directory* directory;
    std::uint16_t tag;
    std::string value;
  };

  static std::size_t bytes_of(const Directory& directory) { return 2 + directory.places * entry_bytes + 4; }

  void free(const Place& place) {
    // The stream's last value leaves its room to what is appended.
    const std::uint64_t place_end = place.at + place.bytes;
    if (tail_.empty() && end_ == tiff_.size() && place_end + place_end % 2 >= end_) {
      end_ = place.at;
    } else {
      overwrite(place.at, std::string(static_cast<std::size_t>(place.bytes), '\0'));
    }
  }

  std::uint64_t append(const std::string& bytes) {
    if ((end_ + tail_.size()) % 2 != 0) tail_ += '\0';  // TIFF's offsets are even
    const std::uint64_t at = end_ + tail_.size();
    tail_ += bytes;
    return at;
  }

  const ByteSource& tiff_;
  Numbers numbers_;
  std::vector<Splice> splices_;
  std::vector<Pending> pending_;
  std::vector<Place> kept_;
  std::uint64_t end_;  // what is appended begins here
  std::string tail_;
};

}  // namespace

std::string empty_tiff() { return {"II*\0\x08\0\0\0\0\0\0\0\0\0", 14}; }

std::optional<bool> tiff_is_big_endian(const ByteSource& tiff) {
  using namespace std::string_view_literals;
  const std::string mark = tiff.read(0, 4);
  if (mark == "II*\0"sv) return false;
  if (mark == "MM\0*"sv) return true;
  return std::nullopt;
}

std::optional<std::string> tiff_value(const ByteSource& tiff, TiffTag tag) {
  const std::optional<bool> big = tiff_is_big_endian(tiff);
  if (!big) return std::nullopt;
  const Numbers numbers(*big);
  std::optional<Directory> directory = read_root(tiff, numbers);
  if (directory && tag.directory == TiffDirectory::exif) directory = read_exif(tiff, numbers, *directory);
  if (!directory) return std::nullopt;
  const auto found = find_entry(*directory, tag.tag);
  return found == directory->entries.end() ? std::nullopt : value_of(tiff, numbers, *found);
}

bool tiff_holds_raw(const ByteSource& tiff) {
  const std::optional<bool> big = tiff_is_big_endian(tiff);
  if (!big) return false;
  const Numbers numbers(*big);
  std::vector<std::uint64_t> to_visit{numbers.number(tiff.read(4, 4))};
  // Cameras write fewer than ten; loops end here.
  for (std::size_t visited = 0; visited < std::min(to_visit.size(), max_directories); ++visited) {
    const std::optional<Directory> directory = read_directory(tiff, numbers, to_visit[visited]);
    if (!directory) continue;
    if (holds_sensor_data(*directory, numbers)) return true;
    to_visit.push_back(directory->next);
    const auto below = find_entry(*directory, sub_directories);
    if (below == directory->entries.end()) continue;
    const std::string places = value_of(tiff, numbers, *below).value_or("");
    for (std::size_t at = 0; at + 4 <= places.size() && to_visit.size() < max_directories; at += 4)
      to_visit.push_back(numbers.number(std::string_view(places).substr(at, 4)));
  }
  return false;
}

std::optional<std::vector<Splice>> changed_tiff(const ByteSource& tiff, std::span<const TiffChange> changes) {
  const std::optional<bool> big = tiff_is_big_endian(tiff);
  if (!big) return std::nullopt;
  const Numbers numbers(*big);
  std::optional<Directory> root = read_root(tiff, numbers);
  if (!root) return std::nullopt;
  std::optional<Directory> exif = read_exif(tiff, numbers, *root);
  Editor editor(tiff, numbers);
  editor.keep_others(*root, TiffDirectory::root, changes);
  if (exif) editor.keep_others(*exif, TiffDirectory::exif, changes);
  const std::uint64_t old_root = root->at;
  for (const TiffChange& change : changes) {
    const bool in_exif = change.tag.directory == TiffDirectory::exif;
    if (in_exif && !exif) return std::nullopt;
    if (!editor.change(in_exif ? *exif : *root, change)) return std::nullopt;
  }
  if (exif && !exif->entries.empty() && find_entry(*root, exif_pointer) == root->entries.end()) {
    Editor::insert(*root, {exif_pointer, type_long, 1, std::string(4, '\0')});
  }
  editor.make_room(*root);
  if (exif) editor.make_room(*exif);
  editor.append_values();
  if (exif && exif->at != 0) {
    std::ranges::find(root->entries, exif_pointer, &Entry::tag)->value = numbers.bytes(exif->at, 4);
    editor.write(*exif);
  }
  editor.write(*root);
  if (root->at != old_root) editor.overwrite(4, numbers.bytes(root->at, 4));
  return editor.finish();
}

std::string spliced(std::string_view bytes, std::span<const Splice> splices) {
  std::string out;
  std::uint64_t at = 0;
  for (const Splice& splice : splices) {
    out += bytes.substr(at, splice.from - at);
    out += splice.bytes;
    at = splice.from + splice.count;
  }
  return out + std::string(bytes.substr(at));
}

}  // namespace kith::metadata
