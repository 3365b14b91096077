// SPDX-License-Identifier: Apache-2.0
// What the library knows, as text for other programs and other libraries.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <map>
#include <system_error>

#include <kith/library.h>

#include "core/atomic_write.h"
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

Status Library::export_to(const std::function<void(std::string_view)>& write,
                          const ExportSettings& settings) {
  Database& database = *impl_->database;
  const bool csv = settings.format == ExportSettings::Format::csv;
  const auto put = [&](const exchange::Record& record) {
    write(csv ? exchange::to_csv(record) : exchange::to_json_line(record));
  };
  return store::guarded(database, [&]() -> Status {
    store::Transaction same_view(database, store::Transaction::Mode::read);  // a scan may be writing
    write(csv ? exchange::csv_heading() : exchange::json_heading());
    for (exchange::PersonRecord& person : person_records(database)) put(std::move(person));
    store::for_each_photo(
        database, settings.vectors,
        [&](const store::PhotoRow& photo, bool missing, const std::vector<store::WholeFace>& faces) {
          put(record_of(photo, missing, faces));
        });
    for (const store::LinkRow& link : store::links(database))
      put(exchange::LinkRecord{link.one, link.other, link.same});
    return {};
  });
}

Status Library::export_to(const fs::path& file, const ExportSettings& settings) {
  std::error_code error;
  if (fs::exists(fs::symlink_status(file, error)))
    return fail(ErrorCode::bad_argument,
                file.string() + ": is there already; choose another name for the export");
  // Beside the target first: half an export must never carry its name.
  fs::path unfinished = file;
  unfinished += ".unfinished";
  errno = 0;
  std::ofstream output(unfinished, std::ios::binary | std::ios::trunc);
  Status done = export_to([&](std::string_view text) { output << text; }, settings);
  output.close();
  if (done && !output) done = tl::unexpected(write_error(file, errno != 0 ? errno : EIO));
  if (done) {
    const int descriptor = ::open(unfinished.c_str(), O_RDONLY | O_CLOEXEC);
    const bool kept = descriptor >= 0 && ::fsync(descriptor) == 0;
    if (!kept) done = tl::unexpected(write_error(file, errno));
    if (descriptor >= 0) ::close(descriptor);
  }
  if (done) {
    fs::rename(unfinished, file, error);
    if (!error) return {};
    done = tl::unexpected(write_error(file, error.value()));
  }
  fs::remove(unfinished, error);
  return done;
}

}  // namespace kith
