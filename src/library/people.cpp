// SPDX-License-Identifier: Apache-2.0
// Names: giving, changing, joining, parting, forgetting them.
#include <algorithm>
#include <map>

#include <kith/library.h>

#include "core/fold.h"
#include "core/partial_date.h"
#include "core/person_name.h"
#include "library/impl.h"
#include "library/lock.h"
#include "library/written.h"
#include "store/journal.h"

namespace kith {
namespace {

using store::Database;
using store::Decision;
using store::PersonRow;

Status check_free(Database& database, const std::string& name) {
  if (const std::optional<PersonRow> taken = store::find_person(database, name))
    return fail(ErrorCode::bad_argument,
                taken->name == name ? "there is a person named \"" + name + "\" already"
                                    : "\"" + name + "\" is another name of \"" + taken->name + "\" already");
  return {};
}

std::string counted_faces(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " face" : " faces");
}

// All names of a person, folded.
Result<std::vector<std::string>> names_of(Database& database, const std::string& name) {
  const Result<PersonRow> row = library::require_person(database, name);
  if (!row) return tl::unexpected(row.error());
  for (const PersonSummary& person : store::person_summaries(database)) {
    if (person.id != row->id) continue;
    std::vector<std::string> names{folded(person.name)};
    for (const std::string& alias : person.aliases) names.push_back(folded(alias));
    return names;
  }
  return fail(ErrorCode::internal, name + ": vanished while it was looked up");
}

// What files say of them and nobody settled. How much there was.
std::size_t drop_words_of(Database& database, const std::vector<std::string>& folded_names) {
  std::size_t dropped = 0;
  for (const std::string& name : store::names_in_files(database)) {
    if (std::ranges::find(folded_names, folded(name)) != folded_names.end())
      dropped += store::drop_words_of(database, name);
  }
  return dropped;
}

}  // namespace

Result<std::vector<PersonSummary>> Library::people() {
  return store::guarded(*impl_->database, [&]() -> Result<std::vector<PersonSummary>> {
    return store::person_summaries(*impl_->database);
  });
}

Result<PersonSummary> Library::person(const std::string& name) {
  return store::guarded(*impl_->database, [&]() -> Result<PersonSummary> {
    const Result<PersonRow> row = library::require_person(*impl_->database, name);
    if (!row) return tl::unexpected(row.error());
    for (PersonSummary& person : store::person_summaries(*impl_->database)) {
      if (person.id == row->id) return std::move(person);
    }
    return fail(ErrorCode::internal, name + ": vanished while it was looked up");
  });
}

Result<PersonId> Library::add_person(const std::string& name) {
  if (Status checked = library::check_name(name); !checked) return tl::unexpected(checked.error());
  return store::guarded(*impl_->database, [&]() -> Result<PersonId> {
    Decision decision(*impl_->database);
    if (Status is_free = check_free(*impl_->database, name); !is_free) return tl::unexpected(is_free.error());
    const PersonId person = store::add_person(*impl_->database, name);
    decision.commit("add", "added \"" + name + "\"");
    return person;
  });
}

Status Library::rename(const std::string& name, const std::string& new_name) {
  if (Status checked = library::check_name(new_name); !checked) return checked;
  return store::guarded(*impl_->database, [&]() -> Status {
    Database& database = *impl_->database;
    Decision decision(database);
    Result<PersonRow> person = library::require_person(database, name);
    if (!person) return tl::unexpected(person.error());
    const std::optional<PersonRow> taken = store::find_person(database, new_name);
    if (taken && taken->id != person->id) {
      return fail(ErrorCode::bad_argument, "\"" + new_name +
                                               "\" is somebody else; if they are one person, run "
                                               "`kith people merge`");
    }
    const std::string old_name = person->name;
    if (old_name == new_name) return {};
    person->name = new_name;
    store::update_person(database, *person);
    store::drop_alias(database, new_name);
    store::add_alias(database, old_name, person->id);
    decision.commit("rename", "renamed \"" + old_name + "\" to \"" + new_name + "\"");
    return {};
  });
}

Status Library::merge(const std::string& into, const std::string& from) {
  return store::guarded(*impl_->database, [&]() -> Status {
    Database& database = *impl_->database;
    Decision decision(database);
    Result<PersonRow> kept = library::require_person(database, into);
    if (!kept) return tl::unexpected(kept.error());
    const Result<PersonRow> gone = library::require_person(database, from);
    if (!gone) return tl::unexpected(gone.error());
    if (kept->id == gone->id)
      return fail(ErrorCode::bad_argument, "\"" + into + "\" and \"" + from + "\" are one person already");
    store::move_decisions(database, gone->id, kept->id);
    store::move_aliases(database, gone->id, kept->id);
    if (kept->birth.empty()) kept->birth = gone->birth;
    if (!kept->cover) kept->cover = gone->cover;
    store::drop_person(database, gone->id);
    store::add_alias(database, gone->name, kept->id);
    store::update_person(database, *kept);
    decision.commit("merge", "merged \"" + gone->name + "\" into \"" + kept->name + "\"");
    return {};
  });
}

Result<std::size_t> Library::split(const std::string& name, const std::string& new_name,
                                   std::span<const FaceId> examples) {
  if (Status checked = library::check_name(new_name); !checked) return tl::unexpected(checked.error());
  if (examples.empty())
    return fail(ErrorCode::bad_argument, "give at least one face of \"" + new_name + "\"");
  return store::guarded(*impl_->database, [&]() -> Result<std::size_t> {
    Database& database = *impl_->database;
    Decision decision(database);
    const Result<PersonRow> person = library::require_person(database, name);
    if (!person) return tl::unexpected(person.error());
    // Who was merged in by mistake gets back the name that became an alias.
    const std::optional<PersonRow> taken = store::find_person(database, new_name);
    const bool own_alias = taken && taken->id == person->id && taken->name != new_name;
    if (!own_alias) {
      if (Status is_free = check_free(database, new_name); !is_free) return tl::unexpected(is_free.error());
    }
    const std::optional<std::int64_t> model = store::main_model(database);
    const store::Vectors vectors =
        model ? store::vectors(database, *model, store::Which::confirmed) : store::Vectors{};
    std::map<FaceId, std::size_t> row_of;
    for (std::size_t i = 0; i < vectors.faces.size(); ++i) row_of[vectors.faces[i]] = i;
    std::vector<FaceId> of_person;
    for (const store::ConfirmedFace& face : store::confirmed_faces(database)) {
      if (face.person == person->id) of_person.push_back(face.face);
    }
    const auto is_example = [&](FaceId face) { return std::ranges::find(examples, face) != examples.end(); };
    for (const FaceId example : examples) {
      if (std::ranges::find(of_person, example) == of_person.end())
        return fail(ErrorCode::bad_argument,
                    "face " + std::to_string(example) + " is not confirmed as \"" + person->name + "\"");
    }
    // Two centres, moved until nobody changes sides: the examples stay on theirs.
    std::vector<bool> parts(of_person.size());
    for (std::size_t i = 0; i < of_person.size(); ++i) parts[i] = is_example(of_person[i]);
    constexpr int most_rounds = 20;
    for (int round = 0; round < most_rounds && vectors.dimension > 0; ++round) {
      Embedding centres[2] = {Embedding(vectors.dimension, 0.0F), Embedding(vectors.dimension, 0.0F)};
      for (std::size_t i = 0; i < of_person.size(); ++i) {
        const auto row = row_of.find(of_person[i]);
        if (row == row_of.end()) continue;
        Embedding& centre = centres[parts[i] ? 1 : 0];
        std::ranges::transform(centre, vectors.row(row->second), centre.begin(), std::plus{});
      }
      for (Embedding& centre : centres) normalise(centre);
      bool moved = false;
      for (std::size_t i = 0; i < of_person.size(); ++i) {
        const auto row = row_of.find(of_person[i]);
        if (row == row_of.end() || is_example(of_person[i])) continue;
        const bool part =
            dot(vectors.row(row->second), centres[1]) > dot(vectors.row(row->second), centres[0]);
        moved = moved || part != parts[i];
        parts[i] = part;
      }
      if (!moved) break;
    }
    store::drop_alias(database, new_name);
    const PersonId other = store::add_person(database, new_name);
    std::size_t count = 0;
    for (std::size_t i = 0; i < of_person.size(); ++i) {
      if (!parts[i]) continue;
      store::confirm(database, of_person[i], other);
      ++count;
    }
    decision.commit("split", "split " + counted_faces(count) + " of \"" + person->name + "\" off as \"" +
                                 new_name + "\"");
    return count;
  });
}

Status Library::set_birth(const std::string& name, const std::string& birth) {
  if (!birth.empty() && !is_partial_date(birth))
    return fail(ErrorCode::bad_argument,
                "\"" + birth + "\" is not a date; write 1990, 1990-05 or 1990-05-17");
  return store::guarded(*impl_->database, [&]() -> Status {
    Decision decision(*impl_->database);
    Result<PersonRow> person = library::require_person(*impl_->database, name);
    if (!person) return tl::unexpected(person.error());
    person->birth = birth;
    store::update_person(*impl_->database, *person);
    decision.commit("birth", birth.empty() ? "\"" + person->name + "\": birth unknown"
                                           : "\"" + person->name + "\" was born " + birth);
    return {};
  });
}

Status Library::set_cover(const std::string& name, FaceId face) {
  return store::guarded(*impl_->database, [&]() -> Status {
    Decision decision(*impl_->database);
    Result<PersonRow> person = library::require_person(*impl_->database, name);
    if (!person) return tl::unexpected(person.error());
    if (Status there = library::require_faces(*impl_->database, {&face, 1}); !there) return there;
    person->cover = face;
    store::update_person(*impl_->database, *person);
    decision.commit("cover", "face " + std::to_string(face) + " stands for \"" + person->name + "\"");
    return {};
  });
}

Result<Receipt> Library::forget_person(const std::string& name, bool keep_name, bool from_files) {
  return store::guarded(*impl_->database, [&]() -> Result<Receipt> {
    Database& database = *impl_->database;
    Receipt receipt;
    const Result<std::vector<std::string>> names = names_of(database, name);
    if (!names) return tl::unexpected(names.error());
    // Before anything is forgotten: the files are found by what the library remembers of them.
    if (from_files) {
      const Result<library::ScanLock> lock = library::ScanLock::take(database.folder(), false, {});
      if (!lock) return tl::unexpected(lock.error());
      if (Status erased = library::erase_from_files(database, *names, receipt); !erased)
        return tl::unexpected(erased.error());
    }
    {
      store::Transaction transaction(database);
      const Result<PersonRow> person = library::require_person(database, name);
      if (!person) return tl::unexpected(person.error());
      const std::vector<FaceId> faces = store::faces_of_person(database, person->id);
      receipt.journal_entries = store::erase_from_journal(
          database, {.people = {&person->id, 1}, .faces = faces, .photos = {}, .names = *names});
      store::forget_faces(database, faces, receipt);
      store::forget_decisions(database, person->id, receipt);
      receipt.claims = drop_words_of(database, *names);
      receipt.files_left = library::erase_from_records(database, *names);
      if (!keep_name) store::drop_person(database, person->id);
      library::drop_projections(database);
      transaction.commit();
    }
    const Database::Unstoppable forgotten_all_the_same(database);
    if (!database.erase_traces()) {
      return fail(
          ErrorCode::library_busy,
          "\"" + name +
              "\" is forgotten, but another program is reading the library, so that traces may be left in "
              "its log; when it has ended, run `kith check --repair` to erase them");
    }
    return receipt;
  });
}

}  // namespace kith
