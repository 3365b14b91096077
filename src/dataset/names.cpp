// SPDX-License-Identifier: Apache-2.0
#include "dataset/names.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "core/fold.h"
#include "core/sha256.h"
#include "core/utf8.h"

namespace kith::dataset {
namespace {

constexpr std::size_t folder_bytes = 120;  // half of what usual file systems take
constexpr std::size_t stem_bytes = 80;
constexpr std::size_t hash_digits = 8;

bool is_unsafe(char letter) {
  constexpr std::string_view reserved = "/\\:*?\"<>|";
  const auto code = static_cast<unsigned char>(letter);
  return code < 0x20 || code == 0x7F || reserved.find(letter) != std::string_view::npos;
}

bool is_edge(char letter) { return letter == '.' || letter == ' '; }

// Names that Windows takes for devices, whatever the extension.
bool is_device(std::string_view name) {
  std::string stem(name.substr(0, name.find('.')));
  std::ranges::transform(stem, stem.begin(),
                         [](unsigned char letter) { return static_cast<char>(std::toupper(letter)); });
  constexpr std::array<std::string_view, 4> devices{"CON", "PRN", "AUX", "NUL"};
  if (std::ranges::find(devices, stem) != devices.end()) return true;
  return stem.size() == 4 && (stem.starts_with("COM") || stem.starts_with("LPT")) && stem[3] >= '0' &&
         stem[3] <= '9';
}

// The longest beginning of whole characters.
std::string beginning(const std::string& text, std::size_t max_bytes) {
  std::size_t length = 0;
  while (length < text.size()) {
    const std::size_t bytes = character_bytes(std::string_view(text).substr(length));
    if (bytes == 0 || length + bytes > max_bytes) break;
    length += bytes;
  }
  return text.substr(0, length);
}

}  // namespace

std::string safe_component(std::string_view text, std::size_t max_bytes) {
  std::string name = valid_utf8(text);
  std::ranges::replace_if(name, is_unsafe, '_');
  name.erase(name.begin(), std::ranges::find_if_not(name, is_edge));
  name = beginning(name, max_bytes);
  while (!name.empty() && is_edge(name.back())) name.pop_back();
  if (is_device(name)) name.insert(0, "_");
  return name.empty() ? "_" : name;
}

bool FolderNames::take(const std::string& person, const std::string& folder) {
  return taken_.insert(folded(folder)).second && folders_.emplace(person, folder).second;
}

const std::string& FolderNames::of(const std::string& person) {
  const auto found = folders_.find(person);
  if (found != folders_.end()) return found->second;
  const std::string plain = safe_component(person, folder_bytes);
  std::string folder = plain;
  // By the name's own hash, so that the folder does not depend on who else there is; a number if all else
  // fails.
  const std::string hash = sha256_of(person).substr(0, hash_digits);
  for (int attempt = 0; !taken_.insert(folded(folder)).second; ++attempt) {
    folder = plain + "-" + hash + (attempt == 0 ? "" : "-" + std::to_string(attempt));
  }
  return folders_.emplace(person, folder).first->second;
}

std::string picture_name(std::string_view source_stem, std::string_view sha256, std::string_view which,
                         std::string_view extension) {
  std::string name = safe_component(source_stem, stem_bytes);
  name.append("-").append(sha256.substr(0, hash_digits));
  if (!which.empty()) name.append("-").append(which);
  return name.append(extension);
}

}  // namespace kith::dataset
