// SPDX-License-Identifier: Apache-2.0
// A photo library made by hand, row by row: no photo, no model.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>

#include <kith/library.h>

#include "core/sha256.h"
#include "store/database.h"
#include "store/journal.h"
#include "store/people.h"
#include "store/photos.h"
#include "support/temporary_folder.h"

namespace kith::test {

class LibraryRows {
 public:
  LibraryRows() {
    Result<std::unique_ptr<store::Database>> opened =
        store::Database::open(folder_.path(), store::Access::create);
    if (!opened) throw std::runtime_error(opened.error().message);
    database = std::move(*opened);
  }

  // A photo whose content is known by its path.
  PhotoId photo(const std::string& path, const std::string& taken = "", const std::string& camera = "") {
    store::PhotoRow row;
    row.path = path;
    row.size = 1000;
    row.content = sha256_of(path);
    row.info.width = 1000;
    row.info.height = 800;
    row.info.taken = taken;
    row.info.camera = camera;
    return store::put_photo(*database, row);
  }

  FaceId face(PhotoId photo, float x = 100) {
    store::FaceRow row;
    row.photo = photo;
    row.face.box = {x, 100, 80, 100};
    row.face.score = 0.9F;
    row.face.quality = 0.8F;
    for (std::size_t i = 0; i < row.face.landmarks.size(); ++i)
      row.face.landmarks[i] = {x + 10 * static_cast<float>(i), 120};
    return store::put_face(*database, row, 0);
  }

  // A face with a vector, of the model that pipeline/fake_stages.h calls "fake".
  FaceId embedded(PhotoId photo, Embedding vector, float x = 100) {
    const std::int64_t model = store::model_id(*database, "fake", static_cast<int>(vector.size()));
    store::FaceRow row;
    row.id = face(photo, x);
    row.photo = photo;
    row.face.box = {x, 100, 80, 100};
    row.face.embedding = std::move(vector);
    return store::put_face(*database, row, model);
  }

  PersonId person(const std::string& name) {
    const std::optional<store::PersonRow> known = store::find_person(*database, name);
    return known ? known->id : store::add_person(*database, name);
  }

  FaceId confirmed(PhotoId photo, const std::string& name, float x = 100) {
    const FaceId id = face(photo, x);
    store::confirm(*database, id, person(name));
    return id;
  }

  FaceId suggested(PhotoId photo, const std::string& name, float x = 100) {
    const FaceId id = face(photo, x);
    store::put_guess(*database, id, {.person = person(name), .probability = 0.9F, .similarity = 0.7F});
    return id;
  }

  // The same library as its users have it.
  [[nodiscard]] Library library() const {
    Result<Library> opened = Library::open(folder_.path(), Library::Mode::write);
    if (!opened) throw std::runtime_error(opened.error().message);
    return std::move(*opened);
  }

  [[nodiscard]] const TemporaryFolder& folder() const { return folder_; }

 private:
  TemporaryFolder folder_;

 public:
  std::unique_ptr<store::Database> database;
};

}  // namespace kith::test
