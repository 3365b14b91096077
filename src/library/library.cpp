// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>
#include <random>
#include <system_error>

#include <kith/library.h>

#include "core/person_name.h"
#include "library/impl.h"

namespace kith {

Library::Library(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Library::Library(Library&&) noexcept = default;
Library& Library::operator=(Library&&) noexcept = default;
Library::~Library() = default;

Result<Library> Library::open(const std::filesystem::path& folder, Mode mode, std::stop_token stop) {
  const store::Access access = mode == Mode::create  ? store::Access::create
                               : mode == Mode::write ? store::Access::write
                                                     : store::Access::read;
  Result<std::unique_ptr<store::Database>> database = store::Database::open(folder, access);
  if (!database) return tl::unexpected(database.error());
  if (stop.stop_possible()) (*database)->stop_on(std::move(stop));
  return Library(std::make_unique<Impl>(std::move(*database)));
}

Result<std::string> Library::id() {
  return store::guarded(*impl_->database, [&]() -> Result<std::string> {
    constexpr const char* id_state = "id";
    std::string id = impl_->database->state(id_state);
    if (!id.empty()) return id;
    std::random_device random;
    for (int part = 0; part < 4; ++part) {
      char digits[9];
      std::snprintf(digits, sizeof digits, "%08x", static_cast<unsigned>(random()));
      id += digits;
    }
    impl_->database->set_state(id_state, id);
    return id;
  });
}

namespace library {

std::filesystem::path kept_path(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::path kept = std::filesystem::absolute(path, error).lexically_normal();
  if (error) return {};
  return kept.has_filename() ? kept : kept.parent_path();  // "photos/" is "photos"
}

bool is_below(const std::string& path, const std::string& folder) {
  return path == folder || (path.starts_with(folder) && (folder == "/" || path[folder.size()] == '/'));
}

Status check_name(const std::string& name) {
  if (is_person_name(name)) return {};
  return fail(ErrorCode::bad_argument,
              "a name has 1 to 200 bytes of UTF-8, no line breaks, and no spaces around it");
}

Result<store::PersonRow> require_person(store::Database& database, const std::string& name) {
  if (std::optional<store::PersonRow> person = store::find_person(database, name)) return *person;
  std::string known;
  for (const store::PersonRow& person : store::people(database)) {
    if (known.size() > 200) {
      known += ", ...";
      break;
    }
    known += (known.empty() ? "" : ", ") + person.name;
  }
  return fail(
      ErrorCode::bad_argument,
      "there is no person named \"" + name + "\"; " +
          (known.empty() ? "nobody has a name yet, see `kith people add --help`" : "there are: " + known));
}

namespace {

tl::unexpected<Error> no_such_face(FaceId face) {
  return fail(ErrorCode::bad_argument, "there is no face number " + std::to_string(face) + " in the library");
}

}  // namespace

Status require_faces(store::Database& database, std::span<const FaceId> faces) {
  for (const FaceId face : faces) {
    if (!store::has_face(database, face)) return no_such_face(face);
  }
  return {};
}

Result<LibraryFace> require_face(store::Database& database, FaceId face) {
  std::optional<LibraryFace> found = store::library_face(database, face);
  if (!found) return no_such_face(face);
  return std::move(*found);
}

}  // namespace library
}  // namespace kith
