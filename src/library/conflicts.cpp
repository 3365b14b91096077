// SPDX-License-Identifier: Apache-2.0
// What files say otherwise than the library: asking the owner, and taking the answer.
#include <algorithm>

#include <kith/library.h>

#include "library/claims.h"
#include "library/impl.h"
#include "store/journal.h"

namespace kith {
namespace {

using store::Database;
using store::WholeFace;

// A conflict beside the photo's faces as they are now.
struct Question {
  store::OpenConflict conflict;
  std::vector<WholeFace> faces;
  std::optional<std::size_t> face;  // that it is about
  std::optional<Box> box;
  std::optional<std::string> person;  // the library's name for the file's
};

Question question_of(Database& database, store::OpenConflict&& conflict, library::PeopleByName& people) {
  Question question{.conflict = std::move(conflict), .faces = {}, .face = {}, .box = {}, .person = {}};
  const store::FileWord& word = question.conflict.row.word;
  question.faces = store::whole_faces(database, question.conflict.file.id, false);
  if (word.shares) {
    question.box = library::to_pixels(*word.shares, question.conflict.file);
    question.face = library::face_at(question.faces, *question.box);
  }
  if (const std::optional<store::PersonRow> person = people.find(word.name)) question.person = person->name;
  return question;
}

// The owner has come to say the same since.
bool is_answered(const Question& question) {
  if (!question.person) return false;
  const auto says_so = [&](const WholeFace& face) { return face.confirmed == question.person; };
  if (question.box) return question.face && says_so(question.faces[*question.face]);
  return std::ranges::any_of(question.faces, says_so);
}

NameConflict::Kind kind_of(const Question& question) {
  using Kind = NameConflict::Kind;
  if (question.conflict.row.word.stale) return Kind::stale;
  if (!question.box) return Kind::unplaced;
  if (!question.face) return Kind::undecided;
  const WholeFace& face = question.faces[*question.face];
  if (face.confirmed) return Kind::other_name;
  if (face.ignored) return Kind::ignored;
  const bool refused =
      question.person && std::ranges::find(face.rejected, *question.person) != face.rejected.end();
  return refused ? Kind::refused : Kind::undecided;
}

NameConflict conflict_of(const Question& question) {
  const store::ConflictRow& row = question.conflict.row;
  NameConflict conflict;
  conflict.id = row.id;
  conflict.photo = question.conflict.file.path;
  conflict.name = row.word.name;
  conflict.source = row.word.source;
  conflict.kind = kind_of(question);
  conflict.box = question.box;
  if (question.face) {
    conflict.face = question.faces[*question.face].row.id;
    conflict.here = question.faces[*question.face].confirmed;
  }
  return conflict;
}

// The face that the file's word is to be about: the one in its place, a new one there, or the only one whose
// name nobody knows.
Result<FaceId> face_for(Database& database, const Question& question) {
  const std::string number = "conflict " + std::to_string(question.conflict.row.id);
  if (question.face) {
    const WholeFace& face = question.faces[*question.face];
    if (face.forgotten) return fail(ErrorCode::bad_argument, number + " is about a face that was forgotten");
    return face.row.id;
  }
  if (question.box) {
    if (!library::can_be_drawn(*question.box))
      return fail(ErrorCode::bad_argument, number + ": its region is too small for a face");
    return library::draw_face(database, question.conflict.file.id, *question.box).id;
  }
  std::vector<FaceId> open;
  for (const WholeFace& face : question.faces) {
    if (!face.forgotten && !face.ignored && !face.confirmed) open.push_back(face.row.id);
  }
  if (open.size() == 1) return open.front();
  return fail(ErrorCode::bad_argument,
              number + ": the file does not say which face \"" + question.conflict.row.word.name +
                  "\" is; name it with `kith people add NAME --face N`, see `kith explain " +
                  question.conflict.file.path + "`");
}

}  // namespace

Result<std::vector<NameConflict>> Library::conflicts() {
  Database& database = *impl_->database;
  return store::guarded(database, [&]() -> Result<std::vector<NameConflict>> {
    library::PeopleByName people(database);
    std::vector<NameConflict> result;
    for (store::OpenConflict& open : store::open_conflicts(database)) {
      const Question question = question_of(database, std::move(open), people);
      if (!is_answered(question)) result.push_back(conflict_of(question));
    }
    return result;
  });
}

Status Library::settle(std::span<const ConflictId> conflicts, ConflictWord word) {
  Database& database = *impl_->database;
  return store::guarded(database, [&]() -> Status {
    store::Decision decision(database, true);
    library::PeopleByName people(database);
    for (const ConflictId id : conflicts) {
      std::optional<store::OpenConflict> open = store::open_conflict(database, id);
      if (!open)
        return fail(ErrorCode::bad_argument, "there is no open conflict number " + std::to_string(id) +
                                                 "; see `kith conflicts`. Nothing was changed");
      if (word == ConflictWord::library) {
        store::settle_conflict(database, id);
        continue;
      }
      const Question question = question_of(database, std::move(*open), people);
      const Result<FaceId> face = face_for(database, question);
      if (!face) return tl::unexpected(face.error());
      std::size_t added = 0;
      store::confirm(database, *face, people.find_or_add(question.conflict.row.word.name, added).id);
      store::drop_guess(database, *face);
      store::drop_conflict(database, id);
    }
    decision.commit(
        "settle",
        std::to_string(conflicts.size()) + (conflicts.size() == 1 ? " conflict" : " conflicts") +
            " settled: " + (word == ConflictWord::file ? "the files are right" : "the library is right"));
    return {};
  });
}

}  // namespace kith
