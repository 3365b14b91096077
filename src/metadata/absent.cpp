// SPDX-License-Identifier: Apache-2.0
// What takes the metadata part's place where kith is built without it (KITH_METADATA=OFF).
#include <kith/metadata.h>

namespace kith {
namespace {

tl::unexpected<Error> absent(const std::filesystem::path& photo) {
  return fail(ErrorCode::unsupported_format,
              "cannot read or write the metadata of " + photo.string() +
                  ": this kith was built without its metadata part; build it with -DKITH_METADATA=ON");
}

}  // namespace

struct MetadataEdit::Impl {
  std::filesystem::path file;
  std::vector<MetadataChange> changes;
  std::string record;
};

MetadataEdit::MetadataEdit(MetadataEdit&&) noexcept = default;
MetadataEdit& MetadataEdit::operator=(MetadataEdit&&) noexcept = default;
MetadataEdit::~MetadataEdit() = default;
const std::filesystem::path& MetadataEdit::file() const noexcept { return impl_->file; }
const std::vector<MetadataChange>& MetadataEdit::changes() const noexcept { return impl_->changes; }
bool MetadataEdit::empty() const noexcept { return true; }
const std::string& MetadataEdit::record() const noexcept { return impl_->record; }
Status MetadataEdit::commit() { return absent(impl_->file); }

Result<PhotoMetadata> read_metadata(const std::filesystem::path& photo, const PhotoFrame& /*frame*/) {
  return absent(photo);
}

Result<std::filesystem::path> metadata_target(const std::filesystem::path& photo,
                                              const MetadataSettings& /*settings*/) {
  return absent(photo);
}

Result<MetadataEdit> edit_names(const std::filesystem::path& photo, const PhotoFrame& /*frame*/,
                                std::span<const NamedFace> /*faces*/, std::span<const std::string> /*people*/,
                                std::string_view /*record*/, const MetadataSettings& /*settings*/) {
  return absent(photo);
}

Result<MetadataEdit> edit_texts(const std::filesystem::path& photo,
                                const std::optional<std::string>& /*description*/,
                                const std::optional<std::string>& /*comment*/,
                                const MetadataSettings& /*settings*/) {
  return absent(photo);
}

}  // namespace kith
