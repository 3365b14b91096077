// SPDX-License-Identifier: Apache-2.0
#include "metadata/regions.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <set>
#include <string>
#include <utility>

#include "core/fold.h"
#include "core/frame.h"
#include "core/person_name.h"
#include "core/utf8.h"
#include "metadata/keyword_level.h"
#include "metadata/region_geometry.h"

namespace kith::metadata {
namespace {

// In a file, of each form; more than any photo shows. Each is compared with each.
constexpr std::size_t max_regions = 1'000;
constexpr std::size_t max_keywords = 10'000;
// Of a side, that a region's centre may lie outside, and its size be larger: programs round.
constexpr double range_tolerance = 0.01;

// What the regions of a file relate to.
struct Ground {
  PhotoFrame frame;
  double width = 0;  // of the photo as it was, stored pixels
  double height = 0;
  bool stale = false;  // it is not that photo any more
};

Ground ground_of(const XmpTexts& xmp, const PhotoFrame& frame) {
  const FrameSize now = stored_size(frame);
  const std::string dimensions = "mwg-rs.Regions/AppliedToDimensions/";
  const auto width = region_number(xmp.text(dimensions + 'w'));
  const auto height = region_number(xmp.text(dimensions + 'h'));
  if (!width || !height || *width < 1 || *height < 1)
    return {frame, static_cast<double>(now.width), static_cast<double>(now.height), false};
  return {frame, *width, *height, !same_aspect(*width, *height, now)};
}

RegionKind kind_of(const std::string& type) {
  const std::string lower = folded(trimmed(type));
  if (lower.empty() || lower == "face") return RegionKind::face;
  if (lower == "pet") return RegionKind::pet;
  if (lower == "focus") return RegionKind::focus;
  if (lower == "barcode") return RegionKind::bar_code;
  return RegionKind::other;
}

// Whether a rectangle of the stored photo can be a region.
bool is_plausible(const Area& area) {
  const auto within = [](double value) { return value >= -range_tolerance && value <= 1 + range_tolerance; };
  return area.width > 0 && area.height > 0 && area.width <= 1 + range_tolerance &&
         area.height <= 1 + range_tolerance && within(area.x + area.width / 2) &&
         within(area.y + area.height / 2);
}

AreaTexts area_texts(const XmpTexts& xmp, const std::string& place) {
  const auto text = [&](const char* field) { return xmp.text(place + field); };
  return {text("/x"), text("/y"), text("/w"), text("/h"), text("/d"), text("/unit")};
}

void put_place(NameClaim& claim, const std::optional<Area>& area, const Ground& ground) {
  if (!area || !is_plausible(*area)) return;
  const Box box = pixels_of(upright_from_stored(*area, ground.frame.orientation), ground.frame);
  if (box.width < 1 || box.height < 1) return;
  claim.stale = ground.stale;
  if (!ground.stale) claim.box = box;
}

// A region that has neither a name nor a place says nothing.
bool says_something(const NameClaim& claim) { return claim.box.has_value() || !claim.name.empty(); }

// The places of a list's items; the item itself, where a program wrote a single one without a list.
std::vector<std::string> items_of(const XmpTexts& xmp, const std::string& list, const std::string& field) {
  std::vector<std::string> items;
  for (std::size_t i = 1; i <= max_regions; ++i) {
    std::string item = list + '[' + std::to_string(i) + ']';
    if (!xmp.has(item)) break;
    items.push_back(std::move(item));
  }
  if (items.empty() && xmp.has(list + field)) items.push_back(list);
  return items;
}

std::vector<NameClaim> mwg_claims(const XmpTexts& xmp, const Ground& ground) {
  std::vector<NameClaim> claims;
  for (const std::string& item : items_of(xmp, "mwg-rs.Regions/RegionList", "/Area")) {
    NameClaim claim;
    claim.kind = kind_of(xmp.text(item + "/Type"));
    claim.name = region_name(xmp.text(item + "/Name"));
    claim.source = "mwg";
    put_place(claim, mwg_area(area_texts(xmp, item + "/Area"), ground.width, ground.height), ground);
    if (says_something(claim)) claims.push_back(std::move(claim));
  }
  return claims;
}

std::vector<NameClaim> microsoft_claims(const XmpTexts& xmp, const Ground& ground) {
  std::vector<NameClaim> claims;
  for (const std::string& item : items_of(xmp, "MP.RegionInfo/Regions", "/Rectangle")) {
    NameClaim claim;
    claim.name = region_name(xmp.text(item + "/PersonDisplayName"));
    claim.source = "microsoft";
    put_place(claim, microsoft_area(xmp.text(item + "/Rectangle")), ground);
    if (says_something(claim)) claims.push_back(std::move(claim));
  }
  return claims;
}

bool same_name(const NameClaim& a, const NameClaim& b) { return folded(a.name) == folded(b.name); }

// Who has been named, as what.
class Names {
 public:
  Names() = default;
  explicit Names(const std::vector<NameClaim>& claims) {
    for (const NameClaim& claim : claims) add(claim.kind, claim.name);
  }
  // False: it stands there already.
  bool add(RegionKind kind, std::string_view name) { return names_.emplace(kind, folded(name)).second; }
  [[nodiscard]] bool has(RegionKind kind, std::string_view name) const {
    return names_.contains({kind, folded(name)});
  }

 private:
  std::set<std::pair<RegionKind, std::string>> names_;
};

// What one form leaves unnamed, the other may name.
bool told_already(std::vector<NameClaim>& claims, const NameClaim& again) {
  for (NameClaim& known : claims) {
    if (known.kind != again.kind) continue;
    const bool either = known.name.empty() || again.name.empty();
    const bool twice = same_place(known, again) ? either || same_name(known, again)
                                                : known.stale && again.stale && same_name(known, again);
    if (!twice) continue;
    if (known.name.empty()) known.name = again.name;
    return true;
  }
  return false;
}

// Collects people who are on the photo, each once.
struct People {
  std::vector<NameClaim>& claims;
  Names names{claims};

  void add(std::string_view text, const char* source) {
    NameClaim claim;
    claim.name = region_name(text);
    claim.source = source;
    if (!claim.name.empty() && names.add(RegionKind::face, claim.name)) claims.push_back(std::move(claim));
  }
};

// The roots below which programs keep people: digiKam in its user's language, Lightroom by its manual.
bool is_people_root(std::string_view root) {
  constexpr std::array<std::string_view, 9> roots{"people",   "person",  "persons", "personen", "personnes",
                                                  "personas", "persone", "pessoas", "люди"};
  return std::ranges::find(roots, folded(root)) != roots.end();
}

// digiKam's own tags for faces that nobody has named.
bool is_nobody(std::string_view name) {
  constexpr std::array<std::string_view, 4> nobody{"unknown", "unconfirmed", "ignored", "unknown people"};
  return std::ranges::find(nobody, folded(name)) != nobody.end();
}

// Keywords as paths, "People|Family|Anna". A path that goes on in another one is a group and not a person.
void add_keywords(People& people, std::vector<std::string> paths, char separator) {
  if (paths.size() > max_keywords) paths.resize(max_keywords);
  std::ranges::sort(paths);
  for (auto path = paths.begin(); path != paths.end(); ++path) {
    const std::size_t root = path->find(separator);
    if (root == std::string::npos || !is_people_root(std::string_view(*path).substr(0, root))) continue;
    const auto next = std::lower_bound(std::next(path), paths.end(), *path + separator);
    if (next != paths.end() && next->starts_with(*path + separator)) continue;
    const std::string_view below = std::string_view(*path).substr(root + 1);
    const std::string_view leaf = below.substr(below.rfind(separator) + 1);
    const bool is_known = people.names.has(RegionKind::face, region_name(below));  // "AC/DC" is a name
    if (!is_known && !is_nobody(leaf)) people.add(name_of_level(leaf), "keyword");
  }
}

void add_people(std::vector<NameClaim>& claims, const XmpTexts& xmp) {
  People people{claims};
  for (const std::string& name : xmp.list("iptcExt.PersonInImage")) people.add(name, "person-in-image");
  const std::string details = "iptcExt.PersonInImageWDetails";
  for (const std::string& item : items_of(xmp, details, "/PersonName"))
    people.add(xmp.text(item + "/PersonName"), "person-in-image");
  add_keywords(people, xmp.list("lr.hierarchicalSubject"), '|');
  add_keywords(people, xmp.list("digiKam.TagsList"), '/');
}

// Whether an earlier file has said what this region says, or better.
bool yields(const NameClaim& region, const std::vector<NameClaim>& earlier) {
  return std::ranges::any_of(earlier, [&](const NameClaim& claim) {
    if (claim.kind != region.kind) return false;
    if (same_place(claim, region)) return true;
    const bool better = claim.box.has_value() || (claim.stale && !region.box);
    return better && !region.name.empty() && same_name(claim, region);
  });
}

bool is_region(const NameClaim& claim) { return claim.box.has_value() || claim.stale; }

// A region that has lost its place says no more than one of that name that has not.
void drop_outdone(std::vector<NameClaim>& regions) {
  Names placed;
  for (const NameClaim& claim : regions) {
    if (claim.box) placed.add(claim.kind, claim.name);
  }
  std::erase_if(regions,
                [&](const NameClaim& claim) { return claim.stale && placed.has(claim.kind, claim.name); });
}

}  // namespace

bool same_place(const NameClaim& a, const NameClaim& b) {
  return a.box && b.box && overlap(*a.box, *b.box) >= face_overlap.read;
}

std::string region_name(std::string_view text) {
  std::string name = valid_utf8(text);
  std::ranges::replace_if(
      name, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
  name = trimmed(name);
  return is_person_name(name) ? name : std::string();
}

std::vector<NameClaim> claims_of(const XmpTexts& xmp, const PhotoFrame& frame) {
  const Ground ground = ground_of(xmp, frame);
  std::vector<NameClaim> claims = mwg_claims(xmp, ground);
  for (NameClaim& claim : microsoft_claims(xmp, ground)) {
    if (!told_already(claims, claim)) claims.push_back(std::move(claim));
  }
  add_people(claims, xmp);
  return claims;
}

std::vector<NameClaim> united(const std::vector<std::vector<NameClaim>>& files) {
  std::vector<NameClaim> all;
  for (const std::vector<NameClaim>& claims : files) {
    std::vector<NameClaim> regions;
    std::ranges::copy_if(claims, std::back_inserter(regions),
                         [&](const NameClaim& claim) { return is_region(claim) && !yields(claim, all); });
    std::ranges::move(regions, std::back_inserter(all));
  }
  drop_outdone(all);
  Names names(all);
  for (const std::vector<NameClaim>& claims : files) {
    for (const NameClaim& claim : claims) {
      if (!is_region(claim) && names.add(claim.kind, claim.name)) all.push_back(claim);
    }
  }
  return all;
}

}  // namespace kith::metadata
