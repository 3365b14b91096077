// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

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

namespace library {

std::filesystem::path kept_path(const std::filesystem::path& path) {
  std::filesystem::path kept = std::filesystem::absolute(path).lexically_normal();
  return kept.has_filename() ? kept : kept.parent_path();  // "photos/" is "photos"
}

bool is_below(const std::string& path, const std::string& folder) {
  return path == folder || (path.starts_with(folder) && (folder == "/" || path[folder.size()] == '/'));
}

std::vector<std::optional<std::size_t>> same_faces(
    std::span<const Box> boxes, std::span<const Box> known,
    const std::function<bool(std::size_t, std::size_t)>& may_be) {
  struct Pair {
    float overlap;
    std::size_t box;
    std::size_t of_known;
  };
  std::vector<Pair> pairs;
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    for (std::size_t j = 0; j < known.size(); ++j) {
      const float common = overlap(boxes[i], known[j]);
      if (common >= same_face_overlap && (!may_be || may_be(i, j))) pairs.push_back({common, i, j});
    }
  }
  std::ranges::stable_sort(pairs, std::greater{}, &Pair::overlap);
  std::vector<std::optional<std::size_t>> result(boxes.size());
  std::vector<bool> taken(known.size(), false);
  for (const Pair& pair : pairs) {
    if (result[pair.box] || taken[pair.of_known]) continue;
    result[pair.box] = pair.of_known;
    taken[pair.of_known] = true;
  }
  return result;
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

Status require_faces(store::Database& database, std::span<const FaceId> faces) {
  for (const FaceId face : faces) {
    if (!store::has_face(database, face))
      return fail(ErrorCode::bad_argument,
                  "there is no face number " + std::to_string(face) + " in the library");
  }
  return {};
}

}  // namespace library
}  // namespace kith
