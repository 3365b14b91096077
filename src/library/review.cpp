// SPDX-License-Identifier: Apache-2.0
// What to ask the owner next, and why kith thinks what it thinks.
#include <algorithm>
#include <map>

#include <kith/library.h>

#include "library/impl.h"
#include "library/rules.h"

namespace kith {
namespace {

using store::Database;

// The owner says yes or no to a screenful at a time.
constexpr std::size_t faces_a_suggestion = 24;

void best_first(std::vector<LibraryFace>& faces) {
  std::ranges::stable_sort(faces, std::greater{}, [](const LibraryFace& face) {
    return face.naming == Naming::suggested ? face.probability * face.similarity : face.quality;
  });
}

// Faces taken for somebody, by person: the surest person first, so that the first answers are quick.
std::vector<Suggestion> named_suggestions(Database& database) {
  std::map<std::string, std::vector<LibraryFace>> by_person;
  for (LibraryFace& face : store::library_faces(
           database, "guess.person IS NOT NULL AND confirmed.face IS NULL AND ignored.face IS NULL", 0)) {
    const std::string person = *face.person;
    by_person[person].push_back(std::move(face));
  }
  std::vector<Suggestion> suggestions;
  for (auto& [person, faces] : by_person) {
    best_first(faces);
    for (std::size_t begin = 0; begin < faces.size(); begin += faces_a_suggestion) {
      const std::size_t end = std::min(faces.size(), begin + faces_a_suggestion);
      suggestions.push_back({person,
                             {std::make_move_iterator(faces.begin() + static_cast<std::ptrdiff_t>(begin)),
                              std::make_move_iterator(faces.begin() + static_cast<std::ptrdiff_t>(end))}});
    }
  }
  std::ranges::stable_sort(suggestions, std::greater{}, [](const Suggestion& suggestion) {
    return suggestion.faces.front().probability * suggestion.faces.front().similarity;
  });
  return suggestions;
}

// Clusters of unnamed faces, the largest first: one answer names them all.
std::vector<Suggestion> cluster_suggestions(Database& database) {
  std::map<ClusterId, std::vector<LibraryFace>> by_cluster;
  for (LibraryFace& face : store::library_faces(
           database,
           "cluster_member.cluster IS NOT NULL AND guess.person IS NULL AND confirmed.face IS NULL AND "
           "ignored.face IS NULL",
           0)) {
    by_cluster[*face.cluster].push_back(std::move(face));
  }
  std::vector<Suggestion> suggestions;
  for (auto& [cluster, faces] : by_cluster) {
    if (faces.size() < 2) continue;  // strangers, seen once
    best_first(faces);
    suggestions.push_back({std::nullopt, std::move(faces)});
  }
  std::ranges::stable_sort(suggestions, std::greater{},
                           [](const Suggestion& suggestion) { return suggestion.faces.size(); });
  return suggestions;
}

}  // namespace

Result<std::vector<Suggestion>> Library::suggestions(std::size_t at_most) {
  return store::guarded(*impl_->database, [&]() -> Result<std::vector<Suggestion>> {
    std::vector<Suggestion> suggestions = named_suggestions(*impl_->database);
    std::ranges::move(cluster_suggestions(*impl_->database), std::back_inserter(suggestions));
    if (suggestions.size() > at_most) suggestions.resize(at_most);
    return suggestions;
  });
}

Result<Explanation> Library::explain(FaceId id, const ModelSpec& embedder, const IdentifySettings& settings) {
  return store::guarded(*impl_->database, [&]() -> Result<Explanation> {
    Database& database = *impl_->database;
    if (Status there = library::require_faces(database, {&id, 1}); !there)
      return tl::unexpected(there.error());
    Explanation result;
    result.face = store::library_faces(database, "face.id = ?", id).front();
    const library::Namer namer(database, embedder, settings);
    const std::optional<Embedding> vector = store::vector_of(database, id, namer.model());
    if (!vector) {
      return fail(ErrorCode::bad_argument, "face " + std::to_string(id) + " has no vector of the model \"" +
                                               embedder.name + "\" yet; the next `kith scan` makes it");
    }
    std::map<std::string, std::string> rules;
    for (const library::Forbidden& forbidden : namer.rules().reasons(id, result.face.photo))
      rules[forbidden.person] = forbidden.rule;
    result.min_similarity = namer.min_similarity();
    const auto path_of = [&](FaceId face) {
      const std::vector<LibraryFace> found = store::library_faces(database, "face.id = ?", face);
      return found.empty() ? std::filesystem::path() : found.front().path;
    };
    for (const library::Likeness& likeness : namer.likenesses(*vector, id, result.face.photo)) {
      const auto rule = rules.find(likeness.person);
      result.evidence.push_back({.person = likeness.person,
                                 .probability = likeness.probability,
                                 .similarity = likeness.similarity,
                                 .reference = path_of(likeness.reference),
                                 .forbidden_by = rule == rules.end() ? likeness.rule : rule->second,
                                 .given_by = {}});
    }
    if (const std::optional<library::Given> given = namer.rules().given(id, result.face.photo)) {
      // First, and also where nobody's faces have vectors of this model.
      auto of_given = std::ranges::find(result.evidence, given->name, &Evidence::person);
      if (of_given == result.evidence.end())
        of_given = result.evidence.insert(of_given, {.person = given->name, .reference = path_of(given->by)});
      of_given->given_by = given->rule;
      std::rotate(result.evidence.begin(), of_given, of_given + 1);
    }
    return result;
  });
}

}  // namespace kith
