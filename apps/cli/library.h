// SPDX-License-Identifier: Apache-2.0
// What the commands over the photo library share.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <kith/library.h>

#include "command.h"
#include "output.h"
#include "text.h"

namespace kith::cli {

// --library DIR.
void add_library_option(CLI::App& command, Options& options);

[[nodiscard]] Result<Library> open_library(const Options& options, Library::Mode mode);

// Names photos that failed, under a bar of those that have to be opened, and then of faces to embed.
class ScanWitness {
 public:
  explicit ScanWitness(const Options& options) : quiet_(options.quiet) {}

  void operator()(const ScanProgress& step);
  void end() { progress_.reset(); }

 private:
  bool quiet_;
  ScanProgress::Step step_ = ScanProgress::Step::photos;
  std::optional<Progress> progress_;
};

// {"face": 12, "photo": path, "box": [x, y, w, h], "name": ..., ...}
[[nodiscard]] Json face_json(const LibraryFace& face);

// "photos/2019/sea.jpg, face 12 (130 x 150 at 212, 90)".
[[nodiscard]] std::string face_text(const LibraryFace& face);

// The embedder's description, for calls that name faces without looking at any: no network is loaded.
[[nodiscard]] Result<ModelSpec> active_embedder(const Options& options);

// Runs a call that changes the library, and then names the faces again by what it said. Prints `done`.
[[nodiscard]] Exit finish_decision(Library& library, const Options& options, const std::string& done);

}  // namespace kith::cli
