// SPDX-License-Identifier: Apache-2.0
#include "interop/takeout.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <system_error>
#include <unordered_set>
#include <utility>

#include "core/file_errors.h"
#include "core/utf8.h"
#include "interop/checks.h"

namespace kith::interop {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::uint64_t max_bytes = std::uint64_t{4} << 20U;  // they have a few kilobytes
constexpr std::string_view extension = ".json";
// Since 2024 between the photo's name and the extension.
constexpr std::string_view supplement = ".supplemental-metadata";
// A sidecar's name is cut so that it has this many UTF-16 units before its extension.
constexpr std::size_t longest_name = 46;
// Some exports cut a unit or two earlier.
constexpr std::size_t shortest_cut = 44;

// What Google Photos puts behind the stem of a photo that was edited there, in the account's language.
constexpr auto edited_marks = std::to_array<std::string_view>(
    {"-edited",     "-effects",  "-bearbeitet",   "-modifié",  "-modifie",   "-editado",   "-ha editado",
     "-modificato", "-bewerkt",  "-edytowane",    "-editat",   "-redigeret", "-redigerad", "-redigert",
     "-muokattu",   "-upraveno", "-szerkesztett", "-изменено", "-編集済み",  "-已编辑",    "-已編輯"});

std::size_t utf16_units(std::string_view text) {
  std::size_t units = 0;
  for (std::size_t bytes = 0; !text.empty(); text.remove_prefix(bytes)) {
    bytes = std::max<std::size_t>(1, character_bytes(text));
    units += bytes == 4 ? 2 : 1;
  }
  return units;
}

bool begins_a_character(char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80; }

struct PhotoName {
  std::string stem;
  std::string number;  // "(1)", or empty
  std::string extension;
};

PhotoName parts_of(std::string_view file_name) {
  PhotoName name;
  const std::size_t dot = file_name.rfind('.');
  name.stem = file_name.substr(0, dot);
  if (dot != std::string_view::npos) name.extension = file_name.substr(dot);
  const std::size_t open = name.stem.rfind('(');
  if (open != std::string::npos && open > 0 && name.stem.size() >= open + 3 && name.stem.back() == ')') {
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    if (std::all_of(name.stem.begin() + static_cast<std::ptrdiff_t>(open) + 1, name.stem.end() - 1, digit)) {
      name.number = name.stem.substr(open);
      name.stem.resize(open);
    }
  }
  return name;
}

// The sidecar's names for a photo of this name: the whole one first, then all ways of cutting it short, down
// to `at_least` bytes of the photo's own.
void add_names(std::vector<std::string>& names, const std::string& photo, const std::string& number,
               std::size_t at_least) {
  const std::string whole = photo + std::string(supplement);
  const auto add = [&](std::size_t size) {
    names.push_back(whole.substr(0, size) + number + std::string(extension));
  };
  for (std::size_t size = whole.size(); size >= photo.size(); --size) add(size);
  for (std::size_t size = photo.size() - 1; size > 0 && size >= at_least; --size) {
    if (!begins_a_character(photo[size])) continue;
    const std::size_t units = utf16_units(std::string_view(photo).substr(0, size));
    if (units < shortest_cut) break;
    if (units <= longest_name) add(size);
  }
}

void add_names_of(std::vector<std::string>& names, const PhotoName& photo) {
  // With its number cut off, it would be the sidecar of the photo without one.
  const std::string numbered = photo.stem + photo.number;
  add_names(names, numbered + photo.extension, "", photo.number.empty() ? 0 : numbered.size());
  // The number goes behind all else: "a(1).jpg" has "a.jpg(1).json".
  if (!photo.number.empty()) add_names(names, photo.stem + photo.extension, photo.number, 0);
}

// "a-edited(1).jpg" to "a(1).jpg"; nothing where it was not edited.
std::optional<PhotoName> original_of(PhotoName photo) {
  for (const std::string_view mark : edited_marks) {
    if (!photo.stem.ends_with(mark) || photo.stem.size() == mark.size()) continue;
    photo.stem.resize(photo.stem.size() - mark.size());
    return photo.number.empty() ? parts_of(photo.stem + photo.extension) : photo;  // or "a(1)-edited.jpg"
  }
  return std::nullopt;
}

bool is_sidecar(const json& document) {
  return document.is_object() && document.contains("title") && document["title"].is_string() &&
         (document.contains("photoTakenTime") || document.contains("creationTime"));
}

std::vector<std::string> people_in(const json& document) {
  std::vector<std::string> people;
  const auto listed = document.find("people");
  if (listed == document.end() || !listed->is_array()) return people;
  for (const json& person : *listed) {
    if (!person.is_object()) continue;
    const auto name = person.find("name");
    if (name == person.end() || !name->is_string()) continue;
    std::string claimed = claimed_name(name->get_ref<const std::string&>());
    if (!claimed.empty() && std::ranges::find(people, claimed) == people.end())
      people.push_back(std::move(claimed));
  }
  return people;
}

struct Listing {
  std::vector<std::string> photos;
  std::unordered_set<std::string> sidecars;
};

Result<Listing> listing_of(const fs::path& folder) {
  Listing listing;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    std::error_code ignored;
    if (!entry->is_regular_file(ignored)) continue;
    std::string name = entry->path().filename().string();
    if (name.ends_with(extension))
      listing.sidecars.insert(std::move(name));
    else
      listing.photos.push_back(std::move(name));
  }
  if (error)
    return cannot_read(
        error == std::errc::no_such_file_or_directory ? ErrorCode::not_found : ErrorCode::unreadable,
        display_name(folder), error.message(), "check the path and the right to read it");
  return listing;
}

void add_people(ClaimsByPhoto& claims, const fs::path& photo, const fs::path& sidecar) {
  const Result<std::string> text = read_text(sidecar, max_bytes);
  if (!text) return claims.add_problem(text.error());
  const auto people = parse_takeout(*text, display_name(sidecar));
  if (!people) return claims.add_problem(people.error());
  for (const std::string& name : people->value_or(std::vector<std::string>()))
    claims.add(photo, NameClaim{.kind = RegionKind::face, .name = name, .source = "takeout"});
}

}  // namespace

std::vector<std::string> takeout_sidecar_names(std::string_view photo_file_name) {
  std::vector<std::string> names;
  if (!is_file_name(photo_file_name)) return names;
  const PhotoName photo = parts_of(photo_file_name);
  add_names_of(names, photo);
  if (const auto original = original_of(photo)) add_names_of(names, *original);
  return names;
}

Result<std::optional<std::vector<std::string>>> parse_takeout(std::string_view text,
                                                              const std::string& name) {
  const json document = json::parse(text, nullptr, false);
  if (document.is_discarded())
    return cannot_read(ErrorCode::damaged, name, "it is not valid JSON", "unpack it from the export again");
  if (!is_sidecar(document)) return std::nullopt;
  return people_in(document);
}

Result<Claims> read_takeout_folder(const fs::path& folder) {
  const Result<Listing> listing = listing_of(folder);
  if (!listing) return tl::unexpected(listing.error());
  std::error_code error;
  const fs::path place = fs::absolute(folder / "", error).lexically_normal().parent_path();
  ClaimsByPhoto claims;
  if (listing->sidecars.empty()) return std::move(claims).take();
  for (const std::string& photo : listing->photos) {
    const std::vector<std::string> names = takeout_sidecar_names(photo);
    const auto found = std::ranges::find_if(
        names, [&](const std::string& name) { return listing->sidecars.contains(name); });
    if (found != names.end()) add_people(claims, place / photo, place / *found);
  }
  return std::move(claims).take();
}

}  // namespace kith::interop
