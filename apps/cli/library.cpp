// SPDX-License-Identifier: Apache-2.0
#include "library.h"

#include <cmath>

#include <spdlog/spdlog.h>

namespace kith::cli {

void add_library_option(CLI::App& command, Options& options) {
  // Not envname(): CLI11 reads it for the same option of every other command too, after this one's.
  command
      .add_option("--library", options.library,
                  "Folder of the photo library (also by KITH_LIBRARY; default: kith in the folder for users' "
                  "data)")
      ->type_name("DIR");
}

Result<Library> open_library(const Options& options, Library::Mode mode) {
  const std::filesystem::path folder = options.library_folder();
  if (folder.empty()) {
    return fail(ErrorCode::library_missing,
                "there is no place for a library; set HOME, or say where it is with --library DIR");
  }
  return Library::open(folder, mode, options.stop);
}

void ScanWitness::operator()(const ScanProgress& step) {
  if (progress_ && step_ != step.step) progress_.reset();
  if (!progress_ && step.total > 0)
    progress_.emplace(step.step == ScanProgress::Step::photos ? "Photos" : "Faces embedded anew", step.total,
                      quiet_);
  step_ = step.step;
  if (progress_) progress_->clear();
  if (step.report != nullptr && step.report->error)
    spdlog::error("{}", printable(step.report->error->message));
  if (progress_ && step.total > 0) progress_->advance();
}

Json face_json(const LibraryFace& face) {
  constexpr const char* namings[] = {"unknown", "suggested", "confirmed", "ignored"};
  return {{"face", face.id},
          {"photo", face.path.string()},
          {"box", box_json(face.box)},
          {"score", six_digits(face.score)},
          {"quality", six_digits(face.quality)},
          {"naming", namings[static_cast<int>(face.naming)]},
          {"name", face.person ? Json(*face.person) : Json(nullptr)},
          {"probability", six_digits(face.probability)},
          {"cluster", face.cluster ? Json(*face.cluster) : Json(nullptr)}};
}

std::string face_text(const LibraryFace& face) {
  const auto whole = [](float value) { return std::to_string(std::lround(value)); };
  return printable(face.path.string()) + ", face " + std::to_string(face.id) + " (" + whole(face.box.width) +
         " x " + whole(face.box.height) + " at " + whole(face.box.x) + ", " + whole(face.box.y) + ")";
}

Result<ModelSpec> active_embedder(const Options& options) {
  const Result<ModelCatalog> catalog = open_catalog(options);
  if (!catalog) return tl::unexpected(catalog.error());
  if (options.model.empty()) return catalog->active(ModelKind::embedder);
  return catalog->find(ModelKind::embedder, options.model);
}

Exit finish_decision(Library& library, const Options& options, const std::string& done) {
  const Result<ModelSpec> embedder = active_embedder(options);
  if (!embedder) return report_failure(embedder.error());
  const Result<std::size_t> renamed = library.update_names(*embedder);
  if (!renamed && renamed.error().code == ErrorCode::cancelled) {
    const Exit printed =
        print(done + "; interrupted before others got their names by it: `kith scan` does that\n");
    return printed == ok ? interrupted : printed;
  }
  if (!renamed) return report_failure(renamed.error());
  std::string text = done;
  if (*renamed > 0)
    text += "; " + counted(*renamed, "other face") + (*renamed == 1 ? " has" : " have") + " another name now";
  return print(text + "\n");
}

}  // namespace kith::cli
