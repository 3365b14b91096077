// SPDX-License-Identifier: Apache-2.0
#include "pipeline/crops.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <map>
#include <set>

#include <nlohmann/json.hpp>

#include "catalog/spec_json.h"
#include "core/atomic_write.h"
#include "core/json_text.h"
#include "core/npy.h"
#include "pipeline/walker.h"

namespace kith::pipeline {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

fs::path with_extension(fs::path stem, const char* extension) { return stem += extension; }

bool is_number(std::string_view text) {
  int ignored = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), ignored);
  return error == std::errc() && end == text.data() + text.size();
}

std::vector<std::string_view> columns_of(std::string_view line) {
  std::vector<std::string_view> columns;
  while (!line.empty()) {
    const std::size_t tab = line.find('\t');
    columns.push_back(line.substr(0, tab));
    line.remove_prefix(tab == std::string_view::npos ? line.size() : tab + 1);
  }
  return columns;
}

// Its area, less twice the square of its distance from the middle: a face as wide as it is off the middle
// loses to a central one of half its width.
const Face* main_face(const PhotoReport& report) {
  const Face* best = nullptr;
  float most = 0;
  for (const Face& face : report.faces) {
    const Point centre = face.box.centre();
    const float dx = centre.x - static_cast<float>(report.info.width) / 2;
    const float dy = centre.y - static_cast<float>(report.info.height) / 2;
    const float weight = face.box.area() - 2 * (dx * dx + dy * dy);
    if (best == nullptr || weight > most) {
      best = &face;
      most = weight;
    }
  }
  return best;
}

// What the stored crops were made of: equal states give equal crops.
json state_of(const std::vector<LabelledPhoto>& photos, const CropSettings& settings) {
  json listed = json::array();
  for (const LabelledPhoto& one : photos) {
    const Result<FileState> state = file_state(one.photo);
    listed.push_back(
        {one.person, one.photo.string(), state ? state->bytes : 0, state ? state->modified_ns : 0});
  }
  return {{"version", 1},
          {"side", settings.side},
          {"detector", settings.detector},
          {"photos", std::move(listed)}};
}

void add(CropSet& set, std::map<std::string, int>& numbers, const LabelledPhoto& from) {
  const auto [number, is_new] = numbers.try_emplace(from.person, static_cast<int>(set.names.size()));
  if (is_new) set.names.push_back(from.person);
  set.people.push_back(number->second);
  set.photos.push_back(from.photo.string());
}

// Nothing where there are none, or they are of something else or not whole.
std::optional<CropRun> stored_crops(const std::vector<LabelledPhoto>& photos, const CropSettings& settings,
                                    const json& state) {
  const Result<json> index = catalog::read_json(with_extension(settings.store, ".json"));
  if (!index || index->value("of", json()) != state) return std::nullopt;
  Result<NpyArray<std::uint8_t>> pixels = read_npy<std::uint8_t>(with_extension(settings.store, ".npy"), 4);
  if (!pixels) return std::nullopt;
  CropRun run;
  run.kept = true;
  run.crops.side = settings.side;
  std::map<std::string, int> numbers;
  try {
    for (const json& photo : index->at("crops")) add(run.crops, numbers, photos.at(photo.get<std::size_t>()));
    for (const json& note : index->at("without"))
      run.without.push_back({note.at(0).get<std::string>(), note.at(1).get<std::string>()});
  } catch (const std::exception&) {
    return std::nullopt;
  }
  const auto side = static_cast<std::size_t>(settings.side);
  if (pixels->shape != std::vector<std::size_t>{run.crops.size(), side, side, 3}) return std::nullopt;
  run.crops.pixels = std::move(pixels->values);
  return run;
}

Status store_crops(const CropRun& run, const std::vector<std::size_t>& origins, const CropSettings& settings,
                   json state) {
  const auto side = static_cast<std::size_t>(settings.side);
  const std::array<std::size_t, 4> shape{run.crops.size(), side, side, 3};
  if (Status written = write_atomically(with_extension(settings.store, ".npy"),
                                        npy_bytes<std::uint8_t>(run.crops.pixels, shape));
      !written)
    return written;
  json without = json::array();
  for (const CropNote& note : run.without) without.push_back({note.photo.string(), note.reason});
  const json index{{"of", std::move(state)}, {"crops", origins}, {"without", std::move(without)}};
  return write_atomically(with_extension(settings.store, ".json"), json_text(index));
}

}  // namespace

AlignTemplate crop_template(int side) {
  AlignTemplate result;
  result.landmarks = scaled(result.landmarks, static_cast<float>(side) / static_cast<float>(result.width));
  result.width = result.height = side;
  return result;
}

Result<std::vector<LabelledPhoto>> labelled_photos(const fs::path& folder) {
  std::error_code error;
  if (!fs::is_directory(folder, error))
    return fail(ErrorCode::not_found,
                folder.string() + ": no such folder; it should hold a folder of photos for each person");
  std::set<fs::path> people;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    std::error_code ignored;
    if (entry->is_directory(ignored) && !entry->path().filename().string().starts_with("."))
      people.insert(entry->path());
  }
  if (error)
    return fail(ErrorCode::unreadable, folder.string() + ": the folder cannot be read: " + error.message());
  std::vector<LabelledPhoto> photos;
  for (const fs::path& person : people) {
    Walker walker({person});
    while (std::optional<Found> found = walker.next()) {
      photos.push_back({person.filename().string(), std::move(found->photo)});
    }
  }
  if (photos.empty())
    return fail(ErrorCode::bad_argument,
                folder.string() + ": holds no photos; it should hold a folder of photos for each person");
  return photos;
}

Result<std::vector<std::string>> listed_people(const fs::path& file) {
  std::ifstream stream(file);
  if (!stream) return fail(ErrorCode::not_found, file.string() + ": cannot be opened");
  std::set<std::string> people;
  int number = 0;
  for (std::string line; std::getline(stream, line);) {
    ++number;
    if (line.ends_with('\r')) line.pop_back();
    const std::vector<std::string_view> columns = columns_of(line);
    if (std::ranges::all_of(columns, is_number)) continue;
    const bool sound = columns.size() <= 4 && !is_number(columns[0]) &&
                       (columns.size() < 2 || is_number(columns[1])) &&
                       (columns.size() != 4 || (!is_number(columns[2]) && is_number(columns[3]))) &&
                       (columns.size() != 3 || is_number(columns[2]));
    if (!sound)
      return fail(ErrorCode::damaged, file.string() + ":" + std::to_string(number) +
                                          ": names nobody; a line is a person's name, or one of LFW's");
    people.emplace(columns[0]);
    if (columns.size() == 4) people.emplace(columns[2]);
  }
  return std::vector<std::string>(people.begin(), people.end());
}

Result<CropRun> prepare_crops(const Detector& detector, const std::vector<LabelledPhoto>& photos,
                              const CropSettings& settings, const std::function<void()>& advance,
                              std::stop_token stop) {
  json state = state_of(photos, settings);
  if (!settings.store.empty()) {
    if (std::optional<CropRun> stored = stored_crops(photos, settings, state)) return std::move(*stored);
  }
  const Pipeline pipeline(
      detector, nullptr, nullptr,
      {.threads = settings.threads, .decode = settings.decode, .aligned = crop_template(settings.side)});
  std::vector<fs::path> inputs;
  for (const LabelledPhoto& one : photos) inputs.push_back(one.photo);
  CropRun run;
  run.crops.side = settings.side;
  std::map<std::string, int> numbers;
  std::vector<std::size_t> origins;  // of each crop: its photo
  std::optional<Error> model_error;
  auto next = photos.begin();
  const RunSummary summary = pipeline.run(
      inputs,
      [&](PhotoReport&& report) {
        // A file that became a folder meanwhile gives no report, or those of photos that nobody labelled.
        const auto labelled = std::ranges::find(next, photos.end(), report.photo, &LabelledPhoto::photo);
        if (labelled == photos.end()) return;
        next = std::next(labelled);
        advance();
        if (report.error && is_model_error(report.error->code)) model_error = report.error;
        const Face* const face = main_face(report);
        if (face == nullptr) {
          run.without.push_back({report.photo, report.error ? report.error->message
                                                            : report.photo.string() + ": no face found"});
          return;
        }
        add(run.crops, numbers, *labelled);
        const std::span<const std::uint8_t> pixels =
            report.aligned[static_cast<std::size_t>(face - report.faces.data())].bytes();
        run.crops.pixels.insert(run.crops.pixels.end(), pixels.begin(), pixels.end());
        origins.push_back(static_cast<std::size_t>(labelled - photos.begin()));
      },
      std::move(stop));
  if (summary.cancelled) return fail(ErrorCode::cancelled, "interrupted while preparing the crops");
  if (model_error) return tl::unexpected(*model_error);
  if (run.crops.size() == 0)
    return fail(ErrorCode::no_face, "no face was found in any of " + std::to_string(photos.size()) +
                                        " photos; there is nothing to learn from");
  if (!settings.store.empty()) {
    if (Status stored = store_crops(run, origins, settings, std::move(state)); !stored)
      return tl::unexpected(stored.error());
  }
  return run;
}

CropSet subset(const CropSet& crops, const std::function<bool(const std::string&)>& wanted) {
  CropSet result;
  result.side = crops.side;
  std::map<std::string, int> numbers;
  for (std::size_t i = 0; i < crops.size(); ++i) {
    const std::string& person = crops.names[static_cast<std::size_t>(crops.people[i])];
    if (!wanted(person)) continue;
    add(result, numbers, {person, crops.photos[i]});
    const std::span<const std::uint8_t> pixels = crops.crop(i);
    result.pixels.insert(result.pixels.end(), pixels.begin(), pixels.end());
  }
  return result;
}

}  // namespace kith::pipeline
