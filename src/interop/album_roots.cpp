// SPDX-License-Identifier: Apache-2.0
#include "interop/album_roots.h"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <system_error>
#include <utility>
#include <vector>

#include "core/utf8.h"

namespace kith::interop {
namespace {

namespace fs = std::filesystem;

int digit_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// "%20" of a URL.
std::string percent_decoded(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool coded = text[i] == '%' && i + 2 < text.size() && digit_value(text[i + 1]) >= 0 &&
                       digit_value(text[i + 2]) >= 0;
    if (coded) {
      result += static_cast<char>(digit_value(text[i + 1]) * 16 + digit_value(text[i + 2]));
      i += 2;
    } else {
      result += text[i];
    }
  }
  return result;
}

// "\040" of the list of mounts.
std::string octal_decoded(std::string_view text) {
  std::string result;
  const auto octal = [&](std::size_t i) { return text[i] >= '0' && text[i] <= '7'; };
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 3 < text.size() && octal(i + 1) && octal(i + 2) && octal(i + 3)) {
      result += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0'));
      i += 3;
    } else {
      result += text[i];
    }
  }
  return result;
}

struct Identifier {
  std::string scheme;
  std::vector<std::pair<std::string, std::string>> items;

  [[nodiscard]] std::vector<std::string> all(std::string_view key) const {
    std::vector<std::string> values;
    for (const auto& [name, value] : items) {
      if (name == key) values.push_back(value);
    }
    return values;
  }
};

Identifier parsed(std::string_view url) {
  Identifier identifier;
  const std::size_t question = url.find('?');
  identifier.scheme = url.substr(0, url.find(':'));
  if (question == std::string_view::npos) return identifier;
  std::string_view rest = url.substr(question + 1);
  while (!rest.empty()) {
    const std::string_view item = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(rest.size(), item.size() + 1));
    const std::size_t equals = item.find('=');
    if (equals != std::string_view::npos)
      identifier.items.emplace_back(item.substr(0, equals), percent_decoded(item.substr(equals + 1)));
  }
  return identifier;
}

bool same_but_for_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

// The device that a link of this name in the folder leads to.
std::optional<fs::path> device_of(const fs::path& links, std::string_view name) {
  std::error_code error;
  for (fs::directory_iterator link(links, error), end; !error && link != end; link.increment(error)) {
    // udev writes what is no letter or digit as \x20.
    std::string shown;
    const std::string raw = link->path().filename().string();
    for (std::size_t i = 0; i < raw.size(); ++i) {
      const bool coded = raw.compare(i, 2, "\\x") == 0 && i + 3 < raw.size() &&
                         digit_value(raw[i + 2]) >= 0 && digit_value(raw[i + 3]) >= 0;
      shown += coded ? static_cast<char>(digit_value(raw[i + 2]) * 16 + digit_value(raw[i + 3])) : raw[i];
      if (coded) i += 3;
    }
    if (!same_but_for_case(shown, name)) continue;
    fs::path device = fs::canonical(link->path(), error);
    if (!error) return device;
    error.clear();
  }
  return std::nullopt;
}

// Where the device's own top folder is mounted; the shortest path of several.
std::optional<fs::path> mount_point_of(const fs::path& device, const fs::path& mounts) {
  std::optional<fs::path> best;
  std::ifstream lines(mounts);  // of /proc, whose files have no size to ask for
  for (std::string line; std::getline(lines, line);) {
    // 36 35 98:0 /root /mount rw,noatime master:1 - ext4 /dev/sda1 rw
    std::istringstream words(line);
    std::string skipped;
    std::string top;
    std::string point;
    words >> skipped >> skipped >> skipped >> top >> point;
    const std::size_t dash = line.find(" - ");
    if (dash == std::string::npos || top != "/") continue;
    std::istringstream behind(line.substr(dash + 3));
    std::string from;
    behind >> skipped >> from;
    if (octal_decoded(from) != device.string()) continue;
    const fs::path found = octal_decoded(point);
    if (!best || found.native().size() < best->native().size()) best = found;
  }
  return best;
}

std::optional<fs::path> mount_point(const Identifier& identifier, const DigikamSettings& settings) {
  const std::vector<std::string> uuids = identifier.all("uuid");
  const std::vector<std::string> labels = identifier.all("label");
  std::optional<fs::path> device;
  if (!uuids.empty())
    device = device_of(settings.disks / "by-uuid", uuids.front());
  else if (!labels.empty())
    device = device_of(settings.disks / "by-label", labels.front());
  return device ? mount_point_of(*device, settings.mounts) : std::nullopt;
}

// The first that is there, or the first.
std::optional<fs::path> folder_named(const Identifier& identifier) {
  std::vector<std::string> folders = identifier.all("path");
  for (std::string& folder : identifier.all("mountpath")) folders.push_back(std::move(folder));
  std::error_code error;
  for (const std::string& folder : folders) {
    if (fs::is_directory(folder, error)) return folder;
  }
  if (folders.empty()) return std::nullopt;
  return folders.front();
}

// "/a/b" below `root`; nothing where it leads out of it.
std::optional<fs::path> below(const fs::path& root, std::string_view path) {
  fs::path result = root;
  for (const fs::path& part : fs::path(path).relative_path()) {
    if (part.empty() || part == ".") continue;
    if (part == "..") return std::nullopt;
    result /= part;
  }
  return result;
}

}  // namespace

Result<fs::path> folder_of(const AlbumRoot& root, const DigikamSettings& settings) {
  const std::string shown =
      "the collection '" + one_line(root.label, 100) + "' (" + one_line(root.identifier, 200) + ")";
  for (const std::string& key : {root.label, root.identifier}) {
    if (const auto found = settings.roots.find(key); found != settings.roots.end() && !key.empty()) {
      std::error_code error;
      return fs::absolute(found->second / "", error).lexically_normal().parent_path();
    }
  }
  const Identifier identifier = parsed(root.identifier);
  if (identifier.scheme != "volumeid" && identifier.scheme != "networkshareid")
    return fail(ErrorCode::damaged, shown + " lies nowhere; say where it is");
  auto top = folder_named(identifier);
  if (!top) top = mount_point(identifier, settings);
  if (!top)
    return fail(ErrorCode::not_found,
                shown + " lies on a disk that is not mounted; mount it, or say where it is");
  const auto folder = below((*top / "").lexically_normal().parent_path(), root.specific_path);
  if (!folder || !folder->is_absolute())
    return fail(ErrorCode::not_found, shown + " lies at no path of this system; say where it is");
  return *folder;
}

std::optional<fs::path> path_inside(const fs::path& root, std::string_view album, std::string_view name) {
  const auto folder = below(root, album);
  if (!folder || name.empty() || name == "." || name == ".." || name.find('/') != std::string_view::npos)
    return std::nullopt;
  return *folder / name;
}

}  // namespace kith::interop
