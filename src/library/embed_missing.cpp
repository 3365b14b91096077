// SPDX-License-Identifier: Apache-2.0
// Vectors that the library lacks: of a model that was chosen since, or of a box that the owner drew.
//
//   reader -> aligner and embedder -> writer
//
// as the pipeline does it with photos. Reader and writer share the database, and take turns.
#include <chrono>
#include <mutex>
#include <optional>
#include <utility>

#include <tbb/parallel_pipeline.h>
#include <tbb/task_arena.h>

#include <kith/align.h>
#include <kith/library.h>
#include <kith/photo.h>

#include "core/attempt.h"
#include "core/projection.h"
#include "library/impl.h"
#include "pipeline/face_crops.h"
#include "pipeline/scaled_photo.h"

namespace kith::library {
namespace {

using Clock = std::chrono::steady_clock;

// Faces that are written in one go: a kill costs at most these.
constexpr std::size_t faces_a_commit = 256;
constexpr auto longest_without_commit = std::chrono::seconds(2);

// What travels: a face, its crop where one is kept, and in the end its vector.
struct Job {
  store::FaceToEmbed missing;
  std::optional<std::vector<std::uint8_t>> crop;
  std::optional<Embedding> base;     // for a projection: the vector that is projected, where it is there
  std::optional<Result<Face>> done;  // absent: its photo is gone or damaged, and it waits for that
};
using JobPtr = std::shared_ptr<Job>;

Result<Face> embedded(ImageSource& source, Face face, const Embedder& embedder) {
  const Result<std::vector<Image>> crops = pipeline::face_crops(source, embedder, face);
  if (!crops) return tl::unexpected(crops.error());
  Result<Embedding> embedding = embedder.embed(*crops);
  if (!embedding) return tl::unexpected(embedding.error());
  face.embedding = std::move(*embedding);
  return face;
}

// What a projection is made of.
struct Shortcut {
  std::int64_t base = 0;  // the model whose vectors are projected
  Projection projection;
};

// Stored vectors of the base are within rounding what its network would say, and the map commutes with the
// rest (core/projection.h): the network need not run again.
Result<std::optional<Shortcut>> shortcut_of(store::Database& database, const ModelSpec& spec) {
  if (!spec.adaptation) return std::nullopt;
  Result<Projection> projection =
      read_projection(spec.files.front().path, static_cast<std::size_t>(spec.feeding.dimension));
  if (!projection) return tl::unexpected(projection.error());
  return Shortcut{store::known_model(database, spec.adaptation->base).value_or(0), std::move(*projection)};
}

class Run {
 public:
  Run(store::Database& database, const Models& models, std::optional<Shortcut> shortcut,
      const PipelineSettings& settings, const std::function<void(const ScanProgress&)>& progress,
      const std::stop_token& stop)
      : database_(database),
        embedder_(*models.embedder),
        spec_(models.embedder_spec),
        model_(model_of(database, spec_)),
        shortcut_(std::move(shortcut)),
        settings_(settings),
        progress_(progress),
        stop_(stop),
        faces_(store::faces_without_vector(database, model_)) {}

  Result<Embedded> operator()() {
    using Mode = tbb::filter_mode;
    tbb::task_arena arena(settings_.threads);
    arena.execute([&] {
      tbb::parallel_pipeline(
          2 * static_cast<std::size_t>(settings_.threads),
          tbb::make_filter<void, JobPtr>(Mode::serial_in_order, [this](tbb::flow_control& control) {
            return read(control);
          }) & tbb::make_filter<JobPtr, JobPtr>(Mode::parallel, [this](JobPtr job) {
            const Status done = without_exceptions(job->missing.path, [&]() -> Status {
              embed(*job);
              return {};
            });
            if (!done) job->done = tl::unexpected(done.error());
            return job;
          }) & tbb::make_filter<JobPtr, void>(Mode::serial_in_order, [this](const JobPtr& job) {
            write(*job);
          }));
    });
    commit();
    if (failure_) return tl::unexpected(*failure_);
    return Embedded{.made = made_, .complete = written_ == faces_.size()};
  }

 private:
  JobPtr read(tbb::flow_control& control) {
    const std::lock_guard turn(database_mutex_);
    if (next_ == faces_.size() || stop_.stop_requested() || failure_) {
      control.stop();
      return nullptr;
    }
    auto job = std::make_shared<Job>();
    job->missing = std::move(faces_[next_++]);
    if (shortcut_) job->base = store::vector_of(database_, job->missing.id, shortcut_->base);
    if (!job->base) job->crop = store::crop_of(database_, job->missing.id);
    return job;
  }

  // Errors: where there is no vector to project, or a damaged one.
  [[nodiscard]] Result<Embedding> projected(const Job& job) const {
    if (!job.base || job.base->size() != shortcut_->projection.dimension) return direction({});
    return direction(shortcut_->projection(*job.base));
  }

  void embed(Job& job) const {
    const store::FaceToEmbed& missing = job.missing;
    Face face;
    face.box = missing.box;
    face.score = missing.score;
    face.landmarks = missing.landmarks;
    if (Result<Embedding> vector = projected(job)) {
      face.quality = missing.quality;
      face.embedding = std::move(*vector);
      job.done = std::move(face);
      return;
    }
    Result<Photo> photo = job.crop ? Photo::from_bytes(*job.crop, missing.path + ": the crop kept of a face")
                                   : Photo::open(missing.path, settings_.decode);
    if (!photo) return;
    const Face seen = job.crop ? in_thumbnail(face, photo->info().width) : face;
    pipeline::ScaledPhoto source(std::move(*photo));
    job.done = embedded(source, seen, embedder_);
    if (!*job.done) return;
    face.quality = (*job.done)->quality;
    face.embedding = std::move((*job.done)->embedding);
    job.done = std::move(face);
  }

  void write(Job& job) {
    const std::lock_guard turn(database_mutex_);
    ++written_;
    if (job.done && !*job.done && is_model_error(job.done->error().code)) failure_ = job.done->error();
    if (job.done && *job.done)
      pending_.push_back(
          {.id = job.missing.id, .photo = job.missing.photo, .face = std::move(**job.done), .crop = {}});
    if (pending_.size() >= faces_a_commit || Clock::now() - last_commit_ > longest_without_commit) commit();
    if (progress_) progress_({.step = ScanProgress::Step::faces, .done = written_, .total = faces_.size()});
  }

  void commit() {
    last_commit_ = Clock::now();
    if (pending_.empty()) return;
    std::vector<store::FaceRow> rows = std::exchange(pending_, {});
    store::Transaction transaction(database_);
    if (model_of(database_, spec_) != model_) {
      failure_ = Error{ErrorCode::changed_meanwhile,
                       "somebody was forgotten meanwhile, and with them all vectors of the model \"" +
                           spec_.name + "\"; run again to make them anew"};
      return;
    }
    // Faces that were forgotten since they were listed, or whose photo was taken out, do not come back.
    std::erase_if(rows, [this](const store::FaceRow& row) { return !store::has_face(database_, row.id); });
    for (const store::FaceRow& row : rows) store::put_face(database_, row, model_);
    names_are_due(database_);
    transaction.commit();
    made_ += rows.size();
  }

  store::Database& database_;
  const Embedder& embedder_;
  const ModelSpec& spec_;
  std::int64_t model_;
  std::optional<Shortcut> shortcut_;
  const PipelineSettings& settings_;
  const std::function<void(const ScanProgress&)>& progress_;
  const std::stop_token& stop_;
  std::vector<store::FaceToEmbed> faces_;
  std::mutex database_mutex_;  // guards the database, and all that follows
  std::size_t next_ = 0;
  std::size_t written_ = 0;
  std::size_t made_ = 0;
  std::vector<store::FaceRow> pending_;
  std::optional<Error> failure_;
  Clock::time_point last_commit_ = Clock::now();
};

}  // namespace

Result<Embedded> embed_missing(store::Database& database, const Models& models,
                               const PipelineSettings& settings,
                               const std::function<void(const ScanProgress&)>& progress,
                               const std::stop_token& stop) {
  Result<std::optional<Shortcut>> shortcut = shortcut_of(database, models.embedder_spec);
  if (!shortcut) return tl::unexpected(shortcut.error());
  const store::Database::Unstoppable keeping_what_is_finished(database);
  return Run(database, models, std::move(*shortcut), settings, progress, stop)();
}

}  // namespace kith::library
