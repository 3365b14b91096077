// SPDX-License-Identifier: Apache-2.0
#include <set>

#include <nlohmann/json.hpp>

#include "core/json_text.h"
#include "exchange/checks.h"
#include "exchange/formats.h"

namespace kith::exchange {
namespace {

using Json = nlohmann::ordered_json;

constexpr int version = 1;
constexpr auto version_key = "kith_export";

// ---- writing

std::string line_of(const Json& object) { return json_text(object) + "\n"; }

Json json_of(const FaceRecord& face) {
  Json object{
      {"face", face.number},
      {"box", {rounded(face.box.x), rounded(face.box.y), rounded(face.box.width), rounded(face.box.height)}},
      {"score", rounded(face.score)},
      {"quality", rounded(face.quality)}};
  if (face.landmarks) {
    Json points = Json::array();
    for (const Point& point : *face.landmarks) points.push_back({rounded(point.x), rounded(point.y)});
    object["landmarks"] = std::move(points);
  }
  object["drawn"] = face.drawn;
  object["name"] = face.name.empty() ? Json(nullptr) : Json(face.name);
  object["decided"] = face.decided == Decided::nobody ? Json(nullptr) : Json(word_of(face.decided));
  object["probability"] = rounded(face.probability);
  object["rejected"] = face.rejected;
  for (const ModelVector& vector : face.vectors) {
    Json values = Json::array();
    for (const float value : vector.values) values.push_back(rounded(value));
    object["vectors"][vector.model] = std::move(values);
  }
  return object;
}

struct ToJson {
  Json operator()(const PersonRecord& person) const {
    Json object{{"person", person.name}, {"aliases", person.aliases}, {"birth", person.birth}};
    if (person.cover) object["cover"] = *person.cover;
    if (person.min_similarity) object["min_similarity"] = rounded(*person.min_similarity);
    return object;
  }
  Json operator()(const PhotoRecord& photo) const {
    Json object{{"photo", photo.path},
                {"sha256", photo.content},
                {"width", photo.info.width},
                {"height", photo.info.height},
                {"orientation", photo.info.orientation},
                {"taken", photo.info.taken},
                {"camera", photo.info.camera},
                {"place", nullptr},
                {"missing", photo.missing},
                {"faces", Json::array()}};
    if (photo.info.place)
      object["place"] = {{"latitude", rounded(photo.info.place->latitude, 9)},
                         {"longitude", rounded(photo.info.place->longitude, 9)}};
    for (const FaceRecord& face : photo.faces) object["faces"].push_back(json_of(face));
    return object;
  }
  Json operator()(const LinkRecord& link) const {
    return {{"link", {link.one, link.other}}, {"same", link.same}};
  }
};

// ---- reading

// The members of one object, with errors that name them. What is absent or null has its default.
class Object {
 public:
  explicit Object(const Json& json) : json_(json) {
    if (!json.is_object()) throw Malformed{"is no JSON object"};
  }
  [[nodiscard]] bool has(const char* key) const { return find(key) != nullptr; }
  [[nodiscard]] std::string text(const char* key) const {
    const Json* value = find(key);
    if (value == nullptr) return "";
    if (!value->is_string()) throw Malformed{"\"" + std::string(key) + "\" is text in quotes"};
    return value->get<std::string>();
  }
  [[nodiscard]] bool yes(const char* key) const {
    const Json* value = find(key);
    if (value != nullptr && !value->is_boolean())
      throw Malformed{"\"" + std::string(key) + "\" is true or false"};
    return value != nullptr && value->get<bool>();
  }
  [[nodiscard]] std::optional<std::int64_t> whole(const char* key) const {
    const Json* value = find(key);
    return value == nullptr ? std::nullopt : std::optional(whole_number(*value, key));
  }
  [[nodiscard]] std::optional<double> number(const char* key) const {
    const Json* value = find(key);
    return value == nullptr ? std::nullopt : std::optional(any_number(*value, key));
  }
  // The items of a list; none where it is absent.
  [[nodiscard]] const Json& list(const char* key) const {
    static const Json none = Json::array();
    const Json* value = find(key);
    if (value == nullptr) return none;
    if (!value->is_array()) throw Malformed{"\"" + std::string(key) + "\" is a list in [ ]"};
    return *value;
  }
  [[nodiscard]] static std::int64_t whole_number(const Json& value, const char* key) {
    const bool fits = value.is_number_integer() &&
                      !(value.is_number_unsigned() && value.get<std::uint64_t>() > std::uint64_t{INT64_MAX});
    if (!fits) throw Malformed{"\"" + std::string(key) + "\" is a whole number"};
    return value.get<std::int64_t>();
  }
  [[nodiscard]] static double any_number(const Json& value, const char* key) {
    if (!value.is_number()) throw Malformed{"\"" + std::string(key) + "\" is a number"};
    return value.get<double>();
  }

 private:
  [[nodiscard]] const Json* find(const char* key) const {
    const auto found = json_.find(key);
    return found == json_.end() || found->is_null() ? nullptr : &*found;
  }
  const Json& json_;
};

std::vector<std::string> names_in(const Object& object, const char* key) {
  std::vector<std::string> names;
  for (const Json& name : object.list(key)) {
    if (!name.is_string()) throw Malformed{"\"" + std::string(key) + "\" is a list of names"};
    names.push_back(checked_name(name.get<std::string>()));
  }
  return names;
}

Box box_in(const Object& object) {
  const Json& box = object.list("box");
  if (box.size() != 4) throw Malformed{"\"box\" is [left, top, width, height]"};
  const auto at = [&](std::size_t i) { return Object::any_number(box[i], "box"); };
  return checked_box(at(0), at(1), at(2), at(3));
}

std::optional<Landmarks> landmarks_in(const Object& object) {
  const Json& points = object.list("landmarks");
  if (points.empty()) return std::nullopt;
  Landmarks landmarks{};
  if (points.size() != landmarks.size()) throw Malformed{"\"landmarks\" is a list of five points"};
  for (std::size_t i = 0; i < landmarks.size(); ++i) {
    if (!points[i].is_array() || points[i].size() != 2) throw Malformed{"a landmark is [x, y]"};
    landmarks[i] = checked_point(Object::any_number(points[i][0], "landmarks"),
                                 Object::any_number(points[i][1], "landmarks"));
  }
  return landmarks;
}

FaceRecord face_of(const Json& json, std::size_t line) {
  const Object object(json);
  FaceRecord face;
  const std::optional<std::int64_t> number = object.whole("face");
  if (!number) throw Malformed{"a face has a number, \"face\""};
  face.number = *number;
  face.line = line;
  face.box = box_in(object);
  face.landmarks = landmarks_in(object);
  face.drawn = object.yes("drawn");
  face.decided = decided_of(object.text("decided"));
  if (object.has("name")) face.name = checked_name(object.text("name"));
  if (face.decided == Decided::confirmed && face.name.empty()) throw Malformed{"a confirmed face has a name"};
  face.rejected = names_in(object, "rejected");
  return face;
}

Record record_of(const Json& json, std::size_t line, std::set<std::int64_t>& numbers) {
  const Object object(json);
  if (object.has("person")) {
    PersonRecord person;
    person.name = checked_name(object.text("person"));
    person.aliases = names_in(object, "aliases");
    person.birth = checked_birth(object.text("birth"));
    person.cover = object.whole("cover");
    if (const std::optional<double> least = object.number("min_similarity"))
      person.min_similarity = checked_similarity(*least);
    return person;
  }
  if (object.has("photo")) {
    PhotoRecord photo;
    photo.path = checked_path(object.text("photo"));
    photo.content = checked_content(object.text("sha256"));
    photo.missing = object.yes("missing");
    for (const Json& face : object.list("faces")) {
      photo.faces.push_back(face_of(face, line));
      if (const std::int64_t number = photo.faces.back().number; !numbers.insert(number).second)
        throw Malformed{"face " + std::to_string(number) + " stands here a second time"};
    }
    return photo;
  }
  if (object.has("link")) {
    const Json& pair = object.list("link");
    if (pair.size() != 2) throw Malformed{"\"link\" is a list of two faces' numbers"};
    return LinkRecord{Object::whole_number(pair[0], "link"), Object::whole_number(pair[1], "link"),
                      object.yes("same")};
  }
  throw Malformed{"is neither a person nor a photo nor a link"};
}

// Whether brackets stand no deeper in each other than any record has them.
bool is_shallow(std::string_view line) {
  constexpr int deepest = 8;
  int depth = 0;
  bool in_text = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (in_text && line[i] == '\\') {
      ++i;
    } else if (line[i] == '"') {
      in_text = !in_text;
    } else if (!in_text && (line[i] == '[' || line[i] == '{')) {
      if (++depth > deepest) return false;
    } else if (!in_text && (line[i] == ']' || line[i] == '}')) {
      --depth;
    }
  }
  return true;
}

// Up to the line end, which is taken but not given; no more than longest_line and a byte.
std::string next_line(std::istream& input) {
  constexpr int end = std::char_traits<char>::eof();
  std::string line;
  std::streambuf& bytes = *input.rdbuf();
  while (line.size() <= longest_line) {
    const int byte = bytes.sbumpc();
    if (byte == end || byte == '\n') break;
    line += static_cast<char>(byte);
  }
  return line;
}

void check_heading(const Json& json) {
  const std::optional<std::int64_t> found = Object(json).whole(version_key);
  if (!found) throw Malformed{"the first line of an export is {\"kith_export\": 1}"};
  if (*found != version)
    throw Malformed{"was written in version " + std::to_string(*found) +
                    " of the format, and this kith reads version " + std::to_string(version) +
                    "; update kith"};
}

}  // namespace

std::string json_heading() { return line_of({{version_key, version}}); }

std::string to_json_line(const Record& record) { return line_of(std::visit(ToJson{}, record)); }

Result<std::vector<ReadRecord>> read_json_lines(std::istream& input) {
  std::vector<ReadRecord> records;
  std::set<std::int64_t> numbers;
  for (std::size_t line = 1; input.rdbuf()->sgetc() != std::char_traits<char>::eof(); ++line) {
    const std::string text = next_line(input);
    if (text.size() > longest_line) return error_in_line(line, "is longer than kith reads");
    if (!is_shallow(text)) return error_in_line(line, "has brackets deeper in each other than any record");
    if (text.find_first_not_of(" \t\r") == std::string::npos) continue;
    try {
      const Json json = Json::parse(text);
      if (line == 1) {
        check_heading(json);
      } else {
        records.push_back({line, record_of(json, line, numbers)});
      }
    } catch (const Malformed& problem) {
      return error_in_line(line, problem.what);
    } catch (const Json::exception& problem) {
      return error_in_line(line, std::string("is no JSON: ") + problem.what());
    }
  }
  return records;
}

}  // namespace kith::exchange
