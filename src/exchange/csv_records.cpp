// SPDX-License-Identifier: Apache-2.0
// One table for all: the column `record` says what a row is. A face's row repeats its photo's path and hash,
// so that the faces alone are a table that a spreadsheet can use.
#include <algorithm>
#include <array>
#include <charconv>
#include <map>

#include "core/csv.h"
#include "exchange/checks.h"
#include "exchange/formats.h"

namespace kith::exchange {
namespace {

enum Column {
  record,
  photo,
  sha256,
  width,
  height,
  orientation,
  taken,
  camera,
  latitude,
  longitude,
  missing,  // photos
  face,
  x,
  y,
  w,
  h,
  landmarks,
  score,
  quality,
  drawn,
  name,
  decided,
  probability,  // faces
  birth,
  min_similarity,
  other,
  model,
  vector,  // the rest
  column_count
};

constexpr std::array<const char*, column_count> names{
    "record",  "photo",       "sha256",    "width",          "height",  "orientation", "taken",
    "camera",  "latitude",    "longitude", "missing",        "face",    "x",           "y",
    "w",       "h",           "landmarks", "score",          "quality", "drawn",       "name",
    "decided", "probability", "birth",     "min_similarity", "other",   "model",       "vector"};

using Fields = std::array<std::string, column_count>;

// ---- writing

std::string text_of(double value, int digits = 6) {
  std::array<char, 64> buffer{};
  const auto [end, problem] =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), rounded(value, digits));
  return {buffer.data(), end};
}

std::string text_of(bool yes) { return yes ? "yes" : "no"; }

// Numbers with blanks between them.
template <typename Numbers>
std::string list_of(const Numbers& numbers) {
  std::string text;
  for (const float value : numbers) {
    if (!text.empty()) text += ' ';
    text += text_of(value);
  }
  return text;
}

std::string row_of(const Fields& fields) { return csv_row(fields); }

Fields fields_of(const char* kind) {
  Fields fields;
  fields[record] = kind;
  return fields;
}

struct ToCsv {
  std::string operator()(const PersonRecord& person) const {
    Fields fields = fields_of("person");
    fields[name] = person.name;
    fields[birth] = person.birth;
    if (person.cover) fields[face] = std::to_string(*person.cover);
    if (person.min_similarity) fields[min_similarity] = text_of(*person.min_similarity);
    std::string rows = row_of(fields);
    for (const std::string& alias : person.aliases) {
      fields = fields_of("alias");
      fields[name] = person.name;
      fields[other] = alias;
      rows += row_of(fields);
    }
    return rows;
  }

  std::string operator()(const PhotoRecord& of) const {
    Fields fields = fields_of("photo");
    fields[photo] = of.path;
    fields[sha256] = of.content;
    fields[width] = std::to_string(of.info.width);
    fields[height] = std::to_string(of.info.height);
    fields[orientation] = std::to_string(of.info.orientation);
    fields[taken] = of.info.taken;
    fields[camera] = of.info.camera;
    if (of.info.place) {
      fields[latitude] = text_of(of.info.place->latitude, 9);
      fields[longitude] = text_of(of.info.place->longitude, 9);
    }
    fields[missing] = text_of(of.missing);
    std::string rows = row_of(fields);
    for (const FaceRecord& one : of.faces) rows += rows_of(of, one);
    return rows;
  }

  std::string operator()(const LinkRecord& link) const {
    Fields fields = fields_of("link");
    fields[face] = std::to_string(link.one);
    fields[other] = std::to_string(link.other);
    fields[decided] = link.same ? "same" : "different";
    return row_of(fields);
  }

 private:
  [[nodiscard]] static std::string rows_of(const PhotoRecord& of, const FaceRecord& one) {
    const auto begun = [&](const char* kind) {
      Fields fields = fields_of(kind);
      fields[photo] = of.path;
      fields[sha256] = of.content;
      fields[face] = std::to_string(one.number);
      return fields;
    };
    Fields fields = begun("face");
    fields[x] = text_of(one.box.x);
    fields[y] = text_of(one.box.y);
    fields[w] = text_of(one.box.width);
    fields[h] = text_of(one.box.height);
    if (one.landmarks) {
      std::vector<float> values;
      for (const Point& point : *one.landmarks) values.insert(values.end(), {point.x, point.y});
      fields[landmarks] = list_of(values);
    }
    fields[score] = text_of(one.score);
    fields[quality] = text_of(one.quality);
    fields[drawn] = text_of(one.drawn);
    fields[name] = one.name;
    fields[decided] = word_of(one.decided);
    fields[probability] = text_of(one.probability);
    std::string rows = row_of(fields);
    for (const std::string& not_this : one.rejected) {
      fields = begun("rejected");
      fields[name] = not_this;
      rows += row_of(fields);
    }
    for (const ModelVector& of_model : one.vectors) {
      fields = begun("vector");
      fields[model] = of_model.model;
      fields[vector] = list_of(of_model.values);
      rows += row_of(fields);
    }
    return rows;
  }
};

// ---- reading

template <typename Number>
Number number_in(const std::string& text, Column column) {
  Number value{};
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc{} || end != text.data() + text.size())
    throw Malformed{"\"" + text + "\" in column " + names[column] + " is no number"};
  return value;
}

bool yes_in(const std::string& text, Column column) {
  if (text != "yes" && text != "no" && !text.empty())
    throw Malformed{"\"" + text + "\" in column " + names[column] + " is neither yes nor no"};
  return text == "yes";
}

std::optional<Landmarks> landmarks_in(const std::string& text) {
  if (text.empty()) return std::nullopt;
  Landmarks result{};
  std::size_t begin = 0;
  for (std::size_t i = 0; i < 2 * result.size(); ++i) {
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    if (begin >= text.size()) throw Malformed{"landmarks are ten numbers"};
    const auto value = number_in<double>(text.substr(begin, end - begin), landmarks);
    (i % 2 == 0 ? result[i / 2].x : result[i / 2].y) = checked_point(value, 0).x;
    begin = end + 1;
  }
  if (begin < text.size()) throw Malformed{"landmarks are ten numbers"};
  return result;
}

// Puts together what stands in rows of their own.
class Collector {
 public:
  void add(const Fields& fields, std::size_t line) {
    const std::string& kind = fields[record];
    if (kind == "person") {
      add_person(fields, line);
    } else if (kind == "alias") {
      aliases_.push_back({line, checked_name(fields[name]), checked_name(fields[other])});
    } else if (kind == "photo") {
      photo_of(fields, line).missing = yes_in(fields[missing], missing);
    } else if (kind == "face") {
      add_face(fields, line);
    } else if (kind == "rejected") {
      rejected_.push_back({line, std::to_string(number_of(fields, face)), checked_name(fields[name])});
    } else if (kind == "link") {
      if (fields[decided] != "same" && fields[decided] != "different")
        throw Malformed{"a link is decided as \"same\" or \"different\""};
      records_.push_back(
          {line, LinkRecord{number_of(fields, face), number_of(fields, other), fields[decided] == "same"}});
    } else if (kind != "vector") {
      throw Malformed{"\"" + kind +
                      "\" is no kind of record: person, alias, photo, face, rejected, link, vector"};
    }
  }

  Result<std::vector<ReadRecord>> finish() && {
    for (const Detail& alias : aliases_) {
      const auto person = persons_.find(alias.of);
      if (person == persons_.end())
        return error_in_line(alias.line, "there is no row of the person \"" + alias.of + "\"");
      std::get<PersonRecord>(records_[person->second].record).aliases.push_back(alias.text);
    }
    for (const Detail& rejected : rejected_) {
      const auto found = faces_.find(number_in<std::int64_t>(rejected.of, face));
      if (found == faces_.end())
        return error_in_line(rejected.line, "there is no row of face " + rejected.of);
      const auto [record_index, face_index] = found->second;
      std::get<PhotoRecord>(records_[record_index].record)
          .faces[face_index]
          .rejected.push_back(rejected.text);
    }
    return std::move(records_);
  }

 private:
  struct Detail {
    std::size_t line;
    std::string of;
    std::string text;
  };

  static std::int64_t number_of(const Fields& fields, Column column) {
    return number_in<std::int64_t>(fields[column], column);
  }

  void add_person(const Fields& fields, std::size_t line) {
    PersonRecord person{.name = checked_name(fields[name]),
                        .aliases = {},
                        .birth = checked_birth(fields[birth]),
                        .cover = {},
                        .min_similarity = {}};
    if (!fields[face].empty()) person.cover = number_of(fields, face);
    if (!fields[min_similarity].empty())
      person.min_similarity = checked_similarity(number_in<double>(fields[min_similarity], min_similarity));
    if (!persons_.emplace(person.name, records_.size()).second)
      throw Malformed{"the person \"" + person.name + "\" stands here a second time"};
    records_.push_back({line, std::move(person)});
  }

  std::size_t photo_index(const Fields& fields, std::size_t line) {
    const auto [found, fresh] = photos_.emplace(
        std::pair(checked_path(fields[photo]), checked_content(fields[sha256])), records_.size());
    if (fresh) {
      PhotoRecord made;
      std::tie(made.path, made.content) = found->first;
      records_.push_back({line, std::move(made)});
    }
    return found->second;
  }
  PhotoRecord& photo_of(const Fields& fields, std::size_t line) {
    return std::get<PhotoRecord>(records_[photo_index(fields, line)].record);
  }

  void add_face(const Fields& fields, std::size_t line) {
    FaceRecord one;
    one.number = number_of(fields, face);
    one.line = line;
    const auto side = [&](Column column) { return number_in<double>(fields[column], column); };
    one.box = checked_box(side(x), side(y), side(w), side(h));
    one.landmarks = landmarks_in(fields[landmarks]);
    one.drawn = yes_in(fields[drawn], drawn);
    one.decided = decided_of(fields[decided]);
    if (!fields[name].empty()) one.name = checked_name(fields[name]);
    if (one.decided == Decided::confirmed && one.name.empty()) throw Malformed{"a confirmed face has a name"};
    const std::size_t index = photo_index(fields, line);
    std::vector<FaceRecord>& of_photo = std::get<PhotoRecord>(records_[index].record).faces;
    if (!faces_.emplace(one.number, std::pair(index, of_photo.size())).second)
      throw Malformed{"face " + fields[face] + " stands here a second time"};
    of_photo.push_back(std::move(one));
  }

  std::vector<ReadRecord> records_;
  std::map<std::string, std::size_t> persons_;
  std::map<std::pair<std::string, std::string>, std::size_t> photos_;
  std::map<std::int64_t, std::pair<std::size_t, std::size_t>> faces_;
  std::vector<Detail> aliases_;
  std::vector<Detail> rejected_;
};

// Where each of our columns stands in the file, whose columns may be in any order, and more or fewer.
std::array<std::size_t, column_count> places_of(const std::vector<std::string>& heading) {
  std::array<std::size_t, column_count> places{};
  for (std::size_t i = 0; i < places.size(); ++i)
    places[i] = static_cast<std::size_t>(std::ranges::find(heading, names[i]) - heading.begin());
  return places;
}

}  // namespace

std::string csv_heading() {
  Fields fields;
  std::ranges::copy(names, fields.begin());
  return row_of(fields);
}

std::string to_csv(const Record& of) { return std::visit(ToCsv{}, of); }

Result<std::vector<ReadRecord>> read_csv(std::istream& input) {
  CsvReader reader(input);
  const Result<std::optional<CsvReader::Row>> heading = reader.next();
  if (!heading) return tl::unexpected(heading.error());
  constexpr auto no_export =
      "is no export of kith's: neither {\"kith_export\": 1} nor a row of column names with \"record\" in it";
  if (!*heading) return error_in_line(1, no_export);
  const std::vector<std::string>& columns = (*heading)->fields;
  const auto places = places_of(columns);
  if (places[record] == columns.size()) return error_in_line(1, no_export);
  Collector collector;
  while (true) {
    Result<std::optional<CsvReader::Row>> row = reader.next();
    if (!row) return tl::unexpected(row.error());
    if (!*row) break;
    std::vector<std::string>& found = (*row)->fields;
    if (found.size() == 1 && found.front().empty()) continue;  // an empty line
    if (found.size() != columns.size())
      return error_in_line((*row)->line, "has " + std::to_string(found.size()) +
                                             " fields, and line 1 names " + std::to_string(columns.size()) +
                                             " columns");
    Fields fields;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if (places[i] < found.size()) fields[i] = std::move(found[places[i]]);
    }
    try {
      collector.add(fields, (*row)->line);
    } catch (const Malformed& problem) {
      return error_in_line((*row)->line, problem.what);
    }
  }
  return std::move(collector).finish();
}

}  // namespace kith::exchange
