// SPDX-License-Identifier: Apache-2.0
#include "dataset/manifest.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <stdexcept>

#include <nlohmann/json.hpp>

#include "core/identify_json.h"
#include "core/json_number.h"
#include "core/json_text.h"

namespace kith::dataset {
namespace {

using Json = nlohmann::ordered_json;

constexpr int version = 1;

std::string line_of(const Json& object) { return json_text(object); }

Json box_json(const Box& box) {
  return {shortest(box.x), shortest(box.y), shortest(box.width), shortest(box.height)};
}

Json landmarks_json(const Landmarks& landmarks) {
  Json list = Json::array();
  for (const Point& point : landmarks) list.push_back({shortest(point.x), shortest(point.y)});
  return list;
}

void add_source(Json& object, const std::string& source, const std::string& sha256,
                const std::optional<FrameTime>& frame) {
  object["source"] = source;
  if (!sha256.empty()) object["source_sha256"] = sha256;
  if (frame) {
    object["frame"] = frame->number;
    object["seconds"] = frame->seconds;
  }
}

Json picture_json(const Picture& picture) {
  Json object{{"file", picture.file}, {"sha256", picture.sha256}, {"person", picture.person}};
  add_source(object, picture.source, picture.source_sha256, picture.frame);
  object["box"] = box_json(picture.face.box);
  object["landmarks"] = landmarks_json(picture.face.landmarks);
  object["score"] = shortest(picture.face.score);
  object["quality"] = shortest(picture.face.quality);
  object["eye_distance"] = shortest(picture.measures.eye_distance);
  object["sharpness"] = shortest(picture.measures.sharpness);
  object["frontality"] = shortest(picture.measures.frontality);
  object["picture_landmarks"] = landmarks_json(picture.landmarks);
  return object;
}

Json dropped_json(const Dropped& dropped) {
  Json object{{"reason", drop_reason_name(dropped.drop.reason)}};
  add_source(object, dropped.source, dropped.source_sha256, dropped.frame);
  if (dropped.box) object["box"] = box_json(*dropped.box);
  if (!dropped.person.empty()) object["person"] = dropped.person;
  if (dropped.drop.limit != 0) {
    object["measured"] = shortest(dropped.drop.measured);
    object["limit"] = shortest(dropped.drop.limit);
  }
  if (!dropped.drop.of.empty()) object["of"] = dropped.drop.of;
  return object;
}

Json source_json(const Source& source) {
  Json object{{"source", source.source}, {"sha256", source.sha256}};
  if (!source.person.empty()) object["person"] = source.person;
  return object;
}

template <typename T>
std::string lines(std::string_view key, const std::vector<T>& values, Json (*json)(const T&)) {
  std::string text = "\"" + std::string(key) + "\": [";
  for (std::size_t i = 0; i < values.size(); ++i) text += (i == 0 ? "\n" : ",\n") + line_of(json(values[i]));
  return text + "]";
}

// What is wrong with the text; what nlohmann throws means the same.
struct Damaged : std::runtime_error {
  using std::runtime_error::runtime_error;
};

std::string text_in(const Json& object, const char* key) { return object.at(key).get<std::string>(); }

std::string optional_text(const Json& object, const char* key) {
  return object.contains(key) ? text_in(object, key) : std::string();
}

float number_in(const Json& value) {
  const auto number = value.get<double>();
  if (!value.is_number() || !(std::abs(number) <= 1e9)) throw Damaged("a number that is none");
  return static_cast<float>(number);
}

std::int64_t integer_in(const Json& value) {
  if (!value.is_number_integer()) throw Damaged("a number that is not whole");
  return value.get<std::int64_t>();
}

std::string hash_in(const Json& object, const char* key) {
  std::string hash = text_in(object, key);
  const bool hexadecimal = std::ranges::all_of(
      hash, [](char digit) { return (digit >= '0' && digit <= '9') || (digit >= 'a' && digit <= 'f'); });
  if (hash.size() != 64 || !hexadecimal) throw Damaged(std::string(key) + " is no SHA-256");
  return hash;
}

bool is_component(std::string_view name) {
  return !name.empty() && name != "." && name != ".." && name.find('/') == std::string_view::npos &&
         name.find('\0') == std::string_view::npos;
}

std::string file_in(const Json& object) {
  std::string file = text_in(object, "file");
  const std::size_t slash = file.find('/');
  if (slash == std::string::npos || !is_component(std::string_view(file).substr(0, slash)) ||
      !is_component(std::string_view(file).substr(slash + 1))) {
    throw Damaged("a file that is not in a person's folder");
  }
  return file;
}

Box box_in(const Json& list) {
  if (list.size() != 4) throw Damaged("a box without four numbers");
  return {number_in(list[0]), number_in(list[1]), number_in(list[2]), number_in(list[3])};
}

Landmarks landmarks_in(const Json& list) {
  Landmarks landmarks;
  if (list.size() != landmarks.size()) throw Damaged("landmarks that are not five");
  for (std::size_t i = 0; i < landmarks.size(); ++i) {
    if (list[i].size() != 2) throw Damaged("a landmark without two numbers");
    landmarks[i] = {number_in(list[i][0]), number_in(list[i][1])};
  }
  return landmarks;
}

std::optional<FrameTime> frame_in(const Json& object) {
  if (!object.contains("frame")) return std::nullopt;
  const FrameTime frame{integer_in(object.at("frame")), object.at("seconds").get<double>()};
  if (frame.number < 0 || !std::isfinite(frame.seconds)) throw Damaged("a frame of no time");
  return frame;
}

std::string source_hash_in(const Json& object) {
  return object.contains("source_sha256") ? hash_in(object, "source_sha256") : std::string();
}

Picture picture_in(const Json& object) {
  Picture picture;
  picture.file = file_in(object);
  picture.sha256 = hash_in(object, "sha256");
  picture.person = text_in(object, "person");
  picture.source = text_in(object, "source");
  picture.source_sha256 = source_hash_in(object);
  picture.frame = frame_in(object);
  picture.face.box = box_in(object.at("box"));
  picture.face.landmarks = landmarks_in(object.at("landmarks"));
  picture.face.score = number_in(object.at("score"));
  picture.face.quality = number_in(object.at("quality"));
  picture.measures = {number_in(object.at("eye_distance")), number_in(object.at("sharpness")),
                      number_in(object.at("frontality"))};
  picture.landmarks = landmarks_in(object.at("picture_landmarks"));
  return picture;
}

DropReason reason_in(const Json& object) {
  const std::string name = text_in(object, "reason");
  for (int reason = 0; reason <= static_cast<int>(DropReason::too_many); ++reason) {
    if (drop_reason_name(static_cast<DropReason>(reason)) == name) return static_cast<DropReason>(reason);
  }
  throw Damaged("a reason that kith does not know: " + name);
}

Dropped dropped_in(const Json& object) {
  Dropped dropped;
  dropped.drop.reason = reason_in(object);
  dropped.source = text_in(object, "source");
  dropped.source_sha256 = source_hash_in(object);
  dropped.frame = frame_in(object);
  if (object.contains("box")) dropped.box = box_in(object.at("box"));
  dropped.person = optional_text(object, "person");
  if (object.contains("limit")) {
    dropped.drop.measured = number_in(object.at("measured"));
    dropped.drop.limit = number_in(object.at("limit"));
  }
  dropped.drop.of = optional_text(object, "of");
  return dropped;
}

Source source_in(const Json& object) {
  return {text_in(object, "source"), hash_in(object, "sha256"), optional_text(object, "person")};
}

template <typename T>
std::vector<T> list_in(const Json& object, const char* key, T (*read)(const Json&)) {
  std::vector<T> values;
  for (const Json& one : object.at(key)) values.push_back(read(one));
  return values;
}

Manifest manifest_in(const Json& object) {
  Manifest manifest;
  manifest.picture = text_in(object, "picture");
  manifest.size = static_cast<int>(integer_in(object.at("size")));
  manifest.margin = number_in(object.at("margin"));
  manifest.settings = line_of(object.at("settings"));
  for (const auto& [person, folder] : object.at("people").items()) {
    if (!is_component(folder.get<std::string>())) throw Damaged("a person's folder that is no name");
    manifest.folders.emplace(person, folder.get<std::string>());
  }
  manifest.pictures = list_in(object, "pictures", picture_in);
  manifest.dropped = list_in(object, "dropped", dropped_in);
  manifest.sources = list_in(object, "sources", source_in);
  return manifest;
}

std::string_view naming_name(DatasetNaming naming) {
  constexpr std::array<std::string_view, 4> names{"folders", "one-person", "identify", "cluster"};
  return names[static_cast<std::size_t>(naming)];
}

}  // namespace

std::string settings_text(const DatasetSettings& settings, DatasetNaming naming, const std::string& detector,
                          const std::string& model, const std::vector<std::string>& people) {
  return line_of({{"naming", naming_name(naming)},
                  {"detector", detector},
                  {"model", model},
                  {"min_face", shortest(settings.min_face)},
                  {"min_score", shortest(settings.min_score)},
                  {"min_sharpness", shortest(settings.min_sharpness)},
                  {"min_frontality", shortest(settings.min_frontality)},
                  {"min_quality", shortest(settings.min_quality)},
                  {"duplicate_similarity", shortest(settings.duplicate_similarity)},
                  {"duplicate_correlation", shortest(settings.duplicate_correlation)},
                  {"frame_gap_seconds", settings.frame_gap_seconds},
                  {"max_per_person", settings.max_per_person},
                  {"min_cluster", settings.min_cluster},
                  {"identify", settings_json(settings.identify)},
                  {"people", people}});
}

std::string manifest_text(const Manifest& manifest) {
  Json people = Json::object();
  for (const auto& [person, folder] : manifest.folders) people[person] = folder;
  std::string text = "{\"kith_dataset\": " + std::to_string(version);
  text += ",\n\"picture\": " + line_of(manifest.picture) + ", \"size\": " + std::to_string(manifest.size) +
          ", \"margin\": " + line_of(shortest(manifest.margin));
  text += ",\n\"settings\": " + manifest.settings;
  text += ",\n\"people\": " + line_of(people);
  text += ",\n" + lines("pictures", manifest.pictures, picture_json);
  text += ",\n" + lines("dropped", manifest.dropped, dropped_json);
  text += ",\n" + lines("sources", manifest.sources, source_json);
  return text + "}\n";
}

Result<Manifest> read_manifest(std::string_view text, const std::string& name) {
  const auto damaged = [&](const std::string& what) {
    return fail(ErrorCode::damaged, name + ": is no data set's list (" + what +
                                        "); give another folder, or mend it from a backup");
  };
  try {
    const Json object = Json::parse(text);
    if (integer_in(object.at("kith_dataset")) > version) {
      return fail(ErrorCode::unsupported_format,
                  name + ": was written by a later kith; use that one, or another folder");
    }
    return manifest_in(object);
  } catch (const Json::exception& error) {
    return damaged(error.what());
  } catch (const Damaged& error) {
    return damaged(error.what());
  }
}

}  // namespace kith::dataset
