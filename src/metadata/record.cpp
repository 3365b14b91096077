// SPDX-License-Identifier: Apache-2.0
#include "metadata/record.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "core/json_text.h"

namespace kith::metadata {
namespace {

using Json = nlohmann::json;

constexpr int version = 1;
constexpr int deepest = 8;  // a record has 4 levels

// Thrown within this file only.
struct NoRecord {
  std::string why;
};

std::string text_of(const Json& json) {
  if (!json.is_string()) throw NoRecord{"a text is missing"};
  return json.get<std::string>();
}

double number_of(const Json& json) {
  const double number = json.is_number() ? json.get<double>() : NAN;
  if (!std::isfinite(number)) throw NoRecord{"a number is missing"};
  return number;
}

// An absent list is an empty one.
const Json& list_in(const Json& record, const char* name) {
  static const Json none = Json::array();
  const auto found = record.find(name);
  if (found == record.end()) return none;
  if (!found->is_array()) throw NoRecord{std::string(name) + " is no list"};
  return *found;
}

std::vector<std::string> texts_in(const Json& record, const char* name) {
  std::vector<std::string> texts;
  for (const Json& each : list_in(record, name)) texts.push_back(text_of(each));
  return texts;
}

WrittenRegion region_of(const Json& json) {
  if (!json.is_object()) throw NoRecord{"a region is none"};
  const Json& area = list_in(json, "area");
  if (area.size() != 4) throw NoRecord{"an area has not 4 numbers"};
  WrittenRegion region;
  region.name = text_of(json.value("name", Json()));
  region.area = {number_of(area[0]), number_of(area[1]), number_of(area[2]), number_of(area[3])};
  region.name_only = json.value("name_only", Json(false)) == Json(true);
  return region;
}

std::vector<WrittenRegion> regions_in(const Json& record, const char* name) {
  std::vector<WrittenRegion> regions;
  for (const Json& each : list_in(record, name)) regions.push_back(region_of(each));
  return regions;
}

Record record_of(const Json& json) {
  if (!json.is_object() || json.value("version", Json()) != Json(version)) {
    throw NoRecord{"it is not of version " + std::to_string(version)};
  }
  return {.made = json.value("made", Json(false)) == Json(true),
          .regions = regions_in(json, "regions"),
          .microsoft = regions_in(json, "microsoft"),
          .people = texts_in(json, "people"),
          .keywords = texts_in(json, "keywords"),
          .hierarchical = texts_in(json, "hierarchical"),
          .tags = texts_in(json, "tags")};
}

Json json_of(const std::vector<WrittenRegion>& regions) {
  Json list = Json::array();
  for (const WrittenRegion& region : regions) {
    const Area& area = region.area;
    Json each{{"name", region.name}, {"area", {area.x, area.y, area.width, area.height}}};
    if (region.name_only) each["name_only"] = true;
    list.push_back(std::move(each));
  }
  return list;
}

}  // namespace

bool Record::empty() const {
  return !made && regions.empty() && microsoft.empty() && people.empty() && keywords.empty() &&
         hierarchical.empty() && tags.empty();
}

Result<Record> parse_record(std::string_view json) {
  if (json.empty()) return Record{};
  try {
    // The parser itself would go as deep as the text asks.
    return record_of(Json::parse(json, [](int depth, Json::parse_event_t /*event*/, Json& /*parsed*/) {
      if (depth > deepest) throw NoRecord{"it is nested too deep"};
      return true;
    }));
  } catch (const NoRecord& error) {
    return fail(ErrorCode::bad_argument, "what kith remembers of its writing can't be read: " + error.why);
  } catch (const Json::exception&) {
    return fail(ErrorCode::bad_argument, "what kith remembers of its writing can't be read: it is no JSON");
  }
}

std::string record_json(const Record& record) {
  if (record.empty()) return "";
  Json json{{"version", version}};
  if (record.made) json["made"] = true;
  const auto put = [&](const char* name, Json list) {
    if (!list.empty()) json[name] = std::move(list);
  };
  put("regions", json_of(record.regions));
  put("microsoft", json_of(record.microsoft));
  put("people", record.people);
  put("keywords", record.keywords);
  put("hierarchical", record.hierarchical);
  put("tags", record.tags);
  return json_text(json);
}

}  // namespace kith::metadata
