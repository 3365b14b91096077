// SPDX-License-Identifier: Apache-2.0
// What the files of this module share.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <unordered_map>

#include <kith/library.h>

#include "store/database.h"
#include "store/people.h"
#include "store/photos.h"

namespace kith {

struct Library::Impl {
  explicit Impl(std::unique_ptr<store::Database> opened) : database(std::move(opened)) {}
  std::unique_ptr<store::Database> database;
};

namespace library {

// Paths as the library keeps them: absolute, without "." or "..", symbolic links as they are. Empty, and so
// no photo's and no folder's, of "", and of a relative one in a working folder that is gone.
[[nodiscard]] std::filesystem::path kept_path(const std::filesystem::path& path);

// Whether a kept path is this folder's, or of what lies below it.
[[nodiscard]] bool is_below(const std::string& path, const std::string& folder);

// Errors: bad_argument where nobody can be called that.
[[nodiscard]] Status check_name(const std::string& name);

// The person of that name or alias. Errors: bad_argument, naming those who come near.
[[nodiscard]] Result<store::PersonRow> require_person(store::Database& database, const std::string& name);

// Errors: bad_argument where a face is not in the library.
[[nodiscard]] Status require_faces(store::Database& database, std::span<const FaceId> faces);
[[nodiscard]] Result<LibraryFace> require_face(store::Database& database, FaceId face);

// Where a detector would put the landmarks of a face in this box: as the alignment template has them in an
// upright one.
[[nodiscard]] Landmarks usual_landmarks(const Box& box);

// Whether a box is large enough to be drawn as a face.
[[nodiscard]] bool can_be_drawn(const Box& box);

// Draws a face where no detector saw one; its landmarks are usual_landmarks() where they are not known.
// Within a Decision that records faces.
store::FaceRow draw_face(store::Database& database, PhotoId photo, const Box& box,
                         const std::optional<Landmarks>& landmarks = {});

// Side of the square crops that are kept of faces, pixels: enough to embed from, 8 KB.
inline constexpr int thumbnail_side = 192;

struct Embedded {
  std::size_t made = 0;
  bool complete = false;  // not stopped before the end
};
// Makes what vectors of this model are missing, from the crops, or from the photo where there is no crop. A
// projection's are made from those of the embedder that it rests on, where these are there. What was made
// before a stop is kept, and the next call goes on. Of the settings, how many threads and how photos are
// decoded count.
[[nodiscard]] Result<Embedded> embed_missing(store::Database& database, const Models& models,
                                             const PipelineSettings& settings,
                                             const std::function<void(const ScanProgress&)>& progress,
                                             const std::stop_token& stop);

// The number that an embedder's vectors are kept under: for who makes some, and for who only reads them. The
// latter is 0, which no vector has, where there never were any.
[[nodiscard]] std::int64_t model_of(store::Database& database, const ModelSpec& embedder);
[[nodiscard]] std::int64_t known_model_of(store::Database& database, const ModelSpec& embedder);

// Whether all faces are embedded with this model, and names can rest on it. After another model was chosen
// they are not, until a scan has made their vectors: half of them would be no base for names.
[[nodiscard]] bool is_embedded(store::Database& database, const ModelSpec& embedder);
void note_embedded(store::Database& database, const ModelSpec& embedder);
// Drops all vectors of projections, and what note_embedded() said of them.
void drop_projections(store::Database& database);

// Whom kith would take each undecided face for now; those that it would take for nobody are left out.
[[nodiscard]] std::unordered_map<FaceId, store::GuessRow> guesses_now(store::Database& database,
                                                                      const ModelSpec& embedder,
                                                                      const IdentifySettings& settings);

// Whom kith takes each undecided face for, from what the owner confirmed. How many names changed; none where
// the faces are not all embedded yet.
[[nodiscard]] std::size_t update_names(store::Database& database, const ModelSpec& embedder,
                                       const IdentifySettings& settings);

// Whether nothing was decided since names were last updated with these settings.
[[nodiscard]] bool names_are_current(store::Database& database, const ModelSpec& embedder,
                                     const IdentifySettings& settings);

// Names are to be updated, whatever comes in between: to be said in the transaction that brings new faces.
void names_are_due(store::Database& database);

}  // namespace library
}  // namespace kith
