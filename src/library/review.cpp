// SPDX-License-Identifier: Apache-2.0
// What to ask the owner next, and why kith thinks what it thinks.
#include <algorithm>
#include <map>
#include <span>
#include <tuple>

#include <kith/library.h>

#include "library/impl.h"
#include "library/rules.h"

namespace kith {
namespace {

using store::Database;

// The owner says yes or no to a screenful at a time.
constexpr std::size_t faces_a_suggestion = 24;

float strength(const store::OpenGuess& guess) { return guess.probability * guess.similarity; }

// Faces that are taken for one person, to be shown together.
using Question = std::span<const store::OpenGuess>;

// The surest first, so that the first answers are quick. Sorts the guesses.
std::vector<Question> questions(std::vector<store::OpenGuess>& guesses) {
  std::ranges::sort(guesses, {}, [](const store::OpenGuess& guess) {
    return std::tuple(guess.person, -strength(guess), guess.face);
  });
  std::vector<Question> result;
  for (auto begin = guesses.begin(); begin != guesses.end();) {
    const auto screen = begin + std::min<std::ptrdiff_t>(faces_a_suggestion, guesses.end() - begin);
    const auto end = std::find_if(
        begin, screen, [&](const store::OpenGuess& guess) { return guess.person != begin->person; });
    result.emplace_back(begin, end);
    begin = end;
  }
  std::ranges::stable_sort(result, std::greater{},
                           [](const Question& question) { return strength(question.front()); });
  return result;
}

// At most so many questions about faces that are taken for somebody.
std::vector<Suggestion> named_suggestions(Database& database, std::size_t at_most) {
  std::vector<store::OpenGuess> guesses = store::open_guesses(database);
  std::vector<Question> asked = questions(guesses);
  if (asked.size() > at_most) asked.resize(at_most);
  // Only these are read in full: a library may hold a million guesses.
  std::vector<Suggestion> suggestions;
  for (const Question& question : asked) {
    Suggestion suggestion;
    for (const store::OpenGuess& guess : question) {
      if (std::optional<LibraryFace> face = store::library_face(database, guess.face))
        suggestion.faces.push_back(std::move(*face));
    }
    if (suggestion.faces.empty()) continue;
    suggestion.person = suggestion.faces.front().person;
    suggestions.push_back(std::move(suggestion));
  }
  return suggestions;
}

// Clusters of unnamed faces, the largest first: one answer names them all.
std::vector<Suggestion> cluster_suggestions(Database& database, std::size_t at_most) {
  std::vector<Suggestion> suggestions;
  for (const ClusterId cluster : store::largest_unnamed_clusters(database, at_most)) {
    std::vector<LibraryFace> faces = store::faces_in_cluster(database, cluster);
    std::erase_if(faces, [](const LibraryFace& face) { return face.naming != Naming::unknown; });
    std::ranges::stable_sort(faces, std::greater{}, &LibraryFace::quality);
    suggestions.push_back({std::nullopt, std::move(faces)});
  }
  return suggestions;
}

}  // namespace

Result<std::vector<Suggestion>> Library::suggestions(std::size_t at_most) {
  return store::guarded(*impl_->database, [&]() -> Result<std::vector<Suggestion>> {
    store::Database& database = *impl_->database;
    const store::Transaction same_view(database, store::Transaction::Mode::read);  // a scan may be writing
    std::vector<Suggestion> suggestions = named_suggestions(database, at_most);
    std::ranges::move(cluster_suggestions(database, at_most - suggestions.size()),
                      std::back_inserter(suggestions));
    return suggestions;
  });
}

Result<Explanation> Library::explain(FaceId id, const ModelSpec& embedder, const IdentifySettings& settings) {
  return store::guarded(*impl_->database, [&]() -> Result<Explanation> {
    Database& database = *impl_->database;
    Result<LibraryFace> asked = library::require_face(database, id);
    if (!asked) return tl::unexpected(asked.error());
    Explanation result;
    result.face = std::move(*asked);
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
      const std::optional<LibraryFace> found = store::library_face(database, face);
      return found ? found->path : std::filesystem::path();
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
