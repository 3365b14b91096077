// SPDX-License-Identifier: Apache-2.0
// What a MetadataEdit is made of. It is worked out by the metadata part, which is loaded on demand, and
// carried out here, so that an edit does not depend on where it came from.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <kith/metadata.h>

#include "core/atomic_write.h"

namespace kith {

// What commit() does. Without anything to do, `state` and the rest stay unused.
struct MetadataEdit::Impl {
  enum class Action { nothing, replace, create, remove };

  std::filesystem::path file;
  std::vector<MetadataChange> changes;
  std::string record;
  Action action = Action::nothing;
  std::optional<FileState> state;
  std::vector<FilePiece> pieces;  // of a new sidecar: one, all its own
  bool keep_modified_time = false;
  // Of another file, made before: names that move from the photo to a sidecar leave the photo first. In the
  // other order a failure between the two would leave names in the sidecar that nobody remembers as kith's.
  std::unique_ptr<Impl> earlier;

  [[nodiscard]] Status carry_out() const;
};

struct MetadataEditAccess {
  using Impl = MetadataEdit::Impl;
  [[nodiscard]] static MetadataEdit make(Impl impl) {
    return MetadataEdit(std::make_unique<Impl>(std::move(impl)));
  }
};

}  // namespace kith
