// SPDX-License-Identifier: Apache-2.0
#include "text.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "core/json_text.h"

namespace kith::cli {
namespace {

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

Json candidate_json(const Candidate& candidate) {
  return {{"name", candidate.name},
          {"probability", six_digits(candidate.probability)},
          {"similarity", six_digits(candidate.similarity)}};
}

Json face_json(const Face& face, bool with_names) {
  Json landmarks = Json::array();
  for (const Point& point : face.landmarks) landmarks.push_back({six_digits(point.x), six_digits(point.y)});
  Json object{{"box", box_json(face.box)},
              {"score", six_digits(face.score)},
              {"landmarks", landmarks},
              {"quality", six_digits(face.quality)}};
  if (!with_names || !face.identity) return object;
  const Identity& identity = *face.identity;
  object["name"] = identity.name ? Json(*identity.name) : Json(nullptr);
  object["probability"] = six_digits(identity.probability);
  object["similarity"] = six_digits(identity.similarity);
  object["reference"] = identity.reference;
  object["runner_up"] = identity.runner_up ? candidate_json(*identity.runner_up) : Json(nullptr);
  return object;
}

}  // namespace

std::string printable(std::string_view text) {
  std::string result(text);
  std::ranges::replace_if(result, is_control, '?');
  return result;
}

std::string printable_lines(std::string_view text) {
  std::string result(text);
  std::ranges::replace_if(
      result, [](char c) { return is_control(c) && c != '\n'; }, '?');
  return result;
}

std::size_t character_count(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return !continues_character(c); }));
}

std::string shortened(std::string_view text, std::size_t width) {
  const std::size_t characters = character_count(text);
  if (characters <= width || width < 2) return std::string(text);
  std::size_t drop = characters - (width - 1);
  std::size_t begin = 0;
  while (begin < text.size() && drop > 0) {
    ++begin;
    while (begin < text.size() && continues_character(text[begin])) ++begin;
    --drop;
  }
  return "…" + std::string(text.substr(begin));
}

std::string counted(std::size_t count, std::string_view singular) {
  return std::to_string(count) + " " + std::string(singular) + (count == 1 ? "" : "s");
}

std::string counted_people(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " person" : " people");
}

std::string percent(float probability) {
  return std::to_string(std::min(99L, std::lround(probability * 100))) + " %";
}

double six_digits(double value) {
  if (!std::isfinite(value)) return 0;
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return std::strtod(text, nullptr);
}

std::string line_of(const Json& object) { return json_text(object) + "\n"; }

Json box_json(const Box& box) {
  return {six_digits(box.x), six_digits(box.y), six_digits(box.width), six_digits(box.height)};
}

Json error_json(const std::filesystem::path& photo, const Error& error) {
  return {{"photo", photo.string()},
          {"error", {{"code", error_code_name(error.code)}, {"message", error.message}}}};
}

Json report_json(const PhotoReport& report, bool with_names) {
  if (report.error) return error_json(report.photo, *report.error);
  Json faces = Json::array();
  for (const Face& face : report.faces) faces.push_back(face_json(face, with_names));
  return {{"photo", report.photo.string()},
          {"width", report.info.width},
          {"height", report.info.height},
          {"orientation", report.info.orientation},
          {"faces", faces}};
}

}  // namespace kith::cli
