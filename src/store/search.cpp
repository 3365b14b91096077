// SPDX-License-Identifier: Apache-2.0
#include "store/search.h"

#include <sqlite3.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/fold.h"

namespace kith::store {
namespace {

// The photos of faces whose name counts and meets the condition, which is about `named.person`. CROSS JOIN
// keeps SQLite from starting at the faces, of which there are many more.
std::string photos_of_names(NamesBy names, const std::string& condition) {
  std::string owner =
      "SELECT face.photo FROM confirmed AS named CROSS JOIN face ON face.id = named.face WHERE " + condition;
  std::string machine =
      "SELECT face.photo FROM guess AS named CROSS JOIN face ON face.id = named.face WHERE " + condition +
      " AND NOT EXISTS (SELECT 1 FROM confirmed WHERE confirmed.face = named.face)"
      " AND NOT EXISTS (SELECT 1 FROM ignored WHERE ignored.face = named.face)"
      " AND NOT EXISTS (SELECT 1 FROM forgotten WHERE forgotten.face = named.face)";
  switch (names) {
    case NamesBy::owner: return owner;
    case NamesBy::machine: return machine;
    case NamesBy::anybody: break;
  }
  return owner + " UNION ALL " + machine;
}

// The names on one photo, each face looked up by its number: a join with a union of the two tables would read
// both for every photo.
std::string names_on_photo(NamesBy names) {
  constexpr auto machine =
      "CASE WHEN confirmed.face IS NULL AND ignored.face IS NULL AND forgotten.face IS NULL THEN "
      "guess.person END";
  const std::string counting = names == NamesBy::owner ? "confirmed.person"
                               : names == NamesBy::machine
                                   ? machine
                                   : std::string("coalesce(confirmed.person, ") + machine + ")";
  return "SELECT (SELECT person.name FROM person WHERE person.id = " + counting +
         ") FROM face LEFT JOIN confirmed ON confirmed.face = face.id LEFT JOIN ignored ON ignored.face = "
         "face.id"
         " LEFT JOIN forgotten ON forgotten.face = face.id LEFT JOIN guess ON guess.face = face.id"
         " WHERE face.photo = ? ORDER BY face.x, face.id";
}

std::string text_at(sqlite3_value* value) {
  const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(value));
  return text == nullptr ? "" : std::string(text, static_cast<std::size_t>(sqlite3_value_bytes(value)));
}

// kith_contains(text, folded)
void contains(sqlite3_context* context, int, sqlite3_value** values) {
  const bool found = folded(text_at(values[0])).find(text_at(values[1])) != std::string::npos;
  sqlite3_result_int(context, found ? 1 : 0);
}

// kith_distance(latitude, longitude, latitude, longitude)
void distance(sqlite3_context* context, int, sqlite3_value** values) {
  sqlite3_result_double(context,
                        distance_km(sqlite3_value_double(values[0]), sqlite3_value_double(values[1]),
                                    sqlite3_value_double(values[2]), sqlite3_value_double(values[3])));
}

// Registered where they are used: a connection that never searches has no need of them.
void add_functions(Database& database) {
  constexpr int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY;
  sqlite3* const handle = database.sql().getHandle();
  const auto add = [&](const char* name, int arguments, auto function) {
    const int code = sqlite3_create_function_v2(handle, name, arguments, flags, nullptr, function, nullptr,
                                                nullptr, nullptr);
    if (code != SQLITE_OK) throw SQLite::Exception(handle, code);
  };
  add("kith_contains", 2, contains);
  add("kith_distance", 4, distance);
}

}  // namespace

double distance_km(double latitude, double longitude, double other_latitude,
                   double other_longitude) noexcept {
  // The haversine formula: it keeps its precision for near points. The earth as a sphere is wrong by half a
  // percent.
  constexpr double earth_radius_km = 6371.0;
  constexpr double radians = std::numbers::pi / 180;
  const double across = std::sin((other_latitude - latitude) * radians / 2);
  const double along = std::sin((other_longitude - longitude) * radians / 2);
  const double h =
      across * across + std::cos(latitude * radians) * std::cos(other_latitude * radians) * along * along;
  return 2 * earth_radius_km * std::asin(std::sqrt(std::min(1.0, h)));
}

PhotoCondition PhotoCondition::shows(std::span<const PersonId> people, NamesBy names) {
  std::string marks;
  std::vector<Value> values;
  for (const PersonId person : people) {
    marks += marks.empty() ? "?" : ",?";
    values.emplace_back(person);
  }
  if (names == NamesBy::anybody) {  // once for each of the two tables
    const std::vector<Value> once = values;
    values.insert(values.end(), once.begin(), once.end());
  }
  return {"(photo.id IN (" + photos_of_names(names, "named.person IN (" + marks + ")") + "))",
          std::move(values)};
}

PhotoCondition PhotoCondition::shows_anybody(NamesBy names) {
  return {"(photo.id IN (" + photos_of_names(names, "named.person IS NOT NULL") + "))", {}};
}

PhotoCondition PhotoCondition::has_unnamed() {
  return {
      "(EXISTS (SELECT 1 FROM face WHERE face.photo = photo.id"
      " AND NOT EXISTS (SELECT 1 FROM confirmed WHERE confirmed.face = face.id)"
      " AND NOT EXISTS (SELECT 1 FROM ignored WHERE ignored.face = face.id)"
      " AND NOT EXISTS (SELECT 1 FROM forgotten WHERE forgotten.face = face.id)"
      " AND NOT EXISTS (SELECT 1 FROM guess WHERE guess.face = face.id AND guess.person IS NOT NULL)))",
      {}};
}

PhotoCondition PhotoCondition::has_faces(int least, int most) {
  return {
      "((SELECT count(*) FROM face WHERE face.photo = photo.id"
      " AND NOT EXISTS (SELECT 1 FROM forgotten WHERE forgotten.face = face.id)) BETWEEN ? AND ?)",
      {std::int64_t{least}, std::int64_t{most}}};
}

// Dates of this form sort as text.
PhotoCondition PhotoCondition::taken_before(const std::string& date) {
  return {"(photo.taken <> '' AND photo.taken < ?)", {date}};
}

PhotoCondition PhotoCondition::taken_on(const std::string& date) {
  return {"(substr(photo.taken, 1, ?) = ?)", {static_cast<std::int64_t>(date.size()), date}};
}

PhotoCondition PhotoCondition::taken_after(const std::string& date) {
  return {"(substr(photo.taken, 1, ?) > ?)", {static_cast<std::int64_t>(date.size()), date}};
}

PhotoCondition PhotoCondition::camera_contains(const std::string& folded) {
  return {"(kith_contains(photo.camera, ?))", {folded}};
}

PhotoCondition PhotoCondition::path_contains(const std::string& folded) {
  return {"(kith_contains(photo.path, ?))", {folded}};
}

PhotoCondition PhotoCondition::taken_near(double latitude, double longitude, double radius_km) {
  return {
      "(photo.latitude IS NOT NULL AND photo.longitude IS NOT NULL"
      " AND kith_distance(photo.latitude, photo.longitude, ?, ?) <= ?)",
      {latitude, longitude, radius_km}};
}

PhotoCondition PhotoCondition::is_missing() { return {"(photo.missing <> 0)", {}}; }

PhotoCondition PhotoCondition::joined(std::span<const PhotoCondition> parts, std::string_view operation) {
  PhotoCondition result("(", {});
  for (const PhotoCondition& part : parts) {
    if (&part != &parts.front()) result.text_.append(" ").append(operation).append(" ");
    result.text_ += part.text_;
    result.values_.insert(result.values_.end(), part.values_.begin(), part.values_.end());
  }
  result.text_ += ')';
  return result;
}

PhotoCondition PhotoCondition::all_of(std::span<const PhotoCondition> parts) { return joined(parts, "AND"); }

PhotoCondition PhotoCondition::any_of(std::span<const PhotoCondition> parts) { return joined(parts, "OR"); }

PhotoCondition PhotoCondition::negated() const { return {"(NOT " + text_ + ")", values_}; }

std::vector<FoundPhoto> find_photos(Database& database, const PhotoCondition& condition, NamesBy names) {
  add_functions(database);
  Transaction same_view(database, Transaction::Mode::read);  // a scan may be writing
  SQLite::Statement photos(database.sql(), "SELECT photo.id, photo.path FROM photo WHERE " + condition.text_ +
                                               " ORDER BY photo.taken = '', photo.taken, photo.path");
  int index = 0;
  for (const PhotoCondition::Value& value : condition.values_)
    std::visit([&](const auto& plain) { photos.bind(++index, plain); }, value);
  SQLite::Statement people(database.sql(), names_on_photo(names));
  std::vector<FoundPhoto> found;
  while (photos.executeStep()) {
    FoundPhoto photo;
    photo.id = photos.getColumn(0).getInt64();
    photo.path = photos.getColumn(1).getString();
    people.reset();
    people.bind(1, photo.id);
    while (people.executeStep()) {
      if (people.getColumn(0).isNull()) continue;
      std::string name = people.getColumn(0).getString();
      if (std::ranges::find(photo.people, name) == photo.people.end())
        photo.people.push_back(std::move(name));
    }
    found.push_back(std::move(photo));
  }
  return found;
}

std::vector<KnownName> known_names(Database& database) {
  std::vector<KnownName> names;
  Prepared read =
      database.prepared("SELECT name, id FROM person UNION ALL SELECT name, person FROM alias ORDER BY 1");
  while (read.executeStep()) names.push_back({read.getColumn(0).getString(), read.getColumn(1).getInt64()});
  return names;
}

}  // namespace kith::store
