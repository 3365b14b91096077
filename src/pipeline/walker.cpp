// SPDX-License-Identifier: Apache-2.0
#include "pipeline/walker.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>

namespace kith::pipeline {
namespace {

constexpr std::array<std::string_view, 35> photo_extensions{
    "jpg",  "jpeg", "jpe", "jfif", "png", "webp", "tif", "tiff", "gif", "heic", "heif", "hif",
    "avif", "dng",  "cr2", "cr3",  "crw", "nef",  "nrw", "arw",  "srf", "sr2",  "orf",  "rw2",
    "raf",  "pef",  "srw", "raw",  "rwl", "3fr",  "iiq", "erf",  "mrw", "kdc",  "x3f"};

std::string lower_case_extension(const std::filesystem::path& file) {
  std::string extension = file.extension().string();
  if (!extension.empty()) extension.erase(0, 1);
  std::ranges::transform(extension, extension.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return extension;
}

Found failed(const std::filesystem::path& path, ErrorCode code, const std::string& message) {
  return {path, {}, Error{code, path.string() + ": " + message}, {}};
}

}  // namespace

bool has_photo_extension(const std::filesystem::path& file) {
  return std::ranges::find(photo_extensions, lower_case_extension(file)) != photo_extensions.end();
}

Walker::Walker(std::vector<std::filesystem::path> inputs, const std::filesystem::path& leave_out) {
  if (!leave_out.empty()) static_cast<void>(visited_before(leave_out));
  std::ranges::reverse(inputs);  // the last of pending_ comes first
  for (const std::filesystem::path& input : inputs) pending_.push_back({input, input.filename(), true});
}

std::optional<Found> Walker::next() {
  while (!pending_.empty()) {
    const Entry entry = std::move(pending_.back());
    pending_.pop_back();
    struct stat status {};
    if (::stat(entry.path.c_str(), &status) != 0) {
      if (errno == ENOENT && entry.named_by_user)
        return failed(entry.path, ErrorCode::not_found, "no such file or folder");
      if (!entry.named_by_user && !has_photo_extension(entry.path)) continue;
      if (errno == ELOOP)
        return failed(entry.path, ErrorCode::unreadable, "a symbolic link that leads to itself; remove it");
      if (errno == ENOENT)
        return failed(entry.path, ErrorCode::not_found,
                      "vanished since its folder was listed, or a link to nothing");
      return failed(entry.path, ErrorCode::unreadable, std::strerror(errno));
    }
    if (S_ISDIR(status.st_mode)) {
      std::optional<Found> failure;
      push_folder(entry, failure);
      if (failure) return failure;
      continue;
    }
    if (entry.named_by_user || has_photo_extension(entry.path))
      return Found{entry.path, entry.relative, {}, state_of(status)};
  }
  return std::nullopt;
}

void Walker::push_folder(const Entry& folder, std::optional<Found>& failure) {
  if (visited_before(folder.path)) return;  // a link back up, or a folder that was named twice
  std::vector<Entry> entries;
  std::error_code error;
  // A folder that the user named is not part of its photos' relative places.
  const std::filesystem::path place = folder.named_by_user ? std::filesystem::path() : folder.relative;
  for (std::filesystem::directory_iterator entry(folder.path, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::filesystem::path name = entry->path().filename();
    if (name.string().starts_with('.')) continue;
    entries.push_back({entry->path(), place / name, false});
  }
  if (error) {
    failure = failed(folder.path, ErrorCode::unreadable,
                     "the folder cannot be read: " + error.message() + "; check its permissions");
  } else if (struct stat inside{}; ::stat((folder.path / ".").c_str(), &inside) != 0) {
    // Names alone: nothing in it can be looked at, and what is a folder can't be told from what is a file.
    failure = failed(folder.path, ErrorCode::unreadable,
                     std::string("the folder can be listed but not entered: ") + std::strerror(errno) +
                         "; check its permissions");
    return;
  }
  // Names in reverse, since the stack gives the last one first.
  std::ranges::sort(entries, std::greater{},
                    [](const Entry& entry) -> const std::string& { return entry.path.native(); });
  std::ranges::move(entries, std::back_inserter(pending_));
}

bool Walker::visited_before(const std::filesystem::path& folder) {
  struct stat status {};
  if (::stat(folder.c_str(), &status) != 0) return false;
  return !visited_.emplace(status.st_dev, status.st_ino).second;
}

}  // namespace kith::pipeline
