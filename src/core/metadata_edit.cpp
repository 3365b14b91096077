// SPDX-License-Identifier: Apache-2.0
#include "core/metadata_edit.h"

namespace kith {

MetadataEdit::MetadataEdit(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
MetadataEdit::MetadataEdit(MetadataEdit&&) noexcept = default;
MetadataEdit& MetadataEdit::operator=(MetadataEdit&&) noexcept = default;
MetadataEdit::~MetadataEdit() = default;
const std::filesystem::path& MetadataEdit::file() const noexcept { return impl_->file; }
const std::vector<MetadataChange>& MetadataEdit::changes() const noexcept { return impl_->changes; }
bool MetadataEdit::empty() const noexcept { return impl_->action == Impl::Action::nothing; }
const std::string& MetadataEdit::record() const noexcept { return impl_->record; }

Status MetadataEdit::commit() {
  switch (impl_->action) {
    case Impl::Action::nothing: break;
    case Impl::Action::replace:
      return replace_atomically(impl_->file, impl_->pieces, *impl_->state, impl_->keep_modified_time);
    case Impl::Action::create: return create_atomically(impl_->file, impl_->pieces.front().bytes);
    case Impl::Action::remove: return remove_unchanged(impl_->file, *impl_->state);
  }
  return {};
}

}  // namespace kith
