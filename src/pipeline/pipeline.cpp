// SPDX-License-Identifier: Apache-2.0
#include <kith/pipeline.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <numeric>
#include <optional>
#include <set>
#include <span>

#include <tbb/global_control.h>
#include <tbb/parallel_pipeline.h>
#include <tbb/task_arena.h>

#include <kith/align.h>
#include <kith/annotate.h>

#include "core/attempt.h"
#include "core/file_bytes.h"
#include "core/file_errors.h"
#include "core/sha256.h"
#include "imageio/jpeg_encode.h"
#include "pipeline/face_crops.h"
#include "pipeline/scaled_photo.h"
#include "pipeline/walker.h"

namespace kith {
namespace {

using pipeline::ScaledPhoto;
using pipeline::WholePicture;
using Clock = std::chrono::steady_clock;

// What travels from stage to stage: one photo, and what is known of it so far.
struct Job {
  PhotoReport report;
  std::filesystem::path annotated_name;  // below the annotation folder, without extension
  std::unique_ptr<pipeline::TimedSource> source;
  // Of each face, for the embedder's first look; none of a face that is not to be embedded.
  std::vector<std::optional<Image>> crops;
};
using JobPtr = std::shared_ptr<Job>;

// The next job; null at the end. Asked by one thread at a time.
using Feed = std::function<JobPtr()>;

// Adds the time of a scope to a sum that all threads share.
class Timer {
 public:
  explicit Timer(std::atomic<std::int64_t>& sum) : sum_(sum), start_(Clock::now()) {}
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  ~Timer() { sum_ += std::chrono::nanoseconds(Clock::now() - start_).count(); }

 private:
  std::atomic<std::int64_t>& sum_;
  Clock::time_point start_;
};

struct Clocks {
  std::atomic<std::int64_t> decode{0}, detect{0}, align{0}, embed{0}, identify{0}, write{0};

  [[nodiscard]] StageTimes seconds() const {
    const auto in_seconds = [](const std::atomic<std::int64_t>& nanoseconds) {
      return static_cast<double>(nanoseconds) * 1e-9;
    };
    return {in_seconds(decode), in_seconds(detect),   in_seconds(align),
            in_seconds(embed),  in_seconds(identify), in_seconds(write)};
  }
};

// Two photos of one name in different folders, or a RAW file beside its JPEG, must not share a copy.
class NamesTaken {
 public:
  std::filesystem::path unique(const std::filesystem::path& relative) {
    std::filesystem::path stem = relative;
    stem.replace_extension();
    std::filesystem::path name = stem;
    for (int copy = 2; !taken_.insert(name.native()).second; ++copy)
      name = stem.native() + "-" + std::to_string(copy);
    return name;
  }

 private:
  std::set<std::string> taken_;
};

// One run: the stages, in the order of the grammar. Each takes a job on to the next, and leaves a job
// that has failed alone.
class Run {
 public:
  Run(const Detector& detector, const Embedder* embedder, const Identifier* identifier,
      const PipelineSettings& settings, Feed feed, const Pipeline::Sink& sink, std::stop_token stop)
      : detector_(detector),
        embedder_(embedder),
        identifier_(identifier),
        settings_(settings),
        feed_(std::move(feed)),
        sink_(sink),
        stop_(std::move(stop)) {}

  RunSummary operator()() {
    const Clock::time_point start = Clock::now();
    // Two photos a thread keep every thread busy at the ends of a serial step, and bound the memory.
    const std::size_t photos_under_way = static_cast<std::size_t>(settings_.threads) * 2;
    tbb::task_arena arena(settings_.threads);
    arena.execute([&] {
      using Mode = tbb::filter_mode;
      tbb::parallel_pipeline(
          photos_under_way,
          tbb::make_filter<void, JobPtr>(Mode::serial_in_order,
                                         [this](tbb::flow_control& control) { return walk(control); }) &
              stage(&Run::decode) & stage(&Run::detect) & stage(&Run::align) & stage(&Run::embed) &
              stage(&Run::identify) & stage(&Run::annotate) &
              tbb::make_filter<JobPtr, void>(Mode::serial_in_order,
                                             [this](const JobPtr& job) { write(*job); }));
    });
    summary_.seconds = std::chrono::duration<double>(Clock::now() - start).count();
    summary_.times = clocks_.seconds();
    return summary_;
  }

 private:
  using Step = Status (Run::*)(Job&);

  tbb::filter<JobPtr, JobPtr> stage(Step step) {
    return tbb::make_filter<JobPtr, JobPtr>(tbb::filter_mode::parallel, [this, step](JobPtr job) {
      if (!job->report.error && !job->report.left_out) attempt(*job, step);
      return job;
    });
  }

  void attempt(Job& job, Step step) {
    const Status done = without_exceptions(job.report.photo.string(), [&] { return (this->*step)(job); });
    if (!done) abandon(job, done.error());
  }

  static void abandon(Job& job, Error error) {
    job.report.error = std::move(error);
    job.report.faces.clear();
    job.report.thumbnails.clear();
    job.report.aligned.clear();
    job.crops.clear();
    job.source.reset();
  }

  JobPtr walk(tbb::flow_control& control) {
    summary_.cancelled = stop_.stop_requested();
    JobPtr job = summary_.cancelled ? nullptr : feed_();
    if (job == nullptr) control.stop();
    return job;
  }

  Status decode(Job& job) {
    if (job.source != nullptr) return {};  // a frame is decoded where it is read
    const Timer timer(clocks_.decode);
    Result<Photo> photo =
        settings_.fingerprint ? open_with_fingerprint(job) : Photo::open(job.report.photo, settings_.decode);
    if (!photo) return tl::unexpected(photo.error());
    job.report.info = photo->info();
    if (settings_.fingerprint && settings_.leave_out && settings_.leave_out(job.report)) {
      job.report.left_out = true;
      return {};
    }
    job.source = std::make_unique<ScaledPhoto>(std::move(*photo));
    if (Result<const Image*> picture = job.source->at_least(settings_.first_look); !picture)
      return tl::unexpected(picture.error());
    return {};
  }

  // A photo keeps of a camera RAW only the preview, so the whole file is hashed before it is opened.
  Result<Photo> open_with_fingerprint(Job& job) const {
    Result<std::vector<std::uint8_t>> bytes = read_file(job.report.photo, settings_.decode.max_file_bytes);
    if (!bytes) return tl::unexpected(std::move(bytes.error()));
    job.report.content = sha256_of(*bytes);
    return Photo::from_bytes(std::move(*bytes), display_name(job.report.photo), settings_.decode);
  }

  Status detect(Job& job) {
    return timed_without_decoding(clocks_.detect, job, [&]() -> Status {
      const Wanted wanted = settings_.embed == Embed::largest ? Wanted::largest : Wanted::all;
      Result<std::vector<Face>> faces = detector_.detect(*job.source, wanted);
      if (!faces) return tl::unexpected(faces.error());
      job.report.faces = std::move(*faces);
      return {};
    });
  }

  Status align(Job& job) {
    return timed_without_decoding(clocks_.align, job, [&]() -> Status {
      if (Status made = make_thumbnails(job); !made) return made;
      if (Status made = make_aligned(job); !made) return made;
      if (embedder_ == nullptr) return {};
      std::vector<Face>& faces = job.report.faces;
      const Face* const largest = largest_face(faces);
      job.crops.resize(faces.size());
      for (std::size_t i = 0; i < faces.size(); ++i) {
        if (settings_.embed == Embed::largest && &faces[i] != largest) continue;
        Result<Image> crop = pipeline::first_crop(*job.source, *embedder_, faces[i]);
        if (!crop) return tl::unexpected(crop.error());
        job.crops[i] = std::move(*crop);
      }
      return {};
    });
  }

  Status make_thumbnails(Job& job) const {
    if (settings_.thumbnail_side <= 0) return {};
    constexpr int quality = 90;
    const std::vector<Face>& faces = job.report.faces;
    // The smallest face first: it needs the finest pixels, and then nothing is decoded twice for the others.
    std::vector<std::size_t> order(faces.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, {}, [&](std::size_t i) { return faces[i].box.long_side(); });
    job.report.thumbnails.resize(faces.size());
    for (const std::size_t i : order) {
      const Result<Image> picture = thumbnail(*job.source, faces[i].box, settings_.thumbnail_side);
      if (!picture) return tl::unexpected(picture.error());
      Result<std::vector<std::uint8_t>> jpeg = imageio::encode_jpeg(*picture, quality);
      if (!jpeg) return tl::unexpected(std::move(jpeg.error()));
      job.report.thumbnails[i] = std::move(*jpeg);
    }
    return {};
  }

  Status make_aligned(Job& job) const {
    if (!settings_.aligned) return {};
    for (const Face& face : job.report.faces) {
      Result<Image> picture = kith::align(*job.source, face.landmarks, *settings_.aligned);
      if (!picture) return tl::unexpected(std::move(picture.error()));
      job.report.aligned.push_back(std::move(*picture));
    }
    return {};
  }

  Status embed(Job& job) {
    Status embedded;
    if (settings_.embed != Embed::none)
      embedded = timed_without_decoding(clocks_.embed, job, [&] { return look_at_faces(job); });
    job.crops.clear();
    job.source.reset();  // the photo's pixels are not needed any more
    return embedded;
  }

  // One look at every face; the others where they matter, which without an identifier is everywhere.
  Status look_at_faces(Job& job) const {
    std::vector<Face>& faces = job.report.faces;
    std::vector<Embedding> sums(job.crops.size());
    for (std::size_t i = 0; i < job.crops.size(); ++i) {
      if (!job.crops[i]) continue;
      if (Status looked = look(*job.crops[i], 0, sums[i], faces[i]); !looked) return looked;
    }
    const std::vector<bool> unsettled =
        identifier_ != nullptr ? identifier_->unsettled(faces) : std::vector<bool>(faces.size(), true);
    for (std::size_t i = 0; i < job.crops.size(); ++i) {
      if (!job.crops[i] || !unsettled[i]) continue;
      if (Status looked = look_further(*job.source, sums[i], faces[i]); !looked) return looked;
    }
    return {};
  }

  // All views but the first. Their crops are cut only here, since few faces need them.
  Status look_further(ImageSource& source, Embedding& sum, Face& face) const {
    const std::span<const AlignTemplate> templates = embedder_->crop_templates();
    for (std::size_t view = 1; view < templates.size(); ++view) {
      const Result<Image> crop = kith::align(source, face.landmarks, templates[view]);
      if (!crop) return tl::unexpected(crop.error());
      if (Status looked = look(*crop, view, sum, face); !looked) return looked;
    }
    return {};
  }

  // Adds one view of a face to what was seen of it, and sets its vector.
  Status look(const Image& crop, std::size_t view, Embedding& sum, Face& face) const {
    const Result<Embedding> seen = embedder_->look(crop, view);
    if (!seen) return tl::unexpected(seen.error());
    sum.resize(seen->size(), 0.0F);
    std::ranges::transform(sum, *seen, sum.begin(), std::plus{});
    Result<Embedding> vector = direction(sum);
    if (!vector) return tl::unexpected(vector.error());
    face.embedding = std::move(*vector);
    return {};
  }

  Status identify(Job& job) {
    const Timer timer(clocks_.identify);
    if (identifier_ != nullptr) identifier_->identify(job.report.faces);
    return {};
  }

  Status annotate(Job& job) {
    if (settings_.annotate_folder.empty() || job.report.frame) return {};
    const Timer timer(clocks_.write);
    std::vector<Label> labels;
    for (const Face& face : job.report.faces) {
      const bool known = face.identity && face.identity->name;
      labels.push_back({face.box, known ? *face.identity->name : std::string(), known});
    }
    std::filesystem::path target = settings_.annotate_folder / job.annotated_name;
    target += annotated_file_name(job.report.photo, job.report.info).extension();
    std::error_code ignored;
    std::filesystem::create_directories(target.parent_path(), ignored);
    return write_annotated(job.report.photo, target, labels, settings_.decode);
  }

  void write(Job& job) {
    ++summary_.photos;
    if (job.report.error) ++summary_.failed;
    summary_.faces += job.report.faces.size();
    for (const Face& face : job.report.faces) {
      if (face.identity && face.identity->name) ++summary_.named;
    }
    sink_(std::move(job.report));
  }

  // A stage may ask the photo for finer pixels; that time is the decoder's.
  template <typename Work>
  Status timed_without_decoding(std::atomic<std::int64_t>& clock, Job& job, Work work) {
    const auto decoding_before = job.source->decode_time();
    const Clock::time_point start = Clock::now();
    Status done = work();
    const std::int64_t decoding = (job.source->decode_time() - decoding_before).count();
    clock += std::chrono::nanoseconds(Clock::now() - start).count() - decoding;
    clocks_.decode += decoding;
    return done;
  }

  const Detector& detector_;
  const Embedder* embedder_;
  const Identifier* identifier_;
  const PipelineSettings& settings_;
  Feed feed_;
  const Pipeline::Sink& sink_;
  std::stop_token stop_;
  Clocks clocks_;
  RunSummary summary_;
};

Feed photos_of(const std::vector<std::filesystem::path>& inputs,
               const std::filesystem::path& annotate_folder) {
  const auto walker = std::make_shared<pipeline::Walker>(inputs, annotate_folder);
  const auto names = std::make_shared<NamesTaken>();
  return [walker, names, annotated = !annotate_folder.empty()]() -> JobPtr {
    std::optional<pipeline::Found> found = walker->next();
    if (!found) return nullptr;
    auto job = std::make_shared<Job>();
    job->report.photo = std::move(found->photo);
    job->report.error = std::move(found->error);
    if (annotated) job->annotated_name = names->unique(found->relative);
    return job;
  };
}

Feed frames_of(FrameSource& frames) {
  return [&frames]() -> JobPtr {
    Result<std::optional<VideoFrame>> frame = frames.next();
    if (frame && !*frame) return nullptr;
    const VideoInfo& video = frames.info();
    auto job = std::make_shared<Job>();
    job->report.photo = video.name;
    if (!frame) {
      job->report.error = std::move(frame.error());
      return job;
    }
    VideoFrame& one = **frame;
    job->report.frame = {one.number, one.seconds};
    job->report.info.width = one.picture.width();
    job->report.info.height = one.picture.height();
    job->report.info.format = video.format;
    job->source = std::make_unique<WholePicture>(std::move(one.picture));
    return job;
  };
}

template <typename GoesOn>
std::size_t count_while(pipeline::Walker walker, GoesOn goes_on) {
  std::size_t count = 0;
  while (goes_on(count) && walker.next()) ++count;
  return count;
}

}  // namespace

Pipeline::Pipeline(const Detector& detector, const Embedder* embedder, const Identifier* identifier,
                   PipelineSettings settings)
    : detector_(detector), embedder_(embedder), identifier_(identifier), settings_(std::move(settings)) {}

RunSummary Pipeline::run(const std::vector<std::filesystem::path>& inputs, const Sink& sink,
                         std::stop_token stop) const {
  return Run(detector_, embedder_, identifier_, settings_, photos_of(inputs, settings_.annotate_folder), sink,
             std::move(stop))();
}

RunSummary Pipeline::run(FrameSource& frames, const Sink& sink, std::stop_token stop) const {
  return Run(detector_, embedder_, identifier_, settings_, frames_of(frames), sink, std::move(stop))();
}

Pipeline Pipeline::embedding(Embed which) const {
  Pipeline changed = *this;
  changed.settings_.embed = which;
  return changed;
}

std::size_t Pipeline::count(const std::vector<std::filesystem::path>& inputs, std::stop_token stop) const {
  return count_while(pipeline::Walker(inputs, settings_.annotate_folder),
                     [stop = std::move(stop)](std::size_t) { return !stop.stop_requested(); });
}

std::size_t count_photos(const std::vector<std::filesystem::path>& inputs, std::size_t at_most) {
  return count_while(pipeline::Walker(inputs), [at_most](std::size_t count) { return count < at_most; });
}

}  // namespace kith
