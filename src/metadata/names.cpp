// SPDX-License-Identifier: Apache-2.0
#include "metadata/names.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <set>

#include "core/file_errors.h"
#include "core/fold.h"
#include "core/utf8.h"
#include "metadata/keyword_level.h"
#include "metadata/region_geometry.h"

namespace kith::metadata {
namespace {

constexpr Property regions_property{"mwg-rs", ns::mwg_regions, "Regions"};
constexpr Property region_list{"mwg-rs", ns::mwg_regions, "RegionList"};
constexpr Property applied_to{"mwg-rs", ns::mwg_regions, "AppliedToDimensions"};
constexpr Property region_name{"mwg-rs", ns::mwg_regions, "Name"};
constexpr Property region_type{"mwg-rs", ns::mwg_regions, "Type"};
constexpr Property region_area{"mwg-rs", ns::mwg_regions, "Area"};
constexpr Property microsoft_property{"MP", ns::microsoft, "RegionInfo"};
constexpr Property microsoft_list{"MPRI", ns::microsoft_info, "Regions"};
constexpr Property rectangle{"MPReg", ns::microsoft_region, "Rectangle"};
constexpr Property display_name_field{"MPReg", ns::microsoft_region, "PersonDisplayName"};
constexpr Property person{"Iptc4xmpExt", ns::iptc_ext, "PersonInImage"};
constexpr Property subject{"dc", ns::dc, "subject"};
constexpr Property hierarchical_subject{"lr", ns::lightroom, "hierarchicalSubject"};
constexpr Property tags_list{"digiKam", ns::digikam, "TagsList"};
constexpr Property area_field(std::string_view name) { return {"stArea", ns::area, name}; }
constexpr Property dimension_field(std::string_view name) { return {"stDim", ns::dimensions, name}; }

constexpr std::string_view as_structure = " rdf:parseType=\"Resource\"";

// ---- numbers

// Nine digits behind the point: a millionth of a pixel of any photo; the point whatever the user's language.
std::string decimal(double value) {
  std::array<char, 64> buffer{};
  const auto end =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed, 9).ptr;
  std::string text(buffer.data(), end);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text == "-0" ? "0" : text;
}

// ---- reading

// A list of regions as it stands in the packet. Without `list` there is none.
struct RegionList {
  XmlElement* holder = nullptr;  // the structure around it
  XmlElement* list = nullptr;    // its rdf:Bag
  std::vector<XmlElement*> items;
  std::vector<ExistingRegion> regions;
  bool odd = false;    // it is in a form that kith can't change
  bool stale = false;  // it is of a photo of another shape
};

struct Dimensions {
  double width = 0;
  double height = 0;
};

Dimensions dimensions_of(XmlElement& regions, const FrameSize& stored) {
  if (XmlElement* applied = field_element(regions, applied_to)) {
    const auto width = region_number(field_text(*applied, dimension_field("w")));
    const auto height = region_number(field_text(*applied, dimension_field("h")));
    if (width && height && *width >= 1 && *height >= 1) return {*width, *height};
  }
  return {static_cast<double>(stored.width), static_cast<double>(stored.height)};
}

std::optional<Area> with_extent(std::optional<Area> area) {
  return area && area->width > 0 && area->height > 0 ? area : std::nullopt;
}

std::optional<Area> area_of_item(XmlElement& region, const Dimensions& dimensions) {
  XmlElement* area = field_element(region, region_area);
  if (area == nullptr) return std::nullopt;
  const auto text = [&](std::string_view field) { return field_text(*area, area_field(field)); };
  return with_extent(mwg_area({text("x"), text("y"), text("w"), text("h"), text("d"), text("unit")},
                              dimensions.width, dimensions.height));
}

RegionList find_list(const XmpPacket& packet, const Property& property, const Property& list) {
  RegionList found;
  found.holder = packet.property(property);
  if (found.holder == nullptr) return found;
  XmlElement* field = field_element(*found.holder, list);
  found.odd = field == nullptr && !takes_fields(*found.holder);
  if (field == nullptr) return found;
  found.list = array_of(*field);
  found.odd = found.list == nullptr && !says_nothing(*field);
  found.items = items_of(*field);
  return found;
}

RegionList read_mwg(const XmpPacket& packet, const FrameSize& stored) {
  RegionList found = find_list(packet, regions_property, region_list);
  if (found.holder == nullptr) return found;
  const Dimensions dimensions = dimensions_of(*found.holder, stored);
  found.stale = !same_aspect(dimensions.width, dimensions.height, stored);
  for (XmlElement* each : found.items) {
    const std::string type = folded(trimmed(field_text(*each, region_type)));
    found.regions.push_back({std::string(trimmed(field_text(*each, region_name))),
                             area_of_item(*each, dimensions), type.empty() || type == "face"});
  }
  return found;
}

RegionList read_microsoft(const XmpPacket& packet) {
  RegionList found = find_list(packet, microsoft_property, microsoft_list);
  for (XmlElement* each : found.items) {
    found.regions.push_back({std::string(trimmed(field_text(*each, display_name_field))),
                             with_extent(microsoft_area(field_text(*each, rectangle)))});
  }
  return found;
}

// ---- planning

// Into a list that does not fit the photo nothing is written; what kith wrote there goes with its name.
RegionPlan plan_odd_list(const RegionList& list, const WantedNames& wanted,
                         const std::vector<WrittenRegion>& record) {
  RegionPlan plan = merge_regions(list.regions, {}, record);
  const auto is_wanted = [&](std::size_t index) {
    return std::ranges::find(wanted.people, list.regions[index].name) != wanted.people.end();
  };
  const auto keep = [&](std::size_t index, bool name_only) {
    plan.record.push_back({list.regions[index].name, *list.regions[index].area, name_only});
  };
  for (const std::size_t index : plan.remove) {
    if (is_wanted(index)) keep(index, false);
  }
  for (const RegionPlan::Rename& rename : plan.rename) {
    if (is_wanted(rename.index)) keep(rename.index, true);
  }
  std::erase_if(plan.remove, is_wanted);
  std::erase_if(plan.rename, [&](const RegionPlan::Rename& rename) { return is_wanted(rename.index); });
  return plan;
}

// Whether nobody else has a word in it.
bool only_ours(const RegionList& list, const Record& record) {
  return !list.odd && !list.regions.empty() && children(structure_of(*list.holder)).size() == 2 &&
         all_ours(list.regions, record.regions);
}

void report(const RegionPlan& plan, const std::vector<ExistingRegion>& existing, const std::string& field,
            std::vector<MetadataChange>& changes) {
  using Kind = MetadataChange::Kind;
  for (const std::size_t index : plan.remove)
    changes.push_back({Kind::remove, field, existing[index].name, ""});
  for (const auto& [index, by] : plan.replace) {
    const std::string& before = existing[index].name;
    changes.push_back({Kind::change, field, before, by.name == before ? by.name + " (moved)" : by.name});
  }
  for (const auto& [index, name] : plan.rename) {
    const std::string& before = existing[index].name;
    const Kind kind = before.empty() ? Kind::add : name.empty() ? Kind::remove : Kind::change;
    changes.push_back({kind, field + " name", before, name});
  }
  for (const WantedRegion& each : plan.add) changes.push_back({Kind::add, field, "", each.name});
  for (const auto& [index, name] : plan.kept)
    changes.push_back({Kind::kept, field, existing[index].name, name});
}

RegionPlan plan_regions(const RegionList& list, bool unfit, const std::string& why, const WantedNames& wanted,
                        bool asked_for, const std::vector<WrittenRegion>& record, const std::string& field,
                        std::vector<MetadataChange>& changes) {
  const std::span<const WantedRegion> regions =
      asked_for ? std::span(wanted.regions) : std::span<const WantedRegion>();
  RegionPlan plan = unfit ? plan_odd_list(list, asked_for ? wanted : WantedNames(), record)
                          : merge_regions(list.regions, regions, record);
  report(plan, list.regions, field, changes);
  if (!unfit) return plan;
  for (const WantedRegion& each : regions) {
    changes.push_back({MetadataChange::Kind::kept, field, why, each.name});
  }
  return plan;
}

TextPlan plan_texts(const XmpPacket& packet, const Property& property, const std::string& field,
                    const std::vector<std::string>& wanted, const std::vector<std::string>& record,
                    std::vector<MetadataChange>& changes) {
  using Kind = MetadataChange::Kind;
  const XmlElement* holder = packet.property(property);
  const bool odd = holder != nullptr && array_of(*holder) == nullptr && !says_nothing(*holder);
  if (odd) {
    for (const std::string& text : wanted) changes.push_back({Kind::kept, field, "no list", text});
    return {};
  }
  TextPlan plan = merge_texts(packet.texts(property), wanted, record);
  for (const std::string& text : plan.remove) changes.push_back({Kind::remove, field, text, ""});
  for (const std::string& text : plan.add) changes.push_back({Kind::add, field, "", text});
  return plan;
}

std::vector<std::string> paths(const std::vector<std::string>& names, const std::string& root,
                               char separator) {
  std::string above = root;
  std::ranges::replace(above, separator == '|' ? '/' : '|', separator);
  std::vector<std::string> all;
  for (const std::string& name : names)
    all.push_back(above.empty() ? level_of_name(name) : above + separator + level_of_name(name));
  return all;
}

// ---- writing

std::string element(const Property& property, const std::string& content) {
  return "<" + property.qualified() + ">" + content + "</" + property.qualified() + ">";
}

struct ItemText {
  std::string attributes;
  std::string content;
};

ItemText mwg_item(const WantedRegion& region) {
  const Area& area = region.area;
  const std::string indent = "\n       ";
  const auto part = [&](std::string_view name, const std::string& text) {
    return indent + " " + element(area_field(name), text);
  };
  ItemText text;
  text.attributes = region_name.declaration() + area_field("x").declaration() + std::string(as_structure);
  text.content =
      indent + element(region_name, escaped(region.name)) + indent + element(region_type, "Face") + indent;
  text.content += "<" + region_area.qualified() + std::string(as_structure) + ">";
  text.content += part("x", decimal(area.x + area.width / 2)) + part("y", decimal(area.y + area.height / 2));
  text.content +=
      part("w", decimal(area.width)) + part("h", decimal(area.height)) + part("unit", "normalized");
  text.content += indent + "</" + region_area.qualified() + ">\n     ";
  return text;
}

ItemText microsoft_item(const WantedRegion& region) {
  const Area& area = region.area;
  const std::string place =
      decimal(area.x) + ", " + decimal(area.y) + ", " + decimal(area.width) + ", " + decimal(area.height);
  const std::string indent = "\n       ";
  return {rectangle.declaration() + std::string(as_structure),
          indent + element(rectangle, place) + indent + element(display_name_field, escaped(region.name)) +
              "\n     "};
}

std::string dimensions_text(const FrameSize& stored) {
  const auto part = [](std::string_view name, const std::string& text) {
    return "\n     " + element(dimension_field(name), text);
  };
  return "\n    <" + applied_to.qualified() + dimension_field("w").declaration() + std::string(as_structure) +
         ">" + part("w", std::to_string(stored.width)) + part("h", std::to_string(stored.height)) +
         part("unit", "pixel") + "\n    </" + applied_to.qualified() + ">";
}

// What differs between the two forms.
struct Form {
  const Property& property;
  const Property& list;
  const Property& name;
  ItemText (*item_text)(const WantedRegion&);
  std::string before_list;  // of a new structure
  std::size_t own_fields;   // that it has without a region
};

void add_list(XmpPacket& packet, const Form& form, XmlElement* holder,
              const std::vector<WantedRegion>& regions) {
  std::string array = "\n     <rdf:Bag>";
  for (const WantedRegion& each : regions) {
    const ItemText text = form.item_text(each);
    array += "\n      <rdf:li" + text.attributes + ">" + text.content + " </rdf:li>";
  }
  array += "\n     </rdf:Bag>\n    ";
  const std::string list = "<" + form.list.qualified() + form.list.declaration() + " xmlns:rdf=\"" +
                           std::string(ns::rdf) + "\">" + array + "</" + form.list.qualified() + ">";
  if (holder == nullptr) {
    packet.add_property(form.property, std::string(as_structure),
                        form.before_list + "\n    " + list + "\n   ");
  } else {
    append_child(structure_of(*holder), list);
  }
}

void remove_empty_list(XmpPacket& packet, const Form& form, const RegionList& list) {
  if (!is_bare(*list.list)) return;
  XmlElement& structure = structure_of(*list.holder);
  const bool says_more = children(structure).size() > form.own_fields + 1;
  if (says_more) {
    remove_field(*list.holder, form.list);
  } else {
    packet.remove_property(*list.holder);
  }
}

void apply_regions(XmpPacket& packet, const Form& form, const RegionList& list, const RegionPlan& plan) {
  if (plan.changes_nothing()) return;
  for (const auto& [index, name] : plan.rename) {
    if (name.empty()) {
      remove_field(*list.items[index], form.name);
    } else {
      set_field(*list.items[index], form.name, name);
    }
  }
  for (const auto& [index, by] : plan.replace) {
    const ItemText text = form.item_text(by);
    replace_child(*list.list, *list.items[index], item(*list.list, text.attributes, text.content));
  }
  for (const std::size_t index : plan.remove) remove_child(*list.list, *list.items[index]);
  if (list.list == nullptr) {
    XmlElement* holder = list.holder;
    if (holder != nullptr) {
      if (field_element(*holder, form.list) != nullptr) remove_field(*holder, form.list);
    }
    const bool anew = holder != nullptr && says_nothing(*holder);
    add_list(packet, form, anew ? nullptr : holder, plan.add);
    if (anew) packet.remove_property(*holder);
    return;
  }
  for (const WantedRegion& each : plan.add) {
    const ItemText text = form.item_text(each);
    append_child(*list.list, item(*list.list, text.attributes, text.content));
  }
  remove_empty_list(packet, form, list);
}

void apply_texts(XmpPacket& packet, const Property& property, ArrayKind kind, const TextPlan& plan) {
  for (const std::string& text : plan.remove) packet.remove_text(property, text);
  packet.add_texts(property, kind, plan.add);
}

std::string one_line_name(const std::string& name) {
  std::string clean = name;
  std::ranges::replace_if(
      clean, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
  // Two characters that XML can't hold.
  for (const std::string_view none : {"\xEF\xBF\xBE", "\xEF\xBF\xBF"}) {
    for (std::size_t at = clean.find(none); at != std::string::npos; at = clean.find(none))
      clean.replace(at, 3, " ");
  }
  return std::string(trimmed(clean));
}

std::optional<Area> area_on_photo(const Box& box, const PhotoFrame& frame) {
  const Area whole = area_of(box, frame);
  const double left = std::clamp(whole.x, 0.0, 1.0);
  const double top = std::clamp(whole.y, 0.0, 1.0);
  const double right = std::clamp(whole.x + whole.width, 0.0, 1.0);
  const double bottom = std::clamp(whole.y + whole.height, 0.0, 1.0);
  if (!(right > left) || !(bottom > top)) return std::nullopt;
  return Area{left, top, right - left, bottom - top};
}

void append_once(std::vector<std::string>& names, const std::string& name) {
  if (std::ranges::find(names, name) == names.end()) names.push_back(name);
}

}  // namespace

Result<WantedNames> wanted_names(std::span<const NamedFace> faces, std::span<const std::string> people,
                                 const PhotoFrame& frame) {
  WantedNames wanted;
  const auto refuse = [](const std::string& name) {
    return fail(ErrorCode::bad_argument,
                "the name '" + one_line(name, 200) + "' is no UTF-8; give it in UTF-8");
  };
  for (const NamedFace& face : faces) {
    if (!is_utf8(face.name)) return refuse(face.name);
    const std::string name = one_line_name(face.name);
    if (name.empty()) continue;
    append_once(wanted.people, name);
    if (const auto area = area_on_photo(face.box, frame)) {
      wanted.regions.push_back({name, stored_from_upright(*area, frame.orientation)});
    }
  }
  for (const std::string& each : people) {
    if (!is_utf8(each)) return refuse(each);
    if (const std::string name = one_line_name(each); !name.empty()) append_once(wanted.people, name);
  }
  return wanted;
}

bool NamesPlan::changes_nothing() const {
  return !new_region_list && regions.changes_nothing() && microsoft.changes_nothing() &&
         people.changes_nothing() && keywords.changes_nothing() && hierarchical.changes_nothing() &&
         tags.changes_nothing();
}

Record NamesPlan::record() const {
  return {.regions = regions.record,
          .microsoft = microsoft.record,
          .people = people.record,
          .keywords = keywords.record,
          .hierarchical = hierarchical.record,
          .tags = tags.record};
}

NamesPlan plan_names(const XmpPacket& packet, const WantedNames& wanted, const Record& record,
                     const PhotoFrame& frame, const MetadataSettings& settings) {
  NamesPlan plan;
  RegionList mwg = read_mwg(packet, stored_size(frame));
  const RegionList microsoft = read_microsoft(packet);
  if (mwg.stale && only_ours(mwg, record)) {
    plan.new_region_list = true;
    for (const ExistingRegion& each : mwg.regions) {
      plan.changes.push_back({MetadataChange::Kind::remove, "region", each.name, ""});
    }
    mwg.regions.clear();
  }
  const bool stale = mwg.stale && !plan.new_region_list;
  const std::string why =
      mwg.odd || microsoft.odd ? "in a form of its own" : "of another crop or turn of the photo";
  plan.regions =
      plan_regions(mwg, stale || mwg.odd, why, wanted, true, record.regions, "region", plan.changes);
  plan.microsoft = plan_regions(microsoft, stale || microsoft.odd, why, wanted, settings.microsoft,
                                record.microsoft, "Microsoft region", plan.changes);
  const std::vector<std::string> keywords = settings.keywords ? wanted.people : std::vector<std::string>();
  plan.people = plan_texts(packet, person, "person", wanted.people, record.people, plan.changes);
  plan.keywords = plan_texts(packet, subject, "keyword", keywords, record.keywords, plan.changes);
  plan.hierarchical =
      plan_texts(packet, hierarchical_subject, "keyword path", paths(keywords, settings.keyword_root, '|'),
                 record.hierarchical, plan.changes);
  plan.tags = plan_texts(packet, tags_list, "digiKam tag", paths(keywords, settings.keyword_root, '/'),
                         record.tags, plan.changes);
  return plan;
}

void apply_names(XmpPacket& packet, const NamesPlan& plan, const PhotoFrame& frame) {
  const FrameSize stored = stored_size(frame);
  const Form mwg{regions_property, region_list, region_name, mwg_item, dimensions_text(stored), 1};
  const Form microsoft{microsoft_property, microsoft_list, display_name_field, microsoft_item, "", 0};
  if (plan.new_region_list) packet.remove_property(*packet.property(regions_property));
  apply_regions(packet, mwg, read_mwg(packet, stored), plan.regions);
  apply_regions(packet, microsoft, read_microsoft(packet), plan.microsoft);
  apply_texts(packet, person, ArrayKind::bag, plan.people);
  apply_texts(packet, subject, ArrayKind::bag, plan.keywords);
  apply_texts(packet, hierarchical_subject, ArrayKind::bag, plan.hierarchical);
  apply_texts(packet, tags_list, ArrayKind::sequence, plan.tags);
}

bool holds_names(const XmpPacket& packet) {
  return std::ranges::any_of(
      std::array{regions_property, microsoft_property, person, subject, hierarchical_subject, tags_list},
      [&](const Property& property) { return packet.property(property) != nullptr; });
}

}  // namespace kith::metadata
