// SPDX-License-Identifier: Apache-2.0
// People and what the owner decided about faces: rows in, rows out. What changes an owner's table is called
// within a Decision (journal.h), which makes it a journal entry.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include <kith/library.h>

#include "store/database.h"

namespace kith::store {

struct PersonRow {
  PersonId id = 0;
  std::string name;
  std::string birth;
  std::optional<FaceId> cover;
  std::optional<float> min_similarity;
};

[[nodiscard]] std::vector<PersonRow> people(Database& database);  // by id
[[nodiscard]] std::vector<PersonSummary> person_summaries(Database& database);
// By name or alias.
[[nodiscard]] std::optional<PersonRow> find_person(Database& database, const std::string& name);

PersonId add_person(Database& database, const std::string& name);
void update_person(Database& database, const PersonRow& person);
void drop_person(Database& database, PersonId person);
void add_alias(Database& database, const std::string& alias, PersonId person);
void drop_alias(Database& database, const std::string& alias);
// All aliases of `from` become `into`'s.
void move_aliases(Database& database, PersonId from, PersonId into);

// ---- decisions about faces

void confirm(Database& database, FaceId face, PersonId person);  // in place of what was confirmed before
void unconfirm(Database& database, FaceId face);
void reject(Database& database, FaceId face, PersonId person);
void unreject(Database& database, FaceId face, PersonId person);
void ignore(Database& database, FaceId face);
void unignore(Database& database, FaceId face);
void link(Database& database, FaceId one, FaceId other, bool same);
void mark_drawn(Database& database, FaceId face);
// What was confirmed or rejected as `from` is so as `into`.
void move_decisions(Database& database, PersonId from, PersonId into);

struct ConfirmedFace {
  FaceId face = 0;
  PhotoId photo = 0;
  PersonId person = 0;
};
[[nodiscard]] std::vector<ConfirmedFace> confirmed_faces(Database& database);
[[nodiscard]] std::unordered_map<FaceId, std::vector<PersonId>> rejections(Database& database);

struct LinkRow {
  FaceId one = 0;
  FaceId other = 0;
  bool same = false;
};
[[nodiscard]] std::vector<LinkRow> links(Database& database);

// ---- guesses

// Whom a machine takes a face for; a face that it takes for nobody has none.
struct GuessRow {
  PersonId person = 0;
  float probability = 0;
  float similarity = 0;
  FaceId reference = 0;
  std::optional<PersonId> runner_up;
  float runner_up_probability = 0;
};
// Whether the two say the same. Naming one more person moves the probabilities of all faces by next to
// nothing, which is no reason to write them all again.
[[nodiscard]] bool nearly_equal(const GuessRow& one, const GuessRow& other);
[[nodiscard]] std::unordered_map<FaceId, GuessRow> guesses(Database& database);
// A guess that the owner has said nothing about yet.
struct OpenGuess {
  FaceId face = 0;
  PersonId person = 0;
  float probability = 0;
  float similarity = 0;
};
[[nodiscard]] std::vector<OpenGuess> open_guesses(Database& database);  // by person, then by face
void put_guess(Database& database, FaceId face, const GuessRow& guess);
void drop_guess(Database& database, FaceId face);
void drop_guess_of(Database& database, FaceId face, PersonId person);  // only where it is this person

// ---- clusters

[[nodiscard]] std::unordered_map<FaceId, ClusterId> cluster_members(Database& database);
// The clusters of several faces without a name, at most so many: those of the most such faces.
[[nodiscard]] std::vector<ClusterId> largest_unnamed_clusters(Database& database, std::size_t at_most);
void put_cluster_member(Database& database, FaceId face, ClusterId cluster);
void drop_cluster_member(Database& database, FaceId face);

// ---- forgetting

// Faces confirmed as this person, or taken for them.
[[nodiscard]] std::vector<FaceId> faces_of_person(Database& database, PersonId person);
// Erases what is known of these faces but their place, and marks them forgotten. Counts into the receipt.
void forget_faces(Database& database, std::span<const FaceId> faces, Receipt& receipt);
// Erases the decisions and guesses about a person.
void forget_decisions(Database& database, PersonId person, Receipt& receipt);

}  // namespace kith::store
