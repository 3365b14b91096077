// SPDX-License-Identifier: Apache-2.0
// How good the names are, measured on the owner's own word; thresholds learned from it; what another model
// would change.
#include <algorithm>
#include <map>
#include <set>

#include <kith/library.h>

#include "core/partial_date.h"
#include "library/impl.h"
#include "library/rules.h"
#include "store/journal.h"

namespace kith {
namespace {

using store::Database;

// A confirmed face with its vector.
struct Known {
  PhotoId photo = 0;
  PersonId person = 0;
  Embedding vector;
  std::optional<float> year;  // as Face::year
};

std::vector<Known> confirmed_with_vectors(Database& database, std::int64_t model) {
  const library::Rules rules(database);
  const store::Vectors vectors = store::vectors(database, model, store::Which::confirmed);
  std::map<FaceId, PersonId> person_of;
  for (const store::ConfirmedFace& face : store::confirmed_faces(database))
    person_of[face.face] = face.person;
  std::vector<Known> known;
  for (std::size_t i = 0; i < vectors.faces.size(); ++i) {
    const std::span<const float> row = vectors.row(i);
    known.push_back({vectors.photos[i], person_of.at(vectors.faces[i]), Embedding(row.begin(), row.end()),
                     rules.year(vectors.photos[i])});
  }
  return known;
}

std::map<PersonId, store::PersonRow> people_by_id(Database& database) {
  std::map<PersonId, store::PersonRow> people;
  for (store::PersonRow& person : store::people(database)) people.emplace(person.id, std::move(person));
  return people;
}

constexpr std::size_t folds = 5;

// Faces of one photo, and of shots of one moment, which are numbered one after the other, are held out
// together.
std::size_t fold_of(PhotoId photo) {
  constexpr PhotoId shots_together = 8;
  return static_cast<std::size_t>(photo / shots_together) % folds;
}

Gallery gallery_without(const std::vector<Known>& known, std::size_t fold,
                        const std::map<PersonId, store::PersonRow>& people) {
  std::map<PersonId, Person> by_person;
  for (const Known& face : known) {
    if (fold_of(face.photo) == fold) continue;
    Person& person = by_person[face.person];
    person.name = people.at(face.person).name;
    person.born = year_of(people.at(face.person).birth);
    person.references.push_back({"", face.vector, 1, face.year});
  }
  Gallery gallery;
  for (auto& [id, person] : by_person) gallery.push_back(std::move(person));
  return gallery;
}

}  // namespace

Result<LibraryEvaluation> Library::evaluate(const ModelSpec& embedder, const IdentifySettings& settings) {
  return store::guarded(*impl_->database, [&]() -> Result<LibraryEvaluation> {
    Database& database = *impl_->database;
    const store::Transaction same_view(database, store::Transaction::Mode::read);
    const std::int64_t model = library::known_model_of(database, embedder);
    const std::vector<Known> known = confirmed_with_vectors(database, model);
    const std::map<PersonId, store::PersonRow> people = people_by_id(database);
    std::map<std::string, PersonScore> scores;
    std::map<std::pair<std::string, std::string>, std::size_t> confusions;
    for (std::size_t fold = 0; fold < folds; ++fold) {
      const Gallery gallery = gallery_without(known, fold, people);
      if (gallery.empty()) continue;
      std::set<std::string> enrolled;
      for (const Person& somebody : gallery) enrolled.insert(somebody.name);
      Result<std::unique_ptr<Identifier>> identifier =
          make_nearest_identifier(gallery, embedder.calibration, settings);
      if (!identifier) return tl::unexpected(identifier.error());
      for (const Known& known_face : known) {
        if (fold_of(known_face.photo) != fold) continue;
        database.check_stop();
        const std::string& person = people.at(known_face.person).name;
        Face face;
        face.embedding = known_face.vector;
        face.year = known_face.year;
        (*identifier)->identify({&face, 1});
        const std::optional<std::string>& named = face.identity->name;
        if (named && *named != person) {
          ++scores[*named].false_names;
          ++confusions[{person, *named}];
        }
        // Whose faces are all held out can't be recognised, only be taken for somebody else.
        if (!enrolled.contains(person)) continue;
        PersonScore& score = scores[person];
        ++score.faces;
        ++(!named ? score.unknown : *named == person ? score.right : score.wrong);
      }
    }
    LibraryEvaluation result;
    for (auto& [name, score] : scores) {
      score.person = name;
      result.people.push_back(std::move(score));
    }
    for (const auto& [pair, faces] : confusions)
      result.confusions.push_back({pair.first, pair.second, faces});
    std::ranges::stable_sort(result.confusions, std::greater{}, &Confusion::faces);
    return result;
  });
}

Result<ConfirmedVectors> Library::confirmed_vectors(const ModelSpec& embedder) {
  return store::guarded(*impl_->database, [&]() -> Result<ConfirmedVectors> {
    Database& database = *impl_->database;
    const store::Transaction same_view(database, store::Transaction::Mode::read);
    ConfirmedVectors result;
    result.dimension = static_cast<std::size_t>(embedder.feeding.dimension);
    for (const Known& face : confirmed_with_vectors(database, library::known_model_of(database, embedder))) {
      if (face.vector.size() != result.dimension) continue;  // damaged: `kith check` says so
      result.values.insert(result.values.end(), face.vector.begin(), face.vector.end());
      result.people.push_back(face.person);
    }
    result.without_vector = store::confirmed_faces(database).size() - result.people.size();
    return result;
  });
}

namespace {

// How near to somebody faces come that the owner said something about.
struct Nearness {
  std::vector<float> own;            // of each confirmed face, to the nearest other one
  std::map<FaceId, float> refused;   // of faces that are not this person ...
  std::map<FaceId, float> mistaken;  // ... and of those that are somebody else, and resemble this person more
};

std::map<PersonId, Nearness> nearness(Database& database, const library::Namer& namer) {
  std::map<std::string, PersonId> id_of;
  for (const store::PersonRow& person : store::people(database)) id_of[person.name] = person.id;
  const auto near = [&](FaceId id, PhotoId photo) {
    Face face;
    face.embedding = store::vector_of(database, id, namer.model()).value_or(Embedding());
    face.year = namer.rules().year(photo);
    std::vector<library::Likeness> found;
    if (!face.embedding.empty()) found = namer.similarities(face, id);
    std::erase_if(found, [](const library::Likeness& likeness) { return !likeness.rule.empty(); });
    return found;
  };
  std::map<PersonId, Nearness> result;
  for (const auto& [face, people] : store::rejections(database)) {
    const std::optional<PhotoId> photo = store::photo_of(database, face);
    if (!photo) continue;
    for (const library::Likeness& likeness : near(face, *photo)) {
      const PersonId person = id_of.at(likeness.person);
      if (std::ranges::find(people, person) != people.end())
        result[person].refused[face] = likeness.similarity;
    }
  }
  for (const store::ConfirmedFace& face : store::confirmed_faces(database)) {
    const std::vector<library::Likeness> found = near(face.face, face.photo);
    if (found.empty()) continue;
    const PersonId nearest = id_of.at(found.front().person);
    if (nearest != face.person && !result[nearest].refused.contains(face.face))
      result[nearest].mistaken[face.face] = found.front().similarity;
    for (const library::Likeness& likeness : found) {
      if (id_of.at(likeness.person) == face.person) result[face.person].own.push_back(likeness.similarity);
    }
  }
  return result;
}

std::size_t count_from(const std::map<FaceId, float>& similarities, float least) {
  return static_cast<std::size_t>(
      std::ranges::count_if(similarities, [&](const auto& entry) { return entry.second >= least; }));
}

// The threshold, at least `least`, that costs the least.
float best_threshold(const Nearness& near, float least) {
  // A little above what came too close.
  constexpr float room = 0.02F;
  // Missing names for which one wrong name is taken; by judgement: a wrong one is to be found among many and
  // taken back, a missing one is one key in `kith review`.
  constexpr std::size_t wrong_name = 5;
  std::vector<float> candidates{least};
  for (const std::map<FaceId, float>* wrong : {&near.refused, &near.mistaken}) {
    for (const auto& [face, similarity] : *wrong) candidates.push_back(std::max(least, similarity + room));
  }
  return *std::ranges::min_element(candidates, {}, [&](float candidate) {
    const std::size_t wrong = count_from(near.refused, candidate) + count_from(near.mistaken, candidate);
    const auto missing = static_cast<std::size_t>(
        std::ranges::count_if(near.own, [&](float own) { return own >= least && own < candidate; }));
    return std::pair(wrong_name * wrong + missing, candidate);
  });
}

struct Tuning {
  store::PersonRow person;  // as tuned
  TunedThreshold threshold;
};

// Of whom the threshold would visibly change.
std::vector<Tuning> tunings(Database& database, const library::Namer& namer) {
  constexpr float visible = 0.01F;
  const std::map<PersonId, Nearness> all = nearness(database, namer);
  const std::unordered_map<FaceId, store::GuessRow> guesses = store::guesses(database);
  std::vector<Tuning> result;
  for (store::PersonRow person : store::people(database)) {
    const auto known = all.find(person.id);
    const Nearness near = known == all.end() ? Nearness() : known->second;
    TunedThreshold tuned{.person = person.name,
                         .before = std::max(namer.min_similarity(), person.min_similarity.value_or(0)),
                         .after = best_threshold(near, namer.min_similarity())};
    if (std::abs(tuned.after - tuned.before) < visible) continue;
    tuned.refused = count_from(near.refused, tuned.before);
    tuned.mistaken = count_from(near.mistaken, tuned.before);
    for (const float own : near.own) {
      if (own < tuned.before) continue;
      ++tuned.confirmed;
      if (own < tuned.after) ++tuned.confirmed_lost;
    }
    for (const auto& [face, guess] : guesses) {
      if (guess.person == person.id && guess.similarity < tuned.after) ++tuned.names_lost;
    }
    person.min_similarity = tuned.after > namer.min_similarity() ? std::optional(tuned.after) : std::nullopt;
    result.push_back({std::move(person), std::move(tuned)});
  }
  return result;
}

std::vector<TunedThreshold> thresholds_of(const std::vector<Tuning>& tunings) {
  std::vector<TunedThreshold> result;
  for (const Tuning& tuning : tunings) result.push_back(tuning.threshold);
  return result;
}

}  // namespace

Result<std::vector<TunedThreshold>> Library::tune(const ModelSpec& embedder, bool apply,
                                                  const IdentifySettings& settings) {
  return store::guarded(*impl_->database, [&]() -> Result<std::vector<TunedThreshold>> {
    Database& database = *impl_->database;
    if (!apply) {
      const store::Transaction same_view(database, store::Transaction::Mode::read);
      return thresholds_of(tunings(database, library::Namer(database, embedder, settings)));
    }
    store::Decision decision(database);
    const std::vector<Tuning> tuned = tunings(database, library::Namer(database, embedder, settings));
    for (const Tuning& tuning : tuned) store::update_person(database, tuning.person);
    if (!tuned.empty())
      decision.commit("tune",
                      "tuned " + std::to_string(tuned.size()) + (tuned.size() == 1 ? " person" : " people"));
    return thresholds_of(tuned);
  });
}

Result<std::vector<NameChange>> Library::preview(const Models& models, const ScanSettings& settings,
                                                 const std::function<void(const ScanProgress&)>& progress,
                                                 std::stop_token stop) {
  return store::guarded(*impl_->database, [&]() -> Result<std::vector<NameChange>> {
    Database& database = *impl_->database;
    const ModelSpec& embedder = models.embedder_spec;
    const Result<library::Embedded> embedded =
        library::embed_missing(database, models, settings.pipeline, progress, stop);
    if (!embedded) return tl::unexpected(embedded.error());
    if (!embedded->complete) return fail(ErrorCode::cancelled, "interrupted; no name was changed");
    const store::Transaction same_view(database,
                                       store::Transaction::Mode::read);  // the owner may be deciding
    const std::map<PersonId, store::PersonRow> people = people_by_id(database);
    const std::unordered_map<FaceId, store::GuessRow> before = store::guesses(database);
    const std::unordered_map<FaceId, store::GuessRow> after =
        library::guesses_now(database, embedder, settings.identify);
    std::vector<NameChange> changes;
    const auto add = [&](FaceId face, std::optional<std::string> person) {
      if (std::optional<LibraryFace> found = store::library_face(database, face))
        changes.push_back({.face = std::move(*found), .person = std::move(person)});
    };
    for (const auto& [face, guess] : after) {
      const auto old = before.find(face);
      if (old == before.end() || old->second.person != guess.person) add(face, people.at(guess.person).name);
    }
    for (const auto& [face, guess] : before) {
      if (!after.contains(face)) add(face, std::nullopt);
    }
    std::ranges::sort(changes, {}, [](const NameChange& change) { return change.face.id; });
    return changes;
  });
}

}  // namespace kith
