// SPDX-License-Identifier: Apache-2.0
#include "eval/protocols.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <functional>
#include <map>
#include <set>
#include <sstream>
#include <string_view>

namespace kith::eval {
namespace {

std::vector<std::string> split(const std::string& line, char separator) {
  std::vector<std::string> fields;
  std::istringstream stream(line);
  for (std::string field; std::getline(stream, field, separator);) fields.push_back(field);
  return fields;
}

// The whole text as a number: "12x" is none, and neither is "nan".
template <typename Number>
bool parse(const std::string& text, Number& value) {
  const char* const end = text.data() + text.size();
  const std::from_chars_result read = std::from_chars(text.data(), end, value);
  return read.ec == std::errc() && read.ptr == end && std::isfinite(static_cast<double>(value));
}

Result<std::vector<std::string>> read_lines(const std::filesystem::path& file) {
  std::ifstream stream(file);
  if (!stream)
    return fail(ErrorCode::not_found, file.string() + ": cannot be opened; is this the data set's folder?");
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    lines.push_back(std::move(line));
  }
  return lines;
}

tl::unexpected<Error> damaged(const std::filesystem::path& file, std::size_t line,
                              const std::string& expected) {
  return fail(ErrorCode::damaged, file.string() + ":" + std::to_string(line + 1) + ": expected " + expected);
}

constexpr std::array<std::string_view, 5> open_set_roles{"gallery", "known_unknown_train", "probe_known",
                                                         "probe_known_unknown", "probe_unknown_unknown"};

std::string lfw_file(const std::string& person, int number) {
  char suffix[16];
  std::snprintf(suffix, sizeof suffix, "_%04d.jpg", number);
  return person + "/" + person + suffix;
}

// The similarity to a person's mean vector, as identify/ has it for references that agree.
float template_similarity(const std::vector<const Embedding*>& references, const Embedding& face) {
  Embedding mean(face.size(), 0.0F);
  for (const Embedding* reference : references)
    std::ranges::transform(mean, *reference, mean.begin(), std::plus{});
  normalise(mean);
  return dot(mean, face);
}

}  // namespace

Result<std::vector<LfwPair>> read_lfw_pairs(const std::filesystem::path& file, int every) {
  const Result<std::vector<std::string>> lines = read_lines(file);
  if (!lines) return tl::unexpected(lines.error());
  const std::vector<std::string> header =
      lines->empty() ? std::vector<std::string>() : split(lines->front(), '\t');
  int folds = 0;
  int pairs_a_fold = 0;
  if (header.size() != 2 || !parse(header[0], folds) || !parse(header[1], pairs_a_fold) || folds < 2 ||
      pairs_a_fold < 1) {
    return damaged(file, 0, "the number of folds (at least 2) and of pairs");
  }
  const std::size_t expected = 2 * static_cast<std::size_t>(folds) * static_cast<std::size_t>(pairs_a_fold);
  const std::string promised =
      "; the first line says " + header[0] + " folds of twice " + header[1] + " pairs";
  std::vector<LfwPair> pairs;
  std::size_t read = 0;
  for (std::size_t i = 1; i < lines->size(); ++i) {
    const std::vector<std::string> fields = split((*lines)[i], '\t');
    if (fields.empty()) continue;
    if (read == expected) return damaged(file, i, "the end of the file" + promised);
    int first = 0;
    int second = 0;
    const bool same = fields.size() == 3;
    if ((!same && fields.size() != 4) || !parse(fields[1], first) || !parse(fields.back(), second)) {
      return damaged(file, i, "a pair: name, number, number, or name, number, name, number");
    }
    const auto fold = static_cast<int>(read / (expected / static_cast<std::size_t>(folds)));
    if (read++ % static_cast<std::size_t>(every) == 0) {
      pairs.push_back(
          {lfw_file(fields[0], first), lfw_file(same ? fields[0] : fields[2], second), same, fold});
    }
  }
  if (read < expected)
    return damaged(file, lines->size(), std::to_string(expected - read) + " more pairs" + promised);
  const auto is_like_the_first = [&](auto field) {
    return std::ranges::all_of(pairs,
                               [&](const LfwPair& pair) { return pair.*field == pairs.front().*field; });
  };
  if (is_like_the_first(&LfwPair::fold) || is_like_the_first(&LfwPair::same)) {
    return fail(ErrorCode::bad_argument, file.string() + ": one pair in " + std::to_string(every) +
                                             " leaves too few to judge by: two folds are needed, and pairs "
                                             "of both kinds; take more of them");
  }
  return pairs;
}

std::vector<Pair> score_pairs(const std::vector<LfwPair>& pairs, const Vectors& vectors) {
  std::vector<Pair> scored;
  for (const LfwPair& pair : pairs) {
    const auto a = vectors.find(pair.a);
    const auto b = vectors.find(pair.b);
    const bool complete = a != vectors.end() && b != vectors.end();
    scored.push_back(
        {complete ? dot(a->second, b->second) : (pair.same ? -1.0F : 1.0F), pair.same, pair.fold});
  }
  return scored;
}

Result<std::vector<OpenSetRow>> read_open_set(const std::filesystem::path& file, int every) {
  const Result<std::vector<std::string>> lines = read_lines(file);
  if (!lines) return tl::unexpected(lines.error());
  if (lines->empty() || lines->front() != "role,identity,file")
    return damaged(file, 0, "the columns role,identity,file");
  std::vector<OpenSetRow> rows;
  for (std::size_t i = 1; i < lines->size(); ++i) {
    std::vector<std::string> fields = split((*lines)[i], ',');
    if (fields.empty()) continue;
    if (fields.size() != 3 || std::ranges::find(open_set_roles, fields[0]) == open_set_roles.end() ||
        fields[1].empty()) {
      return damaged(file, i, "role,identity,file");
    }
    rows.push_back({std::move(fields[0]), std::move(fields[1]), std::move(fields[2])});
  }
  // By identity, so that the people kept have all their photos.
  std::set<std::string> identities;
  for (const OpenSetRow& row : rows) identities.insert(row.identity);
  std::set<std::string> kept;
  int number = 0;
  for (const std::string& identity : identities) {
    if (number++ % every == 0) kept.insert(identity);
  }
  std::erase_if(rows, [&](const OpenSetRow& row) { return !kept.contains(row.identity); });
  return rows;
}

Status check_probes(const std::vector<OpenSetRow>& rows) {
  const auto lacks = [&](std::initializer_list<std::string_view> roles) {
    return std::ranges::none_of(
        rows, [&](const OpenSetRow& row) { return std::ranges::find(roles, row.role) != roles.end(); });
  };
  const auto missing = [](const std::string& what) {
    return fail(ErrorCode::bad_argument, "there is nothing to judge: no photo has the role " + what);
  };
  if (lacks({"gallery"})) return missing("gallery");
  if (lacks({"probe_known"})) return missing("probe_known");
  if (lacks({"probe_known_unknown", "probe_unknown_unknown"}))
    return missing("probe_known_unknown or probe_unknown_unknown");
  return {};
}

Gallery enrolled(const std::vector<OpenSetRow>& rows, const Vectors& vectors) {
  std::map<std::string, std::vector<Reference>> people;
  for (const OpenSetRow& row : rows) {
    const auto vector = vectors.find(row.file);
    if (row.role == "gallery" && vector != vectors.end())
      people[row.identity].push_back({row.file, vector->second, 1});
  }
  Gallery gallery;
  for (auto& [name, references] : people) gallery.push_back({name, std::move(references)});
  return gallery;
}

std::vector<Probe> score_probes(const std::vector<OpenSetRow>& rows, const Identifier& identifier,
                                const Vectors& vectors) {
  std::vector<Probe> probes;
  for (const OpenSetRow& row : rows) {
    if (!row.role.starts_with("probe_")) continue;
    Probe probe;
    probe.enrolled = row.role == "probe_known";
    probe.similarity = -1;
    if (const auto vector = vectors.find(row.file); vector != vectors.end()) {
      Face face;
      face.embedding = vector->second;
      identifier.identify({&face, 1});
      const Identity& identity = *face.identity;
      probe.similarity = identity.score;
      probe.correct = (identity.name ? *identity.name : identity.runner_up->name) == row.identity;
    }
    probes.push_back(probe);
  }
  return probes;
}

TrainingScores training_scores(const std::vector<OpenSetRow>& rows, const Vectors& vectors) {
  std::map<std::string, std::vector<const Embedding*>> people;
  for (const OpenSetRow& row : rows) {
    const auto vector = vectors.find(row.file);
    if (vector != vectors.end() && (row.role == "gallery" || row.role == "known_unknown_train"))
      people[row.identity].push_back(&vector->second);
  }
  TrainingScores scores;
  for (const auto& [name, photos] : people) {
    for (std::size_t i = 0; i < photos.size(); ++i) {
      std::vector<const Embedding*> others = photos;
      others.erase(others.begin() + static_cast<std::ptrdiff_t>(i));
      if (others.empty()) continue;
      scores.same.push_back(template_similarity(others, *photos[i]));
      for (const Embedding* other : others) scores.same.push_back(dot(*other, *photos[i]));
    }
    for (const auto& [stranger, faces] : people) {
      if (stranger == name) continue;
      for (const Embedding* face : faces) {
        scores.different.push_back(photos.size() > 1 ? template_similarity(photos, *face)
                                                     : dot(*photos.front(), *face));
      }
    }
  }
  return scores;
}

Result<std::unordered_map<std::string, std::vector<TrueFace>>> read_boxes(const std::filesystem::path& file) {
  const Result<std::vector<std::string>> lines = read_lines(file);
  if (!lines) return tl::unexpected(lines.error());
  if (lines->empty() || !lines->front().starts_with("image,x,y,w,h,invalid"))
    return damaged(file, 0, "the columns image,x,y,w,h,invalid,...");
  std::unordered_map<std::string, std::vector<TrueFace>> boxes;
  for (std::size_t i = 1; i < lines->size(); ++i) {
    const std::vector<std::string> fields = split((*lines)[i], ',');
    if (fields.empty()) continue;
    TrueFace face;
    int invalid = 0;
    if (fields.size() < 6 || !parse(fields[1], face.box.x) || !parse(fields[2], face.box.y) ||
        !parse(fields[3], face.box.width) || !parse(fields[4], face.box.height) ||
        !parse(fields[5], invalid)) {
      return damaged(file, i, "image,x,y,w,h,invalid,...");
    }
    face.ignored = invalid != 0;
    boxes[fields[0]].push_back(face);
  }
  return boxes;
}

}  // namespace kith::eval
