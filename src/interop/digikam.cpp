// SPDX-License-Identifier: Apache-2.0
#include "interop/digikam.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <map>
#include <optional>
#include <pugixml.hpp>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "core/file_errors.h"
#include "interop/album_roots.h"
#include "interop/checks.h"
#include "interop/foreign_sqlite.h"

namespace kith::interop {
namespace {

namespace fs = std::filesystem;

// Settings.DBVersion of digiKam 5 to 8.
constexpr int oldest_version = 10;
constexpr int newest_version = 16;

// A column is what its value is, never what the schema says of it.
std::optional<std::int64_t> number_in(const SQLite::Column& column) {
  if (!column.isInteger()) return std::nullopt;
  return column.getInt64();
}

std::optional<std::string> text_in(const SQLite::Column& column) {
  if (!column.isText()) return std::nullopt;
  std::string text = column.getString();
  if (text.find('\0') != std::string::npos) return std::nullopt;
  return text;
}

std::optional<int> whole_number(std::string_view text) {
  int value = 0;
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stopped != end) return std::nullopt;
  return value;
}

Status check_version(SQLite::Database& sql, const fs::path& file) {
  const auto no_digikam = [&](const std::string& what) {
    return cannot_read(ErrorCode::unsupported_format, display_name(file), what,
                       "give the digikam4.db of digiKam 5 to 8");
  };
  // Tables of their own, not views or virtual ones under their names.
  SQLite::Statement tables(
      sql,
      "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND rootpage > 0 AND name IN ('Settings', "
      "'AlbumRoots', 'Albums', 'Images', 'ImageInformation', 'Tags', 'TagProperties', "
      "'ImageTags', 'ImageTagProperties')");
  if (!tables.executeStep() || tables.getColumn(0).getInt() != 9)
    return no_digikam("it is no database of digiKam's photos");
  SQLite::Statement setting(sql, "SELECT value FROM Settings WHERE keyword = 'DBVersion'");
  if (!setting.executeStep()) return no_digikam("it does not say of which version it is");
  const auto version = whole_number(setting.getColumn(0).getString());
  if (!version || *version < oldest_version || *version > newest_version)
    return no_digikam("its version is " + (version ? std::to_string(*version) : "no number") +
                      ", and kith knows those from " + std::to_string(oldest_version) + " to " +
                      std::to_string(newest_version));
  return {};
}

// ---- who there is

struct Tag {
  std::string name;
  bool person = false;
  bool nobody = false;  // "Unknown", "Unconfirmed" and "Ignored", in whatever language
};

std::unordered_map<std::int64_t, Tag> tags_in(SQLite::Database& sql) {
  std::unordered_map<std::int64_t, Tag> tags;
  SQLite::Statement names(sql, "SELECT id, name FROM Tags");
  while (names.executeStep()) {
    const auto id = number_in(names.getColumn(0));
    if (id) tags[*id].name = claimed_name(text_in(names.getColumn(1)).value_or(std::string()));
  }
  SQLite::Statement properties(sql, "SELECT tagid, property FROM TagProperties");
  while (properties.executeStep()) {
    const auto id = number_in(properties.getColumn(0));
    const auto property = text_in(properties.getColumn(1));
    const auto tag = id ? tags.find(*id) : tags.end();
    if (tag == tags.end() || !property) continue;
    if (*property == "person") tag->second.person = true;
    if (*property == "unknownPerson" || *property == "unconfirmedPerson" || *property == "ignoredPerson")
      tag->second.nobody = true;
  }
  return tags;
}

// ---- where they are

// A photo as digiKam knew it when the regions were written; 0 where it did not.
struct KnownPhoto {
  int stored_width = 0;
  int stored_height = 0;
  int orientation = 1;
};

struct Rectangle {
  int x = 0;
  int y = 0;
  int width = 0;
  int height = 0;
};

// <rect x="100" y="50" width="90" height="120"/>, in pixels of the upright photo at its full size.
std::optional<Rectangle> rectangle_in(std::string_view xml) {
  constexpr std::size_t longest = 1000;
  pugi::xml_document document;
  if (xml.size() > longest || !document.load_buffer(xml.data(), xml.size())) return std::nullopt;
  const pugi::xml_node rect = document.child("rect");
  const auto x = whole_number(rect.attribute("x").value());
  const auto y = whole_number(rect.attribute("y").value());
  const auto width = whole_number(rect.attribute("width").value());
  const auto height = whole_number(rect.attribute("height").value());
  if (!x || !y || !width || !height || *width < 1 || *height < 1) return std::nullopt;
  return Rectangle{*x, *y, *width, *height};
}

Area share_of(const Rectangle& rectangle, double width, double height) {
  return {rectangle.x / width, rectangle.y / height, rectangle.width / width, rectangle.height / height};
}

// Whether one is the other enlarged or shrunk, give or take a pixel of rounding.
bool same_shape(const FrameSize& one, const FrameSize& other) {
  const double scale = static_cast<double>(other.width) / one.width;
  return std::abs(one.height * scale - other.height) <= std::max(1.0, scale);
}

std::optional<Area> area_now(const Rectangle& rectangle, const KnownPhoto& then, const PhotoFrame& now) {
  if (then.stored_width < 1 || then.stored_height < 1) return share_of(rectangle, now.width, now.height);
  // Turned since by its orientation alone, the photo has the stored pixels that it had.
  const FrameSize stored{then.stored_width, then.stored_height};
  if (!same_shape(stored, stored_size(now))) return std::nullopt;
  const bool turned = then.orientation >= 5;
  const Area upright =
      share_of(rectangle, turned ? stored.height : stored.width, turned ? stored.width : stored.height);
  if (then.orientation == now.orientation) return upright;
  return upright_from_stored(stored_from_upright(upright, then.orientation), now.orientation);
}

int within(const std::optional<std::int64_t>& value, int low, int high, int otherwise) {
  return value && *value >= low && *value <= high ? static_cast<int>(*value) : otherwise;
}

// The columns that tell which photo it is, from this one on.
constexpr std::string_view photo_columns = " Images.id, Albums.albumRoot, Albums.relativePath, Images.name ";
// Visible and hidden ones; others are in the bin, or gone.
constexpr std::string_view of_photos_there =
    " JOIN Images ON Images.id = told.imageid JOIN Albums ON Albums.id = Images.album"
    " WHERE Images.status IN (1, 2) ";

class Reader {
 public:
  Reader(SQLite::Database& sql, const fs::path& file, const FrameOf& frame_of,
         const DigikamSettings& settings)
      : sql_(sql), file_(file), frame_of_(frame_of), settings_(settings), tags_(tags_in(sql)) {}

  Claims read() {
    read_roots();
    read_sizes();
    read_regions();
    read_people_without_region();
    return std::move(claims_).take();
  }

 private:
  void read_roots() {
    SQLite::Statement rows(sql_, "SELECT id, label, identifier, specificPath FROM AlbumRoots");
    while (rows.executeStep()) {
      const auto id = number_in(rows.getColumn(0));
      if (!id) continue;
      const AlbumRoot root{text_in(rows.getColumn(1)).value_or(std::string()),
                           text_in(rows.getColumn(2)).value_or(std::string()),
                           text_in(rows.getColumn(3)).value_or(std::string())};
      Result<fs::path> folder = folder_of(root, settings_);
      if (!folder)
        claims_.add_problem({folder.error().code, display_name(file_) + ": " + folder.error().message});
      if (folder) roots_.insert_or_assign(*id, std::move(*folder));
    }
  }

  void read_sizes() {
    SQLite::Statement rows(
        sql_,
        "SELECT imageid, width, height, orientation FROM ImageInformation WHERE imageid IN "
        "(SELECT imageid FROM ImageTagProperties WHERE property = 'tagRegion')");
    constexpr int largest = 1 << 20;
    while (rows.executeStep()) {
      const auto id = number_in(rows.getColumn(0));
      if (!id) continue;
      sizes_[*id] = {within(number_in(rows.getColumn(1)), 1, largest, 0),
                     within(number_in(rows.getColumn(2)), 1, largest, 0),
                     within(number_in(rows.getColumn(3)), 1, 8, 1)};
    }
  }

  void read_regions() {
    SQLite::Statement rows(sql_,
                           "SELECT" + std::string(photo_columns) +
                               ", told.tagid, told.property, told.value FROM ImageTagProperties AS told" +
                               std::string(of_photos_there) + "ORDER BY told.rowid");
    std::map<fs::path, std::vector<ToldRegion>> regions;
    while (rows.executeStep()) {
      const auto id = number_in(rows.getColumn(0));
      const auto tag_id = number_in(rows.getColumn(4));
      if (!id || !tag_id) continue;
      placed_[*id].insert(*tag_id);
      if (text_in(rows.getColumn(5)) != "tagRegion") continue;  // a guess of digiKam's, or a face to train on
      const Tag* tag = name_tag(*tag_id);
      if (tag == nullptr) continue;
      if (const auto path = path_in(rows))
        regions[*path].push_back(region_of(*id, *tag, text_in(rows.getColumn(6)).value_or(std::string())));
    }
    for (const auto& [path, told] : regions) claims_.add(path, told, frame_of_);
  }

  // Somebody's tag on a photo without a place: on it, the owner said, and not where.
  void read_people_without_region() {
    SQLite::Statement rows(sql_, "SELECT" + std::string(photo_columns) +
                                     ", told.tagid FROM ImageTags AS told" + std::string(of_photos_there) +
                                     "ORDER BY Images.id");
    while (rows.executeStep()) {
      const auto id = number_in(rows.getColumn(0));
      const auto tag_id = number_in(rows.getColumn(4));
      const Tag* tag = tag_id ? name_tag(*tag_id) : nullptr;
      if (!id || tag == nullptr || !tag->person) continue;
      const auto placed = placed_.find(*id);
      if (placed != placed_.end() && placed->second.contains(*tag_id)) continue;
      if (const auto path = path_in(rows))
        claims_.add(*path, NameClaim{.kind = RegionKind::face, .name = tag->name, .source = "digikam"});
    }
  }

  // The tag, if it is somebody's name.
  [[nodiscard]] const Tag* name_tag(std::int64_t id) const {
    const auto tag = tags_.find(id);
    return tag == tags_.end() || tag->second.nobody || tag->second.name.empty() ? nullptr : &tag->second;
  }

  [[nodiscard]] ToldRegion region_of(std::int64_t photo, const Tag& tag, std::string_view xml) const {
    const auto known = sizes_.find(photo);
    const KnownPhoto then = known != sizes_.end() ? known->second : KnownPhoto{};
    NameClaim claim;
    claim.kind = tag.person ? RegionKind::face : RegionKind::other;
    claim.name = tag.name;
    claim.source = "digikam";
    return {std::move(claim), [rectangle = rectangle_in(xml), then](const PhotoFrame& now) {
              return rectangle ? area_now(*rectangle, then, now) : std::nullopt;
            }};
  }

  // Of the row's photo; nothing, with a problem noted once, where it would lie outside of its collection.
  std::optional<fs::path> path_in(SQLite::Statement& row) {
    const auto root = number_in(row.getColumn(1));
    const auto folder = root ? roots_.find(*root) : roots_.end();
    if (folder == roots_.end()) return std::nullopt;  // said already
    const auto album = text_in(row.getColumn(2));
    const auto name = text_in(row.getColumn(3));
    auto inside = album && name ? path_inside(folder->second, *album, *name) : std::nullopt;
    if (!inside && odd_photos_.insert(number_in(row.getColumn(0)).value_or(0)).second)
      claims_.add_problem(
          cannot_read(ErrorCode::damaged, display_name(file_),
                      "it speaks of a photo outside of its collection " + display_name(folder->second),
                      "nothing is imported for it")
              .value());
    return inside;
  }

  SQLite::Database& sql_;
  const fs::path& file_;
  const FrameOf& frame_of_;
  const DigikamSettings& settings_;
  std::unordered_map<std::int64_t, Tag> tags_;
  std::unordered_map<std::int64_t, fs::path> roots_;
  std::unordered_map<std::int64_t, KnownPhoto> sizes_;
  std::unordered_map<std::int64_t, std::unordered_set<std::int64_t>>
      placed_;  // tags with a property, by photo
  std::unordered_set<std::int64_t> odd_photos_;
  ClaimsByPhoto claims_;
};

}  // namespace

Result<Claims> read_digikam(const fs::path& database, const FrameOf& frame_of,
                            const DigikamSettings& settings) {
  return with_foreign_sqlite(database, settings.scratch, [&](SQLite::Database& sql) -> Result<Claims> {
    if (Status known = check_version(sql, database); !known) return tl::unexpected(known.error());
    return Reader(sql, database, frame_of, settings).read();
  });
}

}  // namespace kith::interop
