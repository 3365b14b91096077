// SPDX-License-Identifier: Apache-2.0
#include "eval/protocols.h"

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <set>
#include <string_view>

#include "eval/list_text.h"

namespace kith::eval {
namespace {

constexpr std::array<std::string_view, 5> open_set_roles{"gallery", "known_unknown_train", "probe_known",
                                                         "probe_known_unknown", "probe_unknown_unknown"};

// The similarity to a person's mean vector, as identify/ has it for references that agree.
float template_similarity(const std::vector<const Embedding*>& references, const Embedding& face) {
  Embedding mean(face.size(), 0.0F);
  for (const Embedding* reference : references)
    std::ranges::transform(mean, *reference, mean.begin(), std::plus{});
  normalise(mean);
  return dot(mean, face);
}

}  // namespace

Result<std::vector<OpenSetRow>> read_open_set(const std::filesystem::path& file, int every) {
  const Result<std::vector<std::string>> lines = read_lines(file);
  if (!lines) return tl::unexpected(lines.error());
  if (lines->empty() || lines->front() != "role,identity,file")
    return damaged(file.string(), 0, "the columns role,identity,file");
  std::vector<OpenSetRow> rows;
  for (std::size_t i = 1; i < lines->size(); ++i) {
    std::vector<std::string> fields = split((*lines)[i], ',');
    if (fields.empty()) continue;
    if (fields.size() != 3 || std::ranges::find(open_set_roles, fields[0]) == open_set_roles.end() ||
        fields[1].empty() || fields[2].empty()) {
      return damaged(file.string(), i, "role,identity,file");
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
    Probe probe{.similarity = -1, .enrolled = row.role == "probe_known", .file = row.file};
    if (const auto vector = vectors.find(row.file); vector != vectors.end()) {
      Face face;
      face.embedding = vector->second;
      identifier.identify({&face, 1});
      const Identity& identity = *face.identity;
      probe.similarity = identity.score;
      probe.closest = identity.name ? *identity.name : identity.runner_up->name;
      probe.correct = probe.closest == row.identity;
      probe.reference = identity.reference;
    }
    probes.push_back(std::move(probe));
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
    return damaged(file.string(), 0, "the columns image,x,y,w,h,invalid,...");
  std::unordered_map<std::string, std::vector<TrueFace>> boxes;
  for (std::size_t i = 1; i < lines->size(); ++i) {
    const std::vector<std::string> fields = split((*lines)[i], ',');
    if (fields.empty()) continue;
    TrueFace face;
    int invalid = 0;
    if (fields.size() < 6 || !parse(fields[1], face.box.x) || !parse(fields[2], face.box.y) ||
        !parse(fields[3], face.box.width) || !parse(fields[4], face.box.height) ||
        !parse(fields[5], invalid)) {
      return damaged(file.string(), i, "image,x,y,w,h,invalid,...");
    }
    face.ignored = invalid != 0;
    boxes[fields[0]].push_back(face);
  }
  return boxes;
}

}  // namespace kith::eval
