// SPDX-License-Identifier: Apache-2.0
// From what the owner confirmed to whom kith takes the other faces for.
#include <algorithm>
#include <map>
#include <memory>
#include <string>

#include <tbb/parallel_pipeline.h>
#include <tbb/task_arena.h>

#include <kith/library.h>

#include "core/identify_json.h"
#include "core/json_text.h"
#include "core/partial_date.h"
#include "core/sha256.h"
#include "library/impl.h"
#include "library/rules.h"
#include "store/journal.h"

namespace kith {
namespace library {
namespace {

// References carry the number of their face, so that an answer can say on which one it rests.
Gallery gallery_of(const std::vector<store::PersonRow>& people,
                   const std::vector<store::ConfirmedFace>& confirmed, const store::Vectors& vectors,
                   const Rules& rules) {
  std::map<FaceId, std::size_t> row_of;
  for (std::size_t i = 0; i < vectors.faces.size(); ++i) row_of[vectors.faces[i]] = i;
  std::map<PersonId, Person> by_person;
  for (const store::PersonRow& person : people) {
    by_person[person.id].name = person.name;
    by_person[person.id].born = year_of(person.birth);
  }
  for (const store::ConfirmedFace& face : confirmed) {
    const auto row = row_of.find(face.face);
    if (row == row_of.end()) continue;  // not embedded with this model
    const std::span<const float> values = vectors.row(row->second);
    by_person[face.person].references.push_back(
        {std::to_string(face.face), Embedding(values.begin(), values.end()), 1, rules.year(face.photo)});
  }
  Gallery gallery;
  for (auto& [id, person] : by_person) {
    if (!person.references.empty()) gallery.push_back(std::move(person));
  }
  return gallery;
}

std::optional<store::GuessRow> guess_of(const Identity& identity,
                                        const std::map<std::string, store::PersonRow>& by_name) {
  if (!identity.name) return std::nullopt;
  const store::PersonRow& person = by_name.at(*identity.name);
  if (identity.similarity < person.min_similarity.value_or(-1)) return std::nullopt;
  store::GuessRow guess{.person = person.id,
                        .probability = identity.probability,
                        .similarity = identity.similarity,
                        .reference = std::stoll(identity.reference),
                        .runner_up = {},
                        .runner_up_probability = 0};
  if (identity.runner_up) {
    guess.runner_up = by_name.at(identity.runner_up->name).id;
    guess.runner_up_probability = identity.runner_up->probability;
  }
  return guess;
}

std::string whole_years(float age) { return std::to_string(std::max(0, static_cast<int>(age))); }

constexpr const char* projection_spaces = "*@*";  // cf. vector_space()
constexpr const char* names_state = "names";
constexpr const char* embedded_state = "embedded";  // the vector_space() of which a scan made all vectors

// All that names depend on, beside the faces.
std::string names_stamp(store::Database& database, const ModelSpec& embedder,
                        const IdentifySettings& settings) {
  const std::string reading =
      json_text(settings_json(settings)) + json_text(calibration_json(embedder.calibration));
  return vector_space(embedder) + '/' + sha256_of(reading) + '/' + store::decisions_stamp(database);
}

}  // namespace

std::int64_t model_of(store::Database& database, const ModelSpec& embedder) {
  return store::model_id(database, vector_space(embedder), embedder.feeding.dimension);
}

std::int64_t known_model_of(store::Database& database, const ModelSpec& embedder) {
  return store::known_model(database, vector_space(embedder)).value_or(0);
}

bool is_embedded(store::Database& database, const ModelSpec& embedder) {
  if (database.state(embedded_state) == vector_space(embedder)) return true;
  return !store::lacks_vectors(database, known_model_of(database, embedder));
}

void note_embedded(store::Database& database, const ModelSpec& embedder) {
  const std::string space = vector_space(embedder);
  if (database.state(embedded_state) != space) database.set_state(embedded_state, space);
}

void drop_projections(store::Database& database) {
  store::drop_models_like(database, projection_spaces);
  database.set_state(embedded_state, "");
}

bool names_are_current(store::Database& database, const ModelSpec& embedder,
                       const IdentifySettings& settings) {
  return database.state(names_state) == names_stamp(database, embedder, settings);
}

void names_are_due(store::Database& database) { database.set_state(names_state, ""); }

Namer::Namer(store::Database& database, const ModelSpec& embedder, const IdentifySettings& settings)
    : model_(known_model_of(database, embedder)),
      calibration_(embedder.calibration),
      settings_(settings),
      rules_(database) {
  const std::vector<store::PersonRow> people = store::people(database);
  for (const store::PersonRow& person : people) by_name_[person.name] = person;
  gallery_ = gallery_of(people, store::confirmed_faces(database),
                        store::vectors(database, model_, store::Which::confirmed), rules_);
  if (gallery_.empty()) return;
  min_similarity_ = similarity_threshold(calibration_, settings.false_accept_rate, gallery_.size());
  identifier_ = identifier_of(gallery_);
}

std::unique_ptr<Identifier> Namer::identifier_of(const Gallery& gallery) const {
  Result<std::unique_ptr<Identifier>> made = make_nearest_identifier(gallery, calibration_, settings_);
  return made ? std::move(*made) : nullptr;
}

bool Namer::is_reference(FaceId face) const {
  return std::ranges::any_of(gallery_, [source = std::to_string(face)](const Person& person) {
    return std::ranges::find(person.references, source, &Reference::source) != person.references.end();
  });
}

// As if the face were no reference; nothing where nobody is left.
std::unique_ptr<Identifier> Namer::identifier_without(FaceId self) const {
  const std::string source = std::to_string(self);
  Gallery others = gallery_;
  for (Person& person : others)
    std::erase_if(person.references, [&](const Reference& reference) { return reference.source == source; });
  std::erase_if(others, [](const Person& person) { return person.references.empty(); });
  return others.empty() ? nullptr : identifier_of(others);
}

std::optional<store::GuessRow> Namer::given(const Face& face, FaceId id, PhotoId photo) const {
  const std::optional<Given> name = rules_.given(id, photo);
  if (!name) return std::nullopt;
  store::GuessRow guess{.person = name->person,
                        .probability = 1,
                        .similarity = 0,
                        .reference = name->by,
                        .runner_up = {},
                        .runner_up_probability = 0};
  const auto person = std::ranges::find(gallery_, name->name, &Person::name);
  if (person == gallery_.end()) return guess;
  const auto reference = std::ranges::find(person->references, std::to_string(name->by), &Reference::source);
  if (reference != person->references.end()) guess.similarity = dot(reference->embedding, face.embedding);
  return guess;
}

Likeness Namer::likeness(const Person& person, const Face& face, FaceId self) const {
  const std::optional<float> age = age_in(face.year, person.born);
  Likeness counts{.person = person.name, .similarity = -1};
  Likeness other_age = counts;
  for (const Reference& reference : person.references) {
    const FaceId id = std::stoll(reference.source);
    if (id == self) continue;
    const float similarity = dot(reference.embedding, face.embedding);
    const std::optional<float> age_there = age_in(reference.year, person.born);
    const bool compares = ages_compare(age, age_there, settings_);
    Likeness& best = compares ? counts : other_age;
    if (similarity <= best.similarity) continue;
    best.similarity = similarity;
    best.reference = id;
    if (!compares)
      best.rule = "a photo at the age of " + whole_years(*age_there) + " does not tell how " + person.name +
                  " looks at " + whole_years(*age);
  }
  // What does not count is worth telling where it would have made a difference.
  const bool differs = counts.reference == 0 ||
                       (counts.similarity < min_similarity_ && other_age.similarity >= min_similarity_);
  return differs && other_age.reference != 0 ? other_age : counts;
}

std::vector<Likeness> Namer::similarities(const Face& face, FaceId self) const {
  std::vector<Likeness> result;
  for (const Person& person : gallery_) {
    Likeness found = likeness(person, face, self);
    if (found.reference != 0) result.push_back(std::move(found));
  }
  std::ranges::stable_sort(result, std::greater{}, &Likeness::similarity);
  return result;
}

std::vector<Likeness> Namer::likenesses(const Embedding& vector, FaceId self, PhotoId photo) const {
  Face face;
  face.embedding = vector;
  face.year = rules_.year(photo);
  std::vector<Likeness> result = similarities(face, self);
  const bool without_self = is_reference(self);
  const std::unique_ptr<Identifier> others = without_self ? identifier_without(self) : nullptr;
  if (const Identifier* const judge = without_self ? others.get() : identifier_.get())
    judge->identify({&face, 1});
  if (face.identity) {
    for (Likeness& likeness : result) {
      if (face.identity->name == likeness.person) likeness.probability = face.identity->probability;
      if (face.identity->runner_up && face.identity->runner_up->name == likeness.person)
        likeness.probability = face.identity->runner_up->probability;
    }
  }
  return result;
}

std::vector<std::optional<store::GuessRow>> Namer::guess(std::span<Face> faces) const {
  std::vector<std::optional<store::GuessRow>> guesses(faces.size());
  if (!identifier_) return guesses;
  identifier_->identify(faces);
  for (std::size_t i = 0; i < faces.size(); ++i) {
    if (faces[i].identity) guesses[i] = guess_of(*faces[i].identity, by_name_);
  }
  return guesses;
}

namespace {

using Guesses = std::vector<std::pair<FaceId, store::GuessRow>>;

// Of whole photos, one after the other.
Guesses guess_all(const Namer& namer, const store::HalfVectors& block) {
  store::Vectors vectors;
  store::append(block, vectors);
  Guesses result;
  std::vector<Face> faces;  // of one photo; used again and again, for the memory that they hold
  for (std::size_t begin = 0, end = 0; begin < vectors.faces.size(); begin = end) {
    while (end < vectors.faces.size() && vectors.photos[end] == vectors.photos[begin]) ++end;
    faces.resize(end - begin);
    for (std::size_t i = begin; i < end; ++i) {
      const std::span<const float> values = vectors.row(i);
      Face& face = faces[i - begin];
      face.identity.reset();
      face.embedding.assign(values.begin(), values.end());
      face.year = namer.rules().year(vectors.photos[i]);
      face.not_these = namer.rules().forbidden(vectors.faces[i], vectors.photos[i]);
    }
    std::vector<std::optional<store::GuessRow>> guesses = namer.guess(faces);
    for (std::size_t i = begin; i < end; ++i) {
      std::optional<store::GuessRow>& guess = guesses[i - begin];
      if (auto given = namer.given(faces[i - begin], vectors.faces[i], vectors.photos[i])) guess = given;
      if (guess) result.emplace_back(vectors.faces[i], *guess);
    }
  }
  return result;
}

}  // namespace

std::unordered_map<FaceId, store::GuessRow> guesses_now(store::Database& database, const ModelSpec& embedder,
                                                        const IdentifySettings& settings) {
  const Namer namer(database, embedder, settings);
  std::unordered_map<FaceId, store::GuessRow> result;
  if (!namer.knows_anybody()) return result;
  // One thread at a time reads, while the others compare: each takes about half of the time.
  constexpr std::size_t faces_a_block = 1024;
  const std::size_t blocks_under_way = 2 * static_cast<std::size_t>(tbb::this_task_arena::max_concurrency());
  store::VectorReader reader(database, namer.model(), store::Which::undecided);
  using Block = std::shared_ptr<store::HalfVectors>;
  using Named = std::shared_ptr<Guesses>;
  using Mode = tbb::filter_mode;
  tbb::parallel_pipeline(
      blocks_under_way, tbb::make_filter<void, Block>(Mode::serial_in_order, [&](tbb::flow_control& control) {
                          auto block = std::make_shared<store::HalfVectors>(reader.next(faces_a_block));
                          if (block->faces.empty()) control.stop();
                          return block;
                        }) & tbb::make_filter<Block, Named>(Mode::parallel, [&](const Block& block) {
                          return std::make_shared<Guesses>(guess_all(namer, *block));
                        }) & tbb::make_filter<Named, void>(Mode::serial_in_order, [&](const Named& named) {
                          result.insert(named->begin(), named->end());
                        }));
  return result;
}

std::size_t update_names(store::Database& database, const ModelSpec& embedder,
                         const IdentifySettings& settings) {
  store::Transaction transaction(database);
  if (!is_embedded(database, embedder)) return 0;
  const std::unordered_map<FaceId, store::GuessRow> now = guesses_now(database, embedder, settings);
  const std::unordered_map<FaceId, store::GuessRow> before = store::guesses(database);
  std::size_t renamed = 0;
  for (const auto& [face, guess] : now) {
    const auto old = before.find(face);
    if (old == before.end() || old->second.person != guess.person) ++renamed;
    if (old == before.end() || !nearly_equal(old->second, guess)) store::put_guess(database, face, guess);
  }
  for (const auto& [face, guess] : before) {
    if (now.contains(face)) continue;
    store::drop_guess(database, face);
    ++renamed;
  }
  database.set_state(names_state, names_stamp(database, embedder, settings));
  transaction.commit();
  return renamed;
}

}  // namespace library

Result<std::size_t> Library::update_names(const ModelSpec& embedder, const IdentifySettings& settings) {
  return store::guarded(*impl_->database, [&]() -> Result<std::size_t> {
    return library::update_names(*impl_->database, embedder, settings);
  });
}

}  // namespace kith
