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

// Paths as the library keeps them: absolute, without "." or "..", symbolic links as they are.
[[nodiscard]] std::filesystem::path kept_path(const std::filesystem::path& path);

// Whether a kept path is this folder's, or of what lies below it.
[[nodiscard]] bool is_below(const std::string& path, const std::string& folder);

// Boxes of one photo that overlap this much are one face: two detectors' boxes of one face overlap by more,
// and two neighbours' by less.
inline constexpr float same_face_overlap = 0.4F;

// Which of the known boxes each box is, by its index: the greatest overlaps first, so that none stands for
// two. Nothing where it is none of them. `may_be(box, known)` has a say too.
[[nodiscard]] std::vector<std::optional<std::size_t>> same_faces(
    std::span<const Box> boxes, std::span<const Box> known,
    const std::function<bool(std::size_t, std::size_t)>& may_be = {});

// Errors: bad_argument where nobody can be called that.
[[nodiscard]] Status check_name(const std::string& name);

// The person of that name or alias. Errors: bad_argument, naming those who come near.
[[nodiscard]] Result<store::PersonRow> require_person(store::Database& database, const std::string& name);

// Errors: bad_argument where a face is not in the library.
[[nodiscard]] Status require_faces(store::Database& database, std::span<const FaceId> faces);

// Where a detector would put the landmarks of a face in this box: as the alignment template has them in an
// upright one.
[[nodiscard]] Landmarks usual_landmarks(const Box& box);

// Side of the square crops that are kept of faces, pixels: enough to embed from, 8 KB.
inline constexpr int thumbnail_side = 192;

struct Embedded {
  std::size_t made = 0;
  bool complete = false;  // not stopped before the end
};
// Makes what vectors of this model are missing, from the crops, or from the photo where there is no crop.
// What was made before a stop is kept, and the next call goes on. Of the settings, how many threads and how
// photos are decoded count.
[[nodiscard]] Result<Embedded> embed_missing(store::Database& database, const Embedder& embedder,
                                             std::int64_t model, const PipelineSettings& settings,
                                             const std::function<void(const ScanProgress&)>& progress,
                                             const std::stop_token& stop);

// Whether all faces are embedded with this model, and names can rest on it. After another model was chosen
// they are not, until a scan has made their vectors: half of them would be no base for names.
[[nodiscard]] bool is_embedded(store::Database& database, const ModelSpec& embedder);
void note_embedded(store::Database& database, const ModelSpec& embedder);

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
