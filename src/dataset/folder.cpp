// SPDX-License-Identifier: Apache-2.0
#include "dataset/folder.h"

#include <algorithm>
#include <iterator>
#include <system_error>
#include <utility>

#include "core/atomic_write.h"
#include "core/file_bytes.h"
#include "core/new_file.h"
#include "core/sha256.h"

namespace kith::dataset {
namespace {

namespace fs = std::filesystem;

// A picture takes a line of some 700 bytes: more than a million.
constexpr std::uint64_t most_manifest_bytes = std::uint64_t{1} << 30U;

std::string_view text_of(std::span<const std::uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Result<Manifest> read(const fs::path& file) {
  const Result<std::vector<std::uint8_t>> bytes = read_file(file, most_manifest_bytes);
  if (!bytes) return tl::unexpected(bytes.error());
  return read_manifest(text_of(*bytes), file.string());
}

// Whoever gives a folder of photos by mistake does not want pictures poured into it.
Status check_empty(const fs::path& folder) {
  std::error_code error;
  if (fs::is_empty(folder, error) && !error) return {};
  return fail(ErrorCode::bad_argument, folder.string() +
                                           ": is not empty and no data set of kith's (there is no " +
                                           std::string(manifest_name) + "); give a new folder");
}

Status check_kind(const fs::path& folder, const Manifest& there, const Manifest& wanted) {
  const auto described = [](const Manifest& one) {
    std::string text = "--crop " + one.picture;
    if (one.picture != dataset_picture_name(DatasetPicture::whole))
      text += " --size " + std::to_string(one.size);
    if (one.margin != 0) text += " --margin " + std::to_string(one.margin);
    return text;
  };
  const std::string has = described(there);
  const std::string wants = described(wanted);
  if (has == wants) return {};
  return fail(ErrorCode::bad_argument, folder.string() + ": was made with " + has + ", not with " + wants +
                                           "; give another folder for pictures of another kind");
}

}  // namespace

Result<Folder> Folder::open(const fs::path& folder, const Manifest& kind) {
  Folder result;
  result.path_ = folder;
  const fs::path file = folder / manifest_name;
  std::error_code ignored;
  if (!fs::exists(file, ignored)) {
    if (Status made = make_folder(folder); !made) return tl::unexpected(made.error());
    if (Status empty = check_empty(folder); !empty) return tl::unexpected(empty.error());
    result.manifest_ = kind;
    if (Status saved = result.save(); !saved) return tl::unexpected(saved.error());
    return result;
  }
  Result<Manifest> manifest = read(file);
  if (!manifest) return tl::unexpected(manifest.error());
  if (Status same = check_kind(folder, *manifest, kind); !same) return tl::unexpected(same.error());
  result.manifest_ = std::move(*manifest);
  for (const auto& [person, name] : result.manifest_.folders) {
    if (!result.names_.take(person, name)) {
      return fail(ErrorCode::damaged, file.string() + ": two people share the folder \"" + name +
                                          "\"; mend it, or give another folder");
    }
    remove_leftovers(folder / name);
  }
  // What was decided by other settings is asked again.
  if (result.manifest_.settings != kind.settings) result.manifest_.sources.clear();
  result.manifest_.settings = kind.settings;
  result.known_.insert(result.manifest_.sources.begin(), result.manifest_.sources.end());
  for (const Picture& picture : result.manifest_.pictures) {
    if (!picture.source_sha256.empty())
      result.by_source_.emplace(picture.source_sha256, result.present_.size());
    result.present_.push_back(fs::exists(folder / picture.file, ignored));
  }
  return result;
}

std::optional<std::size_t> Folder::picture_of(const std::string& source_sha256,
                                              const std::optional<FrameTime>& frame, const Box& box,
                                              const std::string& person) const {
  // Detected again, with other settings or another detector, a face's box is not quite the same.
  constexpr float same_face = 0.5F;
  for (auto [at, end] = by_source_.equal_range(source_sha256); at != end; ++at) {
    const Picture& picture = manifest_.pictures[at->second];
    const bool same_frame = picture.frame ? frame && frame->number == picture.frame->number : !frame;
    const bool same_person = person.empty() || picture.person == person;
    if (same_frame && same_person && overlap(picture.face.box, box) >= same_face) return at->second;
  }
  return std::nullopt;
}

std::string Folder::file_of(const std::string& person, const std::string& name) {
  const std::string& folder = names_.of(person);
  manifest_.folders[person] = folder;
  return folder + "/" + name;
}

Status Folder::put(Picture picture, std::span<const std::uint8_t> bytes) {
  const fs::path target = path_ / picture.file;
  if (Status made = make_folder(target.parent_path()); !made) return made;
  Status written = create_atomically(target, text_of(bytes));
  if (!written && written.error().code == ErrorCode::changed_meanwhile) {
    // A run that was killed before it wrote the manifest leaves the very same bytes.
    const Result<std::vector<std::uint8_t>> there = read_file(target, bytes.size());
    if (!there || !std::ranges::equal(*there, bytes)) {
      return fail(
          ErrorCode::write_failed,
          target.string() + ": is there already, and kith did not write it; it stays as it is, move it away");
    }
    written = {};
  }
  if (!written) return written;
  picture.sha256 = sha256_of(bytes);
  manifest_.pictures.push_back(std::move(picture));
  present_.push_back(true);
  return {};
}

void Folder::note(const std::vector<Source>& looked_at, std::vector<Dropped> dropped) {
  using Key = std::pair<std::string, std::string>;
  std::set<Key> waiting;
  for (const Dropped& one : dropped) {
    if (one.drop.reason == DropReason::seen_once) waiting.emplace(one.source_sha256, one.source);
  }
  std::set<Key> again;
  for (const Source& source : looked_at) {
    const Key key(source.sha256, source.source);
    again.insert(key);
    if (waiting.contains(key)) {
      known_.erase(source);
      std::erase(manifest_.sources, source);
    } else if (known_.insert(source).second) {
      manifest_.sources.push_back(source);
    }
  }
  std::erase_if(manifest_.dropped, [&](const Dropped& one) {
    return again.contains({one.source_sha256, one.source});
  });
  std::ranges::move(dropped, std::back_inserter(manifest_.dropped));
}

Status Folder::save() const { return write_atomically(path_ / manifest_name, manifest_text(manifest_)); }

}  // namespace kith::dataset
