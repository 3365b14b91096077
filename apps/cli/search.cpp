// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <system_error>

#include "core/atomic_write.h"
#include "library.h"
#include "search/places.h"

namespace kith::cli {
namespace {

namespace fs = std::filesystem;

struct SearchOptions {
  std::string query;
  bool print0 = false;
  bool places = false;
  fs::path links;
};

// The names of the links that an earlier search made in the folder, each ended by NUL: only these are ours to
// remove.
constexpr auto list_name = ".kith-links";

Error cannot_write(const fs::path& file, const std::error_code& error) {
  return {error == std::errc::no_space_on_device ? ErrorCode::no_space : ErrorCode::write_failed,
          file.string() + ": " + error.message() + "; choose another folder with --links"};
}

std::set<std::string> earlier_links(const fs::path& folder) {
  std::ifstream list(folder / list_name, std::ios::binary);
  std::set<std::string> names;
  for (std::string name; std::getline(list, name, '\0');) names.insert(name);
  return names;
}

// Makes the folder, or takes the links of an earlier search out of it. One with anything else in it is
// refused, and left as it is.
Status prepare_links(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return tl::unexpected(cannot_write(folder, error));
  const std::set<std::string> ours = earlier_links(folder);
  std::vector<fs::path> old;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    const fs::path name = entry->path().filename();
    std::error_code ignored;
    if (name == list_name) continue;
    if (!ours.contains(name.string()) || !entry->is_symlink(ignored)) {
      return fail(ErrorCode::bad_argument,
                  entry->path().string() +
                      ": was not made by `kith search`; give --links an empty folder, one of an "
                      "earlier search, or a name that is not there yet");
    }
    old.push_back(entry->path());
  }
  if (error) return tl::unexpected(cannot_write(folder, error));
  for (const fs::path& link : old) {
    fs::remove(link, error);
    if (error) return tl::unexpected(cannot_write(link, error));
  }
  return {};
}

// "sea.jpg", and where that is taken "sea-2.jpg". Names that differ only in case are the same on some disks.
fs::path free_name(const fs::path& photo, std::map<std::string, int>& taken) {
  const auto claim = [&](const std::string& name) {
    std::string key = name;
    std::ranges::transform(key, key.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return taken.emplace(key, 1);
  };
  const auto [first, fresh] = claim(photo.filename().string());
  if (fresh) return photo.filename();
  while (true) {
    const std::string name =
        photo.stem().string() + "-" + std::to_string(++first->second) + photo.extension().string();
    if (claim(name).second) return name;
  }
}

// All of them or, where it is stopped, none.
Status write_links(const fs::path& folder, const std::vector<FoundPhoto>& found,
                   const std::stop_token& stop) {
  if (Status ready = prepare_links(folder); !ready) return ready;
  std::map<std::string, int> taken{{list_name, 1}};
  std::vector<fs::path> names;
  std::string list;
  for (const FoundPhoto& photo : found) {
    names.push_back(free_name(photo.path, taken));
    list += names.back().string() + '\0';
  }
  // First the list: links that nobody knows for ours would stay for ever.
  if (Status written = write_atomically(folder / list_name, list); !written) return written;
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (stop.stop_requested()) {
      if (Status emptied = prepare_links(folder); !emptied) return emptied;
      return fail(ErrorCode::cancelled, "interrupted; " + folder.string() + " holds no links");
    }
    std::error_code error;
    fs::create_symlink(found[i].path, folder / names[i], error);
    if (error) return tl::unexpected(cannot_write(folder / names[i], error));
  }
  return {};
}

std::string table_line(const FoundPhoto& photo) {
  std::string names;
  for (const std::string& name : photo.people) names += (names.empty() ? "  " : ", ") + name;
  return printable(photo.path.string()) + printable(names) + "\n";
}

Exit print_places() {
  Output output;
  for (const search::Place& place : search::places()) {
    std::string names(place.name);
    if (!place.also.empty()) names.append(", ").append(place.also);
    output.write(names + "\n");
  }
  if (Status written = output.finish(); !written) return report_failure(written.error());
  return ok;
}

Exit search(const SearchOptions& chosen, const Options& options) {
  if (chosen.places) return print_places();
  Result<Library> library = open_library(options, Library::Mode::read);
  if (!library) return report_failure(library.error());
  const Result<std::vector<FoundPhoto>> found = library->search(chosen.query);
  if (!found) return report_failure(found.error());
  if (!chosen.links.empty()) {
    if (Status written = write_links(chosen.links, *found, options.stop); !written)
      return report_failure(written.error());
    return print(counted(found->size(), "link") + " in " + printable(chosen.links.string()) + "\n");
  }
  Output output;
  for (const FoundPhoto& photo : *found) {
    if (options.stop.stop_requested()) break;
    if (options.json) {
      output.write(line_of({{"photo", photo.path.string()}, {"people", photo.people}}));
    } else if (chosen.print0) {
      output.write(photo.path.string() + '\0');
    } else {
      output.write(table_line(photo));
    }
  }
  if (Status written = output.finish(); !written) return report_failure(written.error());
  return options.stop.stop_requested() ? interrupted : ok;
}

}  // namespace

void add_search(CLI::App& app, Options& options, Action& action) {
  const auto chosen = std::make_shared<SearchOptions>();
  CLI::App& command =
      *app.add_subcommand("search", "Finds photos by who is on them, when, where and with what camera");
  CLI::Option* query = command.add_option(
      "query", chosen->query, "What to find, such as \"Anna AND Ben NOT Carl after:2019 near:Paris,20km\"");
  query->type_name("QUERY");
  add_library_option(command, options);
  add_json_option(command, options);
  CLI::Option* json = command.get_option("--json");
  CLI::Option* print0 =
      command.add_flag("--print0,-0", chosen->print0, "Print only paths, each ended by NUL, for `xargs -0`");
  CLI::Option* links =
      command.add_option("--links", chosen->links,
                         "Fill this folder with symbolic links to what was found: a new or empty "
                         "folder, or one of an earlier search");
  links->type_name("DIR");
  print0->excludes(json)->excludes(links);
  links->excludes(json);
  CLI::Option* places =
      command.add_flag("--places", chosen->places, "List the places that near: knows by name")
          ->excludes(query);
  command.footer(
      "Terms: a NAME (\"in quotes\" if it has blanks), joined by AND, OR, NOT and parentheses;\n"
      "AND may be left out. Filters:\n"
      "  after: before: on:      a date: 2019, 2019-07 or 2019-07-31\n"
      "  near:                   a place and a radius: near:Paris,20km (see --places),\n"
      "                          or coordinates, which always work: near:48.86,2.35,20km\n"
      "  camera: path:           part of the camera's name, part of the path\n"
      "  faces:                  how many: 3, >3, >=3, <3, <=3 or 2-4\n"
      "  unnamed:yes|no          with faces that have no name and are not ignored\n"
      "  confirmed:yes|no        names count only where you (yes) or kith alone (no) gave them\n"
      "  missing:yes|no          photos that are gone, which are left out unless asked for");
  command.callback([chosen, query, places, &options, &action] {
    if (query->count() == 0 && places->count() == 0)
      throw CLI::ValidationError("search", "say what to find, or give --places");
    action = [chosen, &options](const std::stop_token&) { return search(*chosen, options); };
  });
}

}  // namespace kith::cli
