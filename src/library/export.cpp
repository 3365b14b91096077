// SPDX-License-Identifier: Apache-2.0
// What the library knows, as text for other programs and other libraries.
#include <cerrno>
#include <map>
#include <system_error>
#include <utility>

#include <kith/library.h>

#include "core/atomic_write.h"
#include "core/new_file.h"
#include "exchange/records.h"
#include "library/impl.h"
#include "store/exchange.h"

namespace kith {
namespace {

namespace fs = std::filesystem;
using store::Database;

exchange::FaceRecord record_of(const store::WholeFace& face) {
  exchange::FaceRecord record;
  record.number = face.row.id;
  record.box = face.row.face.box;
  record.landmarks = face.row.face.landmarks;
  record.score = face.row.face.score;
  record.quality = face.row.face.quality;
  record.drawn = face.drawn;
  record.rejected = face.rejected;
  if (face.confirmed) {
    record.decided = exchange::Decided::confirmed;
    record.name = *face.confirmed;
    record.probability = 1;
  } else if (face.ignored) {
    record.decided = exchange::Decided::ignored;
  } else if (face.suggested) {
    record.decided = exchange::Decided::suggested;
    record.name = *face.suggested;
    record.probability = face.probability;
  }
  for (const store::WholeFace::OfModel& vector : face.vectors)
    record.vectors.push_back({vector.model, vector.values});
  return record;
}

exchange::PhotoRecord record_of(const store::PhotoRow& photo, bool missing,
                                const std::vector<store::WholeFace>& faces) {
  exchange::PhotoRecord record;
  record.path = photo.path;
  record.content = photo.content;
  record.info = photo.info;
  record.missing = missing;
  for (const store::WholeFace& face : faces) {
    if (!face.forgotten) record.faces.push_back(record_of(face));
  }
  return record;
}

std::vector<exchange::PersonRecord> person_records(Database& database) {
  std::map<PersonId, std::vector<std::string>> aliases;
  for (PersonSummary& person : store::person_summaries(database))
    aliases[person.id] = std::move(person.aliases);
  std::vector<exchange::PersonRecord> records;
  for (const store::PersonRow& person : store::people(database)) {
    exchange::PersonRecord record;
    record.name = person.name;
    record.aliases = aliases[person.id];
    record.birth = person.birth;
    record.cover = person.cover;
    record.min_similarity = person.min_similarity;
    records.push_back(std::move(record));
  }
  return records;
}

}  // namespace

Status Library::export_to(const std::function<Status(std::string_view)>& write,
                          const ExportSettings& settings) {
  Database& database = *impl_->database;
  const bool csv = settings.format == ExportSettings::Format::csv;
  const auto put = [&](const exchange::Record& record) {
    return write(csv ? exchange::to_csv(record) : exchange::to_json_line(record));
  };
  return store::guarded(database, [&]() -> Status {
    store::Transaction same_view(database, store::Transaction::Mode::read);  // a scan may be writing
    if (Status done = write(csv ? exchange::csv_heading() : exchange::json_heading()); !done) return done;
    for (exchange::PersonRecord& person : person_records(database)) {
      if (Status done = put(std::move(person)); !done) return done;
    }
    Status photos = store::for_each_photo(
        database, settings.vectors,
        [&](const store::PhotoRow& photo, bool missing, const std::vector<store::WholeFace>& faces) {
          return put(record_of(photo, missing, faces));
        });
    if (!photos) return photos;
    for (const store::LinkRow& link : store::links(database)) {
      if (Status done = put(exchange::LinkRecord{link.one, link.other, link.same}); !done) return done;
    }
    return {};
  });
}

Status Library::export_to(const fs::path& file, const ExportSettings& settings) {
  const auto there_already = [&] {
    return fail(ErrorCode::bad_argument,
                file.string() + ": is there already; choose another name for the export");
  };
  std::error_code error;
  if (fs::exists(fs::symlink_status(file, error))) return there_already();
  auto output = NewFile::beside(file);
  if (!output) return tl::unexpected(write_error(file, output.error()));
  std::string pending;  // so that not every record is a call of the system
  constexpr std::size_t enough = std::size_t{1} << 16U;
  const auto flush = [&]() -> Status {
    return write_status(file, output->write(std::exchange(pending, {})));
  };
  Status done = export_to(
      [&](std::string_view text) {
        pending += text;
        return pending.size() < enough ? Status() : flush();
      },
      settings);
  if (done) done = flush();
  if (!done) return done;
  const int failed = output->become_target();
  if (failed == EEXIST) return there_already();
  return write_status(file, failed);
}

}  // namespace kith
