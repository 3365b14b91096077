// SPDX-License-Identifier: Apache-2.0
#include "store/people.h"

#include <algorithm>
#include <cmath>

namespace kith::store {
namespace {

void run(Database& database, const char* text, std::int64_t a) {
  Prepared statement = database.prepared(text);
  statement.bind(1, a);
  statement.exec();
}

void run(Database& database, const char* text, std::int64_t a, std::int64_t b) {
  Prepared statement = database.prepared(text);
  statement.bind(1, a);
  statement.bind(2, b);
  statement.exec();
}

// As run(), and how many rows it touched.
std::size_t counted(Database& database, const char* text, std::int64_t a) {
  Prepared statement = database.prepared(text);
  statement.bind(1, a);
  return static_cast<std::size_t>(statement.exec());
}

PersonRow person_of(SQLite::Statement& row) {
  PersonRow person{.id = row.getColumn(0).getInt64(),
                   .name = row.getColumn(1).getString(),
                   .birth = row.getColumn(2).getString(),
                   .cover = {},
                   .min_similarity = {}};
  if (!row.getColumn(3).isNull()) person.cover = row.getColumn(3).getInt64();
  if (!row.getColumn(4).isNull()) person.min_similarity = static_cast<float>(row.getColumn(4).getDouble());
  return person;
}

}  // namespace

std::vector<PersonRow> people(Database& database) {
  std::vector<PersonRow> result;
  Prepared read = database.prepared("SELECT id, name, birth, cover, min_similarity FROM person ORDER BY id");
  while (read.executeStep()) result.push_back(person_of(read));
  return result;
}

std::vector<PersonSummary> person_summaries(Database& database) {
  std::vector<PersonSummary> result;
  SQLite::Statement read(database.sql(),
                         "SELECT id, name, birth, cover,"
                         " (SELECT count(*) FROM confirmed WHERE person = p.id),"
                         " (SELECT count(*) FROM guess WHERE person = p.id"
                         "   AND NOT EXISTS (SELECT 1 FROM confirmed WHERE face = guess.face)"
                         "   AND NOT EXISTS (SELECT 1 FROM ignored WHERE face = guess.face)) "
                         "FROM person AS p ORDER BY name");
  while (read.executeStep()) {
    PersonSummary person;
    person.id = read.getColumn(0).getInt64();
    person.name = read.getColumn(1).getString();
    person.birth = read.getColumn(2).getString();
    if (!read.getColumn(3).isNull()) person.cover = read.getColumn(3).getInt64();
    person.confirmed = static_cast<std::size_t>(read.getColumn(4).getInt64());
    person.suggested = static_cast<std::size_t>(read.getColumn(5).getInt64());
    Prepared aliases = database.prepared("SELECT name FROM alias WHERE person = ? ORDER BY name");
    aliases.bind(1, person.id);
    while (aliases.executeStep()) person.aliases.push_back(aliases.getColumn(0).getString());
    result.push_back(std::move(person));
  }
  return result;
}

std::optional<PersonRow> find_person(Database& database, const std::string& name) {
  Prepared read = database.prepared(
      "SELECT id, name, birth, cover, min_similarity FROM person "
      "WHERE name = ?1 OR id = (SELECT person FROM alias WHERE name = ?1) ORDER BY name = ?1 DESC LIMIT 1");
  read.bind(1, name);
  if (!read.executeStep()) return std::nullopt;
  return person_of(read);
}

PersonId add_person(Database& database, const std::string& name) {
  Prepared add = database.prepared("INSERT INTO person(name, birth) VALUES (?, '')");
  add.bind(1, name);
  add.exec();
  return database.sql().getLastInsertRowid();
}

void update_person(Database& database, const PersonRow& person) {
  Prepared update =
      database.prepared("UPDATE person SET name = ?, birth = ?, cover = ?, min_similarity = ? WHERE id = ?");
  update.bind(1, person.name);
  update.bind(2, person.birth);
  if (person.cover) update.bind(3, *person.cover);
  if (person.min_similarity) update.bind(4, *person.min_similarity);
  update.bind(5, person.id);
  update.exec();
}

void drop_person(Database& database, PersonId person) {
  run(database, "DELETE FROM alias WHERE person = ?", person);
  run(database, "DELETE FROM person WHERE id = ?", person);
}

void add_alias(Database& database, const std::string& alias, PersonId person) {
  Prepared add = database.prepared("INSERT OR REPLACE INTO alias(name, person) VALUES (?, ?)");
  add.bind(1, alias);
  add.bind(2, person);
  add.exec();
}

void drop_alias(Database& database, const std::string& alias) {
  Prepared drop = database.prepared("DELETE FROM alias WHERE name = ?");
  drop.bind(1, alias);
  drop.exec();
}

void move_aliases(Database& database, PersonId from, PersonId into) {
  run(database, "UPDATE alias SET person = ?2 WHERE person = ?1", from, into);
}

void confirm(Database& database, FaceId face, PersonId person) {
  unignore(database, face);
  unreject(database, face, person);
  run(database,
      "INSERT INTO confirmed(face, person) VALUES (?, ?) ON CONFLICT(face) DO UPDATE SET person = "
      "excluded.person",
      face, person);
}

void unconfirm(Database& database, FaceId face) {
  run(database, "DELETE FROM confirmed WHERE face = ?", face);
}

void reject(Database& database, FaceId face, PersonId person) {
  run(database, "DELETE FROM confirmed WHERE face = ? AND person = ?", face, person);
  run(database, "INSERT OR IGNORE INTO rejected(face, person) VALUES (?, ?)", face, person);
}

void unreject(Database& database, FaceId face, PersonId person) {
  run(database, "DELETE FROM rejected WHERE face = ? AND person = ?", face, person);
}

void ignore(Database& database, FaceId face) {
  unconfirm(database, face);
  run(database, "INSERT OR IGNORE INTO ignored(face) VALUES (?)", face);
}

void unignore(Database& database, FaceId face) { run(database, "DELETE FROM ignored WHERE face = ?", face); }

void link(Database& database, FaceId one, FaceId other, bool same) {
  Prepared put = database.prepared(
      "INSERT INTO link(face, other, same) VALUES (?, ?, ?) "
      "ON CONFLICT(face, other) DO UPDATE SET same = excluded.same");
  put.bind(1, std::min(one, other));
  put.bind(2, std::max(one, other));
  put.bind(3, same ? 1 : 0);
  put.exec();
}

void mark_drawn(Database& database, FaceId face) {
  run(database, "INSERT INTO drawn(face) VALUES (?)", face);
}

void move_decisions(Database& database, PersonId from, PersonId into) {
  run(database, "UPDATE confirmed SET person = ?2 WHERE person = ?1", from, into);
  run(database,
      "INSERT OR IGNORE INTO rejected(face, person) SELECT face, ?2 FROM rejected WHERE person = ?1", from,
      into);
  run(database, "DELETE FROM rejected WHERE person = ?", from);
  // Said to be one of the two and not the other: with the two being one, the yes counts.
  run(database,
      "DELETE FROM rejected WHERE person = ?1 AND face IN (SELECT face FROM confirmed WHERE person = ?1)",
      into);
}

std::vector<ConfirmedFace> confirmed_faces(Database& database) {
  std::vector<ConfirmedFace> result;
  Prepared read = database.prepared(
      "SELECT confirmed.face, face.photo, confirmed.person FROM confirmed JOIN face ON face.id = "
      "confirmed.face "
      "ORDER BY confirmed.face");
  while (read.executeStep()) {
    result.push_back(
        {read.getColumn(0).getInt64(), read.getColumn(1).getInt64(), read.getColumn(2).getInt64()});
  }
  return result;
}

std::unordered_map<FaceId, std::vector<PersonId>> rejections(Database& database) {
  std::unordered_map<FaceId, std::vector<PersonId>> result;
  Prepared read = database.prepared("SELECT face, person FROM rejected");
  while (read.executeStep()) result[read.getColumn(0).getInt64()].push_back(read.getColumn(1).getInt64());
  return result;
}

std::vector<LinkRow> links(Database& database) {
  std::vector<LinkRow> result;
  Prepared read = database.prepared("SELECT face, other, same FROM link");
  while (read.executeStep()) {
    result.push_back(
        {read.getColumn(0).getInt64(), read.getColumn(1).getInt64(), read.getColumn(2).getInt() != 0});
  }
  return result;
}

bool nearly_equal(const GuessRow& one, const GuessRow& other) {
  constexpr float visible = 1e-3F;
  const auto near = [](float a, float b) { return std::abs(a - b) < visible; };
  return one.person == other.person && one.reference == other.reference && one.runner_up == other.runner_up &&
         near(one.probability, other.probability) && near(one.similarity, other.similarity) &&
         near(one.runner_up_probability, other.runner_up_probability);
}

std::unordered_map<FaceId, GuessRow> guesses(Database& database) {
  std::unordered_map<FaceId, GuessRow> result;
  Prepared read = database.prepared(
      "SELECT face, person, probability, similarity, reference, runner_up, runner_up_probability FROM guess "
      "WHERE person IS NOT NULL");
  while (read.executeStep()) {
    GuessRow guess{.person = read.getColumn(1).getInt64(),
                   .probability = static_cast<float>(read.getColumn(2).getDouble()),
                   .similarity = static_cast<float>(read.getColumn(3).getDouble()),
                   .reference = read.getColumn(4).getInt64(),
                   .runner_up = {},
                   .runner_up_probability = static_cast<float>(read.getColumn(6).getDouble())};
    if (!read.getColumn(5).isNull()) guess.runner_up = read.getColumn(5).getInt64();
    result.emplace(read.getColumn(0).getInt64(), guess);
  }
  return result;
}

std::vector<OpenGuess> open_guesses(Database& database) {
  std::vector<OpenGuess> result;
  Prepared read = database.prepared(
      "SELECT face, person, probability, similarity FROM guess WHERE person IS NOT NULL "
      "AND NOT EXISTS (SELECT 1 FROM confirmed WHERE confirmed.face = guess.face) "
      "AND NOT EXISTS (SELECT 1 FROM ignored WHERE ignored.face = guess.face) ORDER BY person, face");
  while (read.executeStep()) {
    result.push_back({read.getColumn(0).getInt64(), read.getColumn(1).getInt64(),
                      static_cast<float>(read.getColumn(2).getDouble()),
                      static_cast<float>(read.getColumn(3).getDouble())});
  }
  return result;
}

void put_guess(Database& database, FaceId face, const GuessRow& guess) {
  Prepared put = database.prepared(
      "INSERT OR REPLACE INTO guess(face, person, probability, similarity, reference, runner_up, "
      "runner_up_probability) VALUES (?, ?, ?, ?, ?, ?, ?)");
  put.bind(1, face);
  put.bind(2, guess.person);
  put.bind(3, guess.probability);
  put.bind(4, guess.similarity);
  put.bind(5, guess.reference);
  if (guess.runner_up) {
    put.bind(6, *guess.runner_up);
    put.bind(7, guess.runner_up_probability);
  }
  put.exec();
}

void drop_guess(Database& database, FaceId face) { run(database, "DELETE FROM guess WHERE face = ?", face); }

void drop_guess_of(Database& database, FaceId face, PersonId person) {
  run(database, "DELETE FROM guess WHERE face = ? AND person = ?", face, person);
}

std::unordered_map<FaceId, ClusterId> cluster_members(Database& database) {
  std::unordered_map<FaceId, ClusterId> result;
  Prepared read = database.prepared("SELECT face, cluster FROM cluster_member");
  while (read.executeStep()) result.emplace(read.getColumn(0).getInt64(), read.getColumn(1).getInt64());
  return result;
}

std::vector<ClusterId> largest_unnamed_clusters(Database& database, std::size_t at_most) {
  Prepared read = database.prepared(
      "SELECT cluster FROM cluster_member AS member "
      "WHERE NOT EXISTS (SELECT 1 FROM guess WHERE guess.face = member.face AND person IS NOT NULL) "
      "AND NOT EXISTS (SELECT 1 FROM confirmed WHERE confirmed.face = member.face) "
      "AND NOT EXISTS (SELECT 1 FROM ignored WHERE ignored.face = member.face) "
      "GROUP BY cluster HAVING count(*) > 1 ORDER BY count(*) DESC, cluster LIMIT ?");
  read.bind(1, static_cast<std::int64_t>(at_most));
  std::vector<ClusterId> clusters;
  while (read.executeStep()) clusters.push_back(read.getColumn(0).getInt64());
  return clusters;
}

void put_cluster_member(Database& database, FaceId face, ClusterId cluster) {
  run(database, "INSERT OR REPLACE INTO cluster_member(face, cluster) VALUES (?, ?)", face, cluster);
}

void drop_cluster_member(Database& database, FaceId face) {
  run(database, "DELETE FROM cluster_member WHERE face = ?", face);
}

std::vector<FaceId> faces_of_person(Database& database, PersonId person) {
  Prepared read = database.prepared(
      "SELECT face FROM confirmed WHERE person = ?1 UNION SELECT face FROM guess WHERE person = ?1 "
      "AND face NOT IN (SELECT face FROM confirmed)");
  read.bind(1, person);
  std::vector<FaceId> faces;
  while (read.executeStep()) faces.push_back(read.getColumn(0).getInt64());
  return faces;
}

void forget_faces(Database& database, std::span<const FaceId> faces, Receipt& receipt) {
  for (const FaceId face : faces) {
    receipt.vectors += counted(database, "DELETE FROM vector WHERE face = ?", face);
    receipt.crops += counted(database, "DELETE FROM crop WHERE face = ?", face);
    receipt.guesses += counted(database, "DELETE FROM guess WHERE face = ?", face);
    receipt.decisions += counted(database, "DELETE FROM confirmed WHERE face = ?", face);
    receipt.decisions += counted(database, "DELETE FROM rejected WHERE face = ?", face);
    receipt.decisions += counted(database, "DELETE FROM ignored WHERE face = ?", face);
    receipt.decisions += counted(database, "DELETE FROM link WHERE face = ?1 OR other = ?1", face);
    run(database, "DELETE FROM drawn WHERE face = ?", face);
    run(database, "DELETE FROM cluster_member WHERE face = ?", face);
    run(database, "UPDATE person SET cover = NULL WHERE cover = ?", face);
    run(database, "UPDATE face SET landmarks = NULL, score = 0, quality = 0 WHERE id = ?", face);
    run(database, "INSERT OR IGNORE INTO forgotten(face) VALUES (?)", face);
    ++receipt.faces;
  }
  // Once for all: guesses can be many, and no index leads to their references.
  database.prepared("UPDATE guess SET reference = NULL WHERE reference IN (SELECT face FROM forgotten)")
      .exec();
}

void forget_decisions(Database& database, PersonId person, Receipt& receipt) {
  receipt.decisions += counted(database, "DELETE FROM rejected WHERE person = ?", person);
  receipt.decisions += counted(database, "DELETE FROM confirmed WHERE person = ?", person);
  receipt.guesses += counted(database, "DELETE FROM guess WHERE person = ?", person);
  run(database, "UPDATE guess SET runner_up = NULL, runner_up_probability = NULL WHERE runner_up = ?",
      person);
}

}  // namespace kith::store
