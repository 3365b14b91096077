// SPDX-License-Identifier: Apache-2.0
#include "command.h"

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <iostream>
#include <iterator>
#include <system_error>
#include <thread>

#include <spdlog/spdlog.h>

#include "text.h"

namespace kith::cli {
namespace {

namespace fs = std::filesystem;

// A folder of the XDG base directory specification; empty where neither variable is set.
fs::path xdg_folder(const char* variable, const char* below_home) {
  if (const char* value = std::getenv(variable); value != nullptr && *value == '/')
    return fs::path(value) / "kith";
  if (const char* home = std::getenv("HOME"); home != nullptr && *home != '\0')
    return fs::path(home) / below_home / "kith";
  return {};
}

// Beside the binary in a build, under share/ when installed.
fs::path built_in_models() {
  std::error_code ignored;
  const fs::path folder = fs::read_symlink("/proc/self/exe", ignored).parent_path();
  const fs::path beside = folder / "models";
  return fs::exists(beside, ignored) ? beside : folder.parent_path() / "share" / "kith" / "models";
}

std::vector<fs::path> split(const std::string& text, char separator) {
  std::vector<fs::path> parts;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find(separator, begin), text.size());
    if (end > begin) parts.emplace_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

}  // namespace

int Options::thread_count() const {
  return threads > 0 ? threads : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

DecodeSettings Options::decode_settings() const {
  DecodeSettings settings;
  settings.max_pixels = max_megapixels * 1'000'000;
  return settings;
}

ModelChoice Options::model_choice() const {
  const fs::path cache = xdg_folder("XDG_CACHE_HOME", ".cache");
  return {.detector = detector,
          .embedder = model,
          .full_precision = precision == "f32",
          .cache_folder = cache.empty() ? cache : cache / "compiled"};
}

fs::path Options::library_folder() const {
  if (!library.empty()) return fs::absolute(library);
  if (const char* named = std::getenv("KITH_LIBRARY"); named != nullptr && *named != 0)
    return fs::absolute(named);
  return xdg_folder("XDG_DATA_HOME", ".local/share");
}

void add_json_option(CLI::App& command, Options& options) {
  command.add_flag("--json", options.json, "Print JSON Lines: one object a line");
}

void add_photo_options(CLI::App& command, Options& options) {
  add_json_option(command, options);
  command
      .add_option("--detector", options.detector,
                  "Detector to use: centerface or mtcnn (see `kith models list`)")
      ->type_name("NAME");
  command.add_option("--model", options.model, "Embedder to use (see `kith models list`)")->type_name("NAME");
  add_looking_options(command, options);
}

void add_looking_options(CLI::App& command, Options& options) {
  command.add_option("--threads", options.threads, "Photos worked on at the same time (default: one a core)")
      ->check(CLI::Range(1, 1024))
      ->type_name("N");
  command
      .add_option("--precision", options.precision,
                  "auto: bf16 where the CPU has it; f32: the same result on every machine")
      ->check(CLI::IsMember({"auto", "f32"}))
      ->capture_default_str();
  command
      .add_option("--max-megapixels", options.max_megapixels,
                  "Refuse larger pictures, which may be decompression bombs")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{100'000}))
      ->capture_default_str()
      ->type_name("N");
}

CLI::Option* add_timings_option(CLI::App& command, Options& options) {
  return command
      .add_option("--timings", options.timings, "Write the time spent in each stage to this file, as JSON")
      ->type_name("FILE");
}

void add_inputs(CLI::App& command, std::vector<std::string>& inputs) {
  command.add_option("photos", inputs, "Photos and folders of photos; - reads a list from standard input")
      ->required()
      ->type_name("PHOTO|DIR");
}

std::vector<fs::path> expand_inputs(const std::vector<std::string>& inputs) {
  std::vector<fs::path> paths;
  for (const std::string& input : inputs) {
    if (input != "-") {
      paths.emplace_back(input);
      continue;
    }
    const std::string list{std::istreambuf_iterator<char>(std::cin), {}};
    const char separator = list.find('\0') != std::string::npos ? '\0' : '\n';
    std::ranges::move(split(list, separator), std::back_inserter(paths));
  }
  return paths;
}

Result<ModelCatalog> open_catalog(const Options& options) {
  const fs::path user = xdg_folder("XDG_DATA_HOME", ".local/share");
  return ModelCatalog::open(options.models_folder.empty() ? built_in_models() : options.models_folder,
                            user.empty() ? user : user / "models");
}

std::size_t photos_at_once(const std::vector<fs::path>& inputs, const Options& options) {
  return count_photos(inputs, static_cast<std::size_t>(options.thread_count()));
}

Result<Models> open_models(const Options& options, const ModelUse& use) {
  const Result<ModelCatalog> catalog = open_catalog(options);
  if (!catalog) return tl::unexpected(catalog.error());
  ModelChoice choice = options.model_choice();
  const auto threads = static_cast<std::size_t>(options.thread_count());
  choice.threads = static_cast<int>(threads / std::clamp<std::size_t>(use.photos_at_once, 1, threads));
  choice.vectors = use.vectors;
  return kith::load_models(*catalog, choice);
}

const Result<Models>& load_models(const Options& options, const ModelUse& use) {
  static std::deque<Result<Models>> loaded;
  return loaded.emplace_back(open_models(options, use));
}

Exit report_failure(const Error& error) {
  spdlog::error("{}", printable_lines(error.message));
  switch (error.code) {
    case ErrorCode::cancelled: return interrupted;
    case ErrorCode::bad_argument: return wrong_usage;
    default: return could_not_run;
  }
}

Exit exit_code(const RunSummary& summary) {
  if (summary.cancelled) return interrupted;
  return summary.failed > 0 ? some_failed : ok;
}

}  // namespace kith::cli
