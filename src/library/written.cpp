// SPDX-License-Identifier: Apache-2.0
#include "library/written.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <system_error>

#include <tbb/global_control.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>
#include <nlohmann/json.hpp>

#include "core/atomic_write.h"
#include "core/attempt.h"
#include "core/fold.h"
#include "core/json_text.h"
#include "core/new_file.h"
#include "core/sha256.h"
#include "library/claims.h"
#include "library/impl.h"

namespace kith::library {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;
using store::Database;
using store::WrittenRow;

// Work between two transactions: a crash leaves so much to be sorted out, and so many bytes of photos may
// be held in memory at once.
constexpr std::size_t jobs_a_batch = 64;
constexpr std::int64_t bytes_a_batch = std::int64_t{128} << 20;

// Hundredths of a pixel: a float's last digits are nobody's wish.
double rounded(float value) { return std::round(static_cast<double>(value) * 100) / 100; }

bool is_name(const std::string& text, const std::vector<std::string>& folded_names) {
  return std::ranges::find(folded_names, folded(text)) != folded_names.end();
}

void note_state(WrittenRow& row, const Result<FileState>& state) {
  row.size = state ? static_cast<std::int64_t>(state->bytes) : -1;
  row.mtime_ns = state ? state->modified_ns : 0;
  row.ctime_ns = state ? state->changed_ns : 0;
}

// Which record must be believed: the old one, unless a write was under way and the file is not as it was.
const std::string& record_in(const WrittenRow& row, const fs::path& file) {
  if (!row.next) return row.record;
  WrittenRow now;
  note_state(now, file_state(file));
  const bool as_it_was = now.size == row.size && now.mtime_ns == row.mtime_ns && now.ctime_ns == row.ctime_ns;
  return as_it_was ? row.record : *row.next;
}

// One file of a job.
struct Step {
  fs::path file;
  WrittenRow row;  // as it is before the edit, and after it
  bool is_new = false;
  bool clears = false;    // nothing is wanted in this file
  bool forsaken = false;  // and what was wanted stands elsewhere from now on
  MetadataEdit edit;
  Status done;
  Result<FileState> after;  // how the file looked then
  std::string content;      // of a photo that was written
};

struct Work {
  WriteJob job;
  std::vector<Step> steps;
  std::optional<Error> error;
};

void abandon(Work& work, Error error) {
  work.error = std::move(error);
  work.steps.clear();
}

Status check_photo(const store::KnownFile& photo) {
  if (!file_state(photo.path))
    return fail(ErrorCode::not_found, photo.path + ": is not there; run `kith scan` to find where it is now");
  if (photo.width == 0)
    return fail(ErrorCode::unreadable,
                photo.path + ": could not be read when it was scanned; run `kith scan`");
  if (!is_as_scanned(photo))
    return fail(ErrorCode::changed_meanwhile,
                photo.path + ": was changed since it was scanned; run `kith scan`, and then write again");
  return {};
}

// Settings by which this very file is the target.
MetadataSettings aimed_at(MetadataSettings settings, const std::string& kept) {
  settings.sidecar = kept.empty() ? SidecarUse::never : SidecarUse::always;
  settings.sidecar_name = kept.starts_with('~') ? SidecarName::replaced : SidecarName::appended;
  return settings;
}

WrittenRow row_of(const WriteJob& job, const fs::path& file) {
  const std::string kept = kept_file(job.photo.path, file);
  const auto known = std::ranges::find(job.rows, kept, &WrittenRow::file);
  WrittenRow row{.photo = job.photo.id, .file = kept, .record = {}, .next = {}, .wanted = {}};
  if (known != job.rows.end()) row = *known;
  row.record = record_in(row, file);
  row.next.reset();
  return row;
}

Result<MetadataEdit> edit_of(const WriteJob& job, const WrittenRow& row, std::span<const NamedFace> faces,
                             const MetadataSettings& settings) {
  const PhotoFrame frame{job.photo.width, job.photo.height, job.photo.orientation};
  return edit_names(job.photo.path, frame, faces, {}, row.record, settings);
}

void add_step(Work& work, WrittenRow row, std::span<const NamedFace> faces, MetadataEdit edit,
              bool forsaken = false) {
  const bool known = std::ranges::find(work.job.rows, row.file, &WrittenRow::file) != work.job.rows.end();
  row.wanted = wanted_text({{faces.begin(), faces.end()}, work.job.settings});
  const fs::path file = edit.file();
  work.steps.push_back({.file = file,
                        .row = std::move(row),
                        .is_new = !known,
                        .clears = faces.empty(),
                        .forsaken = forsaken,
                        .edit = std::move(edit),
                        .done = {},
                        .after = {},
                        .content = {}});
}

// The names into the place for them. Which one it is.
Result<fs::path> put_names(Work& work, const fs::path& target) {
  const WriteJob& job = work.job;
  WrittenRow row = row_of(job, target);
  Result<MetadataEdit> edit = edit_of(job, row, job.faces, job.settings);
  if (!edit) return tl::unexpected(edit.error());
  if (edit->file() != target) {
    // The photo has no room for them: all of them go beside it, and a step of its own takes kith's from the
    // photo.
    MetadataSettings beside = job.settings;
    beside.sidecar = SidecarUse::always;
    row = row_of(job, edit->file());
    edit = edit_of(job, row, job.faces, beside);
    if (!edit) return tl::unexpected(edit.error());
  }
  fs::path place = edit->file();
  add_step(work, std::move(row), job.faces, std::move(*edit));
  return place;
}

// What kith wrote there goes.
Status take_names(Work& work, const WrittenRow& from) {
  const fs::path file = full_file(work.job.photo.path, from.file);
  WrittenRow row = row_of(work.job, file);
  Result<MetadataEdit> edit = edit_of(work.job, row, {}, aimed_at(work.job.settings, from.file));
  if (!edit) return tl::unexpected(edit.error());
  if (edit->file() != file) {
    return fail(ErrorCode::internal, file.string() + ": what kith wrote there can't be taken out while " +
                                         edit->file().string() + " is there too; remove one of them");
  }
  add_step(work, std::move(row), {}, std::move(*edit), true);
  return {};
}

// What has to be done, and nothing of it yet. The new place first, so that no word is lost on the way.
Status plan(Work& work) {
  const WriteJob& job = work.job;
  if (Status checked = check_photo(job.photo); !checked) return checked;
  const Result<fs::path> target = metadata_target(job.photo.path, job.settings);
  if (!target) return tl::unexpected(target.error());
  std::string kept = kept_file(job.photo.path, *target);
  const bool bears = std::ranges::find(job.rows, kept, &WrittenRow::file) != job.rows.end();
  if (!job.faces.empty() || bears) {
    const Result<fs::path> place = put_names(work, *target);
    if (!place) return tl::unexpected(place.error());
    kept = kept_file(job.photo.path, *place);
  }
  for (const WrittenRow& row : job.rows) {
    if (row.file == kept) continue;
    if (Status taken = take_names(work, row); !taken) return taken;
  }
  return {};
}

void make(Work& work) {
  for (Step& step : work.steps) {
    const std::string name = step.file.string();
    if (!step.edit.empty()) step.done = without_exceptions(name, [&] { return step.edit.commit(); });
    // Before it is hashed: whoever changes it from now on is seen by the next scan.
    step.after = file_state(step.file);
    if (step.done && !step.edit.empty() && step.row.file.empty())
      step.content =
          without_exceptions(name, [&] { return sha256_of_file(step.file); }).value_or(std::string());
    if (step.done) continue;
    work.error = step.done.error();
    // What follows takes words out of old places: not before they stand in the new one.
    for (Step& later : work.steps) {
      if (&later > &step) later.done = step.done;
    }
    return;
  }
}

// Whether the job rests on what the library says still. Long after it was made a name may have been
// forgotten, and no write may bring that back.
bool still_holds(Database& database, const WriteJob& job, const StillWanted& still_wanted) {
  return store::written_for(database, job.photo.id) == job.rows && (!still_wanted || still_wanted(job));
}

// That a write is under way, and what will stand in the file after it.
void note_beginning(Database& database, const Step& step) {
  WrittenRow row = step.row;
  row.next = step.edit.record();
  note_state(row, file_state(step.file));
  store::put_written(database, row);
}

// What note_beginning() put there, less the names that were forgotten while the file was written. Nothing
// where the photo was taken out of the library.
std::optional<WrittenRow> begun_row(Database& database, const Step& step) {
  std::vector<WrittenRow> rows = store::written_for(database, step.row.photo);
  const auto row = std::ranges::find(rows, step.row.file, &WrittenRow::file);
  return row == rows.end() ? std::nullopt : std::optional(std::move(*row));
}

void note_end(Database& database, const Work& work, const Step& step) {
  std::optional<WrittenRow> row = begun_row(database, step);
  if (!row) return;
  if (step.done) row->record = row->next.value_or(std::string());
  row->next.reset();
  note_state(*row, step.after);
  const bool is_nothing = step.done ? step.forsaken || (step.clears && row->record.empty()) : step.is_new;
  if (!step.done && !step.is_new) {
    // As it was, so that the next run tries again; but not with a name that was forgotten.
    const auto before = std::ranges::find(work.job.rows, row->file, &WrittenRow::file);
    row->wanted = row->wanted == step.row.wanted ? before->wanted : std::string();
  }
  if (is_nothing) {
    store::drop_written(database, row->photo, row->file);
  } else {
    store::put_written(database, *row);
  }
  if (!step.content.empty() && step.after)
    store::rewrite_photo(database, row->photo, static_cast<std::int64_t>(step.after->bytes),
                         step.after->modified_ns, step.content);
}

bool was_changed(const Step& step) { return step.done && !step.edit.empty(); }

WriteReport report_of(const Work& work) {
  WriteReport report;
  report.photo = work.job.photo.path;
  report.error = work.error;
  for (const Step& step : work.steps) {
    if (!step.edit.changes().empty()) report.files.push_back({step.file, step.edit.changes()});
    report.written = report.written || was_changed(step);
  }
  return report;
}

// What a job's photo is in the library, and what it is to say, may have changed until here.
void begin(Database& database, std::vector<Work>& batch, const StillWanted& still_wanted) {
  store::Transaction transaction(database);
  for (Work& work : batch) {
    if (!work.error && !still_holds(database, work.job, still_wanted)) {
      abandon(work, {ErrorCode::changed_meanwhile,
                     work.job.photo.path + ": its names were changed or forgotten meanwhile, so nothing was "
                                           "written; run again"});
    }
    for (const Step& step : work.steps) note_beginning(database, step);
  }
  transaction.commit();
}

void end(Database& database, const std::vector<Work>& batch) {
  store::Transaction transaction(database);
  for (const Work& work : batch) {
    for (const Step& step : work.steps) note_end(database, work, step);
  }
  transaction.commit();
}

Status do_batch(Database& database, std::vector<Work>& batch, tbb::task_arena& arena, bool dry_run,
                const StillWanted& still_wanted) {
  const auto each = [&](const auto& action) {
    arena.execute(
        [&] { tbb::parallel_for(std::size_t{0}, batch.size(), [&](std::size_t i) { action(batch[i]); }); });
  };
  each([](Work& work) {
    const Status planned = without_exceptions(work.job.photo.path, [&] { return plan(work); });
    if (!planned) abandon(work, planned.error());
  });
  if (dry_run) return {};
  begin(database, batch, still_wanted);
  each(make);
  end(database, batch);
  for (const Work& work : batch) {
    if (work.error && work.error->code == ErrorCode::no_space) return tl::unexpected(*work.error);
  }
  return {};
}

// A photo that a killed process was about to replace is still to be written, so its folder is among these.
void remove_leftovers_beside(const std::vector<WriteJob>& jobs) {
  std::set<fs::path> folders;
  for (const WriteJob& job : jobs) folders.insert(fs::path(job.photo.path).parent_path());
  for (const fs::path& folder : folders) remove_leftovers(folder);
}

// As texts compare that may be levels of keywords, where the letters that part levels are written otherwise.
std::string as_level(const std::string& text) {
  std::string plain = folded(text);
  for (const auto& [instead, letter] : {std::pair{"\u00a6", "|"}, std::pair{"\u2215", "/"}}) {
    const std::string_view other = instead;
    for (std::size_t at = plain.find(other); at != std::string::npos; at = plain.find(other, at))
      plain.replace(at, other.size(), letter);
  }
  return plain;
}

// Erases names from a record, whatever its layout: texts that are the name, alone or below a keyword, and
// objects that bear it.
bool erase_names(Json& json, const std::vector<std::string>& names) {
  const auto bears = [&](const Json& value) {
    if (value.is_object()) {
      const auto name = value.find("name");
      return name != value.end() && name->is_string() && is_name(name->get<std::string>(), names);
    }
    if (!value.is_string()) return false;
    const std::string whole = as_level(value.get<std::string>());
    return std::ranges::any_of(names, [&](const std::string& folded_name) {
      const std::string name = as_level(folded_name);
      if (!whole.ends_with(name)) return false;
      const std::size_t before = whole.size() - name.size();
      return before == 0 || whole[before - 1] == '|' || whole[before - 1] == '/';
    });
  };
  bool erased = false;
  if (json.is_array()) {
    const std::size_t count = json.size();
    Json kept = Json::array();
    for (Json& value : json) {
      if (!bears(value)) kept.push_back(std::move(value));
    }
    json = std::move(kept);
    erased = json.size() != count;
  }
  if (json.is_structured()) {
    for (Json& value : json) erased = erase_names(value, names) || erased;
  }
  return erased;
}

bool erase_names(std::string& record, const std::vector<std::string>& names) {
  if (record.empty()) return false;
  Json json = Json::parse(record, nullptr, false);
  if (json.is_discarded()) {
    record.clear();
    return true;
  }
  if (!erase_names(json, names)) return false;
  record = json_text(json);
  return true;
}

bool erase_names(std::optional<std::string>& record, const std::vector<std::string>& names) {
  return record && erase_names(*record, names);
}

bool erase_names(Wanted& wanted, const std::vector<std::string>& names) {
  return std::erase_if(wanted.faces, [&](const NamedFace& face) { return is_name(face.name, names); }) > 0;
}

}  // namespace

std::string wanted_text(const Wanted& wanted) {
  Json faces = Json::array();
  for (const NamedFace& face : wanted.faces) {
    faces.push_back(
        {{"name", face.name},
         {"box",
          {rounded(face.box.x), rounded(face.box.y), rounded(face.box.width), rounded(face.box.height)}}});
  }
  const MetadataSettings& settings = wanted.settings;
  const Json wanted_json{{"faces", std::move(faces)},
                         {"sidecar", static_cast<int>(settings.sidecar)},
                         {"sidecar_name", static_cast<int>(settings.sidecar_name)},
                         {"microsoft", settings.microsoft},
                         {"keywords", settings.keywords},
                         {"keyword_root", settings.keyword_root}};
  return json_text(wanted_json);
}

std::optional<Wanted> parse_wanted(const std::string& text) {
  try {
    const Json json = Json::parse(text);
    Wanted wanted;
    for (const Json& face : json.at("faces")) {
      const Json& box = face.at("box");
      wanted.faces.push_back(
          {face.at("name").get<std::string>(),
           {box.at(0).get<float>(), box.at(1).get<float>(), box.at(2).get<float>(), box.at(3).get<float>()}});
    }
    MetadataSettings& settings = wanted.settings;
    settings.sidecar = static_cast<SidecarUse>(json.at("sidecar").get<int>());
    settings.sidecar_name = static_cast<SidecarName>(json.at("sidecar_name").get<int>());
    settings.microsoft = json.at("microsoft").get<bool>();
    settings.keywords = json.at("keywords").get<bool>();
    settings.keyword_root = json.at("keyword_root").get<std::string>();
    return wanted;
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

bool is_written(const std::string& record, const std::string& name) {
  std::string without = record;
  return erase_names(without, {folded(name)});
}

std::string kept_file(const fs::path& photo, const fs::path& file) {
  if (file == photo) return {};
  std::string name = file.filename().string();
  const std::string whole = photo.filename().string();
  const std::string stem = photo.stem().string();
  if (name.starts_with(whole)) return "*" + name.substr(whole.size());
  if (name.starts_with(stem)) return "~" + name.substr(stem.size());
  return name;
}

fs::path full_file(const fs::path& photo, const std::string& kept) {
  if (kept.empty()) return photo;
  const fs::path folder = photo.parent_path();
  if (kept.front() == '*') return folder / (photo.filename().string() + kept.substr(1));
  if (kept.front() == '~') return folder / (photo.stem().string() + kept.substr(1));
  return folder / kept;
}

Status rewrite(Database& database, std::vector<WriteJob>&& jobs, int threads, bool dry_run,
               const StillWanted& still_wanted, const std::function<void(WriteReport&&)>& told,
               const std::stop_token& stop) {
  if (!dry_run) remove_leftovers_beside(jobs);
  // Threads wait for the disk more than for a processor, so more of them than processors is no mistake.
  const tbb::global_control allowed(tbb::global_control::max_allowed_parallelism,
                                    static_cast<std::size_t>(std::max(1, threads)));
  tbb::task_arena arena(std::max(1, threads));
  for (std::size_t next = 0; next < jobs.size() && !stop.stop_requested();) {
    std::vector<Work> batch;
    for (std::int64_t bytes = 0; next < jobs.size() && batch.size() < jobs_a_batch && bytes < bytes_a_batch;
         ++next) {
      bytes += jobs[next].photo.size;
      batch.push_back({std::move(jobs[next]), {}, {}});
    }
    Status done = do_batch(database, batch, arena, dry_run, still_wanted);
    for (const Work& work : batch) told(report_of(work));
    if (!done) return done;
  }
  return {};
}

Status erase_from_files(Database& database, const std::vector<std::string>& names, Receipt& receipt) {
  std::vector<WriteJob> jobs;
  std::vector<WrittenRow> rows = store::all_written(database);
  std::erase_if(rows, [&](const WrittenRow& row) {
    std::optional<Wanted> wanted = parse_wanted(row.wanted);
    return !wanted || !erase_names(*wanted, names);
  });
  for (WrittenRow& row : rows) {
    const std::optional<store::KnownFile> photo = store::file_of(database, row.photo);
    Wanted wanted = *parse_wanted(row.wanted);
    erase_names(wanted, names);
    jobs.push_back({.photo = *photo,
                    .faces = std::move(wanted.faces),
                    .settings = aimed_at(wanted.settings, row.file),
                    .rows = {std::move(row)}});
  }
  return rewrite(database, std::move(jobs), 1, false, {},
                 [&](WriteReport&& report) {
                   if (report.error) {
                     receipt.failures.push_back(*report.error);
                   } else {
                     ++receipt.files;
                   }
                 },
                 {});
}

std::size_t erase_from_records(Database& database, const std::vector<std::string>& names) {
  std::size_t files = 0;
  for (WrittenRow& row : store::all_written(database)) {
    std::optional<Wanted> wanted = parse_wanted(row.wanted);
    const bool wanted_it = wanted && erase_names(*wanted, names);
    const bool recorded = erase_names(row.record, names);
    const bool begun = erase_names(row.next, names);
    if (!wanted_it && !recorded && !begun) continue;
    ++files;
    row.wanted = wanted ? wanted_text(*wanted) : std::string();
    store::put_written(database, row);
  }
  return files;
}

}  // namespace kith::library
