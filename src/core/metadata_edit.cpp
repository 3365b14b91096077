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

Status MetadataEdit::commit() { return impl_->carry_out(); }

Status MetadataEdit::Impl::carry_out() const {
  if (earlier) {
    if (Status done = earlier->carry_out(); !done) return done;
  }
  switch (action) {
    case Action::nothing: break;
    case Action::replace: return replace_atomically(file, pieces, *state, keep_modified_time);
    case Action::create: return create_atomically(file, pieces.front().bytes);
    case Action::remove: return remove_unchanged(file, *state);
  }
  return {};
}

}  // namespace kith
