// SPDX-License-Identifier: Apache-2.0
// What another library's owner decided, made this one's.
#include <algorithm>
#include <fstream>
#include <map>
#include <system_error>
#include <unordered_map>

#include <kith/library.h>

#include "exchange/records.h"
#include "library/impl.h"
#include "library/pairing.h"
#include "store/exchange.h"
#include "store/journal.h"

namespace kith {
namespace {

namespace fs = std::filesystem;
using exchange::Decided;
using store::Database;
using store::WholeFace;

bool is_decided(const exchange::FaceRecord& face) {
  return face.decided == Decided::confirmed || face.decided == Decided::ignored || !face.rejected.empty() ||
         face.drawn;
}

std::string in_line(std::size_t line, const std::string& what) {
  return "line " + std::to_string(line) + ": " + what;
}

// Which of the library's faces each face of the file is.
std::vector<const WholeFace*> matched(const std::vector<exchange::FaceRecord>& faces,
                                      const std::vector<WholeFace>& known) {
  std::vector<const WholeFace*> result;
  for (const std::optional<std::size_t> pair :
       library::paired(faces.size(), known.size(), [&](std::size_t i, std::size_t j) {
         return library::same_face(faces[i].box, known[j].row.face.box);
       }))
    result.push_back(pair ? &known[*pair] : nullptr);
  return result;
}

// One import, within the caller's Decision.
class Import {
 public:
  explicit Import(Database& database) : database_(database), photos_(store::photos_by_content(database)) {}

  ImportSummary operator()(const std::vector<exchange::ReadRecord>& records) {
    each<exchange::PersonRecord>(records,
                                 [&](std::size_t, const auto& person) { person_named(person.name); });
    each<exchange::PersonRecord>(records, [&](std::size_t line, const auto& person) { add(line, person); });
    each<exchange::PhotoRecord>(records, [&](std::size_t line, const auto& photo) { add(line, photo); });
    each<exchange::LinkRecord>(records, [&](std::size_t line, const auto& link) { add(line, link); });
    each<exchange::PersonRecord>(records,
                                 [&](std::size_t line, const auto& person) { add_cover(line, person); });
    return std::move(summary_);
  }

 private:
  template <typename Kind, typename Work>
  static void each(const std::vector<exchange::ReadRecord>& records, Work work) {
    for (const exchange::ReadRecord& read : records) {
      if (const Kind* record = std::get_if<Kind>(&read.record)) work(read.line, *record);
    }
  }

  void keep(std::size_t line, const std::string& what) { summary_.kept.push_back(in_line(line, what)); }
  void cannot_place(std::size_t line, const std::string& what) {
    summary_.not_placed.push_back(in_line(line, what));
  }

  // The library's person of that name or alias, made where there is none.
  store::PersonRow person_named(const std::string& name) {
    if (std::optional<store::PersonRow> known = store::find_person(database_, name)) return *known;
    ++summary_.people;
    store::PersonRow fresh;
    fresh.id = store::add_person(database_, name);
    fresh.name = name;
    return fresh;
  }

  void add(std::size_t line, const exchange::PersonRecord& record) {
    store::PersonRow person = person_named(record.name);
    const std::string quoted = "\"" + person.name + "\"";
    if (!record.birth.empty() && !person.birth.empty() && record.birth != person.birth)
      keep(line, quoted + " was born " + person.birth + " here, and " + record.birth + " there");
    if (person.birth.empty()) person.birth = record.birth;
    if (!person.min_similarity) person.min_similarity = record.min_similarity;
    store::update_person(database_, person);
    for (const std::string& alias : record.aliases) {
      const std::optional<store::PersonRow> known = store::find_person(database_, alias);
      if (!known) {
        store::add_alias(database_, alias, person.id);
      } else if (known->id != person.id) {
        keep(line, "\"" + alias + "\" is \"" + known->name + "\" here, and " + quoted + " there");
      }
    }
  }

  // By its content; of copies the one at the same path, else the first that no record has spoken of.
  std::optional<PhotoId> find(const exchange::PhotoRecord& record) {
    const auto found = photos_.find(record.content);
    if (record.content.empty() || found == photos_.end()) return std::nullopt;
    std::vector<store::KnownPhoto>& copies = found->second;
    const auto same_path = std::ranges::find(copies, record.path, &store::KnownPhoto::path);
    const auto chosen = same_path != copies.end() ? same_path : copies.begin();
    const PhotoId id = chosen->id;
    if (same_path == copies.end()) std::rotate(copies.begin(), copies.begin() + 1, copies.end());
    return id;
  }

  void add(std::size_t line, const exchange::PhotoRecord& record) {
    ++summary_.photos;
    summary_.faces += record.faces.size();
    const std::optional<PhotoId> photo = find(record);
    if (!photo) {
      const auto decided = static_cast<std::size_t>(std::ranges::count_if(record.faces, is_decided));
      if (decided > 0)
        cannot_place(line,
                     record.path + ": the library has no photo with this content; what was decided of " +
                         std::to_string(decided) + (decided == 1 ? " face" : " faces") + " is left out");
      return;
    }
    ++summary_.known_photos;
    const std::vector<WholeFace> known = store::whole_faces(database_, *photo, false);
    const std::vector<const WholeFace*> matches = matched(record.faces, known);
    for (std::size_t i = 0; i < record.faces.size(); ++i) {
      const exchange::FaceRecord& face = record.faces[i];
      const std::string name = record.path + ", face " + std::to_string(face.number);
      if (matches[i] != nullptr && matches[i]->forgotten) {
        if (is_decided(face)) cannot_place(face.line, name + ": was forgotten in this library");
      } else if (matches[i] != nullptr) {
        ++summary_.placed_faces;
        placed_[face.number] = matches[i]->row.id;
        apply(face, *matches[i], name);
      } else if (face.drawn && library::can_be_drawn(face.box)) {
        const WholeFace drawn = draw(face, *photo);
        placed_[face.number] = drawn.row.id;
        apply(face, drawn, name);
      } else if (is_decided(face)) {
        cannot_place(face.line,
                     name + ": the library knows no face at this place; draw it, and import again");
      }
    }
  }

  WholeFace draw(const exchange::FaceRecord& record, PhotoId photo) {
    WholeFace drawn;
    drawn.row = library::draw_face(database_, photo, record.box, record.landmarks);
    ++summary_.drawn;
    return drawn;
  }

  // What was decided about a face that is known. Names are the library's: a person may have another one here.
  void apply(const exchange::FaceRecord& face, const WholeFace& known, const std::string& label) {
    const FaceId id = known.row.id;
    std::optional<std::string> confirmed = known.confirmed;
    if (face.decided == Decided::ignored && confirmed) {
      keep(face.line, label + ": is \"" + *confirmed + "\" here, and ignored there");
    } else if (face.decided == Decided::ignored && !known.ignored) {
      store::ignore(database_, id);
      store::drop_guess(database_, id);
      ++summary_.ignored;
    } else if (face.decided == Decided::confirmed) {
      confirmed = confirm(face, known, label);
    }
    for (const std::string& name : face.rejected) {
      const store::PersonRow person = person_named(name);
      if (confirmed == person.name) {
        keep(face.line, label + ": is \"" + person.name + "\" here, and is not there");
      } else if (std::ranges::find(known.rejected, person.name) == known.rejected.end()) {
        store::reject(database_, id, person.id);
        store::drop_guess_of(database_, id, person.id);
        ++summary_.rejected;
      }
    }
  }

  // Whom the face is confirmed as in the end.
  std::optional<std::string> confirm(const exchange::FaceRecord& face, const WholeFace& known,
                                     const std::string& label) {
    const store::PersonRow person = person_named(face.name);
    const std::string there = ", and \"" + person.name + "\" there";
    if (known.confirmed == person.name) return known.confirmed;
    if (known.confirmed) {
      keep(face.line, label + ": is \"" + *known.confirmed + "\" here" + there);
      return known.confirmed;
    }
    if (known.ignored) {
      keep(face.line, label + ": is ignored here" + there);
      return std::nullopt;
    }
    if (std::ranges::find(known.rejected, person.name) != known.rejected.end()) {
      keep(face.line, label + ": is not \"" + person.name + "\" here" + there);
      return std::nullopt;
    }
    store::confirm(database_, known.row.id, person.id);
    store::drop_guess(database_, known.row.id);
    ++summary_.confirmed;
    return person.name;
  }

  void add(std::size_t line, const exchange::LinkRecord& link) {
    const auto one = placed_.find(link.one);
    const auto other = placed_.find(link.other);
    if (one == placed_.end() || other == placed_.end() || one->second == other->second) {
      cannot_place(line, "a link between two faces that are not both in the library");
      return;
    }
    const std::optional<bool> known = store::link_between(database_, one->second, other->second);
    if (known && *known != link.same) {
      keep(line,
           "two faces are " + std::string(*known ? "one person" : "two people") + " here, and not there");
    } else if (!known) {
      store::link(database_, one->second, other->second, link.same);
      ++summary_.links;
    }
  }

  // The face that stands for a person, where this library has not chosen one.
  void add_cover(std::size_t line, const exchange::PersonRecord& record) {
    if (!record.cover) return;
    store::PersonRow person = person_named(record.name);
    const auto face = placed_.find(*record.cover);
    if (person.cover) return;
    if (face == placed_.end()) {
      cannot_place(line, "the face that stands for \"" + person.name + "\" is not in the library");
      return;
    }
    person.cover = face->second;
    store::update_person(database_, person);
  }

  Database& database_;
  std::unordered_map<std::string, std::vector<store::KnownPhoto>> photos_;
  std::unordered_map<std::int64_t, FaceId> placed_;  // the file's numbers of faces, and the library's
  ImportSummary summary_;
};

// A file that is at its end once a stop is asked for.
class StoppableFile : public std::filebuf {
 public:
  explicit StoppableFile(const Database& database) : database_(database) {}

 protected:
  int_type underflow() override {
    return database_.is_stopped() ? traits_type::eof() : std::filebuf::underflow();
  }

 private:
  const Database& database_;
};

Error with_file(Error error, const fs::path& file) {
  error.message = file.string() + ": " + error.message + "; nothing was imported";
  return error;
}

}  // namespace

Result<ImportSummary> Library::import_from(const fs::path& file) {
  std::error_code problem;
  const fs::file_status status = fs::status(file, problem);
  if (!fs::exists(status)) return fail(ErrorCode::not_found, file.string() + ": no such file");
  Database& database = *impl_->database;
  StoppableFile bytes(database);
  if (bytes.open(file, std::ios::in | std::ios::binary) == nullptr || fs::is_directory(status))
    return fail(ErrorCode::unreadable, file.string() + ": cannot be read; is it a file, and yours to read?");
  std::istream input(&bytes);
  const Result<std::vector<exchange::ReadRecord>> records = exchange::read_records(input);
  return store::guarded(database, [&]() -> Result<ImportSummary> {
    database.check_stop();
    if (!records) return tl::unexpected(with_file(records.error(), file));
    store::Decision decision(database, true);
    ImportSummary summary = Import(database)(*records);
    decision.commit("import", "imported decisions from " + file.string());
    return summary;
  });
}

}  // namespace kith
