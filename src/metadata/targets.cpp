// SPDX-License-Identifier: Apache-2.0
#include "metadata/targets.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <system_error>

#include "core/file_bytes.h"
#include "core/file_errors.h"
#include "metadata/sidecars.h"
#include "metadata/xmp_guard.h"

namespace kith::metadata {
namespace {

namespace fs = std::filesystem;

Result<std::unique_ptr<Descriptor>> open_file(const fs::path& file) {
  // A pipe would keep us waiting.
  auto opened = std::make_unique<Descriptor>(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (opened->number() < 0) {
    const bool absent = errno == ENOENT || errno == ENOTDIR;
    return cannot_read(absent ? ErrorCode::not_found : ErrorCode::unreadable, display_name(file),
                       std::system_category().message(errno), "check the path and its permissions");
  }
  struct stat status {};
  if (::fstat(opened->number(), &status) != 0 || !S_ISREG(status.st_mode)) {
    return cannot_read(ErrorCode::unreadable, display_name(file), "it is no ordinary file", "give a photo");
  }
  return opened;
}

Result<OpenTarget> open_sidecar(const Target& target) {
  OpenTarget opened{.target = target};
  const Result<FileState> state = file_state(target.file);
  if (!state && state.error().code == ErrorCode::not_found) return opened;
  if (!state) return tl::unexpected(state.error());
  opened.state = *state;
  if (state->bytes == 0) return opened;
  const auto bytes = read_file(target.file, XmpLimits{}.max_bytes);
  if (!bytes) return tl::unexpected(bytes.error());
  opened.packet.assign(bytes->begin(), bytes->end());
  return opened;
}

}  // namespace

fs::path sidecar_of(const fs::path& photo, const MetadataSettings& settings) {
  const std::vector<fs::path> there = find_sidecars(photo);
  return there.empty() ? sidecar_path(photo, settings.sidecar_name) : there.front();
}

Result<Target> choose_target(const fs::path& photo, const MetadataSettings& settings) {
  const auto file = open_file(photo);
  if (!file) return tl::unexpected(file.error());
  struct stat status {};
  ::fstat((*file)->number(), &status);
  const PhotoFormat format = writable_format(FileSource(**file, static_cast<std::uint64_t>(status.st_size)));
  const Target inside{photo, false, format};
  const Target beside{sidecar_of(photo, settings), true, format};
  switch (settings.sidecar) {
    case SidecarUse::always: return beside;
    case SidecarUse::automatic:
      return format == PhotoFormat::unknown || !find_sidecars(photo).empty() ? beside : inside;
    case SidecarUse::never: break;
  }
  if (format != PhotoFormat::unknown) return inside;
  return cannot_write(ErrorCode::bad_argument, display_name(photo),
                      "kith can't write into photos of its format", "let it write a sidecar");
}

Result<OpenTarget> open_target(const Target& target) {
  if (target.sidecar) return open_sidecar(target);
  auto file = open_file(target.file);
  if (!file) return tl::unexpected(file.error());
  OpenTarget opened{.target = target};
  const Result<FileState> state = file_state(target.file);
  if (!state) return tl::unexpected(state.error());
  opened.state = *state;
  opened.file = std::move(*file);
  opened.source = std::make_unique<FileSource>(*opened.file, state->bytes);
  opened.container = read_container(*opened.source, target.format);
  if (!opened.container) {
    return cannot_read(ErrorCode::damaged, display_name(target.file),
                       "its structure is damaged or it ends early", "repair it, or let kith write a sidecar");
  }
  opened.packet = opened.container->xmp.content;
  return opened;
}

}  // namespace kith::metadata
