// SPDX-License-Identifier: Apache-2.0
// The owner's word about faces, and its history.
#include <algorithm>

#include <kith/align.h>
#include <kith/library.h>

#include "library/impl.h"
#include "store/journal.h"

namespace kith {
namespace {

using store::Database;
using store::Decision;

std::string counted_faces(std::span<const FaceId> faces) {
  return faces.size() == 1 ? "face " + std::to_string(faces.front())
                           : std::to_string(faces.size()) + " faces";
}

HistoryEntry history_entry(const store::JournalEntry& entry) {
  using State = store::JournalEntry::State;
  return {entry.id,
          entry.at,
          entry.action,
          entry.summary,
          entry.state == State::undone,
          entry.state != State::overtaken && !entry.erased};
}

Result<std::optional<HistoryEntry>> history_entry(Result<std::optional<store::JournalEntry>> entry) {
  if (!entry) return tl::unexpected(entry.error());
  if (!*entry) return std::nullopt;
  return std::optional(history_entry(**entry));
}

// Does `change` to each of the faces as one journal entry.
Status decide(Database& database, std::span<const FaceId> faces, const std::string& action,
              const std::string& summary, const std::function<void(FaceId)>& change) {
  return store::guarded(database, [&]() -> Status {
    Decision decision(database);
    if (Status there = library::require_faces(database, faces); !there) return there;
    for (const FaceId face : faces) change(face);
    decision.commit(action, summary);
    return {};
  });
}

}  // namespace

Landmarks library::usual_landmarks(const Box& box) {
  constexpr Landmarks of_unit{{{0.31F, 0.42F}, {0.69F, 0.42F}, {0.5F, 0.62F}, {0.35F, 0.8F}, {0.65F, 0.8F}}};
  Landmarks result;
  for (std::size_t i = 0; i < result.size(); ++i)
    result[i] = {box.x + of_unit[i].x * box.width, box.y + of_unit[i].y * box.height};
  return result;
}

bool library::can_be_drawn(const Box& box) { return box.width >= 4 && box.height >= 4; }

store::FaceRow library::draw_face(Database& database, PhotoId photo, const Box& box,
                                  const std::optional<Landmarks>& landmarks) {
  store::FaceRow row{.id = 0, .photo = photo, .face = {}, .crop = {}};
  row.face.box = box;
  row.face.score = 1;
  row.face.landmarks = landmarks.value_or(usual_landmarks(box));
  row.id = store::put_face(database, row, 0);
  store::mark_drawn(database, row.id);
  return row;
}

Result<std::vector<LibraryFace>> Library::faces_of(PhotoId photo) {
  return store::guarded(*impl_->database, [&]() -> Result<std::vector<LibraryFace>> {
    return store::faces_on_photo(*impl_->database, photo);
  });
}

Result<std::vector<LibraryFace>> Library::faces_on(const std::filesystem::path& photo) {
  return store::guarded(*impl_->database, [&]() -> Result<std::vector<LibraryFace>> {
    const std::string path = library::kept_path(photo).string();
    const std::optional<PhotoId> id = store::photo_at(*impl_->database, path);
    if (!id) return fail(ErrorCode::not_found, path + ": not in the library; add it with `kith scan`");
    return store::faces_on_photo(*impl_->database, *id);
  });
}

Result<std::vector<LibraryFace>> Library::faces_of_cluster(ClusterId cluster) {
  return store::guarded(*impl_->database, [&]() -> Result<std::vector<LibraryFace>> {
    std::vector<LibraryFace> faces = store::faces_in_cluster(*impl_->database, cluster);
    if (faces.empty())
      return fail(ErrorCode::bad_argument,
                  "there is no cluster number " + std::to_string(cluster) + "; see `kith cluster`");
    return faces;
  });
}

Result<LibraryFace> Library::face(FaceId id) {
  return store::guarded(*impl_->database,
                        [&]() -> Result<LibraryFace> { return library::require_face(*impl_->database, id); });
}

Result<std::vector<std::uint8_t>> Library::thumbnail(FaceId id) {
  return store::guarded(*impl_->database, [&]() -> Result<std::vector<std::uint8_t>> {
    std::optional<std::vector<std::uint8_t>> crop = store::crop_of(*impl_->database, id);
    if (!crop) return fail(ErrorCode::not_found, "no crop is kept of face " + std::to_string(id));
    return std::move(*crop);
  });
}

Status Library::confirm(std::span<const FaceId> faces, const std::string& person) {
  Database& database = *impl_->database;
  if (Status checked = library::check_name(person); !checked) return checked;
  return store::guarded(database, [&]() -> Status {
    Decision decision(database);
    if (Status there = library::require_faces(database, faces); !there) return there;
    const std::optional<store::PersonRow> known = store::find_person(database, person);
    const PersonId id = known ? known->id : store::add_person(database, person);
    for (const FaceId face : faces) store::confirm(database, face, id);
    // A guess about a face that is decided about would be out of date at once.
    for (const FaceId face : faces) store::drop_guess(database, face);
    decision.commit("confirm", counted_faces(faces) + (faces.size() == 1 ? " is \"" : " are \"") +
                                   (known ? known->name : person) + "\"");
    return {};
  });
}

Status Library::reject(std::span<const FaceId> faces, const std::string& person) {
  Database& database = *impl_->database;
  return store::guarded(database, [&]() -> Status {
    Decision decision(database);
    if (Status there = library::require_faces(database, faces); !there) return there;
    const Result<store::PersonRow> known = library::require_person(database, person);
    if (!known) return tl::unexpected(known.error());
    for (const FaceId face : faces) {
      store::reject(database, face, known->id);
      store::drop_guess_of(database, face, known->id);
    }
    decision.commit("reject", counted_faces(faces) + (faces.size() == 1 ? " is not \"" : " are not \"") +
                                  known->name + "\"");
    return {};
  });
}

Status Library::unname(std::span<const FaceId> faces) {
  Database& database = *impl_->database;
  return decide(database, faces, "unname", counted_faces(faces) + " undecided again", [&](FaceId face) {
    store::unconfirm(database, face);
    store::unignore(database, face);
  });
}

Status Library::ignore(std::span<const FaceId> faces) {
  Database& database = *impl_->database;
  return decide(database, faces, "ignore", "ignored " + counted_faces(faces), [&](FaceId face) {
    store::ignore(database, face);
    store::drop_guess(database, face);
  });
}

Status Library::link(FaceId one, FaceId other, bool same) {
  Database& database = *impl_->database;
  const FaceId faces[] = {one, other};
  if (one == other) return fail(ErrorCode::bad_argument, "a link takes two different faces");
  return decide(database, faces, "link",
                "face " + std::to_string(one) + " and face " + std::to_string(other) +
                    (same ? " are one person" : " are two people"),
                [&](FaceId face) {
                  if (face == one) store::link(database, one, other, same);
                });
}

Result<FaceId> Library::draw(const std::filesystem::path& photo, const Box& box) {
  Database& database = *impl_->database;
  if (!library::can_be_drawn(box))
    return fail(ErrorCode::bad_argument, "a face's box is at least 4 pixels wide and high");
  return store::guarded(database, [&]() -> Result<FaceId> {
    const std::string path = library::kept_path(photo).string();
    const std::optional<PhotoId> id = store::photo_at(database, path);
    if (!id) return fail(ErrorCode::not_found, path + ": not in the library; add it with `kith scan`");
    Decision decision(database, true);
    const FaceId drawn = library::draw_face(database, *id, box).id;
    decision.commit("draw", "drew face " + std::to_string(drawn) + " on " + path);
    return drawn;
  });
}

Result<std::vector<HistoryEntry>> Library::history(std::size_t at_most) {
  return store::guarded(*impl_->database, [&]() -> Result<std::vector<HistoryEntry>> {
    std::vector<HistoryEntry> entries;
    for (const store::JournalEntry& entry : store::journal(*impl_->database, at_most))
      entries.push_back(history_entry(entry));
    return entries;
  });
}

Result<std::optional<HistoryEntry>> Library::undo() {
  return store::guarded(*impl_->database, [&] { return history_entry(store::undo(*impl_->database)); });
}

Result<std::optional<HistoryEntry>> Library::redo() {
  return store::guarded(*impl_->database, [&] { return history_entry(store::redo(*impl_->database)); });
}

}  // namespace kith
