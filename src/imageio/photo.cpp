// SPDX-License-Identifier: Apache-2.0
#include <kith/photo.h>

#include <utility>

#include "core/file_bytes.h"
#include "imageio/errors.h"
#include "imageio/opened_photo.h"

namespace kith {

struct Photo::Impl {
  imageio::OpenedPhoto photo;
};

Photo::Photo(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Photo::Photo(Photo&&) noexcept = default;
Photo& Photo::operator=(Photo&&) noexcept = default;
Photo::~Photo() = default;

Result<Photo> Photo::open(const std::filesystem::path& file, const DecodeSettings& settings) {
  const std::string name = display_name(file);
  return imageio::guarded(name, [&]() -> Result<Photo> {
    Result<std::vector<std::uint8_t>> bytes = read_file(file, settings.max_file_bytes);
    if (!bytes) return tl::unexpected(std::move(bytes.error()));
    return from_bytes(std::move(*bytes), name, settings);
  });
}

Result<Photo> Photo::from_bytes(std::vector<std::uint8_t> bytes, std::string name,
                                const DecodeSettings& settings) {
  const std::string shown = name;
  return imageio::guarded(shown, [&]() -> Result<Photo> {
    Result<imageio::OpenedPhoto> photo = imageio::open_photo(std::move(bytes), std::move(name), settings);
    if (!photo) return tl::unexpected(std::move(photo.error()));
    return Photo(std::make_unique<Impl>(Impl{std::move(*photo)}));
  });
}

const PhotoInfo& Photo::info() const noexcept { return impl_->photo.info; }

Result<Image> Photo::decode(int min_long_side) const {
  return imageio::guarded(impl_->photo.name,
                          [&] { return imageio::decode_photo(impl_->photo, min_long_side); });
}

}  // namespace kith
